"""Scopes: projects with their own cloud on one server."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from fake_nova.app import create_app
from fake_nova.cloud import emulator
from fake_nova.cloud.emulator import Emulator
from tests.conftest import Cloud

DEMO = "9c53a566cb3443ab910cf0daebca90c4"


@pytest.fixture
def http() -> Any:
    return create_app(fixtures=("default",)).test_client()


def open_scope(http: Any, **settings: Any) -> dict[str, Any]:
    response = http.post("/_admin/scopes", json=settings)
    assert response.status_code == 201, response.text
    scope: dict[str, Any] = response.get_json()
    return scope


def names(http: Any, project: str) -> list[str]:
    return [image["name"] for image in http.get(f"/v2.1/{project}/images").get_json()["images"]]


def test_changes_in_one_scope_are_invisible_to_the_others(http: Any) -> None:
    first, second = (open_scope(http)["project"]["id"] for _ in range(2))
    image_id = "70a599e0-31e7-49b7-b260-868f441e862b"
    http.put(f"/_admin/images/{image_id}/status?scope={first}", json={"status": "killed"})
    http.post(f"/_admin/images?scope={first}", json={"name": "only here"})
    assert http.get(f"/v2.1/{first}/images/{image_id}").get_json()["image"]["status"] == "ERROR"
    assert "only here" in names(http, first)
    for project in (second, DEMO):
        assert http.get(f"/v2.1/{project}/images/{image_id}").get_json()["image"]["status"] == "ACTIVE"
        assert "only here" not in names(http, project)


def test_resetting_a_scope_leaves_the_others_unchanged(http: Any) -> None:
    first, second = (open_scope(http)["project"]["id"] for _ in range(2))
    seed_names = names(http, first)
    for project in (first, second):
        http.post(f"/_admin/images?scope={project}", json={"name": "new"})
    http.post("/_admin/images", json={"name": "shared"})
    assert http.post(f"/_admin/reset?scope={first}").status_code == 200
    assert names(http, first) == seed_names
    assert "new" in names(http, second)
    http.post("/_admin/reset")
    assert "new" in names(http, second)
    assert "shared" not in names(http, DEMO)


def test_closing_a_scope_removes_everything_in_it(http: Any) -> None:
    scope = open_scope(http)
    project = scope["project"]["id"]
    http.post(f"/_admin/images?scope={project}", json={"name": "new"})
    scopes = http.get("/_admin/scopes").get_json()["scopes"]
    assert [entry["project"]["id"] for entry in scopes] == [project]
    assert "password" not in scopes[0]["user"]
    assert http.delete(f"/_admin/scopes/{project}").status_code == 204
    assert http.get("/_admin/scopes").get_json() == {"scopes": []}
    assert "new" not in names(http, project)
    response = http.get(f"/_admin/images?scope={project}")
    assert response.status_code == 404
    assert response.get_json()["itemNotFound"]["message"] == (
        f'scope: not open for this project (got "{project}"); expected a project with a scope, but no scope is '
        "open"
    )


def test_a_scopes_user_logs_in_and_its_token_selects_the_scope(http: Any) -> None:
    scope = open_scope(http, auth_strategy="keystone")
    user, project = scope["user"], scope["project"]["id"]
    http.post(
        f"/_admin/images?scope={project}", json={"name": "mine", "owner": project, "visibility": "private"}
    )
    assert http.get(f"/v2.1/{project}/images").status_code == 401
    identity = {"methods": ["password"], "password": {"user": {**user, "domain": {"id": "default"}}}}
    auth = {"auth": {"identity": identity, "scope": {"project": {"id": project}}}}
    token = http.post("/identity/v3/auth/tokens", json=auth).headers["X-Subject-Token"]
    images = http.get("/v2.1/images", headers={"X-Auth-Token": token}).get_json()["images"]
    assert "mine" in [image["name"] for image in images]
    http.post(f"/_admin/reset?scope={project}")
    assert http.get(f"/v2.1/{project}/images", headers={"X-Auth-Token": token}).status_code == 401


def test_a_server_started_from_a_scopes_export_has_its_project_and_user_first(http: Any) -> None:
    second_scope = open_scope(http)
    scope = open_scope(http)
    project = scope["project"]["id"]
    http.post(f"/_admin/images?scope={project}", json={"name": "mine", "visibility": "private"})
    text = http.get(f"/_admin/export?scope={project}").text
    assert second_scope["project"]["id"] not in text
    assert scope["user"]["name"] not in http.get("/_admin/export").text
    state = Cloud(private=True)
    assert state.ask("POST", "/_admin/fixtures?replace=true", data=text).status_code == 201
    assert state.ask("GET", "/_admin/environment").get_json()["login"]["username"] == scope["user"]["name"]
    assert state.names("/v2.1/images") == names(http, project)
    second_response = http.post(f"/_admin/fixtures?replace=true&scope={project}", data=text)
    assert second_response.status_code == 201
    assert [project["id"] for project in yaml.safe_load(text)["projects"]] == [
        project["id"]
        for project in yaml.safe_load(http.get(f"/_admin/export?scope={project}").text)["projects"]
    ]


def test_a_project_whose_scope_was_closed_starts_again_with_a_new_one(http: Any) -> None:
    for _ in range(2):
        open_scope(http, project=DEMO)
        assert http.get(f"/_admin/health?scope={DEMO}").get_json()["loaded"] == 0
        http.post(f"/_admin/fixtures?scope={DEMO}", data="images: [{name: more}]")
        assert http.get(f"/_admin/health?scope={DEMO}").get_json()["loaded"] == 1
        assert http.delete(f"/_admin/scopes/{DEMO}").status_code == 204


def test_a_scope_can_have_another_dialect_than_its_server(http: Any) -> None:
    nova_project = open_scope(http, dialect="nova")["project"]["id"]
    assert names(http, nova_project)[-1] == "image1"
    assert names(http, DEMO)[0] == "image1"


def test_an_existing_project_can_have_only_one_scope(http: Any) -> None:
    assert open_scope(http, project=DEMO)["project"] == {"id": DEMO, "name": "demo"}
    second_response = http.post("/_admin/scopes", json={"project": DEMO})
    assert second_response.status_code == 409
    assert second_response.get_json()["conflictingRequest"]["message"].startswith(
        f'project: already has a scope (got "{DEMO}")'
    )


def test_the_id_of_a_new_project_may_be_the_name_of_another(http: Any) -> None:
    fixture = {"projects": [{"id": "a" * 32, "name": "cafe"}]}
    assert http.post("/_admin/fixtures", json=fixture).status_code < 300
    assert open_scope(http, project="cafe")["project"]["id"] == "cafe"
    assert http.post("/_admin/scopes", json={"project": "cafe"}).status_code == 409


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"project": "a b"},
            'project: invalid value (got "a b"); expected a project\'s id: digits, a to f and hyphens',
        ),
        ({"dialect": "aws"}, 'dialect: invalid value (got "aws"); expected huaweicloud or nova'),
        (
            {"colour": "red"},
            "colour: unknown key; expected one of: project, dialect, database, auth_strategy",
        ),
    ],
)
def test_an_invalid_scope_is_refused_by_field(http: Any, settings: Any, message: str) -> None:
    response = http.post("/_admin/scopes", json=settings)
    assert (response.status_code, response.get_json()["badRequest"]["message"]) == (400, message)
    assert http.get("/_admin/scopes").get_json() == {"scopes": []}


def test_an_unknown_scope_is_reported_with_a_list_of_the_open_ones(http: Any) -> None:
    project = open_scope(http)["project"]["id"]
    for method, path in (("GET", "/_admin/images"), ("POST", "/_admin/reset"), ("GET", "/_admin/requests")):
        response = http.open(f"{path}?scope=nope", method=method)
        assert response.status_code == 404
        assert response.get_json()["itemNotFound"]["message"] == (
            f'scope: not open for this project (got "nope"); expected one of: {project}'
        )


def test_an_unknown_parameter_is_refused(http: Any) -> None:
    response = http.post("/_admin/reset?scpe=x")
    assert response.status_code == 400
    assert (
        response.get_json()["badRequest"]["message"]
        == 'query: unknown parameter (got "scpe"); expected one of: scope (is it scope?)'
    )


def test_a_scopes_new_project_owns_what_the_default_project_owns_elsewhere(http: Any) -> None:
    project = open_scope(http)["project"]["id"]
    own_image_id = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"
    assert http.get(f"/v2.1/{project}/images/{own_image_id}").get_json()["image"]["name"] == "web-1-nightly"
    image = http.post(f"/_admin/images?scope={project}", json={"name": "mine"}).get_json()
    assert image["owner"] == project
    for image_id in (own_image_id, image["id"]):
        assert http.delete(f"/v2.1/{project}/images/{image_id}").status_code == 204
    assert http.get(f"/v2.1/{DEMO}/images/{own_image_id}").status_code == 200
    http.post(f"/_admin/reset?scope={project}")
    assert http.get(f"/v2.1/{project}/images/{own_image_id}").status_code == 200


def test_a_fixture_document_can_apply_to_one_scope(http: Any) -> None:
    project = open_scope(http)["project"]["id"]
    text = "projects: [{id: abc, name: lab}]\nimages: [{name: only, visibility: private}]\n"
    assert http.post(f"/_admin/fixtures?replace=true&scope={project}", data=text).status_code == 201
    assert names(http, project) == ["only"]
    http.post(f"/_admin/images?scope={project}", json={"name": "more"})
    http.post(f"/_admin/reset?scope={project}")
    assert names(http, project) == ["only"]
    assert len(names(http, DEMO)) == 6
    http.post(f"/_admin/fixtures?scope={project}", data="images: [{name: third, plan: slow}]")
    http.post(f"/_admin/reset?scope={project}")
    assert sorted(names(http, project)) == ["only", "third"]
    later_project = open_scope(http)["project"]["id"]
    assert len(names(http, later_project)) == 6


TOKENS = {"v3": "/identity/v3/auth/tokens", "v2.0": "/identity/v2.0/tokens"}


def login(user: dict[str, str], **extra: Any) -> dict[str, dict[str, Any]]:
    """Return the logins of a user: by name and by id, for both versions of the API."""
    domain = {"id": "default"}
    users = ({"name": user["name"], "domain": domain}, {"id": user.get("id", "")})
    by_name, by_id = (
        {
            "identity": {
                "methods": ["password"],
                "password": {"user": {**fields, "password": user["password"]}},
            }
        }
        for fields in users
    )
    old = {"passwordCredentials": {"username": user["name"], "password": user["password"]}}
    return {"v3": {"auth": {**by_name, **extra}}, "v2.0": {"auth": old}, "id": {"auth": by_id}}


@pytest.mark.parametrize("version", TOKENS)
def test_a_login_selects_its_users_scope_whatever_else_the_body_has(http: Any, version: str) -> None:
    scope = open_scope(http)
    project, name = scope["project"]["id"], scope["user"]["name"]
    fault = {"effect": {"status": 503}, "match": {"path": "/identity/*"}}
    http.post(f"/_admin/faults?scope={project}", json=fault)
    demo = {"name": "demo", "password": "demo-secret"}
    misleading_body = {**login(demo)[version], "note": name, name: [{"name": name}]}
    assert http.post(TOKENS[version], json=misleading_body).status_code in (200, 201)
    body = {**login(scope["user"])[version], "note": "demo", "demo": [{"name": "demo"}]}
    assert http.post(TOKENS[version], json=body).status_code == 503
    escaped_body = json.dumps(login(scope["user"])[version]).replace(name, f"\\u{ord(name[0]):04x}{name[1:]}")
    headers = {"Content-Type": "application/json"}
    assert http.post(TOKENS[version], data=escaped_body, headers=headers).status_code == 503


def test_a_login_by_user_id_or_by_token_selects_the_scope_too(http: Any) -> None:
    scope = open_scope(http)
    project = scope["project"]["id"]
    of_project = {"project": {"id": project}}
    token_response = http.post(TOKENS["v3"], json=login(scope["user"], scope=of_project)["v3"])
    user = {**scope["user"], "id": token_response.get_json()["token"]["user"]["id"]}
    identity = {"methods": ["token"], "token": {"id": token_response.headers["X-Subject-Token"]}}
    for body in (login(user)["id"], {"auth": {"identity": identity}}):
        assert http.post(TOKENS["v3"], json=body).status_code == 201
    paths = [entry["path"] for entry in requests_of(http, f"?scope={project}")]
    assert paths == [TOKENS["v3"]] * 3
    assert requests_of(http) == []


def requests_of(http: Any, query: str = "") -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = http.get(f"/_admin/requests{query}").get_json()["requests"]
    return entries


@pytest.mark.parametrize("path", ["/v2.1/images", "/image/v2/images"])
def test_a_scopes_token_survives_a_concurrent_reset_of_the_shared_cloud(
    http: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = open_scope(http)
    project = scope["project"]["id"]
    http.post(f"/_admin/images?scope={project}", json={"name": "mine", "owner": project})
    token = http.post(
        TOKENS["v3"], json=login(scope["user"], scope={"project": {"id": project}})["v3"]
    ).headers["X-Subject-Token"]
    find_token = Emulator.find_token

    def reset_first(emulator: Emulator, text: str) -> Any:
        monkeypatch.undo()
        emulator.reset()
        return find_token(emulator, text)

    monkeypatch.setattr(Emulator, "find_token", reset_first)
    images = http.get(path, headers={"X-Auth-Token": token}).get_json()["images"]
    assert "mine" in [image["name"] for image in images]
    assert requests_of(http, f"?scope={project}")[-1]["path"] == path
    assert requests_of(http) == []


def test_the_number_of_open_scopes_is_limited(http: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert emulator.MAX_SCOPES == 1_000
    monkeypatch.setattr(emulator, "MAX_SCOPES", 2)
    first = open_scope(http)["project"]["id"]
    open_scope(http)
    response = http.post("/_admin/scopes", json={})
    assert response.status_code == 409
    assert response.get_json()["conflictingRequest"]["message"] == (
        "scopes: too many; expected at most 2: close one first"
    )
    assert len(http.get("/_admin/scopes").get_json()["scopes"]) == 2
    assert http.delete(f"/_admin/scopes/{first}").status_code == 204
    open_scope(http)


@pytest.mark.parametrize(
    ("version", "misleading_fields"),
    [
        ("v3", {"passwordCredentials": {"username": "{name}"}}),
        ("v2.0", {"identity": {"methods": ["password"], "password": {"user": {"name": "{name}"}}}}),
        ("v3", {"token": {"id": "{token}"}}),
        ("v2.0", {"identity": {"methods": ["token"], "token": {"id": "{token}"}}}),
    ],
)
def test_fields_of_the_other_login_version_are_ignored(
    http: Any, version: str, misleading_fields: Any
) -> None:
    scope = open_scope(http)
    project, name = scope["project"]["id"], scope["user"]["name"]
    token = http.post(TOKENS["v3"], json=login(scope["user"])["v3"]).headers["X-Subject-Token"]
    http.post(f"/_admin/faults?scope={project}", json={"effect": {"status": 503}})
    body = login({"name": "demo", "password": "demo-secret"})[version]
    body["auth"] |= json.loads(
        json.dumps(misleading_fields).replace("{name}", name).replace("{token}", token)
    )
    assert http.post(TOKENS[version], json=body).status_code in (200, 201)


def test_a_login_method_that_is_not_named_does_not_select_a_scope(http: Any) -> None:
    scope = open_scope(http)
    token_response = http.post(TOKENS["v3"], json=login(scope["user"])["v3"])
    http.post(f"/_admin/faults?scope={scope['project']['id']}", json={"effect": {"status": 503}})
    body = login({"name": "demo", "password": "demo-secret"})["v3"]
    body["auth"]["identity"]["token"] = {"id": token_response.headers["X-Subject-Token"]}
    assert http.post(TOKENS["v3"], json=body).status_code == 201


def test_an_unscoped_token_selects_its_users_cloud(http: Any) -> None:
    scope = open_scope(http)
    token_response = http.post(TOKENS["v3"], json=login(scope["user"])["v3"])
    headers = {"X-Auth-Token": token_response.headers["X-Subject-Token"]}
    http.post("/_admin/reset")
    assert http.get("/identity/v3/auth/projects", headers=headers).status_code == 200
    entries = requests_of(http, f"?scope={scope['project']['id']}")
    assert [entry["path"] for entry in entries] == [TOKENS["v3"], "/identity/v3/auth/projects"]
