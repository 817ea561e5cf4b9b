#include "store/shared_messages.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "base/file.h"
#include "sqlite/transaction.h"

namespace cmem {
namespace {

// A search that learns makes no larger parts of smaller ones: that takes some milliseconds.
constexpr std::size_t kMaxMergedInSearch = std::size_t{1} << 17;
// Of the thread's connection, which reads everything once.
constexpr int kPageCacheKib = 1024;
// A search without them loses this share of the time that it takes to learn a segment, and twice the time to decode a segment goes
// into learning it.
constexpr std::size_t kSearches = 40;
constexpr std::size_t kDecodings = 2;

}  // namespace

Result<StoreFile> identify(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(const FileStat facts, stat_file(db.path()));
  CMEM_ASSIGN_OR_RETURN(std::string store_id,
                        db.query_text("SELECT coalesce((SELECT value FROM main.meta WHERE key = 'store_id'), '')"));
  // A store of an older format, open for reading only, does not have the column.
  const auto rewrites = db.query_int("SELECT rewrites FROM main.commit_clock");
  return StoreFile{facts.device, facts.inode, std::move(store_id), rewrites ? *rewrites : 0};
}

SharedMessages::~SharedMessages() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

std::shared_ptr<const LearntMessages> SharedMessages::learnt() const {
  const std::lock_guard lock(mutex_);
  return learnt_;
}

std::size_t SharedMessages::kept_parts() const {
  const std::lock_guard lock(mutex_);
  return kept_parts_;
}

void SharedMessages::publish(const LearntMessages& base, std::shared_ptr<const LearntMessages> next) {
  const std::lock_guard lock(mutex_);
  if (!learnt_->begins_with(base)) return;
  if (next->end_id() == base.end_id() && learnt_->end_id() > base.end_id()) {
    // Parts were merged while others came.
    LearntMessages both = *next;
    both.append_rest(*learnt_, base);
    next = std::make_shared<const LearntMessages>(std::move(both));
  }
  if (next->end_id() < learnt_->end_id()) return;
  if (next->end_id() > learnt_->end_id()) lost_ = 0;
  has_failed_ = false;
  learnt_ = std::move(next);
  selections_.set_parts(learnt_->parts());
  if (!is_working_ && learnt_->can_merge()) start(false, 0);
}

void SharedMessages::clear() {
  const std::lock_guard lock(mutex_);
  learnt_ = std::make_shared<const LearntMessages>(learnt_->generation() + 1);
  selections_.set_parts({});
}

bool SharedMessages::add_loss(std::size_t segments, std::size_t decoded) {
  const std::lock_guard lock(mutex_);
  lost_ += decoded * kSearches;
  const bool enough = lost_ >= segments * kSearches * kDecodings;
  lost_ += segments * kDecodings;
  return enough;
}

bool SharedMessages::learn_in_thread(std::int64_t most_left) {
  const std::lock_guard lock(mutex_);
  if (!is_working_ && !has_failed_) start(true, most_left);
  return is_working_;
}

// Under the mutex. The last thread has nothing left to do.
void SharedMessages::start(bool learn, std::int64_t most_left) {
  if (thread_.joinable()) thread_.join();
  try {
    thread_ = std::thread([=, this] { work(learn, most_left); });
    is_working_ = true;
  } catch (const std::system_error&) {
    has_failed_ = learn;  // to merge can wait
  }
}

// What fails here is done, and then fails openly, in the next search.
void SharedMessages::work(bool learn, std::int64_t most_left) noexcept {
  bool failed = false;
  try {
    if (learn) failed = !learn_parts(most_left).has_value();
    if (!failed) merge_parts();
  } catch (const std::exception&) {
    failed = learn;
  }
  const std::lock_guard lock(mutex_);
  is_working_ = false;
  kept_parts_ = 0;
  has_failed_ = failed;
}

std::shared_ptr<const LearntMessages> SharedMessages::take() {
  const std::lock_guard lock(mutex_);
  kept_parts_ = learnt_->parts().size();
  return learnt_;
}

Status SharedMessages::learn_parts(std::int64_t most_left) {
  sqlite::OpenOptions options;
  options.read_only = true;
  options.cache_kib = kPageCacheKib;
  CMEM_ASSIGN_OR_RETURN(auto db, sqlite::Connection::open(path_, options));
  DocValueReader doc_values(0);
  std::int64_t left = most_left + 1;
  while (left > most_left && !stopping_) {
    CMEM_ASSIGN_OR_RETURN(left, learn_part(db, doc_values));
  }
  return {};
}

// Returns how many messages are left. The transaction, which keeps the log from being emptied, ends before they are sorted.
Result<std::int64_t> SharedMessages::learn_part(sqlite::Connection& db, DocValueReader& doc_values) {
  const auto base = take();
  CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(db));
  CMEM_ASSIGN_OR_RETURN(const StoreFile opened, identify(db));
  if (opened != file_) return Unexpected(Code::kNotFound, fmt::format("{} is another file now, or was rewritten", path_));
  CMEM_ASSIGN_OR_RETURN(const auto spans, doc_values.spans(db));
  CMEM_ASSIGN_OR_RETURN(auto added, read_messages(db, doc_values, spans, base->end_id(), stopping_));
  transaction.rollback();
  LearntMessages next = *base;
  const std::int64_t end_id = added.end_id;
  if (stopping_ || end_id == base->end_id()) return std::int64_t{0};
  next.append(std::move(added), 0, TextMessages::kMaxMessages);
  publish(*base, std::make_shared<const LearntMessages>(std::move(next)));
  return doc_values.end_id() - end_id;
}

void SharedMessages::merge_parts() {
  for (auto base = take(); base->can_merge() && !stopping_; base = take()) {
    LearntMessages next = *base;
    next.merge();
    publish(*base, std::make_shared<const LearntMessages>(std::move(next)));
  }
}

Result<std::optional<TextMessagesParts>> TextMessagesCache::update(sqlite::Connection& db, DocValueReader& doc_values,
                                                                   const std::vector<SegmentSpan>& spans) {
  using Parts = std::optional<TextMessagesParts>;
  take_shared(doc_values.end_id());
  const std::int64_t left = doc_values.end_id() - learnt_->end_id();
  if (left == 0) return Parts(learnt_->parts());
  const bool is_at_once = !learnt_->parts().empty() && left <= most_in_search_;
  if (!is_at_once) {
    const auto segments = static_cast<std::size_t>((left + kSegmentMessages - 1) / kSegmentMessages);
    const std::size_t decoded = doc_values.decoded() - std::exchange(decoded_, doc_values.decoded());
    if (!shared_->add_loss(segments, decoded)) return Parts();
    if (left > most_in_search_ && shared_->learn_in_thread(most_in_search_)) return Parts();
  }
  CMEM_TRY(learn(db, doc_values, spans));
  return Parts(learnt_->parts());
}

// The most that is known of the messages before `end_id`.
void TextMessagesCache::take_shared(std::int64_t end_id) {
  auto shared = shared_->learnt();
  if (shared->end_id() > end_id) {
    // A commit came, and another handle learnt of it, after this transaction began. What this handle has may reach farther than
    // the parts that lie before the end.
    shared = std::make_shared<const LearntMessages>(shared->until(end_id));
    const bool is_usable = learnt_->generation() == shared->generation() && learnt_->end_id() <= end_id;
    if (is_usable && learnt_->end_id() >= shared->end_id()) return;
  }
  learnt_ = std::move(shared);
}

Status TextMessagesCache::learn(sqlite::Connection& db, DocValueReader& doc_values, const std::vector<SegmentSpan>& spans) {
  const std::lock_guard turn(shared_->turn());
  take_shared(doc_values.end_id());
  while (learnt_->end_id() < doc_values.end_id()) {
    const auto base = learnt_;
    CMEM_ASSIGN_OR_RETURN(auto added, read_messages(db, doc_values, spans, base->end_id(), shared_->stopping()));
    LearntMessages next = *base;
    next.append(std::move(added), shared_->kept_parts(), kMaxMergedInSearch);
    learnt_ = std::make_shared<const LearntMessages>(std::move(next));
    shared_->publish(*base, learnt_);
  }
  return {};
}

TextMessagesParts TextMessagesCache::select(const TextMessagesParts& parts, const ResolvedFilter& filter) const {
  TextMessagesParts selected;
  selected.reserve(parts.size());
  for (const auto& part : parts) selected.push_back(shared_->selections().select(part, filter));
  return selected;
}

}  // namespace cmem
