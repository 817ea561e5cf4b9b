"""Templates of errors and the levels that lines state themselves, as lib/base/error_template.h and masked_token.h describe them.

The library walks over bytes; these are regular expressions over characters."""
import re

WORD = r"[0-9A-Za-z_\u0080-\U0010ffff]"
END = f"(?!{WORD})"
PLACEHOLDER = re.compile("<(?:time|uuid|ip|url|email|path|num|hex|id|str)>")
MOST_BYTES = 256
HEAD_BYTES = 512

_CLOCK = rf"\d{{1,2}}:\d\d:\d\d(?!\d)(?:[.,]\d++)?+(?:Z|[+-](?:\d\d:\d\d|\d{{4}}|\d\d(?!:)){END})?+{END}"
_NUMBER = r"\d++(?:[.,]\d++)*+"
_UNIT = "(?>ms|us|ns|min|s|m|h|d|KiB|MiB|GiB|kB|KB|MB|GB|TB|k|K|M|G|B)"
_NO_PATH = r"\x00-\x20\x7f\"'`<>()\[\]{}|,;:*?=\\"
_TOKENS = [
    ("<uuid>", rf"[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}{END}"),
    ("<time>", rf"(?:\d{{4}}([-/])\d\d\1\d\d(?!\d)(?:[T ]{_CLOCK})?+{END}|{_CLOCK})"),
    ("<ip>", rf"\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!\d|\.\d)(?::\d++)?+{END}"),
    ("<ip>", rf"(?=[a-fA-F:]*+\d)(?=(?:[0-9a-fA-F]*+:){{7}}[0-9a-fA-F]*+(?!:)|(?=[0-9a-fA-F:]*::)(?:[0-9a-fA-F]*+:){{2}})[0-9a-fA-F:]++{END}"),
    ("<url>", r"[A-Za-z][A-Za-z0-9+.-]*+://[^\x00-\x20\x7f\"'`<>()\[\]{}|\\,;]*[^\x00-\x20\x7f\"'`<>()\[\]{}|\\,;.:!?]"),
    ("<email>", rf"[A-Za-z0-9_%+.-]*+@[A-Za-z0-9.-]+\.[A-Za-z0-9-]*[A-Za-z](?![.-]*[A-Za-z0-9]){END}"),
    ("<path>", rf"(?:[A-Za-z]:(?=[\\/])|\\\\(?={WORD}))(?:[^{_NO_PATH}]|\\)*?(?=[\\.!]*(?!\\|[^{_NO_PATH}]))(?::\d++{END}){{0,2}}{END}"),
    ("<path>", rf"(?!//)(?=[^{_NO_PATH}]*/)(?P<path>[^{_NO_PATH}]*[^{_NO_PATH}.!])(?![^{_NO_PATH}.!])(?::\d++{END}){{0,2}}{END}"),
    ("<num>", rf"(?:(?:{_NUMBER}{_UNIT})++(?:{_NUMBER})?+|{_NUMBER}){END}"),
    ("<hex>", rf"(?:0[xX][0-9a-fA-F]+|(?!0[xX])(?=[a-fA-F]*\d)[0-9a-fA-F]{{6,}}){END}"),
    ("<id>", f"{WORD}+"),
]
TOKENS = [(name, re.compile(pattern)) for name, pattern in _TOKENS]
_LEVELS = {"TRACE": "DEBUG", "DEBUG": "DEBUG", "VERBOSE": "DEBUG", "INFO": "INFO", "NOTICE": "INFO", "WARN": "WARN", "WARNING": "WARN",
           "ERROR": "ERROR", "CRITICAL": "ERROR", "FATAL": "ERROR", "SEVERE": "ERROR"}
_LEVEL_NUMBERS = {"10": "DEBUG", "20": "DEBUG", "30": "INFO", "40": "WARN", "50": "ERROR", "60": "ERROR"}
_LEVEL_KEYS = {"level", "lvl", "severity", "levelname"}
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])")


def template_of(text):
    """(template, level inside or None)"""
    return _Masker(*_head(text)).run()


def _cut(text, most_bytes):
    return text.encode()[:most_bytes].decode(errors="ignore")


def _head(text):
    line = next((line for line in _ESCAPE.sub("", text).split("\n") if re.search(r"[^\x00-\x20\x7f]", line)), "")
    line = re.sub(r"[\x00-\x20\x7f]+", " ", line).lstrip(" ")
    return _cut(line, HEAD_BYTES).rstrip(" "), len(line.encode()) > HEAD_BYTES


def _token_at(text, at):
    """(placeholder, its end) of the token that begins there, or None."""
    for name, pattern in TOKENS:
        found = pattern.match(text, at)
        if not found or found.end() == at or not _is_one(name, found):
            continue
        rest = re.compile(r"[\\.:!?-]*").match(text, found.end()).end()
        if not PLACEHOLDER.match(text, rest):
            return name, found.end()
    return None


def _is_one(name, found):
    if name == "<id>":
        runs = len(re.findall(r"\d+", found[0]))
        return runs >= 3 or (runs > 0 and len(found[0].encode()) >= 16)
    if "path" in found.re.groupindex:
        path = found["path"]
        rooted = re.match(r"/|~/|\.\.?/", path) or path.count("/") >= 2
        return path != "/" and (rooted or re.search(rb"\.[A-Za-z][^./]{0,4}\Z", path.encode()))
    return True


class _Masker:
    def __init__(self, head, is_cut):
        self.head, self.is_cut = head, is_cut
        self.at, self.out, self.kept, self.closed, self.depth = 0, "", 0, None, 0
        self.level, self.words_left, self.is_next = None, 1, False

    def run(self):
        while self.at < len(self.head) and len(self.out.encode()) <= MOST_BYTES:
            self.kept = len(self.out)
            self._next()
        if self.is_cut or self.at < len(self.head) or len(self.out.encode()) > MOST_BYTES:
            self._shorten()
        return self.out, self.level

    def _shorten(self):
        room = MOST_BYTES - len("…".encode())
        if len(self.out.encode()) > room and len(self.out[:self.kept].encode()) >= room // 2:
            self.out = self.out[:self.kept]
        self.out = _cut(self.out, room).rstrip(" ") + "…"

    def _next(self):
        placeholder = PLACEHOLDER.match(self.head, self.at)
        if placeholder:
            return self._copy(placeholder[0])
        char = self.head[self.at]
        if char in "\"'`":
            if self._quoted(char):
                return None
        elif self._may_begin(char):
            token = _token_at(self.head, self.at)
            if token:
                return self._token(*token)
        word = re.compile(f"{WORD}+").match(self.head, self.at)
        if word:
            return self._word(word[0])
        self.depth += (char in "{[") - (char in "}]")
        return self._copy(char)

    def _before(self):
        return self.out[-1:] or " "

    def _copy(self, text):
        self.out += text
        self.at += len(text)

    def _may_begin(self, char):
        before = self._before()
        if before == ">":
            return False
        if re.match(WORD, char):
            return True
        if re.match(WORD, before) or before == char or self.closed == len(self.out):
            return False
        return before not in "<.)" if char == "/" else char in "~.\\:"

    def _token(self, name, end):
        self.out += name
        self.at = end
        if name == "<time>":
            self.words_left, self.is_next = 3, True

    def _word(self, word):
        self.out += re.sub(r"\d+", "<num>", word)
        begin, self.at = self.at, self.at + len(word)
        self._see(word, begin)

    def _quoted(self, quote):
        if quote == '"':
            found = re.compile(r'"((?:\\.|[^"\\])*+)"', re.DOTALL).match(self.head, self.at)
        elif re.match(WORD, self._before()) or self._before() == ">":
            return False
        else:
            found = re.compile(rf"{quote}(.*?){quote}(?!{WORD}|<)").match(self.head, self.at)
        if not found:
            return False
        content = found[1]
        is_kept = not content or (quote == '"' and self._is_in_json() and re.fullmatch("[A-Za-z_]{1,32}", content))
        self.out += quote + (content if is_kept else _quoted_placeholder(content)) + quote
        self.at = found.end()
        self.closed = len(self.out)
        if is_kept and content in _LEVEL_KEYS and self.head.startswith(":", self.at):
            self._value(self.at + 1)
        return True

    def _is_in_json(self):
        return self.depth > 0 and self.out.rstrip(" ")[-1:] in tuple("{[,:")

    def _see(self, word, begin):
        """A level is a word behind stderr: or stdout:, the word behind a time, or one of the next two, or the line's first, that
        something delimits."""
        if self.level:
            return
        following = self.head[self.at:self.at + 1]
        if word in _LEVEL_KEYS and following == "=":
            self._value(self.at + 1)
        elif word in ("stderr", "stdout") and following == ":":
            self.words_left, self.is_next = 1, True
        elif self.words_left > 0:
            in_brackets = self.head[begin - 1:begin] == "[" and following == "]"
            level = _LEVELS.get(word.upper() if in_brackets else word)
            if level and (self.is_next or re.match(r" *[|\-:\])]", self.head[self.at:])):
                self.level = level
            self.is_next = False
            self.words_left -= 1

    def _value(self, at):
        value = re.compile(rf"[ \"']*({WORD}*)").match(self.head, at)[1]
        self.level = self.level or _LEVELS.get(value.upper()) or _LEVEL_NUMBERS.get(value)


def _quoted_placeholder(content):
    if PLACEHOLDER.fullmatch(content):
        return content
    token = _token_at(content, 0)
    # A path may have spaces.
    return token[0] if token and (token[0] == "<path>" or token[1] == len(content)) else "<str>"
