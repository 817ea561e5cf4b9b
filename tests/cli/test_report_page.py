"""The pages of reports in a browser: charts are there, nothing is complained of, nothing is loaded from elsewhere. Screenshots, light
and dark, go to report-pages/ in the build folder."""
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cli_support import ROOT

CHROMIUM = shutil.which("chromium")
DARK = "--blink-settings=preferredColorScheme=0"
LIGHT = "--blink-settings=preferredColorScheme=1"


@pytest.fixture
def screenshots():
    folder = Path(os.environ.get("CMEM_BUILD_DIR") or ROOT / "build/release").resolve() / "report-pages"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def browse(page, profile, *options):
    if CHROMIUM is None:
        pytest.skip("chromium is not installed: apt-get install chromium")
    done = subprocess.run([CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                           f"--user-data-dir={profile}", "--enable-logging=stderr", "--window-size=1340,1600", "--hide-scrollbars",
                           *options, page.as_uri()], capture_output=True, timeout=110)
    log = done.stderr.decode(errors="replace")
    assert done.returncode == 0, log
    assert "CONSOLE" not in log, log
    return done.stdout.decode()


class Links(HTMLParser):
    """What a page refers to, and its elements."""

    def __init__(self, text):
        super().__init__()
        self.found, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.found += [value for name, value in attributes if name in ("src", "href", "srcset", "action", "data") or "url(" in (value or "")]


def check_loads_nothing(text):
    links = Links(text)
    assert all(link == "data:," or re.fullmatch(r"[a-z-]+\.html", link) for link in links.found), links.found
    assert not {"script", "iframe", "object", "embed", "img"} & set(links.tags)
    assert "@import" not in text and "url(" not in text
    assert "default-src 'none'" in text


@pytest.fixture
def pages(memory):
    done = memory.run("report", "all", "-o", "pages")
    assert done.returncode == 0, done.stderr.decode()
    return memory.folder / "pages"


def bars(text):
    """Bars of charts, not squares of legends."""
    return len(re.findall(r"<rect class=\"s\d\" x=", text))


@pytest.mark.parametrize("name", ["index", "project-activity", "component-usage"])
def test_a_page_in_a_browser(pages, name, tmp_path, screenshots):
    dom = browse(pages / f"{name}.html", tmp_path / "profile", "--dump-dom")
    check_loads_nothing(dom)
    assert bars(dom) > 0
    assert dom.count('<svg role="img"') == dom.count("<desc id=") > 0
    if name != "index":
        assert 'scope="col"' in dom and 'scope="row"' in dom
    for scheme, option in (("light", LIGHT), ("dark", DARK)):
        picture = screenshots / f"{name}-{scheme}.png"
        picture.unlink(missing_ok=True)
        browse(pages / f"{name}.html", tmp_path / "profile", option, f"--screenshot={picture}")
        assert picture.stat().st_size > 10_000
    assert (screenshots / f"{name}-light.png").read_bytes() != (screenshots / f"{name}-dark.png").read_bytes()


def test_text_of_the_store_stays_text(memory):
    project = "/home/ada/<img src=x onerror=alert(1)>&\"'"
    line = '{"content": "x", "source": "history.jsonl:line-1", "timestamp": 1763200800000, "session_id": "s1", "source_type": "history", "project": %s}'
    import json
    (memory.folder / "odd.jsonl").write_text(line % json.dumps(project) + "\n")
    assert memory.run("--db", "odd.db", "ingest", "load-extraction", "odd.jsonl").returncode == 0
    page = memory.run("--db", "odd.db", "report", "project-activity", "--format", "html").stdout.decode()
    assert "<img" not in page and "&lt;img src=x" in page
    check_loads_nothing(page)


def test_zones_change_the_days(memory):
    east = memory.run("report", "project-activity", "--by", "day", "--format", "csv", "--tz", "Pacific/Auckland").stdout
    west = memory.run("report", "project-activity", "--by", "day", "--format", "csv", "--tz", "America/Los_Angeles").stdout
    assert east != west
    assert memory.run("report", "project-activity", "--utc", "--format", "csv").stdout == memory.run(
        "report", "project-activity", "--tz", "UTC", "--format", "csv").stdout


def test_the_page_is_the_same_as_the_one_on_standard_output(memory):
    assert memory.run("report", "component-usage", "--format", "html", "-o", "page.html").returncode == 0
    page = memory.run("report", "component-usage", "--format", "html").stdout
    assert (memory.folder / "page.html").read_bytes() == page
