// What the handles of one process that have the same file open know of it together, because it does not depend on who asks.
#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "base/fair_mutex.h"
#include "base/result.h"
#include "base/shared_values.h"
#include "sqlite/connection.h"
#include "store/block_log.h"
#include "store/doc_values.h"
#include "store/shared_messages.h"
#include "store/vocabulary.h"

namespace cmem {

struct SharedStore {
  SharedStore(StoreFile file, std::string path) : messages(std::move(file), std::move(path)) {}

  SharedMessages messages;
  Vocabulary::Shared vocabulary;
  // What any handle has in its cache.
  SharedValues<DecodedBlock> texts;
  SharedValues<Segment> doc_values;
  SharedValues<std::string> text_index;
  // So many searches go on at once, the others wait in line. If hundreds had the processors by turns, one that takes a little
  // longer than the others would take seconds, and so would the thread that learns for all.
  FairMutex searching{std::size_t{2} * std::max(std::thread::hardware_concurrency(), 1U)};
};

// That of the file that `db` has open; it lives as long as a handle has it.
Result<std::shared_ptr<SharedStore>> share_store(sqlite::Connection& db);

}  // namespace cmem
