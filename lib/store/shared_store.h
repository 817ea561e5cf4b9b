// What the handles of one process that have the same file open know of it together, because it does not depend on who asks.
#pragma once
#include <memory>
#include <string>
#include <utility>

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
};

// That of the file that `db` has open; it lives as long as a handle has it.
Result<std::shared_ptr<SharedStore>> share_store(sqlite::Connection& db);

}  // namespace cmem
