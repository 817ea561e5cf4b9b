// Appends a note and finds it again, with its neighbours in the session.
//
// usage: search_and_append STORE
#include <chrono>
#include <coditect/memory.hpp>
#include <cstdio>
#include <string>

namespace {

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

coditect::Message note(const std::string& text) {
  coditect::Message message;
  message.content = text;
  message.time_ms = now_ms();
  message.session = "notes-of-today";
  message.project = "/home/sam/work/shop-api";
  message.role = "user";
  return message;
}

void run(coditect::Store& store) {
  const auto added =
      store.append({note("decided: token lifetimes are 15 minutes"), note("open question: who owns the refresh alert?"),
                    note("asked the team about the lighthouse outage")});
  std::printf("appended %lld messages\n", static_cast<long long>(added.messages_new));

  const auto today = coditect::Filter().project("shop-api").time(coditect::parse_time_range("today"));
  for (const coditect::Row& hit : store.search("refresh alert", today)) {
    std::printf("found message %lld:\n", static_cast<long long>(hit["id"].integer()));
    for (const coditect::Row& row : store.get(hit["id"].integer(), 1, 1))
      std::printf("  %s\n", std::string(row["content"].text()).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s STORE\n", argv[0]);
    return 2;
  }
  try {
    coditect::OpenOptions options;
    options.create = true;
    coditect::Store store = coditect::Store::open(argv[1], options);
    run(store);
  } catch (const coditect::Error& error) {
    std::fprintf(stderr, "error (%s): %s\n", error.name(), error.what());
    return 1;
  }
  return 0;
}
