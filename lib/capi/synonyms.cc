// The synonyms that users add.
#include "search/synonyms.h"

#include <coditect/memory_admin.h>

#include <mutex>
#include <string_view>
#include <utility>

#include "capi/batch.h"
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "sqlite/transaction.h"

using namespace cmem;

namespace {

using Change = Result<bool> (*)(sqlite::Connection&, std::string_view, std::string_view, Tokenizer&);

cmem_status change_synonym(uint32_t* changed, cmem_store* store, std::pair<const char*, size_t> word,
                           std::pair<const char*, size_t> other, Change change, cmem_error* err) {
  return guard(err, [&]() -> Status {
    if (changed) *changed = 0;
    CMEM_TRY(require(store, "store"));
    CMEM_ASSIGN_OR_RETURN(const auto word_text, read_text(word.first, word.second, "word"));
    CMEM_ASSIGN_OR_RETURN(const auto other_text, read_text(other.first, other.second, "other"));
    CMEM_ASSIGN_OR_RETURN(const bool has_changed, change_in_batch(*store->store, "memory synonym", [&](Writer& writer) {
                            Tokenizer tokenizer;
                            return change(writer.db(), word_text, other_text, tokenizer);
                          }));
    if (changed) *changed = has_changed ? 1 : 0;
    return {};
  });
}

}  // namespace

cmem_status cmem_synonym_add(uint32_t* added, cmem_store* store, const char* word, size_t word_len, const char* other,
                             size_t other_len, cmem_error* err) {
  return change_synonym(added, store, {word, word_len}, {other, other_len}, add_synonym, err);
}

cmem_status cmem_synonym_remove(uint32_t* removed, cmem_store* store, const char* word, size_t word_len, const char* other,
                                size_t other_len, cmem_error* err) {
  return change_synonym(removed, store, {word, word_len}, {other, other_len}, remove_synonym, err);
}

cmem_status cmem_synonyms(cmem_cursor** out, cmem_store* store, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_call(out, store));
    const std::lock_guard lock(store->store->read_mutex());
    CMEM_ASSIGN_OR_RETURN(auto transaction, store->store->begin_read());
    CMEM_ASSIGN_OR_RETURN(const auto pairs, list_synonyms(store->store->reader()));
    auto table = std::make_unique<ReadyTable>(std::vector<Column>{{"word", CMEM_TYPE_TEXT}, {"other", CMEM_TYPE_TEXT}});
    for (const SynonymPair& pair : pairs) table->add({Cell::string(pair.word), Cell::string(pair.other)});
    return give_cursor(out, std::move(table));
  });
}
