"""The section about the emulated cloud in the report of a failed test."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from fake_nova.control import Control
from fake_nova.control.types import StoredFault
from fake_nova.errors import FakeNovaError
from fake_nova.support.messages import count_of
from fake_nova.testing.command_line import join_command
from fake_nova.testing.evidence import Evidence
from fake_nova.testing.findings import find_all
from fake_nova.testing.request_lines import lines_of

#: The maximum number of lines of a section, unless pytest runs with ``-v``.
MAX_LINES: Final = 40


class _Limits(NamedTuple):
    """The limits of a report.

    Attributes:
        lines: the maximum number of lines.
        findings: the maximum number of findings.
        part_lines: the maximum number of lines of each part, except the requests.
    """

    lines: int
    findings: int
    part_lines: int


_LIMITS: Final = _Limits(MAX_LINES, findings=2, part_lines=6)

#: Limits that no report reaches.
_NO_LIMITS: Final = _Limits(10**9, 10**9, 10**9)

_KINDS_OF_CHANGES: Final = ("added", "changed", "removed")

#: Key of the changes that are not of images -> the noun in a report.
_OTHER_PARTS: Final = {"servers": "servers", "flavors": "flavors", "keypairs": "key pairs"}

#: The port of the server that a report starts if the cloud has no socket, or no port is free.
_DEFAULT_PORT: Final = 8774

#: An error of fake_nova in pytest's text of a failure: the test itself used it wrongly.
_OWN_ERROR: Final = re.compile(r"^(?:E +)?fake_nova\.[\w.]*Error\b", re.MULTILINE)


def describe_failure(
    item: pytest.Item, nova: Control, folder: Path, report: pytest.TestReport, name: str = ""
) -> str:
    """Return the section about a cloud for the report of a failed test.

    Args:
        item: the test.
        nova: its cloud, or one that it shares.
        folder: the folder of the file to which the cloud's state is written.
        report: pytest's report of the failure, whose text the section does not repeat.
        name: a part of the name of that file; "" for the cloud of the test alone.
    """
    state_file = folder / f"fake_nova-{re.sub(r'[^A-Za-z0-9_.-]+', '-', item.nodeid)[-150:]}{name}.yaml"
    try:
        is_own_failure = report.when == "setup" or _OWN_ERROR.search(report.longreprtext) is not None
        evidence = Evidence(nova, expects_requests=not is_own_failure)
        is_verbose = item.config.getoption("verbose") > 0
        lines = build_report(evidence, str(state_file), report.longreprtext, is_verbose)
    except (FakeNovaError, OSError) as error:
        return f"cannot read the rest of the cloud's state: {error}"
    try:
        state_file.write_text(evidence.export, encoding="utf-8")
    except OSError as error:
        return "\n".join([*lines[:-1], f"cannot write the cloud's state: {error}"])
    return "\n".join(lines)


def build_report(evidence: Evidence, state_file: str, failure_text: str, is_verbose: bool) -> list[str]:
    """Return the lines of a report: what stands out, requests, changes, the clock and the faults.

    Args:
        evidence: what the cloud remembers of the test.
        state_file: the path of the file with the cloud's state, for the command that starts a server from it.
        failure_text: pytest's text of the failure, which the report does not repeat.
        is_verbose: whether the report has no limit.
    """
    limits = _NO_LIMITS if is_verbose else _LIMITS
    port = _port(evidence.nova)
    url = f"http://127.0.0.1:{port}"
    needs_token = evidence.state["settings"]["auth_strategy"] == "keystone"
    finding_lines = _finding_lines(evidence, limits)
    state_lines = _state_lines(evidence, failure_text, limits)
    if needs_token:
        state_lines.append(f"to log in for curl: {_login_command(evidence.nova, url)}")
    command = ["fake-nova", "serve", "--state", state_file, "--port", str(port)]
    server = join_command([*command, *_prefix_options(evidence.nova)])
    state_lines.append(f"to reproduce this state: {server}")
    blocks = [lines_of(repetition, url, needs_token) for repetition in evidence.repetitions]
    max_request_lines = limits.lines - len(finding_lines) - len(state_lines)
    request_lines = _request_lines(evidence, blocks, max_request_lines)
    lines = (*finding_lines, *request_lines, *state_lines)
    return [" ".join(line.splitlines()) for line in lines]  # names and hints may have several lines


def _finding_lines(evidence: Evidence, limits: _Limits) -> list[str]:
    """Return the lines about what stands out, each with the next step."""
    lines = []
    for finding in find_all(evidence)[: limits.findings]:
        lines.append(finding.fact)
        lines += _limit(finding.details, limits.part_lines)
        lines.append(f"  next: {finding.next_step}")
    return lines


def _state_lines(evidence: Evidence, failure_text: str, limits: _Limits) -> list[str]:
    """Return the lines about the changes, the clock, the faults and the complaints."""
    fault_lines = [_fault_line(fault) for fault in evidence.faults.values()]
    return [
        *_change_lines(evidence.nova, limits),
        f"clock: {evidence.clock_mode}, at {evidence.nova.clock.now().isoformat()}",
        *_limit(fault_lines, limits.part_lines),
        *_limit(_complaint_lines(evidence, failure_text), limits.part_lines),
    ]


def _port(nova: Control) -> int:
    """Return the port for a server in this state: the cloud's own, which is free when pytest has ended.

    A server that runs elsewhere may go on running, so it is another port then.
    """
    if hasattr(nova, "app"):
        return urlsplit(nova.url).port or _DEFAULT_PORT
    try:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])
    except OSError:  # such as too many open files; the command is printed all the same
        return _DEFAULT_PORT


def _prefix_options(nova: Control) -> list[str]:
    """Return the options with which a server responds to the paths of the requests."""
    emulator = getattr(nova, "emulator", None)  # of a cloud in this process
    prefixes = () if emulator is None else emulator.settings.prefix
    return [text for prefix in prefixes for text in ("--prefix", prefix)]


def _login_command(nova: Control, url: str) -> str:
    """Return a command for Unix shells that sets the variable ``TOKEN``."""
    login = nova.login
    user = {"name": login["username"], "domain": {"id": "default"}, "password": login["password"]}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = json.dumps({"auth": {"identity": identity, "scope": {"project": {"id": login["project_id"]}}}})
    header = "Content-Type: application/json"
    curl = join_command(["curl", "-si", "-H", header, "-d", body, f"{url}/identity/v3/auth/tokens"])
    return rf"TOKEN=$({curl} | tr -d '\r' | sed -n 's/^[Xx]-[Ss]ubject-[Tt]oken: //p')"


def _limit(lines: Sequence[str], limit: int) -> list[str]:
    """Return the first lines, and one more with the number of the others."""
    if len(lines) <= limit:
        return list(lines)
    rest = count_of(len(lines) - limit + 1, "more line")
    return [*lines[: limit - 1], f"  … and {rest} (pytest -v shows all)"]


def _request_lines(evidence: Evidence, blocks: list[list[str]], max_lines: int) -> list[str]:
    """Return the lines of the last requests that fit.

    Args:
        evidence: what the cloud remembers.
        blocks: the lines of each of its repetitions.
        max_lines: the maximum number of lines.
    """
    total = len(evidence.requests)
    if not total:
        return []
    lines: list[str] = []
    shown_count = 0
    for block, repetition in zip(reversed(blocks), reversed(evidence.repetitions), strict=True):
        rows = [*block, *lines]
        if len(block) == 2 and lines[:1] == block[:1]:  # the same command, with another result
            rows = [*block, *lines[1:]]
        if len(rows) >= max_lines and lines:
            break
        lines = rows
        shown_count += repetition.rounds * len(repetition.requests)
    rest = "" if shown_count == total else f", the last {shown_count} (pytest -v shows all)"
    return [f"{count_of(total, 'request')}{rest}:", *lines]


def _change_lines(nova: Control, limits: _Limits) -> list[str]:
    """Return the lines about what differs from the seed, each part within its limit."""
    changes = nova.changes()
    image_changes = {kind: changes[kind] for kind in _KINDS_OF_CHANGES}
    lines = ["images: as seeded"]
    if any(image_changes.values()):
        lines = _limit(_part_lines("images", image_changes), limits.part_lines)
    for part, noun in _OTHER_PARTS.items():
        if part in changes:
            lines += _limit(_part_lines(noun, changes[part]), limits.part_lines)
    return lines


def _part_lines(nouns: str, changes: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """Return the lines about the changes of images or of other items."""
    lines = [f"{nouns}, compared with the seed:"]
    for kind in ("added", "removed"):
        lines += [f"  {kind} {_label(item)}{_status(item)}" for item in changes[kind]]
    for item in changes["changed"]:
        fields = "; ".join(f"{name}: {old!r} -> {new!r}" for name, (old, new) in item["fields"].items())
        lines.append(f"  changed {_label(item)}: {fields}")
    return lines


def _label(item: dict[str, Any]) -> str:
    """Return the id and name of an item; a key pair has no id, but a user."""
    return f"{item['id']} ({item['name']})" if "id" in item else f"{item['name']} of {item['user']}"


def _status(item: dict[str, Any]) -> str:
    """Return the status of an item after a comma; "" if it has none."""
    return f", {item['status']}" if "status" in item else ""


def _fault_line(fault: StoredFault) -> str:
    effect = ", ".join(f"{name} {value}" for name, value in fault["effect"].items())
    match = urlencode(fault["match"]) or "every request"
    counts = f"triggered on {fault['met']} of {count_of(fault['matched'], 'matching request')}"
    state = "active" if fault["in_force"] else "finished"
    return f"{fault['id']}: {effect} for {match}; {counts}, {state}"


def _complaint_lines(evidence: Evidence, failure_text: str) -> list[str]:
    """Return the complaints of a strict test that neither the failure nor a request's hint has."""
    hints = tuple(f": {request['hint']}" for request in evidence.requests if request["hint"])
    complaints = [text for text in evidence.nova.complaints() if text not in failure_text]
    return [f"strict: {text}" for text in complaints if not text.endswith(hints)]
