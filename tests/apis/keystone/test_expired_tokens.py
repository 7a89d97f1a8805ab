"""Tokens after their end: ``allow_expired`` shows them for two days (measured with Keystone 30.0.0)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from fake_nova.app import create_app
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.settings import Settings

TOKENS = "/identity/v3/auth/tokens"
HOUR = timedelta(hours=1)


class MovableClock:
    def __init__(self) -> None:
        self.time = datetime(2024, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


class ExpiredToken:
    """A token of user ``demo`` that expired an hour ago, and the server that issued it."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self._emulator = Emulator(Settings(auth_strategy="keystone"), self.clock)
        start_from_fixtures(self._emulator)
        self._http: FlaskClient = create_app(self._emulator).test_client()
        self.text = self.issue("demo")
        self.clock.time += 2 * HOUR

    def issue(self, name: str) -> str:
        user = self._emulator.cloud.directory.user(name)
        assert user is not None
        return self._emulator.cloud.tokens.issue(user, user.project)[0]

    def ask(self, method: str, query: str = "", user: str = "admin", **options: Any) -> Any:
        headers = {"X-Auth-Token": self.issue(user), "X-Subject-Token": self.text}
        return self._http.open(TOKENS + query, method=method, headers=headers, **options)


@pytest.fixture
def expired_token() -> ExpiredToken:
    return ExpiredToken()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("value", ["1", "true", "%20YES", "on&allow_expired=0"])
def test_an_expired_token_is_shown_if_the_query_allows_it(
    expired_token: ExpiredToken, method: str, value: str
) -> None:
    response = expired_token.ask(method, f"?allow_expired={value}")
    assert response.status_code == 200
    assert response.headers["X-Subject-Token"] == expired_token.text


@pytest.mark.parametrize(
    "query", ["", "?allow_expired", "?allow_expired=0", "?allow_expired=x", "?Allow_expired=1"]
)
def test_with_any_other_query_an_expired_token_is_a_404(expired_token: ExpiredToken, query: str) -> None:
    response = expired_token.ask("GET", query)
    assert response.status_code == 404
    assert response.get_json()["error"]["message"] == "Failed to validate token"


def test_two_days_after_its_end_a_token_is_a_404_with_any_query(expired_token: ExpiredToken) -> None:
    expired_token.clock.time += timedelta(hours=47) - timedelta(seconds=1)
    assert expired_token.ask("GET", "?allow_expired=1").status_code == 200
    expired_token.clock.time += timedelta(seconds=1)
    assert expired_token.ask("GET", "?allow_expired=1").status_code == 404


def test_an_expired_token_of_another_user_is_shown_to_admins_only(expired_token: ExpiredToken) -> None:
    assert expired_token.ask("GET", "?allow_expired=1", user="demo").status_code == 200
    assert expired_token.ask("GET", "?allow_expired=1", user="service").status_code == 403
    assert expired_token.ask("DELETE", "?allow_expired=1", user="service").status_code == 403


def test_an_expired_token_cannot_be_revoked(expired_token: ExpiredToken) -> None:
    assert expired_token.ask("DELETE", "?allow_expired=1").status_code == 404
    assert expired_token.ask("GET", "?allow_expired=1").status_code == 200


def test_nobody_can_log_in_by_an_expired_token(expired_token: ExpiredToken) -> None:
    identity = {"methods": ["token"], "token": {"id": expired_token.text}}
    response = expired_token.ask("POST", "?allow_expired=1", json={"auth": {"identity": identity}})
    assert response.status_code == 404
