"""Hints: in the log, in the response header, and switched off."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.hint_log import HintLog
from tests.conftest import Cloud


def test_a_hint_is_one_line_in_the_log_and_in_the_header(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fake_nova")
    response = Cloud(dialect="nova").ask("GET", "/v2.1/images?tag=ü")
    assert response.headers["X-Fake-Nova-Hint"] == "Ignored: tag."
    assert caplog.messages == ["GET /v2.1/images: Ignored: tag."]


def test_client_input_cannot_inject_a_header_or_a_log_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fake_nova")
    response = Cloud().ask("GET", "/v2.1/images?x%0D%0ASet-Cookie:y=1&%C3%BC=2")
    assert response.headers["X-Fake-Nova-Hint"] == "Ignored: x\\r\\nSet-Cookie:y, \\xfc."
    assert "Set-Cookie" not in response.headers
    assert len(caplog.messages) == 1


def test_quoted_input_is_printable_in_the_header_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fake_nova")
    user = {"name": "a\x00\x1b[31m\r\nü\u2028", "domain": {"id": "default"}, "password": "x"}
    auth = {"identity": {"methods": ["password"], "password": {"user": user}}}
    hint = Cloud().ask("POST", "/identity/v3/auth/tokens", json={"auth": auth}).headers["X-Fake-Nova-Hint"]
    assert hint.startswith('No user has the name "a\\u0000\\u001b[31m\\r\\n\\xfc\\u2028"; existing users: ')
    assert Cloud().ask("GET", "/v2.1/images?%7F%1B%C2%85=1").headers["X-Fake-Nova-Hint"] == (
        "Ignored: \\x7f\\x1b\\x85."
    )
    assert all(line.isprintable() for line in caplog.messages)


def test_turning_hints_off_changes_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "fake_nova")
    with_hints, without_hints = (
        Cloud(dialect="nova", hints=hints).ask("GET", "/v2.1/images/nope/") for hints in (True, False)
    )
    assert "X-Fake-Nova-Hint" in with_hints.headers
    assert "X-Fake-Nova-Hint" not in without_hints.headers
    assert (with_hints.status, with_hints.data) == (without_hints.status, without_hints.data)
    assert len(caplog.messages) == 1


@pytest.mark.parametrize("hints", [True, False])
def test_a_list_query_is_explained_once_for_header_log_and_journal(
    monkeypatch: pytest.MonkeyPatch, hints: bool
) -> None:
    queries: list[str] = []

    def on_query(query: str, dialect: str) -> str:
        queries.append(query)
        return f"Odd for {dialect}."

    monkeypatch.setattr("fake_nova.apis.nova_images.hints.explain_query", on_query)
    cloud = Cloud(dialect="nova", hints=hints)
    response = cloud.ask("GET", "/v2.1/images?tag=x")
    assert queries == ["tag=x"]
    assert response.headers.get("X-Fake-Nova-Hint") == ("Odd for nova." if hints else None)
    (complaint,) = cloud.get("/_admin/complaints")["complaints"]
    assert "Odd for nova." in str(complaint)


def test_the_same_hint_is_logged_once_and_sent_each_time(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "fake_nova")
    for path in ("/v2.1/images?tag=x", "/v2.1/images/detail?tag=x", "/v2.1/images?tag=x"):
        assert cloud.ask("GET", path).headers["X-Fake-Nova-Hint"] == "Ignored: tag."
    cloud.ask("GET", "/v2.1/images?size=1")
    assert caplog.messages == ["GET /v2.1/images: Ignored: tag.", "GET /v2.1/images: Ignored: size."]


def test_a_hint_is_logged_again_by_the_next_test_and_by_another_scope(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "fake_nova")
    project = cloud.ask("POST", "/_admin/scopes", json={}).get_json()["project"]["id"]
    for path in ("/v2.1/images?tag=x", f"/v2.1/{project}/images?tag=x"):
        cloud.ask("GET", path)
        cloud.ask("GET", path)
    assert len(caplog.messages) == 2
    cloud.ask("POST", "/_admin/reset")
    cloud.ask("GET", "/v2.1/images?tag=x")
    assert len(caplog.messages) == 3
    cloud.ask("DELETE", f"/_admin/scopes/{project}")


def test_a_hint_is_logged_again_after_a_minute() -> None:
    times = [datetime(2031, 1, 1, 0, *end, tzinfo=UTC) for end in ((0, 0), (0, 59), (1, 0), (1, 1))]
    moments = iter(times)

    class Clock:
        def now(self) -> datetime:
            return next(moments)

    hint_log = HintLog(Clock())
    assert [hint_log.record("Ignored: tag.") for _ in times] == [True, False, True, False]


def test_the_log_remembers_a_limited_number_of_hints() -> None:
    hint_log = HintLog(SystemClock())
    assert all(hint_log.record(str(number)) for number in range(101))
    assert not hint_log.record("1")
    assert hint_log.record("0")


def test_a_request_that_is_only_explained_is_not_logged(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "fake_nova")
    assert cloud.get("/_admin/explain?path=/v2.1/images?tag=x")["hint"] == "Ignored: tag."
    assert caplog.messages == []
