"""Tokens that are created from tokens, and the revocation of a chain of them (measured with Keystone 30.0.0)."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tests.conftest import Cloud

TOKENS = "/identity/v3/auth/tokens"
DEFAULT = {"id": "default"}
PASSWORD = {"user": {"name": "demo", "domain": DEFAULT, "password": "demo-secret"}}
ADMIN_PASSWORD = {"user": {"name": "admin", "domain": DEFAULT, "password": "admin-secret"}}
PROJECT = {"project": {"name": "demo", "domain": DEFAULT}}
SYSTEM = {"system": {"all": True}}


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(auth_strategy="keystone")


class IssuedToken(NamedTuple):
    id: str
    audit_ids: list[str]
    methods: list[str]


def log_in(cloud: Cloud, scope: Any = None, **payloads: Any) -> Any:
    auth: dict[str, Any] = {"identity": {"methods": list(payloads), **payloads}}
    if scope is not None:
        auth["scope"] = scope
    return cloud.ask("POST", TOKENS, json={"auth": auth})


def issue(cloud: Cloud, scope: Any = None, **payloads: Any) -> IssuedToken:
    response = log_in(cloud, scope, **payloads)
    assert response.status_code == 201, response.text
    body = response.get_json()["token"]
    return IssuedToken(response.headers["X-Subject-Token"], body["audit_ids"], body["methods"])


class Chain(NamedTuple):
    """A token by password, one that was created from it, and one that was created from that one."""

    first: IssuedToken
    second: IssuedToken
    third: IssuedToken


def issue_chain(cloud: Cloud) -> Chain:
    first = issue(cloud, password=PASSWORD)
    second = issue(cloud, PROJECT, token={"id": first.id})
    return Chain(first, second, issue(cloud, PROJECT, token={"id": second.id}))


def statuses(cloud: Cloud, chain: Chain) -> list[int]:
    headers = [{"X-Subject-Token": token.id} for token in chain]
    return [cloud.ask("HEAD", TOKENS, user="admin", headers=item).status_code for item in headers]


def revoke(cloud: Cloud, token: IssuedToken, query: str = "") -> None:
    response = cloud.ask("DELETE", TOKENS + query, user="admin", headers={"X-Subject-Token": token.id})
    assert response.status_code == 204


def test_every_token_of_a_chain_names_the_first_one(cloud: Cloud) -> None:
    chain = issue_chain(cloud)
    assert len(chain.first.audit_ids) == 1
    assert [token.audit_ids[1:] for token in chain[1:]] == [chain.first.audit_ids] * 2


def test_the_revocation_of_the_first_token_revokes_the_whole_chain(cloud: Cloud) -> None:
    chain, other_chain = issue_chain(cloud), issue_chain(cloud)
    revoke(cloud, chain.first)
    assert statuses(cloud, chain) == [404, 404, 404]
    assert statuses(cloud, other_chain) == [200, 200, 200]


def test_the_revocation_of_a_later_token_revokes_no_other(cloud: Cloud) -> None:
    chain = issue_chain(cloud)
    revoke(cloud, chain.second)
    assert statuses(cloud, chain) == [200, 404, 200]


@pytest.mark.parametrize("value", ["false", "0", "no", "%20FALSE%20"])
def test_a_client_can_revoke_the_first_token_alone(cloud: Cloud, value: str) -> None:
    chain = issue_chain(cloud)
    revoke(cloud, chain.first, f"?cascade={value}")
    assert statuses(cloud, chain) == [404, 200, 200]


@pytest.mark.parametrize(
    "query", ["?cascade=", "?cascade=x", "?Cascade=false", "?cascade=true&cascade=false"]
)
def test_any_other_query_revokes_the_chain(cloud: Cloud, query: str) -> None:
    chain = issue_chain(cloud)
    revoke(cloud, chain.first, query)
    assert statuses(cloud, chain) == [404, 404, 404]


@pytest.mark.parametrize("methods", [("password", "token"), ("token", "password")])
def test_a_login_by_password_and_token_belongs_to_the_chain_of_the_token(
    cloud: Cloud, methods: tuple[str, ...]
) -> None:
    first = issue(cloud, password=PASSWORD)
    payloads = {"password": PASSWORD, "token": {"id": first.id}}
    token = issue(cloud, **{method: payloads[method] for method in methods})
    assert token.audit_ids[1:] == first.audit_ids
    assert token.methods == ["password", "token"]


@pytest.mark.parametrize("scope", [PROJECT, {"domain": DEFAULT}])
def test_a_token_of_the_system_is_not_exchanged_for_one_of_a_project_or_a_domain(
    cloud: Cloud, scope: Any
) -> None:
    token = {"id": issue(cloud, SYSTEM, password=ADMIN_PASSWORD).id}
    response = log_in(cloud, scope, token=token, password=PASSWORD)
    assert response.status_code == 403
    assert response.get_json()["error"]["message"] == (
        "You are not authorized to perform the requested action: Using a system-scoped token to create a "
        "project-scoped or domain-scoped token is not allowed.."
    )
    for allowed_scope in (None, "unscoped", SYSTEM):
        assert log_in(cloud, allowed_scope, token=token).status_code == 201
