// cmem_load and cmem_append.
#include "capi/guard.h"
#include "capi/handles.h"
#include "capi/options.h"
#include "ingest/appender.h"
#include "ingest/loader.h"

using namespace cmem;

namespace {

constexpr std::uint64_t kDefaultMaxLineBytes = std::uint64_t{16} << 20;
constexpr std::uint64_t kMaxMaxLineBytes = std::uint64_t{1} << 30;

Result<LoadOptions> load_options(const cmem_load_options& options) {
  if (options.strict > 1) return Unexpected(Code::kInvalid, "cmem_load_options: strict is 0 or 1");
  if (options.max_line_bytes > kMaxMaxLineBytes)
    return Unexpected(Code::kInvalid, "cmem_load_options: max_line_bytes is at most 1 GiB");
  LoadOptions out;
  out.strict = options.strict == 1;
  out.max_line_bytes = options.max_line_bytes == 0 ? kDefaultMaxLineBytes : options.max_line_bytes;
  if (options.known_hashes_path) out.known_hashes_path = options.known_hashes_path;
  if (options.progress)
    out.progress = [call = options.progress, payload = options.progress_payload](std::int64_t done, std::int64_t total,
                                                                                 std::int64_t rows) {
      return call(done, total, "bytes", rows, payload) != 0;
    };
  return out;
}

cmem_load_result load_output(const LoadResult& result, double seconds) {
  cmem_load_result out CMEM_LOAD_RESULT_INIT;
  out.files = result.files;
  out.records_read = result.counts.records_read;
  out.messages_new = result.counts.messages_new;
  out.duplicates = result.counts.duplicates;
  out.known_skipped = result.counts.known_skipped;
  out.rejected = result.counts.rejected;
  out.hash_mismatches = result.counts.hash_mismatches;
  out.bytes_read = result.bytes_read;
  out.first_run_id = result.first_run_id;
  out.last_run_id = result.last_run_id;
  out.sources_changed = result.sources_changed;
  out.seconds = seconds;
  return out;
}

// A message of a caller whose struct may be older or newer than ours.
Result<AppendMessage> append_message(const cmem_message* message, std::size_t index) {
  auto read = read_options(message, cmem_message CMEM_MESSAGE_INIT, "cmem_message");
  if (!read) return Unexpected(read.error().code, read.error().text, static_cast<std::int64_t>(index));
  AppendMessage out;
  out.time_ms = read->time_ms;
  out.line = read->line;
  struct Field {
    std::string_view* to;
    const char* text;
    std::size_t size;
    const char* name;
  };
  const Field fields[] = {
      {&out.content, read->content, read->content_len, "content"},
      {&out.source, read->source, read->source_len, "source"},
      {&out.source_type, read->source_type, read->source_type_len, "source_type"},
      {&out.session, read->session, read->session_len, "session"},
      {&out.project, read->project, read->project_len, "project"},
      {&out.component, read->component, read->component_len, "component"},
      {&out.level, read->level, read->level_len, "level"},
      {&out.role, read->role, read->role_len, "role"},
  };
  for (const Field& field : fields) {
    auto text = read_text(field.text, field.size, field.name);
    if (!text) return Unexpected(text.error().code, text.error().text, static_cast<std::int64_t>(index));
    *field.to = *text;
  }
  return out;
}

}  // namespace

cmem_status cmem_load(cmem_load_result* out, cmem_store* store, const char* const* paths, size_t path_count,
                      const cmem_load_options* options, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_output(out, "out"));
    write_output(out, cmem_load_result CMEM_LOAD_RESULT_INIT);
    CMEM_TRY(require(store, "store"));
    CMEM_TRY(require(paths, "paths"));
    CMEM_ASSIGN_OR_RETURN(const auto read, read_options(options, cmem_load_options CMEM_LOAD_OPTIONS_INIT, "cmem_load_options"));
    CMEM_ASSIGN_OR_RETURN(const LoadOptions checked, load_options(read));
    std::vector<std::string> names;
    for (std::size_t i = 0; i < path_count; ++i) {
      CMEM_TRY(require(paths[i], "a path"));
      names.emplace_back(paths[i]);
    }
    const std::int64_t start_ms = system_clock().now_ms();
    LoadResult result;
    const Status status = load_sources(*store->store, names, checked, result);
    write_output(out, load_output(result, static_cast<double>(system_clock().now_ms() - start_ms) / 1000.0));
    return status;
  });
}

cmem_status cmem_append(cmem_append_result* out, cmem_store* store, const cmem_message* messages, size_t count, cmem_error* err) {
  return guard(err, [&]() -> Status {
    CMEM_TRY(check_output(out, "out"));
    write_output(out, cmem_append_result CMEM_APPEND_RESULT_INIT);
    CMEM_TRY(require(store, "store"));
    if (count == 0) return {};
    CMEM_TRY(require(messages, "messages"));
    std::vector<AppendMessage> checked;
    checked.reserve(count);
    // The array's stride is the caller's struct_size, which all its messages share.
    const std::size_t stride = messages->struct_size;
    for (std::size_t i = 0; i < count; ++i) {
      const auto* message = reinterpret_cast<const cmem_message*>(reinterpret_cast<const char*>(messages) + i * stride);
      if (message->struct_size != stride)
        return Unexpected(Code::kInvalid, "cmem_message: struct_size is not set; start each message from CMEM_MESSAGE_INIT",
                          static_cast<std::int64_t>(i));
      CMEM_ASSIGN_OR_RETURN(const auto read, append_message(message, i));
      checked.push_back(read);
    }
    CMEM_ASSIGN_OR_RETURN(const AppendResult result, append_messages(*store->store, checked));
    write_output(out, cmem_append_result{0, 0, result.messages_new, result.duplicates, result.first_id});
    return {};
  });
}
