#include "store/shared_store.h"

#include <map>
#include <mutex>

namespace cmem {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<StoreFile, std::weak_ptr<SharedStore>> stores;
};

// The one thing that handles find each other by. Not destroyed: a store may be closed as late as the process's other statics are.
Registry& registry() {
  static auto* const registry = new Registry;
  return *registry;
}

}  // namespace

Result<std::shared_ptr<SharedStore>> share_store(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(StoreFile file, identify(db));
  Registry& all = registry();
  const std::lock_guard lock(all.mutex);
  std::erase_if(all.stores, [](const auto& entry) { return entry.second.expired(); });
  std::weak_ptr<SharedStore>& known = all.stores[file];
  if (auto shared = known.lock()) return shared;
  auto shared = std::make_shared<SharedStore>(std::move(file), db.path());
  known = shared;
  return shared;
}

}  // namespace cmem
