"""Every fault once: ten tests of a client with five operations, in one run of pytest."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.speed.measure import Figure

_CLIENT = Path(__file__).parents[1] / "testing" / "fault_client.py"

_TESTS = """
import pytest
from fault_client import Client, use

class Impatient(Client):
    timeout = show_timeout = 0.3

@pytest.mark.fake_nova(each_fault=True, auth_strategy="keystone")
@pytest.mark.parametrize("n", range(10))
def test_it(fake_nova, n):
    use(Impatient(fake_nova.url, fake_nova.login))
"""


def each_fault() -> Iterator[Figure]:
    """Run the tests, and return the seconds; 15 of them are the timeouts of the client."""
    with TemporaryDirectory() as folder:
        Path(folder, "fault_client.py").write_text(_CLIENT.read_text(encoding="utf-8"), encoding="utf-8")
        Path(folder, "test_it.py").write_text(_TESTS, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:xdist"]
        begin = time.perf_counter()
        output = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
        seconds = time.perf_counter() - begin
    run_count = sum(map(int, re.findall(r": (\d+) runs, all good", output)))
    yield Figure(
        "each-fault", f"each fault: {run_count} runs of 10 tests, 5 operations", seconds, None, "s", 60
    )
