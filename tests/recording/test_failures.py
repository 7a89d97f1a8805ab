"""What goes wrong between a record and its cloud is one clear line, and nothing is half written."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fake_nova import cli, recording
from fake_nova.errors import CloudFailure
from fake_nova.recording import Pacing, RecordOptions, connect, connection, record
from fake_nova.recording.fixture_writer import FixtureFile
from fake_nova.recording.pacing import MAX_RETRY_AFTER, Pacer, retry_after
from fake_nova.testing.fake_nova import FakeNova
from tests.recording.conftest import LogIn, answering, auth_of, write_clouds

LIST = "glance.images.list"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """Record into ``out.yaml``; return the exit code and the lines of standard error."""
    code = cli.main(["record", "--cloud", "here", "--output", "out.yaml", "--rate", "10000", *arguments])
    streams = capsys.readouterr()
    assert streams.out == "" or code == 0
    return code, streams.err.splitlines()


def assert_one_line_and_no_file(result: tuple[int, list[str]], *words: str) -> None:
    code, lines = result
    assert code == 2
    assert len(lines) == 1, lines
    assert lines[0].startswith("fake-nova: ")
    assert "; expected " in lines[0]
    assert [word for word in words if word not in lines[0]] == []
    assert [path.name for path in Path().iterdir() if path.name != "clouds.yaml"] == []


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command does not wait."""
    monkeypatch.setattr(Pacing, "__init__", _quick(Pacing.__init__))


def _quick(initialize: Any) -> Any:
    def call(self: Pacing, **values: Any) -> None:
        initialize(self, **{"pause": lambda _: None, **values})

    return call


def test_a_cloud_that_is_not_in_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    write_clouds("elsewhere", auth={})
    assert_one_line_and_no_file(run(capsys), "here: invalid configuration", "Cloud here was not found")


def test_a_cloud_that_is_not_there(capsys: pytest.CaptureFixture[str], unused_url: str) -> None:
    auth = {"auth_url": unused_url, "username": "a", "password": "sesame-42", "project_name": "c"}
    write_clouds(auth={**auth, "user_domain_id": "default", "project_domain_id": "default"})
    result = run(capsys)
    assert_one_line_and_no_file(result, "here: ", unused_url)
    assert "sesame-42" not in result[1][0]


def test_nothing_else_is_printed_about_a_cloud_that_is_not_there(unused_url: str) -> None:
    write_clouds(auth={"auth_url": unused_url, "user_id": "a", "password": "b"})
    command = (sys.executable, "-m", "fake_nova", "record", "--cloud", "here", "--output", "out.yaml")
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert_one_line_and_no_file((result.returncode, result.stderr.splitlines()), "here: ", unused_url)


def test_an_incomplete_log_in(capsys: pytest.CaptureFixture[str], nova: FakeNova) -> None:
    write_clouds(auth={"auth_url": nova.auth_url})
    assert_one_line_and_no_file(
        run(capsys), "here: invalid configuration", "password is a required attribute"
    )


def test_a_wrong_password(capsys: pytest.CaptureFixture[str], nova: FakeNova) -> None:
    write_clouds(auth=auth_of(nova, "alice", "alice-project", "wrong-42"))
    result = run(capsys)
    assert_one_line_and_no_file(result, "here: the log-in is refused")
    assert "wrong-42" not in result[1][0]


def test_something_that_is_no_cloud(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(200, b"<html>hello") as url:
        write_clouds(
            auth_type="none", auth={"endpoint": f"{url}/v2.1"}, compute_endpoint_override=f"{url}/v2.1"
        )
        assert_one_line_and_no_file(run(capsys), "not JSON", "<html>hello")
    with answering(200, b'{"images": [1]}') as url:
        write_clouds(
            auth_type="none", auth={"endpoint": f"{url}/v2.1"}, compute_endpoint_override=f"{url}/v2.1"
        )
        assert_one_line_and_no_file(run(capsys), "no list 'images'")


def test_neither_an_image_service_nor_novas_proxy(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(
        404, b'{"itemNotFound": {"code": 404, "message": "The resource could not be found."}}'
    ) as url:
        write_clouds(
            auth_type="none", auth={"endpoint": f"{url}/v2.1"}, compute_endpoint_override=f"{url}/v2.1"
        )
        assert_one_line_and_no_file(run(capsys), "/images/detail", "status 404", "Nova's images proxy")


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        ({"connection": "cut"}, ("here: cannot be reached", "/image/v2/images")),
        ({"connection": "reset"}, ("here: cannot be reached", "/image/v2/images")),
        ({"body": "truncated"}, ("/image/v2/images", "not JSON")),
        ({"status": 429, "retry_after": 1}, ("status 429",)),
        ({"status": 500}, ("status 500",)),
        ({"status": 403}, ("status 403",)),
    ],
)
def test_a_service_that_fails(
    capsys: pytest.CaptureFixture[str], nova: FakeNova, effect: Any, words: tuple[str, ...]
) -> None:
    write_clouds(auth=auth_of(nova, "alice", "alice-project"))
    nova.faults.add(operation=LIST, **effect)
    assert_one_line_and_no_file(run(capsys), *words)


def test_an_existing_file_stays_as_it_is(capsys: pytest.CaptureFixture[str], nova: FakeNova) -> None:
    Path("out.yaml").write_text("images: []\n", encoding="utf-8")
    write_clouds(auth=auth_of(nova, "alice", "alice-project"))
    nova.faults.add(operation=LIST, nth=3, status=500)
    assert run(capsys)[0] == 2
    assert Path("out.yaml").read_text(encoding="utf-8") == "images: []\n"
    assert sorted(path.name for path in Path().iterdir()) == ["clouds.yaml", "out.yaml"]


def test_a_write_that_is_interrupted_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    file = FixtureFile("out.yaml")

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        file.write([], {"images": [{"name": "one"}]})
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("path", ["missing/out.yaml", "."])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    capsys: pytest.CaptureFixture[str], path: str
) -> None:
    assert cli.main(["record", "--cloud", "here", "--output", path]) == 2
    assert capsys.readouterr().err.startswith("fake-nova: --output: cannot be written: ")


@pytest.mark.parametrize(
    ("effect", "seconds"),
    [
        ({"status": 429, "retry_after": 7}, [7, 7]),
        ({"status": 503, "retry_after": 0}, [0, 0]),
        ({"status": 503}, [1, 2]),
        ({"connection": "cut"}, [1, 2]),
    ],
)
def test_a_busy_cloud_is_asked_again_after_the_time_that_it_names(
    log_in: LogIn, nova: FakeNova, pauses: list[float], effect: Any, seconds: list[float]
) -> None:
    cloud = log_in(now=iter(range(1000)).__next__)
    nova.faults.add(operation=LIST, times=2, **effect)
    assert len(record(cloud, RecordOptions()).document["images"]) == 106
    assert pauses == seconds


def test_a_cloud_that_wants_to_be_left_alone_for_long_is_not_asked_again(
    log_in: LogIn, nova: FakeNova, pauses: list[float]
) -> None:
    cloud = log_in(now=iter(range(1000)).__next__)
    nova.faults.add(operation=LIST, status=429, retry_after=MAX_RETRY_AFTER + 1)
    with pytest.raises(CloudFailure, match="status 429"):
        record(cloud, RecordOptions())
    assert pauses == []


def test_requests_keep_to_the_rate() -> None:
    time = [100.0]
    starts = []

    def pause(seconds: float) -> None:
        time[0] += seconds

    pacer = Pacer(Pacing(rate=4, pause=pause, now=lambda: time[0]))
    for duration in (0.0, 0.1, 1.0, 0.0):
        pacer.wait_for_turn()
        starts.append(time[0] - 100)
        time[0] += duration
    assert starts == pytest.approx([0, 0.25, 0.5, 1.5])


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12),
        ("Thu, 26 Nov 2026 04:00:30 GMT", 30),
        ("Thu, 26 Nov 2026 03:00:00 GMT", 0),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_may_be_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": text}, datetime(2026, 11, 26, 4, tzinfo=UTC)) == seconds


def test_a_missing_extra_is_one_line_with_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(recording, "connection")
    monkeypatch.delitem(sys.modules, connection.__name__)
    monkeypatch.setitem(sys.modules, "keystoneauth1", None)
    assert_one_line_and_no_file(
        run(capsys), "fake_nova[cloud]: not installed", "pip install 'fake_nova[cloud]'"
    )


def test_connect_takes_the_cloud_of_the_variables(nova: FakeNova, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in auth_of(nova, "alice", "alice-project").items():
        monkeypatch.setenv(f"OS_{name.upper()}", value)
    cloud = connect()
    assert (cloud.name, cloud.caller.user_name, cloud.caller.roles) == (
        "envvars",
        "alice",
        ("member", "reader"),
    )
    response = cloud.get("compute", "/images/nope")
    assert (response.status, response.json()["itemNotFound"]["code"]) == (404, 404)
    assert response.headers["content-type"] == "application/json; charset=UTF-8"
