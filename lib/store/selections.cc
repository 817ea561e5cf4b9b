#include "store/selections.h"

#include <algorithm>

namespace cmem {
namespace {

bool has_part(const TextMessagesParts& parts, const std::shared_ptr<const TextMessages>& part) {
  return std::find(parts.begin(), parts.end(), part) != parts.end();
}

}  // namespace

void Selections::set_parts(const TextMessagesParts& parts) {
  std::size_t messages = 0;
  for (const auto& part : parts) messages += part->order().size();
  const std::lock_guard lock(mutex_);
  parts_ = parts;
  known_.set_max_bytes(messages * kBytesPerMessage);
  known_.erase_if([&](const Key& key) { return !has_part(parts, key.part); });
}

std::shared_ptr<const TextMessages> Selections::select(const std::shared_ptr<const TextMessages>& part,
                                                       const ResolvedFilter& filter) {
  const Key key{part, filter.passing_contexts(part->order().end_context())};
  const auto selection = find_or_add(key);
  const std::lock_guard making(selection->making);
  if (selection->messages) return selection->messages;
  auto made = part->select([&](std::uint32_t context_id) { return filter.passes_context(context_id); });
  const std::size_t bytes = made->memory_bytes() + 2 * key.contexts.size() * sizeof key.contexts[0];
  const std::lock_guard lock(mutex_);
  if (has_part(parts_, part)) known_.put(key, selection, bytes);
  return selection->messages = std::move(made);
}

std::shared_ptr<Selections::Selection> Selections::find_or_add(const Key& key) {
  const std::lock_guard lock(mutex_);
  if (const auto* const known = known_.find(key)) return *known;
  auto added = std::make_shared<Selection>();
  return has_part(parts_, key.part) ? known_.put(key, std::move(added), 0) : added;
}

}  // namespace cmem
