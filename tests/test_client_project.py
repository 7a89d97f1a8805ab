"""A client project that uses only the plugin: its tests pass with every way to run them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fake_nova.control import Control
from tests.serving.command import Command

PROJECT = Path(__file__).parent / "client_project"
TESTS = 22


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return folder


@pytest.fixture
def server() -> Iterator[str]:
    command = Command()
    yield command.url
    command.process.kill()
    command.process.communicate()


def start_pytest(project: Path, *options: str) -> subprocess.Popen[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("FAKE_NOVA_", "PYTEST_"))
    }
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *options],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def assert_all_passed(run: subprocess.Popen[str]) -> None:
    output, _ = run.communicate(timeout=600)
    assert run.returncode == 0, output
    assert f"{TESTS} passed" in output


@pytest.mark.parametrize(
    "options",
    [("-p", "no:randomly"), ("-p", "randomly"), ("-n", "4")],
    ids=["in order", "in random order", "in four processes"],
)
def test_its_tests_pass_with_a_server_in_their_process(project: Path, options: tuple[str, ...]) -> None:
    assert_all_passed(start_pytest(project, *options))


def test_two_test_suites_on_one_server_are_isolated(project: Path, server: str) -> None:
    runs = [
        start_pytest(project, "--fake-nova-url", server, *extra_options)
        for extra_options in ((), ("-n", "2"))
    ]
    for run in runs:
        assert_all_passed(run)
    control = Control(server)
    assert control.changes() == {"added": [], "changed": [], "removed": []}
    assert control.requests.all() == []
    assert control._admin.request_json("GET", "/scopes") == {"scopes": []}
