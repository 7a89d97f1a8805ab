"""Hints: in the log, in the response header, and switched off."""

from __future__ import annotations

import logging

import pytest

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
