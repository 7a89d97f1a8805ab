"""The files for containers: what they copy exists, and their commands run as processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_nova.settings import SETTINGS

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
VARIABLES = {setting.variable for setting in SETTINGS}


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, without comments, each in one line."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line]


def last(word: str) -> str:
    """Return the arguments of the last instruction of this kind, which counts for the image."""
    return [arguments for name, arguments in instructions() if name == word][-1]


def command(word: str) -> list[str]:
    """Return the command of an instruction, without the options of HEALTHCHECK."""
    text = last(word)
    arguments: list[str] = json.loads(text[text.index("[") :])
    return arguments


def image_variables() -> dict[str, str]:
    """Return the settings of the image."""
    return dict(re.findall(r"(FAKE_NOVA_\w+)=(\S+)", last("ENV")))


def service() -> dict[str, Any]:
    """Return the one service of compose.yaml."""
    (service,) = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"].values()
    return dict(service)


def copied_files() -> Iterator[str]:
    """Yield the files and folders that the Dockerfile copies from the repository."""
    for word, arguments in instructions():
        if word == "COPY" and "--from" not in arguments:
            yield from arguments.split()[:-1]


def test_what_the_image_copies_exists_and_reaches_the_build() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if not line.startswith("#")]
    sent = {pattern.removeprefix("!") for pattern in patterns if pattern.startswith("!")}
    assert patterns[0] == "*"
    for name in copied_files():
        assert (ROOT / name).exists(), name
        assert name in sent or name.split("/", maxsplit=1)[0] in sent, name
    assert [name for name in sent if not (ROOT / name).exists()] == []


def test_the_build_has_every_file_that_setup_cfg_names() -> None:
    copied = set(copied_files())
    metadata = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert set(re.findall(r"^(?:long_description = file:|license_files =) (\S+)", metadata, re.M)) <= copied
    assert {"setup.cfg", "pyproject.toml", "fake_nova", "fixtures"} <= copied


def test_the_image_and_the_example_set_only_settings_that_exist() -> None:
    assert image_variables().keys() | service()["environment"].keys() <= VARIABLES


def test_the_server_of_the_image_is_no_root_and_needs_no_writable_file_system() -> None:
    user, _, group = last("USER").partition(":")
    assert int(user) > 0 < int(group)
    assert (service()["read_only"], service()["cap_drop"], service()["init"]) == (True, ["ALL"], True)


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """The variables of the image and of the example, with a free port, and the image's folder of fixtures."""
    (source, target) = next(
        arguments.split()
        for word, arguments in instructions()
        if word == "COPY" and " /fixtures/" in arguments
    )
    fixtures = tmp_path / Path(target).relative_to("/")
    fixtures.parent.mkdir()
    shutil.copy(ROOT / source, fixtures)
    settings = {**image_variables(), **service()["environment"]}
    assert settings["FAKE_NOVA_FIXTURES"] == str(Path(target).parent)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    own = {name: value for name, value in os.environ.items() if not name.startswith("FAKE_NOVA_")}
    settings |= {"FAKE_NOVA_PORT": port, "FAKE_NOVA_FIXTURES": str(fixtures.parent)}
    return {**own, **settings, "PATH": f"{BIN}:{os.environ['PATH']}"}


def test_its_command_serves_its_health_check_passes_and_its_stop_signal_ends_it(
    variables: dict[str, str], tmp_path: Path
) -> None:
    check = command("HEALTHCHECK")
    assert subprocess.run(check, env=variables, check=False, capture_output=True).returncode == 1
    with subprocess.Popen(
        [*command("ENTRYPOINT"), *command("CMD")],
        env=variables,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline() for _ in range(2)]
        assert lines[0].endswith(f":{variables['FAKE_NOVA_PORT']} (dialect nova, noauth)\n")
        assert lines[1] == f"loaded 6 images and 1 server from {variables['FAKE_NOVA_FIXTURES']}\n"
        assert subprocess.run(check, env=variables, check=False).returncode == 0
        server.send_signal(getattr(signal, last("STOPSIGNAL")))
        server.communicate(timeout=20)
    assert server.returncode == 0
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["default.yaml"]


def test_without_a_choice_for_the_admin_api_the_image_does_not_start(variables: dict[str, str]) -> None:
    del variables["FAKE_NOVA_ADMIN"]
    serve = [*command("ENTRYPOINT"), *command("CMD")]
    done = subprocess.run(serve, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--admin-token, or --admin off" in done.stderr
