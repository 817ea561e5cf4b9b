#include "corpus/scenes.h"

namespace cmem::corpus {

const std::string_view kSceneTable = R"table(
= 2270
D [ToolIndex:eager] mode=auto, TOOL_INDEX_EAGER=unset, deferred=true
= 150
D [ToolIndex:eager] mode=plain, TOOL_INDEX_EAGER=unset, deferred=false
= 400
D Hooks: {z:0-9} matchers configured for {event}
D Hooks: {z:0-5} unique commands match {event} "{tool}" ({z:0-7} before merging)
= 130
D runPreToolHooks invoked, tool={tool}
D Collecting hook commands: PreToolUse, query={tool}
= 120
D Collecting hook commands: PostToolUse, query={tool}
= 40
D Collecting hook commands: {event}, query=undefined
= 36
D Hooks: running {z:1-4} commands for {event}:{tool}
D Hooks: command "{cmd}" finished, status 0, {ms}ms
= 150
D Hooks: registry holds {z:0-40} hooks
D Hooks: pollForResponses returns {z:0-3} responses
= 12
D Hook output is not an object, keeping it as plain text
= 8
W Hooks: "{cmd}" took {ms}ms, limit is {n:5-60}s
= 3
E Hooks: "{cmd}" failed with status {n:1-127}: {err}
= 200
D [API:request] new client, extra headers: false, authorization header: true
D [API:auth] token check begins
D [API:auth] token check done
D Stream opened - first chunk received
= 26
D [API:request] attribution x-client-billing: version={ver}; entry=cli; check={hexpool};
= 9
D [API:timing] request {uuid} to {model}: first byte {ms}ms, total {ms}ms, {z:1-9000} tokens
= 8
W Stream stall: no event for {secs}s (stall number {z:1-9})
= 6
W Stream finished after {z:1-9} stalls, {secs}s lost
= 3
E [API:error] 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_{hex24}"}
W [API:retry] attempt {z:1-10} of 10 in {ms}ms
= 3
E [API:error] {err}{stack}
= 2
E Streaming failed, trying without streaming: {err}
= 2
D Stream aborted by the user
= 100
D [deferredValue] message list lags by {z:1-12} ({z:20-260} of {z:20-270})
= 90
D Renderer: heavy frame blit={z:0-300}, write={z:100-2000} ({n:50-99}% written), screen={dims}
= 22
D Renderer: slow frame {ms}ms, screen {dims}, damage {n:10-200}x{n:1-60} at ({z:0-80},{z:0-60}), changes {z:1-4000}
= 4
D Renderer: full redraw (scrollback moved), rows={z:1-4000}, first={z:0-400}
= 2
D Renderer: viewport shrank, before={n:20-80}, after={n:10-60}
= 1
I Renderer: first frame {ms}ms after process start
= 90
D Atomic write: temp file {tmp}
D Atomic write: {z:80-60000} bytes in temp file
D Atomic write: {tmp} becomes {path}
D Atomic write: {path} is complete
= 12
D Atomic write: {path} is unchanged, nothing to do
= 90
D Atomic write: keeping mode 100644
D Atomic write: mode applied to temp file
= 70
D LSP Diagnostics: attachments requested
D LSP Diagnostics: registry has {z:0-14} pending
= 9
D LSP Diagnostics: {z:1-60} findings in {path}
= 14
D [LSP MANAGER] startManager() entered
D [LSP MANAGER] instance created, state=pending
D [LSP MANAGER] asynchronous start (generation {z:1-9})
D [LSP SERVER] {z:0-5} servers configured
I LSP manager ready with {z:0-5} servers
= 3
D [LSP SERVER] {lang}: spawned, pid {pid}, root {project}
= 2
E [LSP SERVER] {lang}: request textDocument/hover timed out after {ms}ms
= 2
W [LSP SERVER] {lang}: exited with code {n:1-139}, restart {z:1-5} of 5
= 10
D [lspAdvice] looking for plugins for .{ext}
D [lspAdvice] {plugin} skipped, its binary is missing
= 62
D Tool search is off for model '{model}': no support for tool_reference blocks. Newer models support it
= 45
D MCP server "{server}": calling {method}
D MCP server "{server}": {method} completed in {ms}ms
= 22
D MCP server "{server}": {method} failed after {secs}s: Not connected
= 9
D MCP server "{server}": connecting, timeout {n:5-60}000ms
D MCP server "{server}": connected over stdio in {ms}ms
D MCP server "{server}": capabilities {"tools":true,"prompts":false,"resources":false,"version":{"name":"{server}","version":"{ver}"}}
= 4
D MCP server "{server}": HTTP transport to {url}
D MCP server "{server}": HTTP options {"url":"{url}","headers":{"User-Agent":"cli/{ver}"},"stream":true,"timeout":{n:5-60}000}
D MCP server "{server}": transport ready
= 4
D MCP server "{server}": no stored token
= 3
E MCP server "{server}": connection closed: {err}
W MCP server "{server}": reconnecting in {n:1-30}s (attempt {z:1-8})
= 2
D MCP server "{server}": SIGINT sent to pid {pid}
I MCP server "{server}": process ended cleanly
= 2
E MCP server "{server}": stderr: {err}{stack}
= 2
D MCP server "{server}": {method} still running ({z:10-600}s)
= 1
D MCP server "{server}": tools listed {json}
= 22
D Layout engine: flexbox
= 30
D Compaction: tokens={z:4000-190000} threshold={n:160-168}000 window={n:180-200}000
= 6
D Compaction: summarising {z:4-900} messages (~{z:2000-180000} tokens)
= 1
I Compaction: {z:20-900} messages became {z:300-9000} tokens in {secs}s
= 18
D FileHistory: snapshot for message {uuid}
D FileHistory: snapshot {uuid} stored, {z:0-80} files tracked
= 10
D FileHistory: change recorded in {path}
= 5
D FileHistory: backup {hex16}@v{z:1-20} copied from session {uuid}
= 9
D Skills: {z:0-40} project, {z:0-20} user, {z:0-5} managed, {z:0-12} legacy
D Skills: plugin skills loaded {z:0-70}
D Skills: {n:1-4} bundled, {z:0-70} from plugins, {z:0-60} from folders
= 60
D Skills: offered to the Skill tool:{list}
= 60
D Slash commands: offered to the SlashCommand tool:{list}
= 7
D Skills: change seen in {skillpath}
= 2
D Skills: sent {z:1-60} by attachment (first time, {z:1-60} in all)
= 2
W Skills: {skillpath} has no 'description' in its front matter
= 9
D Plugins: {z:0-24} found, {z:0-20} enabled
D Plugins: commands loaded {z:0-90}
D Plugins: {z:0-20} hooks registered from {z:0-20} plugins
= 4
D Plugins: background install starts
D Plugins: {n:1-4} marketplaces, {z:0-6} to install, {z:0-2} cannot be installed
= 3
I Plugins: marketplace {plugin} refreshed
= 2
E Plugins: cannot read manifest of {plugin}: {err}
= 2
D Plugins: {plugin} already at {ver}, keeping it
= 10
D Updater: install kind is native
D Updater: asking for versions after {ver}
= 7
D Updater: {ver} is present at {bin}, no install
= 3
I Updater: now at {ver}
D Updater: link {bin} renewed
= 2
D Updater: lock for {ver} is held by pid {pid}
= 2
E Updater: NON-FATAL: cannot lock {bin} (another process may hold it)
= 45
D Permission: rules for {tool} proposed: {rules}
= 10
D Permission: asking hooks about {tool}
D Collecting hook commands: PermissionRequest, query={tool}
= 5
D Permission: mode set to '{mode}'
D Permission: allow rules of {scope} replaced by {z:0-40}
D Permission: deny rules of {scope} replaced by {z:0-10}
D Permission: ask rules of {scope} replaced by {z:0-10}
= 4
I Permission: {tool} allowed by rule "{tool}({cmd})" from {scope}
= 2
W Permission: {tool} denied by rule "{tool}({cmd})" from {scope}
= 10
D Shell: starting without login profile
= 12
D Shell: "{cmd}" done in {ms}ms, status {z:0-3}, {z:0-30000} bytes
= 4
D Shell: snapshot at {snapshot}
D Shell: configuration {home}/.bashrc
D Shell: snapshot stored ({z:900-200000} bytes)
= 3
D Shell: "{cmd}" failed after {ms}ms{stack}
= 9
D Result of {tool} moved to {result} ({z:20-900}KB)
= 7
D Git: head of {project} is {hex40}, branch {branch}
= 4
D Git: no remote in {project}
= 5
D FileIndex: {z:10-30000} files listed by git in {ms}ms
= 2
D FileIndex: not a repository, using ripgrep
= 3
D Search tool self-test: passed (mode=bundled)
= 12
D Encoding of {path} unknown: ENOENT
= 4
E ENOENT: no such file or directory, open '{path}'{stack}
= 2
E FileTooLongError: {path} has {z:25000-90000} tokens, limit is 25000. Read it in parts with offset and limit
= 6
D Agent [{agent}] message: type=assistant
= 4
D Agent [{agent}] done: {z:1-40} messages, input={z:3-9000} output={z:20-6000} cacheRead={z:1000-180000} cacheWrite={z:0-40000}
= 3
I Agent [{agent}] started for "{phrase}"
= 5
D Collecting hook commands: SubagentStop, query={agent}
= 6
D [STARTUP] loading MCP configuration
D [STARTUP] MCP configuration loaded in {ms}ms
D [STARTUP] running setup()
D [STARTUP] setup() done in {ms}ms
D [STARTUP] loading commands and agents
D [STARTUP] commands and agents loaded in {ms}ms
I [STARTUP] ready, session {session}
= 4
D [keys] {n:40-90} bindings, {z:0-3} warnings
D [keys] no user file, not watching
= 4
D [settings] watching {home}/.config/agent/settings.json, {project}/.agent/settings.json
= 2
D [settings] change seen in {project}/.agent/settings.json
= 2
W [settings] unknown key "{word}" in {project}/.agent/settings.json ignored
= 4
D [telemetry] export is off by policy
= 3
D [telemetry] {z:1-200} events flushed in {ms}ms
= 3
E [telemetry] {z:1-200} events not exported (code=ECONNABORTED, timeout of {n:5-30}000ms exceeded)
= 2
E AxiosError: Request failed with status code {n:400-504}{stack}
= 5
D Todo: list of session {session} has {z:1-30} items, {z:0-30} done
= 5
D Paste {hex16} stored in {home}/.cache/agent/paste/{hex16}.txt
= 2
W Context: {n:70-99}% of the window is used ({z:120000-198000} tokens)
= 2
I Session {session} saved, {z:4-4000} messages, {z:2000-900000} bytes
= 2
E SyntaxError: Unexpected token '{word}' at position {z:0-90000} in {path}
= 1
E TypeError: undefined is not an object (evaluating '{word}.{word}'){stack}
= 3
D [memory] {z:0-30} notes loaded from {project}/NOTES.md
= 2
D [memory] index of {project}: {z:10-90000} texts, {ms}ms
)table";

}  // namespace cmem::corpus
