"""What scripts create in the identity service stands in exports, and goes with a reset."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.directory import Directory
from fake_nova.documents.fixture_files import load_text
from tests.conftest import Cloud
from tests.record import mariadb

IDENTITY = "/identity/v3"


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(private=True, fixtures=(mariadb.CLOUD,), dialect="nova", auth_strategy="keystone")


def create(cloud: Cloud, kind: str, **values: Any) -> str:
    response = cloud.ask("POST", f"{IDENTITY}/{kind}s", "admin", json={kind: values})
    assert response.status_code == 201, response.text
    return str(response.get_json()[kind]["id"])


def set_up(cloud: Cloud) -> tuple[str, str]:
    """Create a user, a project and a role, and assign the role; return the ids of user and project."""
    user_id = create(cloud, "user", name="dora", password="dora-secret", email="d@x")
    project_id = create(cloud, "project", name="lab", tags=["red"])
    role_id = create(cloud, "role", name="operator")
    for each in (role_id, cloud.get(f"{IDENTITY}/roles?name=member", "admin")["roles"][0]["id"]):
        path = f"{IDENTITY}/projects/{project_id}/users/{user_id}/roles/{each}"
        assert cloud.ask("PUT", path, "admin").status_code == 204
    return user_id, project_id


def log_in(cloud: Cloud, project_id: str) -> Any:
    user = {"name": "dora", "password": "dora-secret", "domain": {"id": "default"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    auth = {"identity": identity, "scope": {"project": {"id": project_id}}}
    return cloud.ask("POST", f"{IDENTITY}/auth/tokens", json={"auth": auth})


def test_a_new_user_logs_in_and_uses_the_other_services(cloud: Cloud) -> None:
    _, project_id = set_up(cloud)
    response = log_in(cloud, project_id)
    headers = {"X-Auth-Token": response.headers["X-Subject-Token"]}
    image = {"name": "mine", "disk_format": "raw", "container_format": "bare"}
    assert (
        cloud.ask("POST", "/image/v2/images", headers=headers, json=image).get_json()["owner"] == project_id
    )


def test_a_token_ends_with_the_last_role_in_its_project(cloud: Cloud) -> None:
    user_id, project_id = set_up(cloud)
    headers = {"X-Auth-Token": log_in(cloud, project_id).headers["X-Subject-Token"]}
    path = f"{IDENTITY}/projects/{project_id}/users/{user_id}/roles"
    roles = {role["name"]: role["id"] for role in cloud.get(path, "admin")["roles"]}
    assert cloud.ask("GET", "/v2.1/images", headers=headers).status_code == 200
    cloud.ask("DELETE", f"{path}/{roles['member']}", "admin")
    assert cloud.ask("GET", "/v2.1/images", headers=headers).status_code == 403  # an operator reads no images
    cloud.ask("DELETE", f"{path}/{roles['operator']}", "admin")
    assert cloud.ask("GET", "/v2.1/images", headers=headers).status_code == 401
    assert log_in(cloud, project_id).status_code == 401


def test_an_export_has_what_was_created(cloud: Cloud) -> None:
    _, project_id = set_up(cloud)
    exported = cloud.ask("GET", "/_admin/export").text
    dora = next(user for user in yaml.safe_load(exported)["users"] if user["name"] == "dora")
    assert (dora["project"], dora["roles"]) == (project_id, ["member", "operator"])
    assert dora["details"] == {"email": "d@x"}
    seed = load_text(exported.encode(), "export", Directory(), SystemClock().now())
    assert seed.directory.parts() == cloud.emulator.directory_for().parts()


def test_a_reset_of_the_shared_cloud_undoes_what_was_created(cloud: Cloud) -> None:
    before = cloud.emulator.directory_for().parts()
    _, project_id = set_up(cloud)
    cloud.ask("POST", "/_admin/reset")
    assert cloud.emulator.directory_for().parts() == before
    assert log_in(cloud, project_id).status_code == 401


def test_what_was_created_is_no_part_of_the_seed_when_fixtures_are_added(cloud: Cloud) -> None:
    set_up(cloud)
    cloud.ask("POST", "/_admin/fixtures", data="users: [{name: new, password: p, project: lab}]")
    names = [user.name for user in cloud.emulator.directory_for().users]
    assert names[-2:] == ["dora", "new"]
    cloud.ask("POST", "/_admin/reset")
    assert [user.name for user in cloud.emulator.directory_for().users][-1:] == ["new"]


def test_a_project_that_the_body_lacks_is_refused_where_the_real_service_fails(cloud: Cloud) -> None:
    response = cloud.ask("POST", f"{IDENTITY}/projects", "admin", json={})
    assert response.status_code == 400
    assert "Expecting to find project in request body" in response.get_json()["error"]["message"]


@pytest.mark.parametrize("values", [{"name": "\ud800"}, {"name": "a", "email": ["\udfff"]}])
def test_text_that_utf_8_cannot_encode_is_refused_so_that_exports_load(cloud: Cloud, values: Any) -> None:
    response = cloud.ask("POST", f"{IDENTITY}/users", "admin", json={"user": values})
    assert response.status_code == 400
    assert "Keystone 30.0.0 fails here with a 500" in response.headers["X-Fake-Nova-Hint"]


def test_a_user_without_a_password_stands_in_exports_too(cloud: Cloud) -> None:
    create(cloud, "user", name="nobody", password="")
    assert cloud.emulator.cloud.directory.user("nobody") is not None
    exported = cloud.ask("GET", "/_admin/export").text
    assert load_text(exported.encode(), "export", Directory(), SystemClock().now()).directory.user("nobody")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/domains/nope/users/nobody/roles/nothing", "domain: nope"),
        ("/domains/default/users/nobody/roles/nothing", "role: nothing"),
        ("/projects/nope/users/nobody/roles/nothing", "role: nothing"),
    ],
)
def test_the_first_unknown_object_of_a_path_is_reported(cloud: Cloud, path: str, kind: str) -> None:
    response = cloud.ask("GET", f"{IDENTITY}{path}", "admin")
    assert response.status_code == 404
    assert response.get_json()["error"]["message"] == f"Could not find {kind}."
