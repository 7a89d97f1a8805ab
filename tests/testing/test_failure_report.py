"""The section about the cloud in the report of a failed test."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from errno import EMFILE
from pathlib import Path
from typing import Any

import pytest

from fake_nova.cloud.clock import SystemClock
from fake_nova.control import Control
from fake_nova.testing import failure_report
from fake_nova.testing.fake_nova import FakeNova
from fake_nova.testing.request_lines import fold, lines_of
from tests.serving.command import environment

PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "failure-reports.md"

#: A test in the page, and its report.
CASE = re.compile("```python\n([^`]*)```\n\n```text\n([^`]*)```")

#: Patterns of what differs between two runs -> what stands for it in the page. In this order.
REPLACEMENTS = {
    "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "3f0a3c2b-6a52-4c1e-9d57-0c6f0b3a1e11",
    r"127\.0\.0\.1:[0-9]+": "127.0.0.1:40123",
    r"--port [0-9]+": "--port 40123",
    r"--state \S*/fake_nova-": "--state /tmp/pytest-of-you/pytest-0/fake_nova-",
    r"[0-9.]+ s left": "1.9 s left",
    r"at [0-9]{4}-\S+": "at 2031-01-01T00:00:00+00:00",
}

#: The beginning of every test file here: code under test.
CLIENT = """
import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest


def send(url, method="GET", body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(url, data, {"Content-Type": "application/json", **headers}, method=method)) as response:
            return response.read()
    except HTTPError as error:
        with error:
            return error.read()


def status(fake_nova, image_id):
    return json.loads(send(f"{fake_nova.compute_url}/images/{image_id}"))["image"]["status"]


def wait_until_active(fake_nova, image_id):
    for _ in range(28):
        if status(fake_nova, image_id) == "ACTIVE":
            return
    raise TimeoutError("not active")

"""


@pytest.fixture(autouse=True)
def machine_without_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass in this process: on a slow machine polls would outlast a step, and responses be slow."""
    now = datetime.now(UTC)
    monkeypatch.setattr(SystemClock, "now", lambda _: now)
    monkeypatch.setattr("fake_nova.wire.pipeline.perf_counter", lambda: 0.0)


def run(pytester: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(CLIENT + test)
    return pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist", *options)


def section(result: pytest.RunResult) -> list[str]:
    """Return the lines of the section about the cloud of the only failed test."""
    lines = result.stdout.lines
    (start,) = [index for index, line in enumerate(lines) if re.fullmatch("-+ fake_nova -+", line)]
    end = max(index for index, line in enumerate(lines) if line.startswith(("to reproduce ", "to log in ")))
    return lines[start + 1 : end + 1]


#: The report of a test that failed.
FAILURE = pytest.TestReport("test_it.py::test_it", ("test_it.py", 0, "test_it"), {}, "failed", None, "call")


def test_a_report_does_without_a_free_port(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> object:
        raise OSError(EMFILE, "Too many open files")

    with FakeNova(fixtures=("empty",)) as nova:
        control = Control(nova.url, transport=nova._send)
        with monkeypatch.context() as context:
            context.setattr(socket, "socket", refuse)
            report = failure_report.describe_failure(request.node, control, tmp_path, FAILURE)
    (state_file,) = tmp_path.iterdir()
    assert report.endswith(f"to reproduce this state: fake-nova serve --state {state_file} --port 8774")


def test_a_report_says_what_it_could_not_read(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> list[str]:
        raise OSError(EMFILE, "Too many open files")

    monkeypatch.setattr(failure_report, "find_all", fail)
    with FakeNova(fixtures=("empty",)) as nova:
        report = failure_report.describe_failure(request.node, nova, tmp_path, FAILURE)
    assert report == "cannot read the rest of the cloud's state: [Errno 24] Too many open files"


@pytest.mark.parametrize(
    ("options", "setup", "fact", "next_step"),
    [
        (
            'plan="slow"',
            'fake_nova.images.add(name="nightly")',
            "28 responses: plan slow, * s left on a real clock, then saving for 5 s, then active",
            'use clock=auto, so that each poll ends a step: @pytest.mark.fake_nova(clock="auto") or *',
        ),
        (
            'plan="slow", clock="frozen"',
            'fake_nova.images.add(name="nightly")',
            "28 responses: plan slow, 2 s left on a frozen clock, then saving for 5 s, then active",
            "advance the clock by 2 s: fake_nova.clock.advance(2); or use clock=auto, *",
        ),
        (
            "",
            'fake_nova.plans.define("polls", [{"status": "saving", "looks": 30}, {"status": "active"}])\n'
            '        fake_nova.images.add(name="nightly", plan="polls")',
            "28 responses: plan polls, its step saving ends after 2 polls more, then active",
            "poll more often (2 polls), or define plan polls with fewer looks",
        ),
        (
            "",
            'fake_nova.plans.define("forever", [{"status": "saving"}])\n'
            '        fake_nova.images.add(name="nightly", plan="forever")',
            "28 responses: no plan changes it, so it stays saving",
            'fake_nova.images.set_status("*", "active"), or a plan that goes on: plan="slow"',
        ),
        (
            'clock="auto"',
            'fake_nova.plans.define("stuck", [{"status": "queued", "seconds": 1}, {"status": "saving"}])\n'
            '        fake_nova.images.add(name="nightly", plan="stuck")',
            "28 responses: no plan changes it, so it stays saving",
            'fake_nova.images.set_status("*", "active"), or a plan that goes on: plan="slow"',
        ),
        (
            "",
            'fake_nova.images.add(name="nightly", status="queued")',
            "28 responses: no plan changes it, so it stays queued",
            'fake_nova.images.set_status("*", "active"), or a plan that goes on: plan="slow"',
        ),
        (
            'plan="fails", clock="auto"',
            'fake_nova.images.add(name="nightly")',
            "26 responses: killed, set by plan fails; that is final, and the loop does not end at it",
            'let the loop end at ERROR; for an image that becomes active, use plan="slow"',
        ),
        (
            "",
            'fake_nova.images.add(name="nightly", status="pending_delete")',
            "28 responses: pending_delete, set by the test; that is final, and the loop does not end at it",
            'let the loop end at DELETED; for an image that becomes active, use plan="slow"',
        ),
        (
            "",
            'fake_nova.images.add(name="nightly", status="queued")\n'
            "        fake_nova.faults.add(stale=60)\n"
            '        fake_nova.images.set_status(fake_nova.images.all()[0]["id"], "active")',
            "28 responses: fault-1 shows the images as they were when it was added",
            'remove the fault: fake_nova.faults.remove("fault-1")',
        ),
    ],
)
def test_the_report_of_a_wait_loop_says_why_it_does_not_end(
    pytester: pytest.Pytester, options: str, setup: str, fact: str, next_step: str
) -> None:
    result = run(
        pytester,
        f"""
    @pytest.mark.fake_nova({options})
    def test_it(fake_nova):
        {setup}
        wait_until_active(fake_nova, fake_nova.images.all()[0]["id"])
    """.replace("\n    ", "\n"),
    )
    result.stdout.fnmatch_lines([f'image "nightly" was * in each of the last {fact}', f"  next: {next_step}"])


WAIT_FOR_SERVER = """
from urllib.request import Request


def servers(fake_nova, path):
    with urlopen(f"{fake_nova.compute_url}/servers{path}") as response:
        return json.load(response)


def snapshot(fake_nova):
    url = f"{fake_nova.compute_url}/servers/{fake_nova.servers.all()[0]['id']}/action"
    body = json.dumps({"createImage": {"name": "nightly"}}).encode()
    urlopen(Request(url, body, {"Content-Type": "application/json"})).close()

"""


@pytest.mark.parametrize(
    ("setup", "poll", "fact", "next_step"),
    [
        (
            "fake_nova.servers.add(name='db', plan='slow')",
            "/detail?status=BUILD",
            'server "db" is BUILD, task scheduling after 9 polls, by its boot: plan slow, * s left on a real clock, then '
            "saving for 5 s, then active",
            "use clock=auto, so that each poll ends a step: *",
        ),
        (
            "fake_nova.clock.freeze(); fake_nova.servers.add(name='db', plan='slow')",
            "/{id}",
            'server "db" is BUILD, task scheduling after 9 polls, by its boot: plan slow, 2 s left on a frozen clock, *',
            "advance the clock by 2 s: fake_nova.clock.advance(2); or use clock=auto, *",
        ),
        (
            "fake_nova.plans.define('many', [*[{'status': 'queued', 'seconds': 1}] * 20, {'status': 'active'}])\n"
            "    fake_nova.clock.auto(); fake_nova.servers.add(name='db', plan='many')",
            "/{id}",
            'server "db" is BUILD, task spawning after 9 polls, by its boot: plan many',
            "poll once more; each poll shows the next step",
        ),
        (
            "fake_nova.clock.auto(); fake_nova.servers.add(name='db', plan='fails')",
            "/{id}",
            'server "db" is ERROR after 9 polls: set by plan fails; no plan changes it',
            'let the loop end at ERROR, or change the server: fake_nova.servers.change("*", status="ACTIVE")',
        ),
        (
            "fake_nova.servers.add(name='db', status='REBOOT')",
            "/{id}",
            'server "db" is REBOOT, task rebooting after 9 polls: no plan ends it',
            'let it boot by a plan: fake_nova.servers.begin("*", "slow")',
        ),
        (
            "fake_nova.servers.add(name='db', image=fake_nova.images.get('golden')['id'])\n"
            "    fake_nova.plans.use('slow'); snapshot(fake_nova)",
            "/{id}",
            'server "db" is ACTIVE, task image_snapshot after 9 polls, by its image: plan slow, * s left on a real clock, *',
            "use clock=auto, so that each poll ends a step: *",
        ),
    ],
)
def test_the_report_of_a_loop_that_waits_for_a_server_says_why_it_does_not_end(
    pytester: pytest.Pytester, setup: str, poll: str, fact: str, next_step: str
) -> None:
    result = run(
        pytester,
        f"""
{WAIT_FOR_SERVER}
def test_it(fake_nova):
    {setup}
    server = fake_nova.servers.all()[0]
    for _ in range(9):
        servers(fake_nova, f"{poll.replace("{id}", "{server['id']}")}")
    assert False
""",
    )
    result.stdout.fnmatch_lines([fact, f"  next: {next_step}"])


def test_the_report_of_an_unknown_server_advises_a_server(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        f"{WAIT_FOR_SERVER}\ndef test_it(fake_nova): servers(fake_nova, '/7c6f0b3a-4c1e-4d57-9e11-6a523f0a3c2b')\n",
    )
    result.stdout.fnmatch_lines(
        [
            "  next: use the id of a server that exists (fake_nova.servers.all() lists them), or add it: "
            'fake_nova.servers.add(id="7c6f0b3a-4c1e-4d57-9e11-6a523f0a3c2b")'
        ]
    )


def shell_environment() -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**environment(), "PATH": path, "NO_PROXY": "*"}


@contextmanager
def started(command: str) -> Iterator[None]:
    """Run a command that serves until the end of the block; it listens when the block begins."""
    (port,) = re.findall("--port ([0-9]+)", command)
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=shell_environment(),
    )
    try:
        Control(f"http://127.0.0.1:{port}").wait(60)
        yield
    finally:
        process.terminate()
        process.wait(60)


def statuses(lines: list[str]) -> tuple[list[str], list[str]]:
    """Return the statuses in a report, and those that its curl commands get from the server that it starts."""
    commands = {line.partition(": ")[0]: line.partition(": ")[2] for line in lines}
    shown = [line.split()[1].strip(",") for line in lines if line.startswith("      -> ")]
    curls = [line.strip() for line in lines if line.startswith("  curl ")]
    script = "\n".join((commands.get("to log in for curl", ""), *curls))
    with started(commands["to reproduce this state"]):
        result = subprocess.run(
            ["bash", "-c", script], capture_output=True, check=True, env=shell_environment(), timeout=60
        )
    return shown, re.findall(r"HTTP/1.1 ([0-9]+) ", result.stdout.decode())


def test_the_commands_of_a_report_can_be_pasted(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.fake_nova(dialect="nova")
def test_it(fake_nova):
    compute, image_service = fake_nova.compute_url, f"{fake_nova.url}/image/v2/images"
    image_id = fake_nova.images.add(name="it's", protected=True)["id"]
    patch_type = "application/openstack-images-v2.1-json-patch"
    send(f"{compute}/images?limit=1&name=it's")
    send(f"{compute}/images?name={{a}}[1-2]")
    send(f"{compute}/images/%C3%BC%20x")
    send(f"{compute}/images", "HEAD")
    send(f"{compute}/images/{image_id}/metadata", "POST", {"metadata": {"a": "it's ü"}})
    send(f"{compute}/images/{image_id}/metadata", "POST", {"metadata": {"a": 5}})
    send(f"{image_service}/{image_id}", "PATCH", [{"op": "replace", "path": "/name", "value": "b"}], **{"Content-Type": patch_type})
    send(f"{compute}/images/{image_id}", "DELETE")
    assert False
""",
        "-v",
    )
    shown, repeated = statuses(section(result))
    assert shown == ["200", "200", "404", "404", "200", "400", "200", "403"]
    assert repeated == shown


def test_the_commands_of_a_report_work_below_a_prefix(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.mark.fake_nova(prefix=["compute=/compute", "image=/glance"])
def test_it(fake_nova):
    send(f"{fake_nova.compute_url}/images?status=SAVING")
    send(f"{fake_nova.compute_url}/images/unknown")
    image_id = fake_nova.images.add(name="mine")["id"]
    patch = [{"op": "replace", "path": "/name", "value": "b"}]
    patch_type = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
    send(f"{fake_nova.url}/glance/v2/images/{image_id}", "PATCH", patch, **patch_type)
    assert False
""",
    )
    lines = section(result)
    assert lines[-1].endswith(" --prefix compute=/compute --prefix image=/glance")
    assert statuses(lines) == (["200", "404", "200"], ["200", "404", "200"])


def test_the_commands_of_a_report_log_in_if_the_server_requires_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.fixture(scope="session")
def fake_nova_settings():
    return {"auth_strategy": "keystone", "max_limit": 2}


def test_it(fake_nova):
    login = fake_nova.login
    user = {"name": login["username"], "domain": {"id": "default"}, "password": login["password"]}
    identity = {"methods": ["password"], "password": {"user": user}}
    scope = {"project": {"id": fake_nova.project_id}}
    body = json.dumps({"auth": {"identity": identity, "scope": scope}}).encode()
    request = Request(f"{fake_nova.auth_url}/auth/tokens", body, {"Content-Type": "application/json"})
    with urlopen(request) as response:
        token = response.headers["X-Subject-Token"]
    fake_nova.requests.clear()
    send(f"{fake_nova.compute_url}/images")
    send(f"{fake_nova.compute_url}/images", **{"X-Auth-Token": "refused"})
    send(f"{fake_nova.compute_url}/images", **{"X-Auth-Token": token})
    send(f"{fake_nova.url}/image/v2/images", **{"X-Auth-Token": token})
    assert False
""",
    )
    lines = section(result)
    without_token, refused, *with_tokens = [line for line in lines if line.startswith("  curl ")]
    assert "X-Auth-Token" not in without_token
    assert " -H 'X-Auth-Token: ***' " in refused
    assert all(line.endswith(' -H "X-Auth-Token: $TOKEN"') for line in with_tokens)
    assert statuses(lines) == (["401", "401", "200", "200"], ["401", "401", "200", "200"])


def test_the_commands_of_a_report_avoid_the_port_of_a_server_that_goes_on(pytester: pytest.Pytester) -> None:
    with FakeNova() as server:
        test = "def test_it(fake_nova): assert not send(f'{fake_nova.compute_url}/images/detail')\n"
        result = run(pytester, test, "--fake-nova-url", server.url)
        lines = section(result)
        ports = re.findall("127.0.0.1:([0-9]+)/|--port ([0-9]+)", "\n".join(lines))
        (port,) = {port for pair in ports for port in pair if port}
        assert port != server.url.rpartition(":")[2]
        shown, repeated = statuses(lines)
    assert shown == repeated == ["200"]


REQUEST: Any = {
    **{"number": 1, "method": "POST", "path": "/v2.1/images/i/metadata", "query": "", "project": "p"},
    **{"body": "", "body_bytes": 0, "status": 200, "image_status": None, "listed": None, "fault": None},
    **{"hint": None, "hint_code": None, "milliseconds": 0.2, "operation": "metadata.create"},
}


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({}, "-> 200"),
        ({"status": None, "milliseconds": None}, "-> no response yet"),
        ({"status": 0, "fault": "fault-1"}, "-> connection reset, fault-1"),
        ({"milliseconds": 1312.5}, "-> 200, 1312 ms"),
        ({"body_bytes": 1}, "-> 200, sent with a body of 1 byte, which the journal does not have"),
        ({"body_bytes": None}, "-> 200, sent with a body, which the journal does not have"),
        ({"body": '{"a": "***"}', "body_bytes": 14}, "-> 200, *** stands for a secret"),
        (
            {"body": '{"a": "' + "x" * 1993, "body_bytes": 3000},
            "-> 200, the journal has only the first 2000 characters of the body",
        ),
    ],
)
def test_the_line_of_a_response_says_what_curl_cannot_repeat(fields: Any, line: str) -> None:
    request: Any = {**REQUEST, **fields}
    (repetition,) = fold([request])
    assert lines_of(repetition, "http://x", needs_token=False)[1].strip() == line


def outcomes(pattern: str) -> list[tuple[int, str]]:
    """Return the repetitions of requests with these outcomes, one letter each."""
    requests: list[Any] = [{**REQUEST, "image_status": letter} for letter in pattern]
    return [
        (each.rounds, "".join(request["image_status"] or "" for request in each.requests))
        for each in fold(requests)
    ]


@pytest.mark.parametrize(
    ("pattern", "repetitions"),
    [
        ("", []),
        ("a", [(1, "a")]),
        ("aaa", [(3, "a")]),
        ("aabbb", [(2, "a"), (3, "b")]),
        ("ababab", [(3, "ab")]),
        ("abcabca", [(2, "abc"), (1, "a")]),
        ("xaaaa", [(1, "x"), (4, "a")]),
        ("aaaabaaaab", [(4, "a"), (1, "b"), (4, "a"), (1, "b")]),
    ],
)
def test_requests_that_repeat_are_folded(pattern: str, repetitions: list[tuple[int, str]]) -> None:
    assert outcomes(pattern) == repetitions


def test_polls_of_an_image_are_folded_by_status(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(fake_nova):
    fake_nova.plans.define("polls", [{"status": "saving", "looks": 30}, {"status": "killed"}])
    image_id = fake_nova.images.add(name="nightly", plan="polls")["id"]
    assert [status(fake_nova, image_id) for _ in range(32)][-1] == "ACTIVE"
""",
    )
    lines = [line.strip() for line in section(result) if line.startswith("      -> ")]
    assert lines == ["-> 200 SAVING × 30", "-> 200 ERROR × 2"]  # noqa: RUF001  # as printed
    assert sum(line.startswith("  curl") for line in section(result)) == 1


MANY = """
def test_it(fake_nova):
    for number in range(60):
        send(f"{fake_nova.compute_url}/images?name=n{number}n&tag={number}")
        fake_nova.images.add(name=f"line\\nbreak {number}")
        fake_nova.faults.add(status=503, path="/never")
    assert False
"""


def test_a_report_has_at_most_40_lines(pytester: pytest.Pytester) -> None:
    lines = section(run(pytester, MANY))
    assert len(lines) in (39, 40)
    heading = r"60 requests, the last ([0-9]+) \(pytest -v shows all\):"
    (shown_count,) = [match[1] for line in lines if (match := re.fullmatch(heading, line))]
    assert sum(line.startswith("  curl") for line in lines) == int(shown_count)
    assert any("?name=n59n" in line for line in lines)


def test_a_report_has_everything_if_pytest_is_verbose(pytester: pytest.Pytester) -> None:
    lines = section(run(pytester, MANY, "-v"))
    assert "60 requests:" in lines
    assert sum(line.startswith("  curl") for line in lines) == 60
    assert sum("triggered on 0 of" in line for line in lines) == 60
    assert not any("more line" in line for line in lines)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("fake_nova.faults.add(status=503, path='/never')", "fault-1 never triggered"),
        ("fake_nova.plans.use('slow')", 'no client polled an image or a server that follows the plan "slow"'),
        ("send(f'{fake_nova.compute_url}/images?colour=red')", "/images?colour=red: Ignored: colour."),
    ],
)
def test_a_strict_complaint_is_printed_once(pytester: pytest.Pytester, body: str, complaint: str) -> None:
    result = run(pytester, f"@pytest.mark.fake_nova(strict=True)\ndef test_it(fake_nova): {body}\n")
    report = result.outlines[
        : result.outlines.index(next(line for line in result.outlines if "short test" in line))
    ]
    assert sum(complaint in line for line in report) == 1


@pytest.mark.parametrize(
    ("test", "lines"),
    [
        (
            "assert False",
            [
                "no client sent a request to this cloud",
                "  next: let the client use fake_nova.compute_url or *",
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images/nope') == 1",
            [
                "GET …/images/nope got 404",
                '  next: use the id of an image that exists (*), or add it: fake_nova.images.add(id="nope")',
            ],
        ),
        (
            "assert send(f'{fake_nova.url}/images/detail') == 1",
            [
                "GET /images/detail got 300: No service has this path; the path begins with a version, such as /v2.1.",
                "  next: correct the URL or the method; fake_nova.compute_url has the version and the project",
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/v2.1/images') == 1",
            [
                "GET /v2.1/*/v2.1/images got 404: /v2.1 comes twice in the path.",
                "  next: correct the URL or the method; *",
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images/image1') == 1",
            [
                "GET …/images/image1 got 404: image1 is the name of image *; Nova shows images by id only.",
                "  next: let the client use the id of the image; a list with name=image1 shows it",
            ],
        ),
        (
            "fake_nova.images.add(name='was deleted')\n"
            "    assert send(f'{fake_nova.compute_url}/images/was%20deleted') == 1",
            [
                "GET …/images/was deleted got 404: was deleted is the name of image *",
                "  next: let the client use the id of the image; a list with name=was deleted shows it",
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images/detial') == 1",
            [
                "GET …/images/detial got 404: No image has the id detial; is it /images/detail?",
                "  next: correct the path",
            ],
        ),
        (
            "image = fake_nova.images.add(status='deleted')\n"
            "    assert [send(f'{fake_nova.compute_url}/images/' + image['id']) for _ in range(9)] == 1",
            [
                "GET …/images/* got 404 9 times: The image was deleted at *",
                "  next: let the client stop at a 404; a deleted image does not come back",
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images?limit=x') == 1",
            [
                "GET …/images?limit=x got 400",
                "  next: send it again with its curl line below, and read the error message",
            ],
        ),
        (
            "fake_nova.faults.add(status=503, times=2)\n"
            "    assert [send(f'{fake_nova.compute_url}/images') for _ in range(2)] == 1",
            [
                "GET …/images got 503 from fault-1, and no client sent it again after 2 tries",
                "  next: let the client send it again; fault-1 is over, so the next try succeeds",
            ],
        ),
        (
            "fake_nova.faults.add(body='malformed', times=2)\n"
            "    assert send(f'{fake_nova.compute_url}/images') == 1",
            [
                "GET …/images got 200 with a broken body (malformed) from fault-1, and no client sent it again",
                "  next: let the client send it again; fault-1 triggers 1 more time",
            ],
        ),
        (
            "fake_nova.images.add(name='new', plan='slow')\n"
            "    assert [send(f'{fake_nova.compute_url}/images?status=ACTIVE&name=new') for _ in range(3)] == 1",
            [
                "GET …/images?status=ACTIVE&name=new was empty; none of 7 images fits:",
                '  new: status is "queued"; asked for "active"',
                'image "new" is queued: plan slow; the list never contains it while it is queued, so no request *',
                "  next: poll it by id (GET …/images/*), or advance the clock: fake_nova.clock.advance(*); with *",
            ],
        ),
        (
            "fake_nova.clock.auto()\n"
            "    image_id = fake_nova.images.add(name='n', plan='slow')['id']\n"
            "    send(f'{fake_nova.compute_url}/images/{image_id}')\n"
            "    assert [send(f'{fake_nova.compute_url}/images/detail?status=ACTIVE&name=n') for _ in range(3)] == 1",
            [
                "GET …/images/detail?status=ACTIVE&name=n was empty; none of 7 images fits:",
                "  next: its plan slow gets there in *",
                'image "n" is saving: the list never contains it while it is saving, so clock auto does not move it',
                "  next: poll it by id (GET …/images/*), or advance the clock: fake_nova.clock.advance(*)",
            ],
        ),
        (
            "fake_nova.images.add(name='new', plan='slow')\n"
            "    assert [send(f'{fake_nova.compute_url}/images/detail') for _ in range(3)] == 1",
            ['image "new" is queued: plan slow, * s left on a real clock, *', "  next: use clock=auto, *"],
        ),
        (
            "assert [send(f'{fake_nova.compute_url}/images?name=x') for _ in range(3)] == 1",
            ["GET …/images?name=x was empty; none of 6 images fits:"],
        ),
        (
            "fake_nova.images.add(name='mine', os_hidden=True)\n"
            "    assert send(f'{fake_nova.compute_url}/images?name=mine') == 1",
            [
                "GET …/images?name=mine was empty; none of 7 images fits:",
                "  mine: it is hidden (os_hidden)",
                '  next: show the image: fake_nova.images.change("*", os_hidden=False)',
            ],
        ),
        (
            "fake_nova.images.add(name='mine', owner='5f705771bb3e4e8fa4b0c6a0a4f4c6a1', visibility='private')\n"
            "    assert send(f'{fake_nova.compute_url}/images?name=mine') == 1",
            [
                "GET …/images?name=mine was empty; none of 7 images fits:",
                "  mine: it is private to project 5f705771bb3e4e8fa4b0c6a0a4f4c6a1; the caller's project is *",
                '  next: show it to all projects: fake_nova.images.change("*", visibility="public")',
            ],
        ),
        (
            "assert send(f'{fake_nova.url}/image/v2/images?visibility=shared&name=image1') == 1",
            [
                "GET …/images?visibility=shared&name=image1 was empty; none of 6 images fits:",
                '  image1, windows-2022, ubuntu-24.04 and 1 more: visibility is "public"; asked for "shared"',
                '  next: add an image that fits: fake_nova.images.add(name="image1", visibility="shared"); or *',
            ],
        ),
        (
            "image_id = fake_nova.images.add(name='nightly', status='saving')['id']\n"
            "    assert send(f'{fake_nova.compute_url}/images?name=nightly&status=ACTIVE') == 1",
            [
                "GET …/images?name=nightly&status=ACTIVE was empty; none of 7 images fits:",
                '  next: let the image fit: fake_nova.images.set_status("nightly", "active")',
            ],
        ),
        (
            "fake_nova.clock.freeze()\n"
            "    fake_nova.images.add(name='nightly', plan='slow')\n"
            "    assert send(f'{fake_nova.compute_url}/images?name=nightly&status=ACTIVE') == 1",
            [
                "GET …/images?name=nightly&status=ACTIVE was empty; none of 7 images fits:",
                "  next: its plan slow gets there in 7 s: fake_nova.clock.advance(7); "
                'or set it: fake_nova.images.set_status("nightly", "active")',
            ],
        ),
        (
            "fake_nova.images.add(name='nightly', status='deleted')\n"
            "    assert send(f'{fake_nova.compute_url}/images?name=nightly') == 1",
            [
                "GET …/images?name=nightly was empty; none of 7 images fits:",
                '  next: add an image that fits: fake_nova.images.add(name="nightly"); or *',
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images?name=image1&minRam=4096&status=saving') == 1",
            [
                "GET …/images?name=image1&minRam=4096&status=saving was empty; none of 6 images fits:",
                '  next: let the image fit: fake_nova.images.change("image1", status="saving", min_ram=4096)',
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images?status=SAVING&minRam=4096') == 1",
            [
                "GET …/images?status=SAVING&minRam=4096 was empty; none of 6 images fits:",
                '  next: add an image that fits: fake_nova.images.add(status="saving", min_ram=4096); or *',
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images?status=SAVING&server=x') == 1",
            [
                "GET …/images?status=SAVING&server=x was empty; none of 6 images fits:",
                "  next: add an image that fits; or change the query, or an image so that it fits",
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images?status=DELETED') == 1",
            [
                "GET …/images?status=DELETED was empty; none of 6 images fits:",
                "  next: no image can have status=DELETED in a list; ask for one of queued, *",
            ],
        ),
        (
            "assert send(f'{fake_nova.url}/image/v2/images?os_hidden=true&name=image1') == 1",
            [
                "GET …/images?os_hidden=true&name=image1 was empty; none of 6 images fits:",
                '  next: hide the image: fake_nova.images.change("*", os_hidden=True)',
            ],
        ),
        (
            "send(f'{fake_nova.compute_url}/images?name=late')\n"
            "    fake_nova.images.add(name='late')\n"
            "    assert False",
            [
                "GET …/images?name=late was empty, but an image fits since then:",
                "  late: would be listed now",
                "  next: send it again",
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/images?status=queued;name=image1') == 1",
            [
                "GET …/images?status=queued;name=image1 was empty; none of 6 images fits:",
                "  image1, *",
                '  next: let the image fit: fake_nova.images.set_status("image1", "queued")',
            ],
        ),
        (
            "last_id = fake_nova.images.all()[-1]['id']\n"
            "    assert send(f'{fake_nova.compute_url}/images?marker={last_id}') == 1",
            ["1 request:"],
        ),
        (
            "fake_nova.reset('empty')\n    assert send(f'{fake_nova.compute_url}/images?name=x') == 1",
            [
                "GET …/images?name=x was empty; the cloud has no images",
                '  next: add an image that fits: fake_nova.images.add(name="x"); or *',
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/servers?name=wbe-1') == 1",
            [
                "GET …/servers?name=wbe-1 was empty; none of 1 server fits:",
                '  web-1: name is "web-1"; asked for name=wbe-1',
                '  next: ask for name=web-1, or add a server that fits: fake_nova.servers.add(name="wbe-1")',
                "1 request:",
                "      -> 200, 0 servers",
            ],
        ),
        (
            "assert send(f'{fake_nova.compute_url}/servers/detail?status=shutoff&limit=5') == 1",
            [
                "GET …/servers/detail?status=shutoff&limit=5 was empty; none of 1 server fits:",
                '  web-1: status is "ACTIVE"; asked for status=shutoff',
                '  next: let the server fit: fake_nova.servers.change("*", status="SHUTOFF")',
            ],
        ),
        (
            "fake_nova.reset('empty')\n    assert send(f'{fake_nova.compute_url}/servers?ip=1') == 1",
            [
                "GET …/servers?ip=1 was empty; the cloud has no servers",
                "  next: add a server that fits; or change the query, or a server so that it fits",
            ],
        ),
        (
            "send(f'{fake_nova.compute_url}/servers?name=late')\n"
            "    fake_nova.servers.add(name='late')\n"
            "    assert False",
            [
                "GET …/servers?name=late was empty, but a server fits since then:",
                "  late: would be listed now",
                "  next: send it again",
            ],
        ),
        (
            "image = fake_nova.images.add(status='queued')\n"
            "    send(f'{fake_nova.compute_url}/images/' + image['id'])\n"
            "    fake_nova.images.set_status(image['id'], 'active')\n"
            "    assert False",
            [
                "image * was SAVING in its last response; it became active after that",
                "  next: poll once more; *",
            ],
        ),
    ],
)
def test_a_report_begins_with_what_stands_out(pytester: pytest.Pytester, test: str, lines: list[str]) -> None:
    result = run(pytester, f"def test_it(fake_nova):\n    {test}\n")
    result.assert_outcomes(failed=1)
    pattern = [line.replace("[", "[[]").replace("?", "[?]") for line in lines]
    pytester_lines = pytest.LineMatcher(section(result))
    pytester_lines.fnmatch_lines(pattern)
    assert pytester_lines.lines[0].startswith(lines[0].partition("*")[0])


@pytest.mark.parametrize(
    ("url", "way"),
    [
        (
            "{fake_nova.compute_url}/images/detail?status=ERROR",
            ' in dialect nova, so none can fit: show it by its id, or use dialect="huaweicloud"',
        ),
        ("{fake_nova.url}/image/v2/images?status=killed", ", so none can fit: show it by its id"),
    ],
)
def test_the_report_of_a_list_that_never_has_killed_images_advises_no_image(
    pytester: pytest.Pytester, url: str, way: str
) -> None:
    result = run(
        pytester,
        f"""
@pytest.mark.fake_nova(dialect="nova")
def test_it(fake_nova):
    fake_nova.images.add(status="killed")
    assert send(f"{url}") == 1
""",
    )
    assert f"  next: lists never contain killed images{way}" in section(result)


def test_a_report_says_how_many_images_a_list_had(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(fake_nova):
    send(f"{fake_nova.compute_url}/images?limit=2")
    send(f"{fake_nova.url}/image/v2/images?limit=1")
    assert False
""",
    )
    assert [line for line in section(result) if "->" in line] == [
        "      -> 200, 2 images",
        "      -> 200, 1 image",
    ]


FORBIDDEN = "sockets are forbidden in this test, so no client reached this cloud"


@pytest.mark.parametrize(
    ("option", "start"),
    [("--disable-socket", FORBIDDEN), ("--allow-hosts=127.0.0.1", "GET …/images/nope got 404")],
)
def test_a_report_says_that_sockets_are_forbidden(pytester: pytest.Pytester, option: str, start: str) -> None:
    test = "def test_it(fake_nova): assert send(f'{fake_nova.compute_url}/images/nope') == 1\n"
    pytester.makepyfile(CLIENT + test)
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:xdist", option)
    assert section(result)[0] == start
    if start == FORBIDDEN:
        way = "--allow-hosts=127.0.0.1, or @pytest.mark.enable_socket"
        assert section(result)[1] == f"  next: use fake_nova_session or fake_nova_httpx, {way}"


@pytest.mark.parametrize(
    "test",
    [
        "def test_it(fake_nova): fake_nova.images.add(colour='red')",
        "def test_it(fake_nova): fake_nova.clock.freeze('yesterday')",
        "@pytest.fixture\ndef broken(fake_nova): raise ValueError\ndef test_it(broken): pass",
    ],
)
def test_a_report_expects_no_request_if_the_test_is_wrong_itself(
    pytester: pytest.Pytester, test: str
) -> None:
    assert section(run(pytester, test))[0] == "images: as seeded"


def test_the_report_shows_how_servers_flavors_and_key_pairs_differ_from_the_seed(
    pytester: pytest.Pytester,
) -> None:
    lines = section(
        run(
            pytester,
            """
def test_it(fake_nova):
    fake_nova.load("flavors: [{id: '1', name: m1.tiny, ram: 512, disk: 1}, {id: '9', name: big}]")
    fake_nova.load("keypairs: [{name: laptop, user: demo}]")
    web, = fake_nova.servers.all()
    fake_nova.servers.change(web["id"], status="SHUTOFF", updated_at=web["updated_at"])
    for number in range(7):
        fake_nova.servers.add(id=f"{number}" * 8 + "-0000-4000-8000-000000000000", name=f"db-{number}")
    assert False
""",
        )
    )
    start = lines.index("images: as seeded")
    assert lines[start + 1 : start + 13] == [
        "servers, compared with the seed:",
        *[f"  added {n * 8}-0000-4000-8000-000000000000 (db-{n}), ACTIVE" for n in "0123"],
        "  … and 4 more lines (pytest -v shows all)",
        "flavors, compared with the seed:",
        "  added 9 (big)",
        "  removed 2 (m1.small)",
        "  removed 3 (m1.medium)",
        "  removed 4 (m1.large)",
        "  removed 5 (m1.xlarge)",
    ]
    assert lines[start + 13 : start + 15] == ["key pairs, compared with the seed:", "  added laptop of demo"]


def test_a_test_run_imports_the_report_only_when_a_test_fails(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
import sys

NAMES = [f"fake_nova.testing.{name}" for name in ("failure_report", "findings", "evidence", "request_lines")]


def test_before(fake_nova): assert not set(NAMES) & set(sys.modules)
def test_that_fails(fake_nova, make_fake_nova): assert False
def test_after(): assert set(NAMES) <= set(sys.modules)
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:xdist")
    result.assert_outcomes(passed=2, failed=1)


def test_the_report_of_a_shared_cloud_prints_a_strict_complaint_once(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
def test_it(make_fake_nova):
    with make_fake_nova(strict=True) as nova:
        nova.plans.use("slow")
""",
    )
    text = result.stdout.str().partition("short test summary")[0]
    assert text.count("that follows the plan") == 1
    result.stdout.fnmatch_lines(["*make_fake_nova, http*", "to reproduce this state: * --port *"])


def test_the_documentation_shows_the_reports_as_they_are_printed(pytester: pytest.Pytester) -> None:
    page = PAGE.read_text(encoding="utf-8")
    (client,) = re.findall("\n\n```python\n(import [^`]*)```", page)

    def run_case(case: re.Match[str]) -> str:
        pytester.makepyfile(test_images=f"{client}\n\n{case[1]}")
        result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:xdist")
        result.assert_outcomes(failed=1)
        (heading,) = [line for line in result.outlines if re.fullmatch("-+ fake_nova -+", line)]
        report = "\n".join((heading, *section(result)))
        for pattern, replacement in REPLACEMENTS.items():
            report = re.sub(pattern, replacement, report)
        return f"```python\n{case[1]}```\n\n```text\n{report}\n```"

    new_page = pytester.path / PAGE.name
    new_page.write_text(CASE.sub(run_case, page), encoding="utf-8")
    assert new_page.read_text(encoding="utf-8") == page, f"the reports differ now; copy {new_page} to {PAGE}"


def test_the_reports_in_the_documentation_are_short_and_name_the_next_step() -> None:
    page = PAGE.read_text(encoding="utf-8")
    reports = [report for _, report in CASE.findall(page)]
    assert len(reports) == page.count("```text\n") == page.count("```python\n") - 1 == 4
    for report in reports:
        assert len(report.splitlines()) <= 40
        assert re.search("^  next: .", report, re.MULTILINE)
