"""What the page at /_admin/ costs a server that works for tests, and how it shows ten thousand images."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from tests.speed.measure import Figure, alternate
from tests.speed.server import Server
from tests.speed.subjects import PROJECT

REQUESTS_PER_SECOND: Final = 1000
PAGES: Final = 20
SECONDS: Final = 2.0
ROUNDS: Final = 3
SHOWN_IMAGES: Final = 10_000

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_ROOT: Final = Path(__file__).parents[2]

#: The request whose CPU time is measured.
_LIST: Final = f"/v2.1/{PROJECT}/images/detail?limit=25"


def page() -> Iterator[Figure]:
    """Measure the load of twenty pages and, with Chromium, the page itself."""
    with Server("--fixtures", "thousand") as server:
        comparison = alternate(
            lambda: _cpu_of_a_request(server, PAGES),
            lambda: _cpu_of_a_request(server, 0),
            rounds=ROUNDS,
            max_void=ROUNDS,
        )
        what = f"CPU of a request at {REQUESTS_PER_SECOND} a second, with {PAGES} pages open beside without"
        yield comparison.figure("page", what, "µs CPU", 1.15)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is not None:
        yield from _in_a_browser(chromium)


def _cpu_of_a_request(server: Server, pages: int) -> float:
    """Return the CPU seconds of the server for each request of a client that sends them at a steady rate."""
    with (
        closing(HTTPConnection(*server.address)) as client,
        closing(HTTPConnection(*server.address)) as browser,
    ):
        cursor = json.loads(_get(browser, "/_admin/changes"))["cursor"]
        number = int(json.loads(_get(browser, "/_admin/requests/count"))["count"])
        polls = (
            f"/_admin/changes?since={cursor}",
            f"/_admin/requests?marker={number}&newest=40&exchanges=true",
        )
        start = time.perf_counter()
        cpu = _cpu_seconds(server.process.pid)
        count = round(SECONDS * REQUESTS_PER_SECOND)
        for request in range(count):
            time.sleep(max(0.0, start + request / REQUESTS_PER_SECOND - time.perf_counter()))
            _get(client, _LIST)
            if pages and request % (REQUESTS_PER_SECOND // pages) == 0:  # each page polls once a second
                _get(browser, polls[request // (REQUESTS_PER_SECOND // pages) % len(polls)])
        return (_cpu_seconds(server.process.pid) - cpu) / count


def _get(connection: HTTPConnection, path: str) -> bytes:
    connection.request("GET", path)
    with connection.getresponse() as response:
        return response.read()


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process and of its children that run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / _TICKS + sum(_cpu_seconds(int(child)) for child in children)


def _in_a_browser(chromium: str) -> Iterator[Figure]:
    """Measure the page in Chromium, in the environment of its tests."""
    folder = subprocess.run(
        ("scripts/setup", "--only-page"), cwd=_ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    with Server("--fixtures", "empty") as server:
        with closing(HTTPConnection(*server.address)) as client:
            client.request("POST", "/_admin/images/generate", json.dumps({"count": SHOWN_IMAGES}))
            client.getresponse().read()
        command = (str(_ROOT / folder / "bin" / "python"), "-m", "tests.page.timing", server.url)
        environment = {**os.environ, "CHROMIUM": chromium}
        output = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, check=True, env=environment
        ).stdout
    seconds = json.loads(output)
    yield Figure("page", f"first rows of {SHOWN_IMAGES:,} images", seconds["rows"] * 1000, None, "ms", 1000)
    yield Figure(
        "page",
        f"a keystroke in the filter of {SHOWN_IMAGES:,} images",
        seconds["key"] * 1000,
        None,
        "ms",
        100,
    )
