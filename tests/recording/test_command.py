"""The command ``fake-nova record``: its options, its file and its report."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_nova import cli
from fake_nova.support import progress_bar
from fake_nova.testing.fake_nova import FakeNova
from tests.recording.conftest import CLOUD, answering, auth_of, write_clouds

ALICE = "9c53a566cb3443ab910cf0daebca90c4"


def record(nova: FakeNova, capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """Record as alice into ``cloud.yaml``, and return the lines of the report."""
    write_clouds(auth=auth_of(nova, "alice", "alice-project"))
    options = ["--cloud", "here", "--output", "cloud.yaml", "--rate", "10000"]
    assert cli.main(["record", *options, *arguments]) == 0
    streams = capsys.readouterr()
    assert streams.err == ""
    return streams.out.splitlines()


def header() -> str:
    text = Path("cloud.yaml").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if line.startswith("#"))


def test_the_report_says_what_is_recorded_and_how_to_use_it(
    nova: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = record(nova, capsys, "--no-anonymize", "--limit", "5")
    document = yaml.safe_load(Path("cloud.yaml").read_text(encoding="utf-8"))
    password = document["users"][0]["password"]
    assert lines == [
        "cloud.yaml: 5 images, 1 project, 1 user (dialect nova, database mariadb)",
        "replaced or removed: nothing",
        f"password of alice: {password}",
        "try    fake-nova serve --auth-strategy keystone --fixtures cloud.yaml",
    ]
    assert password.startswith("made-up-")


def test_an_anonymized_report_says_what_is_replaced_and_names_nobody(
    nova: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = record(nova, capsys)
    assert "ids of projects (2)" in lines[1]
    assert re.match("password of user-[0-9a-f]{10}: made-up-", lines[2])
    assert "alice" not in "".join(lines)


def test_the_header_says_where_when_and_with_which_versions(
    nova: FakeNova, capsys: pytest.CaptureFixture[str]
) -> None:
    record(nova, capsys, "--no-anonymize", "--limit", "1")
    assert re.fullmatch(
        r"# Record of the cloud here at 127\.0\.0\.1, by fake-nova record\.\n"
        r"# Taken at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ with fake_nova \S+, openstacksdk \S+, keystoneauth1 \S+\.\n",
        header(),
    )
    record(nova, capsys, "--limit", "1")
    assert header().startswith("# Record of an anonymized cloud, by fake-nova record.\n# Taken at ")
    assert "127.0.0.1" not in header()


def test_what_no_fixture_holds_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    times = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
    image = {"name": "a", "status": "active", "visibility": "public", "owner": None, **times}
    images = [
        {
            **image,
            "id": "00000000-0000-4000-8000-000000000001",
            "disk_format": "gpt",
            "direct_url": "s3://k:s@h",
        },
        {**image, "id": "00000000-0000-4000-8000-000000000002", "locations": [{"url": "file:///x"}]},
        {**image, "id": "not-a-uuid"},
    ]
    with answering(200, json.dumps({"images": images}).encode()) as url:
        write_clouds(auth_type="none", auth={"endpoint": url}, image_endpoint_override=f"{url}/v2")
        assert cli.main(["record", "--cloud", "here", "--output", "cloud.yaml", "--rate", "10000"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "cloud.yaml: 2 images, 0 projects, 0 users (dialect nova, database mariadb)"
    assert [line.partition("; ")[0] for line in lines[2:4]] == [
        'not recorded: image 00000000-0000-4000-8000-000000000001: disk_format: invalid value (got "gpt")',
        'not recorded: image not-a-uuid: id: invalid value (got "not-a-uuid")',
    ]
    text = Path("cloud.yaml").read_text(encoding="utf-8")
    assert [word for word in ("gpt", "direct_url", "s3:", "locations", "file:") if word in text] == []
    assert cli.main(["check", "cloud.yaml"]) == 0


@pytest.mark.parametrize(
    ("option", "expectation"),
    [
        (
            "--status",
            "queued, saving, uploading, importing, active, deactivated, killed, pending_delete or deleted",
        ),
        ("--limit", "a whole number from 1 to 1000000"),
        ("--since", "an ISO 8601 time such as 2024-02-10T17:05:01Z"),
        ("--dialect", "huaweicloud or nova"),
        ("--database", "mariadb or sqlite"),
        ("--rate", "requests per second from 0.01 to 10000"),
    ],
)
def test_an_invalid_option_is_one_line(
    capsys: pytest.CaptureFixture[str], option: str, expectation: str
) -> None:
    assert cli.main(["record", "--output", "cloud.yaml", option, "zz"]) == 2
    line = f'fake-nova: {option}: invalid value (got "zz"); expected {expectation}\n'
    assert capsys.readouterr().err == line


def test_the_output_is_required(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["record", "--cloud", "here"]) == 2
    assert capsys.readouterr().err == (
        "fake-nova: --output: none given; expected the file to write, such as cloud.yaml\n"
    )


def test_options_choose_images(nova: FakeNova, capsys: pytest.CaptureFixture[str]) -> None:
    record(nova, capsys, "--no-anonymize", "--since", "2016-06-01", "--owner", ALICE, "--status", "active")
    images = yaml.safe_load(Path("cloud.yaml").read_text(encoding="utf-8"))["images"]
    assert [image["name"] for image in images] == ["from-the-future", "later-update"]


def test_progress_is_shown_on_a_terminal_only(
    nova: FakeNova, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers: list[int] = []

    @contextmanager
    def bar(label: str) -> Any:
        assert label == "reading images"
        yield numbers.append

    monkeypatch.setattr(progress_bar, "counting_bar", bar)
    record(nova, capsys, "--limit", "3")
    assert numbers[-1] >= 3
    monkeypatch.undo()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_bar.counting_bar("reading images") as report:
        report(2)
        report(5)
    assert "reading images" in capsys.readouterr().err


MEASURE = """
import re
from pathlib import Path
from fake_nova import cli
assert cli.main(["record", "--cloud", "here", "--output", "many.yaml", "--rate", "10000"]) == 0
status = Path("/proc/self/status").read_text()  # ru_maxrss would contain the memory of the parent process
print(re.search(r"VmHWM:\\s*(\\d+) kB", status)[1])
"""


def test_ten_thousand_images_take_300_mb_and_30_requests_for_each_thousand(tmp_path: Path) -> None:
    document = yaml.safe_load(Path(CLOUD).read_text(encoding="utf-8"))
    fixture = {key: document[key] for key in ("projects", "users")} | {"generate": [{"count": 10_000}]}
    (tmp_path / "ten-thousand.yaml").write_text(yaml.safe_dump(fixture), encoding="utf-8")
    settings: Any = {"auth_strategy": "keystone", "dialect": "nova"}
    with FakeNova(fixtures=(str(tmp_path / "ten-thousand.yaml"),), **settings) as nova:
        write_clouds(auth=auth_of(nova, "alice", "alice-project"))
        result = subprocess.run([sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True)
        assert nova.requests.count() <= 300
    lines = result.stdout.splitlines()
    assert lines[0].startswith("many.yaml: 10000 images, ")
    assert int(lines[-1]) < 300_000  # kB
