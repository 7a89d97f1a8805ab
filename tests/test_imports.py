"""Imports of the package raise no warnings, because users run their tests with ``-W error``."""

from __future__ import annotations

import subprocess
import sys

import pytest
import requests

from tests.serving.command import Command


def test_no_import_raises_a_warning_not_even_a_late_one() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.late_imports"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_no_server_raises_a_warning(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # gunicorn 27.0.1 duplicates the listening socket and leaves the duplicate to the garbage collector.
    monkeypatch.setenv("PYTHONWARNINGS", "error,ignore::ResourceWarning")
    with Command("--server", server) as command:
        assert requests.get(f"{command.url}/v2.1/images", timeout=60).status_code == 200
        assert requests.delete(f"{command.url}/v2.1/images/x", timeout=60).status_code == 404
        assert command.end() == (0, "")
