// JSON as Python's json.dumps writes it (", " and ": " between tokens), and the hashes that the extraction tools put beside it.
#pragma once
#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cmem::corpus {

// Non-ASCII as it is (ensure_ascii=False) or as \uXXXX (ensure_ascii=True). `text` is valid UTF-8.
void append_json_string(std::string& out, std::string_view text);
void append_json_string_ascii(std::string& out, std::string_view text);
void append_number(std::string& out, std::int64_t value);

// `, "name": "value"` and the like, in the order of the calls; the braces are the caller's.
void append_text_field(std::string& out, std::string_view name, std::string_view value);
void append_number_field(std::string& out, std::string_view name, std::int64_t value);

// SHA-256 in hex. One object per thread: it keeps OpenSSL's context, whose set-up costs more than hashing a log line.
class Sha256 {
 public:
  Sha256();
  // Borrowed until the next call.
  [[nodiscard]] std::string_view hex(std::string_view bytes);

 private:
  struct FreeDigest {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
  };
  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD, FreeDigest> digest_;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
  char hex_[64]{};
};

}  // namespace cmem::corpus
