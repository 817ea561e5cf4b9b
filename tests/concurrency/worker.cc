// One process of the concurrency test, over the public interface. Runs until standard input ends, and does its work at least once.
//
// usage: worker append STORE NAME   appends one message at a time; a line per call: milliseconds it took, messages so far
//        worker read STORE SEED     asks in a loop on one open store and checks what it gets; one line at the end: rounds
//        worker search STORE N      searches in a loop in N threads with one handle, in a store in which all texts differ and have
//                                   the word tide; at the end a line: rounds, p99 of a search in ms, and a line for each total seen
//        worker search-own STORE N  the same with a handle for each thread
//
// Exit code 1 and a line on standard error for any failure.
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <coditect/memory.hpp>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

bool must_stop() {
  pollfd input{0, POLLIN, 0};
  return ::poll(&input, 1, 0) != 0;
}

void append_until_told(const char* path, const std::string& name) {
  coditect::Store store = coditect::Store::open(path);
  long long count = 0;
  do {
    ++count;
    coditect::Message message;
    message.content = name + " says number " + std::to_string(count);
    message.source = name;
    message.line = count;
    message.time_ms = 1'700'000'000'000 + count;
    const auto start = Clock::now();
    const auto result = store.append({message});
    const std::chrono::duration<double, std::milli> took = Clock::now() - start;
    if (result.messages_new != 1) throw std::runtime_error("an appended message was not new");
    std::printf("%.1f %lld\n", took.count(), count);
    std::fflush(stdout);
  } while (!must_stop());
}

void require(bool holds, const std::string& what) {
  if (!holds) throw std::runtime_error(what);
}

// What each commit keeps true, asked in one statement and so in one snapshot: half a batch would break it.
constexpr const char* kInvariant =
    "SELECT (SELECT messages FROM commit_clock) AS counted, (SELECT count(*) FROM message) AS stored, "
    "(SELECT coalesce(sum(messages), 0) FROM context) AS by_context, "
    "(SELECT coalesce(sum(last_message_id - first_message_id + 1), 0) FROM commit_log WHERE last_message_id >= first_message_id) AS by_commit, "
    "(SELECT coalesce(sum(entry_count), 0) FROM record_block) AS records, "
    "(SELECT coalesce(sum(texts), 0) FROM text_segment) AS indexed, (SELECT next_text_id - 1 FROM commit_clock) AS texts";

std::int64_t check_invariant(coditect::Store& store) {
  auto rows = store.sql(kInvariant);
  const coditect::Row* row = rows.next();
  require(row != nullptr, "the invariant gave no row");
  const std::int64_t counted = (*row)["counted"].integer();
  for (const char* name : {"stored", "by_context", "by_commit", "records"})
    require((*row)[name].integer() == counted, std::string("a reader saw half a batch: ") + name + " is " +
                                                   std::to_string((*row)[name].integer()) + ", counted are " + std::to_string(counted));
  require((*row)["indexed"].integer() == (*row)["texts"].integer(), "a reader saw texts without their index");
  return counted;
}

coditect::Store open_reader(const char* path) {
  coditect::OpenOptions options;
  options.read_only = true;
  options.cache_mib = 8;
  return coditect::Store::open(path, options);
}

// What one thread has seen.
struct Seen {
  std::set<std::int64_t> totals;
  std::vector<double> took_ms;
  std::int64_t most = 0;
  std::exception_ptr failure;
};

// All messages, found by a word, by a phrase, and by a field alone. In each answer the text index, the doc values and the rows have
// to be of one moment.
void search_once(coditect::Store& store, Seen& seen) {
  for (const char* query : {"tide", "\"the tide\" number", "id:1.."}) {
    const auto start = Clock::now();
    const auto page = coditect::Page().limit(5).order(coditect::Order::newest).all_matches().tiers(coditect::Tiers::exact);
    auto search = store.search(query, {}, page);
    const auto found = search.summary();
    const auto messages = static_cast<std::int64_t>(found.messages);
    require(found.texts == found.messages, std::string(query) + ": each text is in one message, but there are " +
                                               std::to_string(found.texts) + " in " + std::to_string(messages));
    std::int64_t rows = 0;
    for (const coditect::Row& hit : search) {
      require(hit["snippet"].text().find("tide") != std::string_view::npos, std::string(query) + ": a hit without its text");
      ++rows;
    }
    require(rows == std::min<std::int64_t>(messages, 5), std::string(query) + ": a page with too few hits");
    seen.took_ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
    require(messages >= seen.most, std::string(query) + ": the total went back");
    seen.most = messages;
    seen.totals.insert(messages);
  }
}

void report(const std::deque<Seen>& readers) {
  std::set<std::int64_t> totals;
  std::vector<double> took_ms;
  for (const Seen& seen : readers) {
    if (seen.failure) std::rethrow_exception(seen.failure);
    totals.insert(seen.totals.begin(), seen.totals.end());
    took_ms.insert(took_ms.end(), seen.took_ms.begin(), seen.took_ms.end());
  }
  std::sort(took_ms.begin(), took_ms.end());
  std::printf("%zu %.1f\n", took_ms.size(), took_ms[took_ms.size() * 99 / 100]);
  for (const std::int64_t total : totals) std::printf("%lld\n", static_cast<long long>(total));
}

void search_until_told(const char* path, unsigned threads, bool share) {
  coditect::Store shared = open_reader(path);
  std::deque<Seen> readers(threads);
  std::vector<std::thread> running;
  for (Seen& seen : readers) {
    running.emplace_back([&shared, &seen, path, share] {
      try {
        std::optional<coditect::Store> own;
        coditect::Store& store = share ? shared : own.emplace(open_reader(path));
        do search_once(store, seen);
        while (!must_stop());
      } catch (...) {
        seen.failure = std::current_exception();
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  report(readers);
}

void read_until_told(const char* path, unsigned seed) {
  coditect::OpenOptions options;
  options.read_only = true;
  coditect::Store store = coditect::Store::open(path, options);
  std::mt19937 random(seed);
  std::int64_t messages = 0;
  long long rounds = 0;
  do {
    ++rounds;
    const std::int64_t counted = check_invariant(store);
    const auto stats = store.stats();
    require(counted >= messages && stats.messages >= counted, "a count went back");
    messages = stats.messages;
    for (const coditect::Row& row : store.query({}, coditect::Page().limit(20)))
      require(row["id"].integer() > 0 && !row["content"].is_null(), "a message without its text");
    const char* const words[] = {"hook", "error", "tool", "number", "session"};
    for (const coditect::Row& hit : store.search(words[random() % 5], {}, coditect::Page().limit(10)))
      require(!store.get(hit["id"].integer(), 1, 1).next()->operator[]("content").is_null(), "a hit without its message");
  } while (!must_stop());
  std::printf("%lld\n", rounds);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    if (std::string(argv[1]) == "append") append_until_told(argv[2], argv[3]);
    if (std::string(argv[1]) == "read") read_until_told(argv[2], static_cast<unsigned>(std::stoul(argv[3])));
    if (std::string(argv[1]) == "search") search_until_told(argv[2], static_cast<unsigned>(std::stoul(argv[3])), true);
    if (std::string(argv[1]) == "search-own") search_until_told(argv[2], static_cast<unsigned>(std::stoul(argv[3])), false);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s %s: %s\n", argv[1], argv[3], error.what());
    return 1;
  }
  return 0;
}
