"""Flavors that are not public: who sees them, creates servers with them, and sees who may."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

FLAVORS = "/v2.1/flavors"
IMAGE = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
DEMO = "9c53a566cb3443ab910cf0daebca90c4"


@pytest.fixture
def cloud() -> Cloud:
    """A cloud with a flavor for the project demo, and one for nobody."""
    cloud = Cloud(auth_strategy="keystone")
    body = [
        {"id": "some", "name": "some", "is_public": False, "access": ["demo"]},
        {"id": "none", "name": "none", "is_public": False},
    ]
    assert cloud.ask("POST", "/_admin/flavors", json=body).status_code == 201
    return cloud


def listed(cloud: Cloud, user: str, query: str = "") -> set[str]:
    flavors = cloud.get(f"{FLAVORS}{query}", user)["flavors"]
    return {flavor["id"] for flavor in flavors} - set("12345")


def test_a_project_sees_the_private_flavors_that_it_may_use(cloud: Cloud) -> None:
    assert (listed(cloud, "demo"), listed(cloud, "service"), listed(cloud, "admin")) == (
        {"some"},
        set(),
        set(),
    )
    assert (
        listed(cloud, "admin", "?is_public=none")
        == listed(cloud, "admin", "?is_public=0")
        == {"some", "none"}
    )
    statuses = {
        user: cloud.ask("GET", f"{FLAVORS}/some", user).status_code for user in ("demo", "service", "admin")
    }
    assert statuses == {"demo": 200, "service": 404, "admin": 200}
    assert cloud.ask("GET", f"{FLAVORS}/none", "demo").status_code == 404


@pytest.mark.parametrize(
    ("flavor", "user", "status"), [("some", "demo", 202), ("some", "service", 400), ("none", "demo", 400)]
)
def test_a_project_creates_servers_with_the_flavors_that_it_may_use(
    cloud: Cloud, flavor: str, user: str, status: int
) -> None:
    body = {"server": {"name": "new", "imageRef": IMAGE, "flavorRef": flavor}}
    assert cloud.ask("POST", "/v2.1/servers", user, json=body).status_code == status


def test_an_admin_sees_who_may_use_a_private_flavor(cloud: Cloud) -> None:
    project = cloud.emulator.cloud.directory.project("demo")
    assert project is not None
    assert cloud.get(f"{FLAVORS}/some/os-flavor-access", "admin") == {
        "flavor_access": [{"flavor_id": "some", "tenant_id": project.id}]
    }
    assert cloud.get(f"{FLAVORS}/none/os-flavor-access", "admin") == {"flavor_access": []}


@pytest.mark.parametrize(
    ("flavor", "user", "expected"),
    [
        ("1", "admin", (404, "Access list not available for public flavors.")),
        ("nope", "admin", (404, "Flavor nope could not be found.")),
        ("some", "demo", (403, "Policy doesn't allow os_compute_api:os-flavor-access to be performed.")),
    ],
)
def test_others_do_not_see_it(cloud: Cloud, flavor: str, user: str, expected: tuple[int, str]) -> None:
    response = cloud.ask("GET", f"{FLAVORS}/{flavor}/os-flavor-access", user)
    (error,) = response.get_json().values()
    assert (response.status_code, error["message"]) == expected


def test_the_admin_api_changes_the_access_list_by_names_or_ids(cloud: Cloud) -> None:
    changed: dict[str, Any] = cloud.ask(
        "PATCH", "/_admin/flavors/some", json={"access": ["service", DEMO]}
    ).get_json()
    assert changed["access"][1] == DEMO
    assert listed(cloud, "service") == {"some"}
    response = cloud.ask("PATCH", "/_admin/flavors/some", json={"access": ["nobody"]})
    assert response.get_json()["badRequest"]["message"].startswith(
        'access[0]: unknown project (got "nobody"); expected'
    )


def test_an_export_loads_again_although_a_project_is_gone(cloud: Cloud) -> None:
    export = cloud.get("/_admin/export?format=json")
    (some,) = (flavor for flavor in export["flavors"] if flavor["id"] == "some")
    some["access"].append("f" * 32)
    other = Cloud(private=True)
    assert other.ask("POST", "/_admin/fixtures?replace=true", json=export).status_code == 201
    assert other.get("/_admin/flavors/some")["access"] == some["access"]
    del export["settings"]
    response = other.ask("POST", "/_admin/fixtures?replace=true", json=export)
    assert "access[1]: unknown project" in response.get_json()["badRequest"]["message"]


def test_a_scope_may_use_the_flavors_of_the_first_project() -> None:
    cloud = Cloud(private=True)
    document = "flavors: [{name: some, is_public: false, access: [mine]}]\nprojects: [{id: abc, name: mine}]"
    assert cloud.ask("POST", "/_admin/fixtures?replace=true", data=document).status_code == 201
    project = cloud.ask("POST", "/_admin/scopes").get_json()["project"]["id"]
    assert [flavor["name"] for flavor in cloud.get(f"/v2.1/{project}/flavors")["flavors"]] == ["some"]
    assert cloud.get(f"/v2.1/{'d' * 32}/flavors")["flavors"] == []
