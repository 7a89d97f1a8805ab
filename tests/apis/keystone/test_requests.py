"""How Keystone 30.0.0 reads paths, bodies and tokens, whatever the request asks for (measured)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Cloud

TOKENS = "/identity/v3/auth/tokens"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(auth_strategy="keystone", dialect="nova")


@pytest.mark.parametrize(
    ("method", "path", "location"),
    [
        ("GET", "/identity/v3//users?name=x", "/v3/users?name=x"),
        ("POST", "/identity/v3//auth//tokens/", "/v3/auth/tokens"),
        ("HEAD", "/identity/v3//auth/tokens", "/v3/auth/tokens"),
        ("DELETE", "/identity/v3/users//é", "/v3/users/%C3%A9"),
    ],
)
def test_slashes_that_repeat_are_a_redirect(cloud: Cloud, method: str, path: str, location: str) -> None:
    response = cloud.ask(method, path, "admin")
    url = f"http://localhost/identity{location}"
    assert (response.status_code, response.headers["Location"]) == (308, url)
    assert response.headers["Vary"] == "X-Auth-Token"
    if method != "HEAD":
        assert f'<a href="{url}">{url}</a>' in response.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/identity//v3", 200), ("GET", "/identity/v3//", 200), ("GET", "/identity/v3//nothing", 404)],
)
def test_slashes_at_an_end_and_in_unknown_paths_are_no_redirect(
    cloud: Cloud, method: str, path: str, status: int
) -> None:
    assert cloud.ask(method, path, "admin").status_code == status


def test_options_of_slashes_that_repeat_is_empty(cloud: Cloud) -> None:
    response = cloud.ask("OPTIONS", "/identity/v3//users")
    assert (response.status_code, response.text) == (200, "")
    assert "Vary" not in response.headers


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_body_may_be_in_any_unicode_encoding(cloud: Cloud, encoding: str) -> None:
    user = {"name": "demo", "password": "demo-secret", "domain": {"id": "default"}}
    text = json.dumps({"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}})
    response = cloud.ask("POST", TOKENS, data=text.encode(encoding), content_type="application/json")
    assert response.status_code == 201


def test_x_storage_token_stands_for_x_auth_token(cloud: Cloud) -> None:
    headers = {"X-Storage-Token": cloud.token("admin")}
    assert cloud.ask("GET", "/identity/v3/users", headers=headers).status_code == 200


@pytest.mark.parametrize("value", [True, False])
def test_a_boolean_is_no_password_so_an_error_shows_it(cloud: Cloud, value: bool) -> None:
    body: Any = {"auth": {"identity": {"methods": ["password"], "password": value}}}
    message = cloud.ask("POST", TOKENS, json=body).get_json()["error"]["message"]
    assert message.startswith(f"Invalid input for field 'identity/password': {value} is not of type 'object'")
