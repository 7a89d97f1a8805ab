"""From the start of the command to its first answer, and what importing costs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from tests.speed.measure import Comparison, Figure, alternate

ROUNDS = 7

#: The console script without its wrapper, and a Flask view under gunicorn with the same settings.
COMMAND = (sys.executable, "-m", "fake_nova", "serve", "--port", "0")
BARE = (sys.executable, "-m", "tests.speed.bare")


def _environment() -> dict[str, str]:
    """Return the environment of a command whose modules stay compiled, as they are where it is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def first_answer(command: Sequence[str]) -> float:
    """Return the seconds from the start of *command* to its first answer."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment()) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address is not None
            with urlopen(f"{address[0]}/v2.1/images/detail") as answer:
                answer.read()
            return time.perf_counter() - start
        finally:
            process.terminate()


def import_seconds(*modules: str) -> list[float]:
    """Return the seconds that importing each of *modules* takes, one after the other in a new interpreter."""
    code = (
        "import sys, time\n"
        "for module in sys.argv[1:]:\n"
        " start = time.process_time(); __import__(module); print(time.process_time() - start)"
    )
    return [float(line) for line in _output(sys.executable, "-c", code, *modules).split()]


def _output(*command: str, folder: str | None = None) -> str:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, env=_environment()
    ).stdout


def start() -> Iterator[Figure]:
    """Start, import, and set up tests."""
    for command in (COMMAND, BARE):
        first_answer(command)  # compiled and in the file cache from now on
    comparison = alternate(lambda: first_answer(COMMAND), lambda: first_answer(BARE), rounds=ROUNDS)
    yield comparison.figure("start", "command to first answer", "ms", 1.5)
    for module, goal in (("fake_nova.testing.pytest_plugin", 0.0077), ("fake_nova", 0.0033)):
        pytest, own = map(
            median, zip(*(import_seconds("pytest", module) for _ in range(ROUNDS)), strict=True)
        )
        what = f"import of {module} beside that of pytest"
        yield Comparison(own, pytest, ROUNDS, 0).figure("start", what, "ms CPU", goal)
    own_setups, server_setups = setups("fake_nova"), setups("server")
    yield Figure("start", "first test with fake_nova: setup", own_setups[0] * 1000, None, "ms")
    what = "setup of each test after it, beside that of a test with a server of its own"
    comparison = Comparison(median(own_setups[1:]), median(server_setups[1:]), len(own_setups) - 1, 0)
    yield comparison.figure("start", what, "ms", 1.6)


#: Prints how long the setup of each test takes. The fixture is a server in a thread, which answers nothing.
_CONFTEST = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()

def pytest_runtest_logreport(report):
    if report.when == "setup":
        print(f"SETUP {report.duration}")
"""

_TESTS = """
import pytest

@pytest.mark.parametrize("n", range(20))
def test_fake_nova(fake_nova, n):
    fake_nova.images.add(name="mine")

@pytest.mark.parametrize("n", range(20))
def test_server(server, n):
    pass
"""


def setups(fixture: str) -> list[float]:
    """Return the seconds that the setup of each of twenty tests with a fixture takes."""
    with TemporaryDirectory() as folder:
        Path(folder, "conftest.py").write_text(_CONFTEST)
        Path(folder, "test_it.py").write_text(_TESTS)
        options = ("-q", "-s", "-p", "no:randomly", "-p", "no:xdist", "-k", f"test_{fixture}")
        output = _output(sys.executable, "-m", "pytest", *options, folder=folder)
    return [float(text) for text in re.findall(r"SETUP (\S+)", output)]
