"""Runs the commands of the table against a cloud."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Any, Final, NamedTuple

from fake_nova.cloud.roles import BUILT_IN_ROLES
from tests.against_openstack import values, waiting
from tests.against_openstack.cloud import FIXTURE
from tests.commands.masking import Masks, find_ids
from tests.commands.table import Command, Sequence

ROOT: Final = Path(__file__).parent.parent.parent

#: The files in the folder that the commands run in.
FILES: Final = {
    "hello.raw": "hello",
    "rules.json": json.dumps([{"service": "image", "method": "POST", "path": "/v2/images"}]),
    "namespace.json": json.dumps({"namespace": "imported", "visibility": "public"}),
}

#: What stands for an id that no command keeps.
NO_ID: Final = "00000000-0000-4000-8000-000000000000"

PATIENCE: Final = 20

_STAND_IN: Final = re.compile(r"(?<![\w'])\{[a-z]\w*\}")


class Outcome(NamedTuple):
    """What a command does, without what a cloud draws by itself.

    Attributes:
        code: its exit code.
        output: what it writes to standard output.
        errors: what it writes to standard error.
    """

    code: int
    output: str
    errors: str


class Clients:
    """The process of `tests.commands.process`, and the environment of Ansible, if there is one."""

    def __init__(self, ansible: Path | None = None) -> None:
        """Start the process.

        Args:
            ansible: the folder of Ansible's environment; None if it is not installed.
        """
        self.ansible: Final = None if ansible is None else ansible.resolve()  # commands run in another folder
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
        environment["PYTHONHASHSEED"] = "0"  # glanceclient prints sets
        self._process: Final = subprocess.Popen(
            [sys.executable, "-m", "tests.commands.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )

    def run(self, job: Mapping[str, Any]) -> Outcome:
        """Run a job of the process, or Ansible."""
        if job["words"][0] == "ansible":
            return self._run_ansible(job)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        return Outcome(**json.loads(self._process.stdout.readline()))

    def _run_ansible(self, job: Mapping[str, Any]) -> Outcome:
        assert self.ansible is not None
        environment = {
            **job["environment"],
            "PATH": f"{self.ansible / 'bin'}:{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(self.ansible / "collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        }
        process = subprocess.run(
            job["words"],
            capture_output=True,
            text=True,
            check=False,
            env=environment,
            cwd=job["folder"],
            stdin=subprocess.DEVNULL,
        )
        return Outcome(process.returncode, process.stdout, process.stderr)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@contextmanager
def clients(ansible: Path | None = None) -> Iterator[Clients]:
    """Keep the process of the clients until the end of the block."""
    process = Clients(ansible)
    try:
        yield process
    finally:
        process.close()


class Cloud(NamedTuple):
    """A cloud that the commands run against.

    Attributes:
        urls: service -> its base URL; keystone, glance and nova.
        folder: an empty folder for the home and the files of the clients.
        wait: called between two tries of a command that waits for something.
    """

    urls: Mapping[str, str]
    folder: Path
    wait: Callable[[], Any] = waiting.pause


def environment(cloud: Cloud, user: str) -> dict[str, str]:
    """Return the environment of a user's commands: the first form of an openrc file."""
    document = values.users()[user]
    return {
        "HOME": str(cloud.folder / "home"),
        "LC_ALL": "C.UTF-8",
        "NO_PROXY": "*",
        "OS_AUTH_URL": f"{cloud.urls['keystone']}/v3",
        "OS_USERNAME": user,
        "OS_PASSWORD": document["password"],
        "OS_PROJECT_NAME": document["project_name"],
        "OS_USER_DOMAIN_NAME": "Default",
        "OS_PROJECT_DOMAIN_NAME": "Default",
        "OS_IDENTITY_API_VERSION": "3",
        "OS_REGION_NAME": "RegionOne",
    }


def run(sequence: Sequence, cloud: Cloud, process: Clients) -> list[Outcome]:
    """Run the commands of a sequence in order, and return their outcomes."""
    folder = cloud.folder / "work"
    for path in (cloud.folder / "home", folder):
        path.mkdir(exist_ok=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    known_ids = _known_ids()
    masks = Masks(cloud.urls, str(folder), known_ids)
    ids: dict[str, str] = {}
    outcomes = []
    for command in sequence.commands:
        words = shlex.split(_fill(command.line, cloud, ids))
        job = {
            "words": words,
            "environment": environment(cloud, command.user),
            "folder": str(folder),
            "input": command.input,
        }
        outcome = _run_until(command, job, cloud, process)
        new_ids = [each for each in find_ids(outcome.output) if each not in known_ids]
        if command.keeps and new_ids:
            ids[command.keeps] = new_ids[0]
        output = re.sub(command.ignores, "", outcome.output) if command.ignores else outcome.output
        outcomes.append(Outcome(outcome.code, masks.mask(output), masks.mask(outcome.errors)))
    return outcomes


def _run_until(command: Command, job: Mapping[str, Any], cloud: Cloud, process: Clients) -> Outcome:
    end = time.monotonic() + PATIENCE
    outcome = process.run(job)
    while command.until not in outcome.output and time.monotonic() < end:
        cloud.wait()
        outcome = process.run(job)
    return outcome


def _fill(line: str, cloud: Cloud, ids: Mapping[str, str]) -> str:
    for name, value in {**cloud.urls, **ids}.items():
        line = line.replace(f"{{{name}}}", value)
    return _STAND_IN.sub(NO_ID, line)


@cache
def _known_ids() -> frozenset[str]:
    """Return the ids and hashes that both clouds have from the beginning, or that the table names."""
    hashes = (md5(text.encode()).hexdigest() for text in FILES.values())
    roles = (role.id for role in BUILT_IN_ROLES)
    users = (user["id"] for user in values.users().values())
    return frozenset({NO_ID, *hashes, *roles, *users, *find_ids(FIXTURE.read_text(encoding="utf-8"))})
