"""``fake-nova verify`` against ``fake-nova serve`` on another port, which is a cloud like any other."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from socket import socket
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from fake_nova import FakeNova
from fake_nova.cli import main
from fake_nova.recording import Pacing

#: Keystone's part of a cloud in clouds.yaml, for the user of the bundled fixture.
LOGIN = {
    "username": "demo",
    "password": "demo-secret",
    "project_name": "demo",
    "user_domain_id": "default",
    "project_domain_id": "default",
}

#: The command without the questions that only read, which come first.
ONLY_WRITES = """
import sys
from fake_nova.verification import rules
rules.RULES = {}
from fake_nova.cli import main
sys.exit(main(sys.argv[1:]))
"""

pytestmark = pytest.mark.filterwarnings("ignore:Support for InfluxDB")

Verify = Callable[..., int]


@pytest.fixture
def cloud() -> Iterator[FakeNova]:
    with FakeNova(dialect="nova", auth_strategy="keystone") as nova:
        yield nova


@pytest.fixture
def verify(cloud: FakeNova, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Run the command against the cloud `mine`."""
    write_clouds(tmp_path, cloud.auth_url)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    return lambda *options: main(["verify", "--cloud", "mine", "--rate", "10000", *options])


def write_clouds(folder: Path, auth_url: str, **login: str) -> None:
    clouds = {"mine": {"auth": {"auth_url": auth_url, **LOGIN, **login}}}
    (folder / "clouds.yaml").write_text(yaml.safe_dump({"clouds": clouds}), encoding="utf-8")


def read_report(path: str = "report.json") -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return document


def outcomes(document: dict[str, Any], outcome: str) -> list[str]:
    return [f"{each['service']}: {each['rule']}" for each in document["rules"] if each["outcome"] == outcome]


def test_a_fake_on_another_port_has_no_difference(
    verify: Verify, cloud: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    before = cloud.images.all()
    assert verify("--json", "report.json", "--junit", "report.xml") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.endswith("different")] == []
    assert lines[-1].startswith("mine and fake-nova --dialect nova --database mariadb: ")
    assert cloud.images.all() == before
    methods = {entry["method"] for entry in cloud.requests.all()}
    assert methods == {"GET", "HEAD", "OPTIONS", "POST"}
    posts = cloud.requests.all(method="POST")
    assert {entry["path"] for entry in posts} == {"/identity/v3/auth/tokens"}
    document = read_report()
    assert outcomes(document, "different") == []
    assert document["summary"]["same"] > 200
    suites = ElementTree.parse("report.xml").getroot()
    assert [suite.get("failures") for suite in suites] == ["0", "0", "0"]
    assert sum(int(suite.get("tests", "0")) for suite in suites) == len(document["rules"])


def test_a_fault_in_the_cloud_is_found_and_nothing_else(
    verify: Verify, cloud: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.faults.add(operation="metadata.show", status=409)
    assert verify("--json", "report.json", "--junit", "report.xml") == 1
    document = read_report()
    different = outcomes(document, "different")
    assert different == [
        "compute: metadata",
        "compute: unknown metadata key",
        "compute: metadata key in other capitals",
    ]
    output = capsys.readouterr().out
    assert "  request: GET /v2.1/images/" in output
    assert "  cloud:   409 [409]" in output
    failures = ElementTree.parse("report.xml").getroot().iter("failure")
    assert len(list(failures)) == len(different)
    assert LOGIN["password"] not in Path("report.json").read_text(encoding="utf-8")


def test_another_dialect_is_named(verify: Verify, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify("--dialect", "huaweicloud", "--json", "report.json") == 1
    document = read_report()
    remedies = {each["remedy"] for each in document["rules"] if each["outcome"] == "different"}
    assert remedies == {"--dialect nova"}
    assert "  agrees:  with --dialect nova" in capsys.readouterr().out


def test_what_is_new_since_an_earlier_report_fails_and_what_is_known_does_not(
    verify: Verify, cloud: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.faults.add(operation="metadata.list", status=409)
    assert verify("--json", "first.json") == 1
    assert verify("--since", "first.json", "--json", "second.json") == 0
    assert "nothing new since 20" in capsys.readouterr().out
    cloud.faults.clear()
    cloud.faults.add(operation="images.show", status=409)
    assert verify("--since", "second.json") == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if " since 20" in line]
    assert [line for line in lines if line.startswith("new") and line.endswith(": compute: one image")]
    assert [line for line in lines if line.startswith("gone") and line.endswith(": compute: metadata")]


def test_a_nightly_report_replaces_itself(
    verify: Verify, cloud: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    nightly = ("--since", "report.json", "--json", "report.json")
    assert verify(*nightly) == 0
    first = read_report()
    cloud.faults.add(operation="metadata.list", status=409)
    assert verify(*nightly) == 1
    assert f"new since {first['at']}: compute: metadata" in capsys.readouterr().out
    assert verify(*nightly) == 0
    cloud.faults.clear()
    assert verify(*nightly) == 0
    assert [path.name for path in Path().iterdir() if "report" in path.name] == ["report.json"]


def test_the_dialect_of_an_old_cloud_is_learned_and_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "clouds.yaml")
    rows = {"base": "nova", "order": "oldest_first", "limit": "capped"}
    Path("old.yaml").write_text(yaml.safe_dump({"dialect": rows, "images": []}), encoding="utf-8")
    with FakeNova(fixtures=("old.yaml", "default"), auth_strategy="keystone") as old_cloud:
        write_clouds(Path(), old_cloud.auth_url)
        verify = partial(main, ["verify", "--cloud", "mine", "--rate", "10000", "--learn", "dialect.yaml"])
        assert verify() == 1
    output = capsys.readouterr().out
    dialect = "nova,order=oldest_first,limit=capped"
    assert output.endswith(f"learned: --dialect {dialect} --database mariadb\n")
    assert "agrees:  with --dialect huaweicloud" in output
    content = yaml.safe_load(Path("dialect.yaml").read_text(encoding="utf-8"))
    assert content == {"dialect": rows, "database": "mariadb"}
    with FakeNova(fixtures=("dialect.yaml", "default"), auth_strategy="keystone") as served:
        assert served.emulator.cloud.settings.dialect == dialect


def test_write_creates_images_and_removes_them(verify: Verify, cloud: FakeNova) -> None:
    before = [image for image in cloud.images.all() if image["status"] != "deleted"]
    assert verify("--write", "--json", "report.json") == 0
    document = read_report()
    assert outcomes(document, "different") == []
    assert "image: create an image with an id in other capitals" in outcomes(document, "same")
    assert document["not_removed"] == []
    assert [image for image in cloud.images.all() if image["status"] != "deleted"] == before


def check_failure(
    verify: Verify, capsys: pytest.CaptureFixture[str], expected_line: str, *options: str
) -> None:
    """Check that the command prints one line, which the pattern matches, and writes nothing."""
    assert verify("--json", "report.json", "--junit", "report.xml", *options) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert re.fullmatch(f"fake-nova: {expected_line}", line), line
    assert [path.name for path in Path().iterdir()] == ["clouds.yaml"]


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("fake_nova.cli.verify.Pacing", partial(Pacing, pause=pauses.append))
    return pauses


def test_a_cloud_that_is_not_there(verify: Verify, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket()) as closed_socket:
        closed_socket.bind(("127.0.0.1", 0))  # and nobody listens
        write_clouds(Path(), f"http://127.0.0.1:{closed_socket.getsockname()[1]}/v3")
        check_failure(verify, capsys, "mine: .*expected .*")


def test_a_wrong_password(verify: Verify, cloud: FakeNova, capsys: pytest.CaptureFixture[str]) -> None:
    write_clouds(Path(), cloud.auth_url, password="wrong")
    check_failure(verify, capsys, "mine: the log-in is refused .*")


def test_an_unknown_cloud(verify: Verify, capsys: pytest.CaptureFixture[str]) -> None:
    check_failure(verify, capsys, "other: .*expected a cloud in clouds.yaml.*", "--cloud", "other")


def test_a_cloud_without_an_image_proxy(
    verify: Verify, cloud: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.faults.add(operation="images.*", status=404)
    check_failure(
        verify, capsys, "mine: no images in the compute service .got status 404 from .*microversion 2.35"
    )


def test_a_proxy_that_cuts(
    verify: Verify, cloud: FakeNova, no_pauses: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.faults.add(operation="metadata.list", connection="cut")
    check_failure(verify, capsys, "mine: .*expected a cloud that responds")
    assert len(no_pauses) >= 3


def test_a_cloud_that_is_busy_for_a_moment_is_asked_again(
    verify: Verify, cloud: FakeNova, no_pauses: list[float]
) -> None:
    cloud.faults.add(operation="metadata.list", status=429, retry_after=7, times=2)
    assert verify() == 0
    assert no_pauses.count(7) == 2


def test_a_cloud_that_stays_busy(
    verify: Verify, cloud: FakeNova, no_pauses: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.faults.add(operation="metadata.list", status=429, retry_after=7)
    check_failure(verify, capsys, "http.*/metadata: status 429 .*")
    assert no_pauses.count(7) == 3


def test_a_failure_during_the_writes_leaves_no_image(
    verify: Verify, cloud: FakeNova, no_pauses: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    before = [image for image in cloud.images.all() if image["status"] != "deleted"]
    cloud.faults.add(operation="glance.data.upload", connection="reset")
    check_failure(verify, capsys, "mine: .*expected a cloud that responds", "--write")
    assert [image for image in cloud.images.all() if image["status"] != "deleted"] == before
    assert no_pauses


def test_ctrl_c_during_the_writes_leaves_no_image(verify: Verify, cloud: FakeNova) -> None:
    del verify  # which has written clouds.yaml
    before = [image for image in cloud.images.all() if image["status"] != "deleted"]
    command = [sys.executable, "-c", ONLY_WRITES, "verify", "--cloud", "mine", "--rate", "10000", "--write"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    cloud.requests.wait(timeout=60, method="POST", path="/image/v2/images")
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate()
    assert (process.returncode, output) == (2, "")
    assert errors == "fake-nova: --write: stopped by SIGINT; expected the end of its steps\n"
    assert [image for image in cloud.images.all() if image["status"] != "deleted"] == before


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--dialect", "novva"), "--dialect: invalid value .*"),
        (("--rate", "fast"), "--rate: invalid value .*"),
        (("--since", "missing.json"), "--since: cannot read missing.json .*"),
        (("--since", "clouds.yaml"), "--since: not a report .*"),
        (("--json", "missing/report.json"), "missing/report.json: cannot be written; .*"),
    ],
)
def test_an_invalid_option(
    verify: Verify, capsys: pytest.CaptureFixture[str], options: tuple[str, str], line: str
) -> None:
    check_failure(verify, capsys, line, *options)
