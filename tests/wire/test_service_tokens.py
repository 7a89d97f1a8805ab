"""Requests with X-Service-Token (measured with keystonemiddleware 13.0.1 before Nova 34.0.0 and Glance 33.0.0)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud

NOVA, GLANCE = "/v2.1/images", "/image/v2/images"

FIXTURE = """
projects:
  - {id: aaaa, name: home}
users:
  - {name: user, password: user-secret, project: home}
  - {name: helper, password: helper-secret, project: home, roles: [service]}
  - {name: both, password: both-secret, project: home, roles: [service, member]}
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    path = tmp_path / "cloud.yaml"
    path.write_text(FIXTURE, encoding="utf-8")
    return Cloud(private=True, fixtures=(str(path),), auth_strategy="keystone")


def ask(cloud: Cloud, path: str, service_token: str, token: str | None = None) -> Any:
    headers = {"X-Auth-Token": token or cloud.token("user"), "X-Service-Token": service_token}
    return cloud.ask("GET", path, headers=headers)


def advance_clock(cloud: Cloud, seconds: int) -> None:
    assert cloud.ask("PUT", "/_admin/clock", json={"advance": seconds}).status_code == 200


@pytest.mark.parametrize("name", ["helper", "both"])
@pytest.mark.parametrize("path", [NOVA, GLANCE])
def test_the_token_of_a_user_with_the_role_service_is_accepted(cloud: Cloud, name: str, path: str) -> None:
    assert ask(cloud, path, f" {cloud.token(name)} ").status_code == 200


def test_nova_refuses_every_other_service_token_and_glance_ignores_it(cloud: Cloud) -> None:
    unscoped_token = cloud.emulator.cloud.tokens.issue(cloud.emulator.cloud.directory.users[1], project=None)[
        0
    ]
    for text in ("garbage", cloud.token("user"), unscoped_token):
        response = ask(cloud, NOVA, text)
        assert response.status_code == 401
        assert response.headers["X-Fake-Nova-Hint"].endswith("or its user lacks the role service.")
        assert ask(cloud, GLANCE, text).status_code == 200
    assert ask(cloud, NOVA, "").status_code == 200


@pytest.mark.parametrize("path", [NOVA, GLANCE])
def test_beside_a_service_token_a_token_is_accepted_for_two_days_after_its_end(
    cloud: Cloud, path: str
) -> None:
    token = cloud.token("user")
    advance_clock(cloud, 3600)
    assert ask(cloud, path, cloud.token("helper"), token).status_code == 200
    assert ask(cloud, path, cloud.token("user"), token).status_code == 401
    advance_clock(cloud, 2 * 24 * 3600)
    assert ask(cloud, path, cloud.token("helper"), token).status_code == 401


def test_beside_a_service_token_a_revoked_token_is_refused(cloud: Cloud) -> None:
    token = cloud.token("user")
    cloud.emulator.cloud.tokens.revoke(token)
    assert ask(cloud, GLANCE, cloud.token("helper"), token).status_code == 401


def test_the_role_service_alone_grants_nothing_on_images(cloud: Cloud) -> None:
    assert cloud.ask("GET", NOVA, user="helper").status_code == 403
    assert cloud.ask("GET", GLANCE, user="helper").status_code == 403
    assert cloud.ask("POST", GLANCE, user="helper", json={"name": "x"}).status_code == 403


def test_a_token_lists_the_role_service(cloud: Cloud) -> None:
    token = cloud.token("both")
    headers = {"X-Subject-Token": token}
    body = cloud.ask("GET", "/identity/v3/auth/tokens", user="both", headers=headers).get_json()
    assert [role["name"] for role in body["token"]["roles"]] == ["member", "reader", "service"]
