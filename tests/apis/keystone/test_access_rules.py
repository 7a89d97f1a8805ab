"""Access rules of application credentials, and tokens of a deleted credential (Keystone 30.0.0, measured)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

IDENTITY = "/identity/v3"
TOKENS = f"{IDENTITY}/auth/tokens"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(private=True, auth_strategy="keystone", dialect="nova")


def user_of(cloud: Cloud, name: str = "demo") -> Any:
    user = cloud.emulator.cloud.directory.user(name)
    assert user is not None
    return user


def issue(cloud: Cloud, name: str = "demo") -> dict[str, str]:
    user = user_of(cloud, name)
    return {"X-Auth-Token": cloud.emulator.cloud.tokens.issue(user, user.project)[0]}


def create(cloud: Cloud, *rules: tuple[str, str, str]) -> tuple[str, dict[str, str]]:
    """Create a credential with rules of service, method and path; return its path and a token of it."""
    path = f"{IDENTITY}/users/{user_of(cloud).id}/application_credentials"
    keys = ("service", "method", "path")
    values = {"name": "ci", "access_rules": [dict(zip(keys, rule, strict=True)) for rule in rules]}
    if not rules:
        del values["access_rules"]
    reply = cloud.ask("POST", path, headers=issue(cloud), json={"application_credential": values})
    credential = reply.get_json()["application_credential"]
    secret = {"id": credential["id"], "secret": credential["secret"]}
    identity = {"methods": ["application_credential"], "application_credential": secret}
    reply = cloud.ask("POST", TOKENS, json={"auth": {"identity": identity}})
    return f"{path}/{credential['id']}", {"X-Auth-Token": reply.headers["X-Subject-Token"]}


@pytest.mark.parametrize(
    ("rule", "path", "other_path"),
    [
        (("compute", "GET", "/v2.1/images/*"), "/v2.1/images/detail", "/v2.1/images"),
        (("compute", "GET", "/v2.1/{kind}"), "/v2.1/images", "/v2.1/images/detail"),
        (("compute", "GET", "/v2.1/**"), "/v2.1/images/detail", "/image/v2/images"),
        (("image", "GET", "/v2/images"), "/image/v2/images", "/v2.1/images"),
        (("identity", "GET", "/v3/auth/*"), "/identity/v3/auth/projects", "/identity/v3/regions"),
    ],
)
def test_a_token_is_for_the_requests_of_the_rules(
    cloud: Cloud, rule: tuple[str, str, str], path: str, other_path: str
) -> None:
    _, headers = create(cloud, rule)
    assert cloud.ask("GET", path, headers=headers).status_code == 200
    response = cloud.ask("GET", other_path, headers=headers)
    assert response.status_code == 401
    assert "access rules" in response.headers["X-Fake-Nova-Hint"]


def test_a_rule_is_for_one_method(cloud: Cloud) -> None:
    _, headers = create(cloud, ("image", "POST", "/v2/images"))
    assert cloud.ask("GET", "/image/v2/images", headers=headers).status_code == 401
    image = {"name": "mine", "disk_format": "raw", "container_format": "bare"}
    assert cloud.ask("POST", "/image/v2/images", headers=headers, json=image).status_code == 201


def test_a_service_token_passes_the_rules(cloud: Cloud) -> None:
    _, headers = create(cloud, ("image", "GET", "/v2/images"))
    users = "users: [{name: nova, password: p, project: service, roles: [service]}]"
    cloud.ask("POST", "/_admin/fixtures", data=users)
    headers["X-Service-Token"] = issue(cloud, "nova")["X-Auth-Token"]
    assert cloud.ask("GET", "/v2.1/images", headers=headers).status_code == 200


def test_a_token_with_rules_is_shown_only_to_those_who_know_rules(cloud: Cloud) -> None:
    _, token = create(cloud, ("image", "GET", "/v2/images"))
    headers = {**token, "X-Subject-Token": token["X-Auth-Token"]}
    assert cloud.ask("GET", TOKENS, headers=headers).status_code == 404
    version = {"OpenStack-Identity-Access-Rules": "1.0"}
    assert cloud.ask("GET", TOKENS, headers={**headers, **version}).status_code == 200
    admin = {**headers, **version, **issue(cloud, "admin")}
    assert cloud.ask("DELETE", TOKENS, headers=admin).status_code == 404


def test_a_token_of_a_deleted_credential_names_the_credential(cloud: Cloud) -> None:
    path, token = create(cloud)
    cloud.ask("DELETE", path, headers=issue(cloud))
    message = f"Could not find Application Credential: {path.rpartition('/')[2]}."
    error = {"code": 404, "message": message, "title": "Not Found"}
    subject = {**issue(cloud, "admin"), "X-Subject-Token": token["X-Auth-Token"]}
    for headers in (token, subject):
        response = cloud.ask("GET", TOKENS, headers=headers)
        assert (response.status_code, response.get_json()) == (404, {"error": error})
    identity = {"methods": ["token"], "token": {"id": token["X-Auth-Token"]}}
    assert cloud.ask("POST", TOKENS, json={"auth": {"identity": identity}}).get_json() == {"error": error}
    assert cloud.ask("GET", "/v2.1/images", headers=token).status_code == 401
