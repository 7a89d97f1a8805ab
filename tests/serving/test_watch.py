"""``fake-nova serve --watch``: edited fixtures reach the clients of a real server."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.serving.command import Command

#: Without users in the fixtures, the greeting has six lines.
LINES = 6


def wait_for(condition: Callable[[], bool]) -> None:
    """Ask again and again until a condition is true; fail after 30 seconds."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline


def health(command: Command) -> Any:
    return requests.get(f"{command.url}/_admin/health", timeout=20).json()


@pytest.mark.parametrize("server", ["gunicorn", "granian"])
def test_a_server_serves_edited_fixtures_and_reports_bad_ones(server: str, tmp_path: Path) -> None:
    file = tmp_path / "cloud.yaml"
    file.write_text("images: [{name: one}]\n")
    options = ("--server", server, "--fixtures", str(tmp_path), "--watch", "true")
    with Command(*options, lines=LINES) as command:
        file.write_text("images: [{name: one}, {name: two}]\n")
        wait_for(lambda: health(command)["images"] == 2)
        file.write_text("images: [{name: one, status: actve}]\n")
        wait_for(lambda: health(command)["fixture_errors"] != [])
        (line,) = health(command)["fixture_errors"]
        assert line.startswith(f'{file}:1:22: images[0].status: invalid value (got "actve")')
        assert health(command)["images"] == 2
        (tmp_path / "new.yaml").write_text("images: [{name: three}]\n")
        file.write_text("images: [{name: one}]\n")
        wait_for(lambda: health(command)["fixture_errors"] == [])
        response = requests.get(f"{command.url}/v2.1/images", timeout=20)
        assert sorted(image["name"] for image in response.json()["images"]) == ["one", "three"]
        _, log = command.end()
    assert f"fixtures not reloaded: {line}" in log.splitlines()
    assert "fixtures reloaded: 2 images" in log.splitlines()


def test_a_server_that_started_from_a_state_loads_that_state_again(tmp_path: Path) -> None:
    state = tmp_path / "state.yaml"
    state.write_text("settings: {dialect: nova}\nimages: [{name: one}]\n")
    with Command("--state", str(state), lines=LINES) as command:
        requests.post(f"{command.url}/_admin/images", json={"name": "added"}, timeout=20)
        state.write_text("settings: {dialect: huaweicloud}\nimages: [{name: two}]\n")
        assert requests.post(f"{command.url}/_admin/reload", timeout=20).json() == {"images": 1}
        assert health(command)["dialect"] == "nova"
