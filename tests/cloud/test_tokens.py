"""Tokens: unguessable, limited in time and number, and never stored in plain text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fake_nova.cloud import tokens as module
from fake_nova.cloud.directory import Project
from fake_nova.cloud.people import user_of_project
from fake_nova.cloud.tokens import Tokens
from fake_nova.images.database import SQLITE
from tests.conftest import Cloud

HOME = Project("abc", "home")
HOUR = timedelta(hours=1)
USER = user_of_project("me", "my-secret", HOME, "member")


class StoppedClock:
    def __init__(self) -> None:
        self.time = datetime(2024, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def test_a_token_is_valid_until_it_expires() -> None:
    clock = StoppedClock()
    tokens = Tokens(clock, HOUR)
    text = tokens.issue(USER, HOME)[0]
    token = tokens.find(text)
    assert token is not None
    assert (token.user, token.project, token.expires_at) == (USER, HOME, clock.time + HOUR)
    clock.time += HOUR
    assert tokens.find(text) is None


def test_an_expired_token_is_removed_two_days_later_when_the_next_one_is_issued() -> None:
    clock = StoppedClock()
    tokens = Tokens(clock, HOUR)
    expired_token = tokens.issue(USER, HOME)[0]
    digest = module.digest_of(expired_token)
    clock.time += HOUR + timedelta(days=2) - timedelta(seconds=1)
    tokens.issue(USER, HOME)
    assert tokens.find_by_digest(digest, allow_expired=True) is not None
    clock.time += timedelta(seconds=1)
    tokens.issue(USER, HOME)
    clock.time -= timedelta(seconds=1)
    assert tokens.find_by_digest(digest, allow_expired=True) is None


def test_revoked_and_unknown_tokens_are_not_found() -> None:
    tokens = Tokens(StoppedClock(), HOUR)
    text = tokens.issue(USER, HOME)[0]
    tokens.revoke(text)
    tokens.revoke("never")
    assert tokens.find(text) is None
    assert tokens.find("never") is None


def test_tokens_are_unique_and_no_repr_shows_a_token_or_a_password() -> None:
    tokens = Tokens(StoppedClock(), HOUR)
    first, second = tokens.issue(USER, HOME)[0], tokens.issue(USER, HOME)[0]
    assert first != second
    assert len(first) > 100
    assert first not in repr(vars(tokens))
    assert "my-secret" not in repr(tokens.find(first))


def test_a_token_without_a_project_has_no_roles() -> None:
    tokens = Tokens(StoppedClock(), HOUR)
    token = tokens.find(tokens.issue(USER, None)[0])
    assert token is not None
    assert token.caller_of(SQLITE).project_id is None
    assert not token.caller_of(SQLITE).may_write


def test_a_token_issued_for_another_expires_with_it_and_lists_its_audit_id() -> None:
    clock = StoppedClock()
    tokens = Tokens(clock, HOUR)
    first = tokens.find(tokens.issue(USER, None)[0])
    assert first is not None
    clock.time += HOUR / 2
    second = tokens.find(tokens.issue(USER, HOME, method="token", parent=first)[0])
    assert second is not None
    assert second.expires_at == first.expires_at
    assert second.methods == ("password", "token")
    assert second.audit_ids[1:] == first.audit_ids


def test_over_the_limit_the_token_that_expires_first_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOKENS", 3)
    clock = StoppedClock()
    tokens = Tokens(clock, HOUR)
    texts = []
    for _ in range(5):
        texts.append(tokens.issue(USER, HOME)[0])
        clock.time += HOUR / 100
    assert [tokens.find(text) is not None for text in texts] == [False, False, True, True, True]
    assert len(tokens._by_digest) == len(tokens._by_expiry) == 3


def test_a_derived_token_that_expires_soon_is_removed_before_newer_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MAX_TOKENS", 2)
    clock = StoppedClock()
    tokens = Tokens(clock, HOUR)
    parent = tokens.find(tokens.issue(USER, HOME)[0])
    clock.time += HOUR / 2
    long_token, short_token = (tokens.issue(USER, HOME)[0], tokens.issue(USER, HOME, parent=parent)[0])
    assert tokens.find(short_token) is not None
    newest = tokens.issue(USER, HOME)[0]
    assert [tokens.find(text) is not None for text in (long_token, short_token, newest)] == [
        True,
        False,
        True,
    ]


def test_revoked_tokens_free_their_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOKENS", 3)
    tokens = Tokens(StoppedClock(), HOUR)
    for _ in range(10):
        tokens.revoke(tokens.issue(USER, HOME)[0])
    assert not tokens._by_digest
    assert len(tokens._by_expiry) <= 6


def test_revoked_tokens_do_not_displace_valid_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOKENS", 3)
    tokens = Tokens(StoppedClock(), HOUR)
    valid_token = tokens.issue(USER, HOME)[0]
    for _ in range(10):
        tokens.revoke(tokens.issue(USER, HOME)[0])
    assert tokens.find(valid_token) is not None


def test_a_client_whose_token_was_removed_must_log_in_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOKENS", 2)
    cloud = Cloud(auth_strategy="keystone")
    user = {"name": "demo", "domain": {"id": "default"}, "password": "demo-secret"}
    login = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
    responses = [cloud.ask("POST", "/identity/v3/auth/tokens", json=login) for _ in range(3)]
    assert [response.status_code for response in responses] == [201, 201, 201]
    tokens = [response.headers["X-Subject-Token"] for response in responses]
    headers = [{"X-Auth-Token": text} for text in tokens]
    statuses = [
        cloud.ask("GET", "/identity/v3/auth/projects", headers=token_headers).status_code
        for token_headers in headers
    ]
    assert statuses == [401, 200, 200]
    assert [cloud.emulator.find_token(text) is not None for text in tokens] == [False, True, True]


def test_the_limit_of_valid_tokens_is_32768() -> None:
    assert module.MAX_TOKENS == 32_768
