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

from tests.speed.measure import CONTROL, Figure

ROUNDS = 7

#: The console script without its wrapper, and a Flask view under gunicorn with the same settings.
OURS = (sys.executable, "-m", "fake_nova", "serve", "--port", "0")
BARE = (sys.executable, "-m", "tests.speed.bare")


def _environment() -> dict[str, str]:
    """Return the environment of a command whose modules stay compiled, as they are where it is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def first_answer(command: Sequence[str]) -> float:
    """Return the seconds from the start of *command* to its first answer."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment()) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://\S+", process.stdout.readline())
            assert address is not None
            with urlopen(f"{address[0]}/v2.1/images/detail") as answer:
                answer.read()
            return time.perf_counter() - began
        finally:
            process.terminate()


def import_milliseconds(module: str) -> float:
    """Return the milliseconds that importing *module* takes in an interpreter that has pytest already."""
    code = (
        "import pytest, time; began = time.perf_counter(); import importlib; "
        f"importlib.import_module({module!r}); print((time.perf_counter() - began) * 1000)"
    )
    done = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=True, env=_environment()
    )
    return float(done.stdout)


def start() -> Iterator[Figure]:
    """Start, and import."""
    mine: list[float] = []
    its: list[float] = []
    void = 0
    for command in (OURS, BARE):
        first_answer(command)  # compiled and in the file cache from now on
    while len(mine) < ROUNDS and void < 3 * ROUNDS:
        before, present, after = first_answer(BARE), first_answer(OURS), first_answer(BARE)
        if CONTROL[0] <= after / before <= CONTROL[1]:
            mine.append(present * 1000)
            its.append((before + after) * 500)
        else:
            void += 1
    if mine:
        yield Figure(
            "start",
            "command to first answer",
            median(mine),
            median(its),
            "ms",
            1.25,
            rounds=len(mine),
            void=void,
        )
    for module, goal in (("fake_nova.testing.pytest_plugin", 5.0), ("fake_nova", 5.0)):
        times = [import_milliseconds(module) for _ in range(ROUNDS)]
        yield Figure("start", f"import of {module}", median(times), None, "ms", goal, rounds=ROUNDS)
    durations = setups()
    yield Figure("start", "first test with fake_nova: setup", durations[0], None, "ms")
    yield Figure("start", "each test behind it: setup", median(durations[1:]), None, "ms", 50)


#: Tells how long the setup of each test takes.
_TELLING = """
def pytest_runtest_logreport(report):
    if report.when == "setup":
        print(f"SETUP {report.duration * 1000}")
"""

_TESTS = """
import pytest

@pytest.mark.parametrize("n", range(20))
def test_it(fake_nova, n):
    fake_nova.images.add(name="mine")
"""


def setups() -> list[float]:
    """Return the milliseconds that the setup of each of twenty tests with the fixture ``fake_nova`` takes."""
    with TemporaryDirectory() as folder:
        Path(folder, "conftest.py").write_text(_TELLING)
        Path(folder, "test_it.py").write_text(_TESTS)
        done = subprocess.run(
            (sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:randomly", "-p", "no:xdist"),
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
            env=_environment(),
        )
    return [float(text) for text in re.findall(r"SETUP (\S+)", done.stdout)]
