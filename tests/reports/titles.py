"""What a session is called, from lib/export/session_titles.h: of an extraction its first prompt."""
import re

CHARACTERS = 120
_BY_PROGRAM = re.compile(r"[ \n\r\t]*($|\[Request interrupted|Caveat: The messages below|<[a-z_-]+>)")


def titles_of(messages):
    titles = {}
    for message in messages:
        if message.role == "user" and message.session and message.session not in titles and not _BY_PROGRAM.match(message.content):
            titles[message.session] = title_of(message.content)
    return {session: title for session, title in titles.items() if title}


def title_of(text):
    line = re.sub(r"[ \t\r\n\v\f]+", " ", text).strip(" ")
    return line if len(line) <= CHARACTERS else line[:CHARACTERS].rstrip(" ") + "…"
