"""The bytes of Keystone's bodies: how its libraries write JSON (measured with Keystone 30.0.0)."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud

TOKENS = "/identity/v3/auth/tokens"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(auth_strategy="keystone")


def test_an_error_is_compact_with_sorted_keys_and_a_newline(cloud: Cloud) -> None:
    auth = {"identity": {"methods": ["x"], "x": {}}}
    response = cloud.ask("POST", TOKENS, json={"auth": auth})
    assert response.data == (
        b'{"error":{"code":401,"identity":{"methods":["external","password","token","oauth1","mapped",'
        b'"application_credential","ec2credential"]},'
        b'"message":"Attempted to authenticate with an unsupported method.","title":"Unauthorized"}}\n'
    )


@pytest.mark.parametrize("path", ["catalog", "projects", "domains", "system"])
def test_a_list_is_plain_json_and_a_newline(cloud: Cloud, path: str) -> None:
    response = cloud.ask("GET", f"/identity/v3/auth/{path}", user="demo")
    assert response.status_code == 200
    assert response.data.startswith(b'{"')
    assert b'": [' in response.data
    assert response.data.endswith(b"}\n")


def test_a_project_ends_with_a_newline_too(cloud: Cloud) -> None:
    response = cloud.ask("GET", "/identity/v3/projects/default", user="admin")
    assert response.data.startswith(b'{"project": {"id": "default", ')
    assert response.data.endswith(b"}\n")


def test_the_response_to_a_wrong_method_is_plain_json_and_a_newline(cloud: Cloud) -> None:
    response = cloud.ask("PUT", TOKENS)
    assert response.data == b'{"message": "The method is not allowed for the requested URL."}\n'


def test_versions_and_tokens_have_no_newline(cloud: Cloud) -> None:
    headers = {"X-Subject-Token": cloud.token("demo")}
    for path in ("/identity/", "/identity/v3", TOKENS):
        response = cloud.ask("GET", path, user="demo", headers=headers)
        assert response.data.startswith((b'{"version', b'{"token": {'))
        assert response.data.endswith(b"}")
