#include "store/store.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/fault.h"
#include "base/file.h"
#include "base/lock_file.h"
#include "sqlite/transaction.h"
#include "store/schema.h"

namespace cmem {
namespace {

// Parts of a handle's memory, in 32nds. Facets live on the doc values: 20 MiB of them are 2 million messages.
constexpr std::size_t kPageShare = 4;
constexpr std::size_t kTextShare = 4;  // mostly of single texts: whole blocks help within a page, or where neighbours are read
constexpr std::size_t kRecordShare = 1;
constexpr std::size_t kContextShare = 1;
constexpr std::size_t kDocValueShare = 12;
constexpr std::size_t kTextIndexShare = 8;
constexpr std::size_t kFilterShare = 2;
// Of the memory that writing takes beside it. A batch whose pages do not fit writes some of them twice.
constexpr std::size_t kWrittenPageShare = 12;
constexpr std::size_t kWrittenTextShare = 24;

std::size_t share_of(const StoreOptions& options, std::size_t share) { return options.cache_bytes / 32 * share; }

int cache_kib(const StoreOptions& options, std::size_t share) { return static_cast<int>(share_of(options, share) / 1024); }

std::string lock_path(const std::string& path) { return path + "-lock"; }

Status refuse_network_file_system(const std::string& path) {
  CMEM_ASSIGN_OR_RETURN(const bool network, is_network_filesystem(path));
  if (!network) return {};
  return Unexpected(Code::kInvalid, fmt::format("open {}: it is on a network or FUSE file system, where SQLite's log is not safe; "
                                                "keep the store on a local disk",
                                                path));
}

// A path must name one file for all processes: a link to the file would get a lock and a log of its own beside the link.
Result<std::string> resolve(const std::string& path) {
  std::error_code error;
  // A relative path whose first part does not exist yet would stay relative.
  const auto absolute = std::filesystem::absolute(path, error);
  const auto resolved = error ? absolute : std::filesystem::weakly_canonical(absolute, error);
  if (error) return Unexpected(Code::kIo, fmt::format("open {}: {}", path, error.message()), error.value());
  return resolved.string();
}

}  // namespace

Store::Store(std::string path, const StoreOptions& options, const Clock& clock)
    : path_(std::move(path)),
      options_(options),
      clock_(&clock),
      texts_("text_block", share_of(options, kTextShare) / 8, share_of(options, kTextShare) / 8 * 7),
      records_("record_block", share_of(options, kRecordShare)),
      message_contexts_(share_of(options, kContextShare)),
      doc_values_(share_of(options, kDocValueShare)),
      text_index_(share_of(options, kTextIndexShare)),
      filters_(share_of(options, kFilterShare)) {}

Result<std::unique_ptr<Store>> Store::open(const std::string& path, const StoreOptions& options, const Clock& clock) {
  CMEM_ASSIGN_OR_RETURN(const std::string resolved, resolve(path));
  std::unique_ptr<Store> store(new Store(resolved, options, clock));
  const auto existing = stat_file(resolved);
  const bool create = options.create && !options.read_only;
  if (!existing && !create)
    return Unexpected(Code::kNotFound, fmt::format("open {}: there is no such file; create the store first (`memory init`)", path));
  const std::string folder = std::filesystem::path(resolved).parent_path().string();
  if (!existing) CMEM_TRY(ensure_private_directory(folder));
  CMEM_TRY(refuse_network_file_system(folder));
  if (!options.read_only) {
    const Status usable = existing ? store->check_existing(create) : Status{};
    // A process died while it wrote: only a writer can roll that back, and the file is looked at again after that.
    if (!usable && usable.error().code != Code::kReadOnly) return Unexpected(usable.error());
    CMEM_ASSIGN_OR_RETURN(auto writing, store->open_for_writing(create));
    CMEM_ASSIGN_OR_RETURN(auto lock, LockFile::open(lock_path(resolved)));
    store->writer_ = std::make_unique<Writer>(std::move(writing), std::move(lock), clock,
                                              Writer::Options{options.busy_timeout_ms, share_of(options, kWrittenTextShare)});
  }
  CMEM_ASSIGN_OR_RETURN(auto reader, store->open_reader());
  store->reader_.emplace(std::move(reader));
  CMEM_TRY(check_schema(*store->reader_, Access::kRead));
  CMEM_TRY(store->share());
  return store;
}

Status Store::share() {
  CMEM_ASSIGN_OR_RETURN(shared_, share_store(*reader_));
  texts_.share(shared_->texts);
  doc_values_.share(shared_->doc_values);
  text_index_.share(shared_->text_index);
  vocabulary_.emplace(std::shared_ptr<Vocabulary::Shared>(shared_, &shared_->vocabulary));
  messages_.emplace(std::shared_ptr<SharedMessages>(shared_, &shared_->messages), options_.most_learnt_in_search);
  const auto rewrites = reader_->query_int("SELECT rewrites FROM main.commit_clock");
  rewrites_ = rewrites ? *rewrites : 0;
  return {};
}

// A file of somebody else is refused before it is opened for writing, which changes it.
Status Store::check_existing(bool create) const {
  CMEM_ASSIGN_OR_RETURN(auto db, open_reader());
  CMEM_ASSIGN_OR_RETURN(const bool empty, is_empty_database(db));
  CMEM_ASSIGN_OR_RETURN(const auto application_id, db.query_int("PRAGMA application_id"));
  if (create && empty && application_id == 0) return {};
  return check_schema(db, Access::kWrite);
}

Result<sqlite::Connection> Store::open_for_writing(bool create) {
  sqlite::OpenOptions open_options;
  open_options.create = create;
  open_options.full_sync = options_.full_sync;
  open_options.cache_kib = cache_kib(options_, kWrittenPageShare);
  CMEM_ASSIGN_OR_RETURN(auto db, sqlite::Connection::open(path_, open_options));
  CMEM_CRASH_POINT("init.after-open");
  if (create) {
    CMEM_ASSIGN_OR_RETURN(const bool empty, is_empty_database(db));
    if (empty) CMEM_TRY(initialize(db));
  }
  CMEM_TRY(check_schema(db, Access::kWrite));
  CMEM_ASSIGN_OR_RETURN(const auto version, db.query_int("PRAGMA user_version"));
  if (version < kSchemaVersion) {
    CMEM_ASSIGN_OR_RETURN(auto lock, LockFile::open(lock_path(path_)));
    CMEM_ASSIGN_OR_RETURN(const auto guard, lock.acquire(options_.busy_timeout_ms, "memory migration"));
    CMEM_TRY(migrate_schema(db, clock_->now_ms()));
  }
  return db;
}

// For a file without tables: new, or left by a process that died here. Two processes may do this at once: the second finds the
// tables of the first.
Status Store::initialize(sqlite::Connection& db) {
  CMEM_ASSIGN_OR_RETURN(auto lock, LockFile::open(lock_path(path_)));
  CMEM_ASSIGN_OR_RETURN(const auto guard, lock.acquire(options_.busy_timeout_ms, "memory init"));
  CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_immediate(db));
  CMEM_ASSIGN_OR_RETURN(const bool empty, is_empty_database(db));
  if (empty) CMEM_TRY(create_schema(db, clock_->now_ms()));
  CMEM_CRASH_POINT("init.before-commit");
  CMEM_TRY(transaction.commit());
  // From now on the file alone, without its log, is known as a store. Somebody in the way does no harm: then the log has it.
  auto status = db.checkpoint(sqlite::CheckpointMode::truncate, nullptr, nullptr);
  if (!status && status.error().code == Code::kBusy) return {};
  return status;
}

Result<sqlite::Connection> Store::open_reader() const {
  sqlite::OpenOptions open_options;
  open_options.read_only = true;
  open_options.cache_kib = cache_kib(options_, kPageShare);
  return sqlite::Connection::open(path_, open_options);
}

Result<sqlite::Transaction> Store::begin_read() {
  retired_.reset();
  CMEM_ASSIGN_OR_RETURN(auto transaction, sqlite::Transaction::begin_read(*reader_));
  // A store of an older format, open for reading only, does not have the column.
  const auto rewrites = reader_->query_int("SELECT rewrites FROM main.commit_clock");
  if (!rewrites || *rewrites == rewrites_) return transaction;
  rewrites_ = *rewrites;
  clear_own_caches();
  retired_ = std::move(shared_);
  CMEM_TRY(share());
  return transaction;
}

void Store::clear_caches() {
  shared_->texts.clear();
  shared_->doc_values.clear();
  shared_->text_index.clear();
  messages_->clear();
  clear_own_caches();
}

void Store::clear_own_caches() {
  texts_.clear();
  records_.clear();
  message_contexts_.clear();
  doc_values_.clear();
  text_index_.clear();
  vocabulary_->clear();
  contexts_.clear();
  filters_.clear();
}

Result<KnownFilter> Store::resolve_filter(const MessageFilter& filter) {
  CMEM_ASSIGN_OR_RETURN(const auto spans, doc_values_.spans(*reader_));
  KnownFilter known;
  CMEM_ASSIGN_OR_RETURN(auto messages, messages_->update(*reader_, doc_values_, spans));
  CMEM_ASSIGN_OR_RETURN(known.filter, filters_.resolve(*reader_, contexts_, filter));
  if (!messages || known.filter->restricts_ids() || known.filter->matches_nothing()) return known;
  known.messages = known.filter->restricts_contexts() ? messages_->select(*messages, *known.filter) : std::move(*messages);
  return known;
}

Result<Writer*> Store::writer() {
  if (!writer_) return Unexpected(Code::kReadOnly, fmt::format("{} is open for reading only", path_));
  return writer_.get();
}

}  // namespace cmem
