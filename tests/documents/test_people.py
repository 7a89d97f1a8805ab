"""Domains, roles, users with several projects, and application credentials in fixtures and exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.directory import Directory
from fake_nova.documents.fixture_files import load_text
from fake_nova.errors import FixtureError
from tests.conftest import Cloud

PEOPLE = """
domains: [{id: acme, name: Acme, description: the other one}]
roles: [{name: operator, implies: [member]}]
projects:
  - {id: 0123456789abcdef0123456789abcdef, name: one, tags: [lab]}
  - {id: fedcba9876543210fedcba9876543210, name: two, domain: Acme}
users:
  - {name: ann, password: a, project: one}
  - {name: ann, password: b, domain: acme, project: two, roles: [reader], projects: [{project: one, roles: [operator]}]}
  - {name: dom, password: d, domains: [{domain: Acme, roles: [manager]}], system_roles: [reader], details: {email: d@x}}
application_credentials:
  - name: ci
    user: ann
    secret: s
    roles: [reader]
    unrestricted: true
    access_rules: [{service: compute, path: /v2.1/images, method: GET}]
"""


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    path = tmp_path / "people.yaml"
    path.write_text(PEOPLE, encoding="utf-8")
    return Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")


def log_in(cloud: Cloud, user: dict[str, Any], scope: Any = None) -> Any:
    auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": user}}}
    if scope is not None:
        auth["scope"] = scope
    return cloud.ask("POST", "/identity/v3/auth/tokens", json={"auth": auth})


ANN_OF_ACME = {"name": "ann", "password": "b", "domain": {"name": "ACME"}}


@pytest.mark.parametrize(
    ("project", "roles"),
    [
        ({"name": "two", "domain": {"name": "acme"}}, ["reader"]),
        ({"name": "one", "domain": {"id": "default"}}, ["member", "operator", "reader"]),
    ],
)
def test_a_user_has_roles_in_each_project_and_what_they_imply(
    cloud: Cloud, project: dict[str, Any], roles: list[str]
) -> None:
    token = log_in(cloud, ANN_OF_ACME, {"project": project}).get_json()["token"]
    assert [role["name"] for role in token["roles"]] == roles
    assert token["user"]["domain"] == {"id": "acme", "name": "Acme"}


def test_users_of_two_domains_can_have_the_same_name(cloud: Cloud) -> None:
    default_user = {**ANN_OF_ACME, "password": "a", "domain": {"id": "default"}}
    ids = {log_in(cloud, user).get_json()["token"]["user"]["id"] for user in (ANN_OF_ACME, default_user)}
    assert len(ids) == 2
    assert log_in(cloud, {**default_user, "password": "b"}).status_code == 401


def test_a_token_for_a_domain_lists_what_belongs_to_it(cloud: Cloud) -> None:
    user = {"name": "dom", "password": "d", "domain": {"id": "default"}}
    response = log_in(cloud, user, {"domain": {"id": "acme"}})
    assert response.get_json()["token"]["domain"] == {"id": "acme", "name": "Acme"}
    headers = {"X-Auth-Token": response.headers["X-Subject-Token"]}
    users = cloud.ask("GET", "/identity/v3/users", headers=headers).get_json()["users"]
    assert [user["domain_id"] for user in users] == ["acme"]
    domains = cloud.ask("GET", "/identity/v3/domains", headers=headers).get_json()["domains"]
    assert [domain["name"] for domain in domains] == ["Acme"]
    assert cloud.ask("GET", "/identity/v3/services", headers=headers).status_code == 403


def test_an_export_has_everybody(cloud: Cloud) -> None:
    exported = cloud.ask("GET", "/_admin/export").text
    now = SystemClock().now()
    seed = load_text(exported.encode(), "export", Directory(), now)
    assert seed.directory.parts() == cloud.emulator.directory_for().parts()
    short = yaml.safe_load(exported)["users"][0]
    project_id = "0123456789abcdef0123456789abcdef"
    assert short == {"name": "ann", "password": "a", "project": project_id, "roles": ["member"]}


def test_a_credential_of_a_fixture_logs_in(cloud: Cloud) -> None:
    user = {"name": "ann", "domain": {"id": "default"}}
    payload = {"name": "ci", "secret": "s", "user": user}
    auth = {"identity": {"methods": ["application_credential"], "application_credential": payload}}
    token = cloud.ask("POST", "/identity/v3/auth/tokens", json={"auth": auth}).get_json()["token"]
    assert [role["name"] for role in token["roles"]] == ["reader"]
    assert token["application_credential"]["restricted"] is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("projects: [{id: a, name: a, domain: x}]", "domain: unknown domain (got"),
        ("users: [{name: a, password: b}]", "users[0].project: missing; expected"),
        (
            "users: [{name: a, password: b, projects: [{project: x, roles: []}]}]",
            "projects[0].project: unknown",
        ),
        ("users: [{name: a, password: b, system_roles: [x]}]", "system_roles[0]: unknown role (got"),
        ("application_credentials: [{name: a, secret: b, user: x}]", "user: unknown user (got"),
    ],
)
def test_what_does_not_exist_is_named(text: str, message: str) -> None:
    with pytest.raises(FixtureError) as caught:
        load_text(text.encode(), "text", Directory(), SystemClock().now())
    assert message in str(caught.value)
