#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/hash.h"
#include "codec/byte_stream.h"

using namespace cmem;

namespace {

class TempFile {
 public:
  explicit TempFile(const std::string& bytes) {
    char name[] = "/tmp/cmem-stream-XXXXXX";
    const int fd = ::mkstemp(name);
    REQUIRE(fd >= 0);
    ::close(fd);
    path_ = name;
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TempFile() { std::filesystem::remove(path_); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Text that compresses, but not to nothing.
std::string sample(std::size_t size) {
  std::mt19937 random(42);
  std::string text;
  while (text.size() < size)
    text += "line " + std::to_string(random() % 100000) + (random() % 3 != 0 ? " debug\n" : " error in a file\n");
  text.resize(size);
  return text;
}

std::string zstd(const std::string& text, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log != 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  }
  std::string out(ZSTD_compressBound(text.size()) + 64, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  // Two steps, so that the size is not known beforehand and the window is the one asked for.
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_continue);
  while (ZSTD_compressStream2(context, &to, &in, ZSTD_e_end) != 0) {
  }
  ZSTD_freeCCtx(context);
  out.resize(to.pos);
  return out;
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

struct ReadAll {
  std::string text;
  std::optional<Error> error;
  std::string sha256;
  std::int64_t file_bytes = 0;
};

ReadAll read_all(const std::string& path, std::size_t step = 10007) {
  ReadAll all;
  auto stream = ByteStream::open(path);
  REQUIRE(stream);
  std::vector<char> buffer(step);
  while (true) {
    const auto got = (*stream)->read(buffer);
    if (!got) all.error = got.error();
    if (!got || *got == 0) break;
    all.text.append(buffer.data(), *got);
  }
  all.sha256 = (*stream)->sha256_hex();
  all.file_bytes = (*stream)->file_bytes_read();
  return all;
}

}  // namespace

TEST_CASE("plain, gzip and zstd files give the same text, whatever the step", "[codec]") {
  const std::string text = sample(700000);
  for (const std::string& stored : {text, gzip(text), zstd(text)}) {
    const TempFile file(stored);
    for (const std::size_t step : {std::size_t{1013}, std::size_t{1} << 20}) {
      const ReadAll all = read_all(file.path(), step);
      CHECK_FALSE(all.error);
      CHECK(all.text == text);
      CHECK(all.sha256 == to_hex(sha256(stored)));
      CHECK(all.file_bytes == static_cast<std::int64_t>(stored.size()));
    }
  }
}

TEST_CASE("files shorter than any magic number are plain", "[codec]") {
  for (const std::string stored : {"", "a", "\x1f", "\x28\xb5\x2f"}) {
    const TempFile file(stored);
    const ReadAll all = read_all(file.path());
    CHECK(all.text == stored);
    CHECK(all.sha256 == to_hex(sha256(stored)));
  }
}

TEST_CASE("members and frames one after another are one text", "[codec]") {
  const std::string a = sample(300000);
  const std::string skippable("\x50\x2a\x4d\x18\x04\x00\x00\x00junk", 12);
  for (const std::string& stored : {gzip(a) + gzip("middle") + gzip(""), gzip(a) + gzip("middle") + std::string(600, '\0'),
                                    zstd(a) + zstd("middle") + zstd(""), skippable + zstd(a) + zstd("middle") + skippable}) {
    const TempFile file(stored);
    const ReadAll all = read_all(file.path());
    CHECK_FALSE(all.error);
    CHECK(all.text == a + "middle");
  }
}

TEST_CASE("a truncated compressed file gives its bytes, then kCorrupt with the place, again and again", "[codec]") {
  const std::string text = sample(900000);
  for (const std::string& whole : {gzip(text), zstd(text)}) {
    for (const std::size_t keep : {whole.size() - 1, whole.size() * 2 / 3}) {
      const TempFile file(whole.substr(0, keep));
      const ReadAll all = read_all(file.path());
      REQUIRE(all.error);
      CHECK(all.error->code == Code::kCorrupt);
      CHECK(all.error->detail == static_cast<std::int64_t>(keep));
      CHECK(text.starts_with(all.text));
      CHECK(all.text.size() > text.size() / 3);
      CHECK(all.sha256 == to_hex(sha256(whole.substr(0, keep))));
    }
  }
}

TEST_CASE("damage in the middle is kCorrupt, the text before it is kept and the file is hashed to its end", "[codec]") {
  const std::string text = sample(2000000);
  for (std::string stored : {gzip(text), zstd(text)}) {
    for (std::size_t i = stored.size() / 2; i < stored.size() / 2 + 300; ++i) stored[i] = '\x55';
    const TempFile file(stored);
    const ReadAll all = read_all(file.path());
    REQUIRE(all.error);
    CHECK(all.error->code == Code::kCorrupt);
    CHECK(all.text.size() > text.size() / 4);
    CHECK(text.starts_with(all.text.substr(0, text.size() / 4)));
    CHECK(all.sha256 == to_hex(sha256(stored)));
    CHECK(all.file_bytes == static_cast<std::int64_t>(stored.size()));
  }
}

TEST_CASE("garbage behind a gzip member is an error", "[codec]") {
  const TempFile file(gzip("text") + "garbage");
  const ReadAll all = read_all(file.path());
  CHECK(all.text == "text");
  REQUIRE(all.error);
  CHECK(all.error->code == Code::kCorrupt);
}

TEST_CASE("a zstd frame that asks for a window over 128 MiB is refused", "[codec]") {
  const TempFile file(zstd(sample(1000), 28));
  const ReadAll all = read_all(file.path());
  REQUIRE(all.error);
  CHECK(all.error->code == Code::kCorrupt);
}

TEST_CASE("hashing can be switched off, and the compression and size are known at once", "[codec]") {
  const TempFile file(gzip("text"));
  auto stream = ByteStream::open(file.path(), {false});
  REQUIRE(stream);
  CHECK((*stream)->compression() == Compression::kGzip);
  CHECK((*stream)->file_size() == static_cast<std::int64_t>(gzip("text").size()));
  std::vector<char> buffer(100);
  CHECK((*stream)->sha256_hex().empty());
  while (*(*stream)->read(buffer) != 0) {
  }
  CHECK((*stream)->sha256_hex().empty());
}

TEST_CASE("what cannot be opened says why", "[codec]") {
  CHECK(ByteStream::open("/no/such/file").error().code == Code::kNotFound);
  CHECK(ByteStream::open("/tmp").error().code == Code::kInvalid);
}

TEST_CASE("a pipe is known by its magic bytes like a file", "[codec]") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const std::string stored = zstd("from a pipe");
  REQUIRE(::write(ends[1], stored.data(), stored.size()) == static_cast<ssize_t>(stored.size()));
  ::close(ends[1]);
  const ReadAll all = read_all("/proc/self/fd/" + std::to_string(ends[0]));
  ::close(ends[0]);
  CHECK(all.text == "from a pipe");
}
