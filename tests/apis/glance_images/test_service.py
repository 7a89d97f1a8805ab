"""The image service with scopes, plans, faults, the journal, hints and roles."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"
PRIVATE = "10000000-0000-4000-8000-000000000025"  # bob's
JSON = {"Accept": "application/json"}


def names(cloud: Cloud, query: str = "", **headers: str) -> list[str]:
    response = cloud.ask("GET", f"/image/v2/images{query}", headers={**JSON, **headers})
    return [image["name"] for image in response.get_json()["images"]]


def test_noauth_treats_every_caller_as_a_member_of_the_first_project(cloud: Cloud) -> None:
    assert names(cloud) == names(cloud, **{"X-Auth-Token": "anything"})
    image = cloud.ask("POST", "/image/v2/images", json={"name": "new"}).get_json()
    assert image["owner"] == cloud.emulator.cloud.directory.first_project.id


@pytest.mark.parametrize("token", [None, "", "gAAAAABnope"])
def test_keystone_refuses_an_invalid_token_before_routing(recorded_cloud: Cloud, token: str | None) -> None:
    headers = JSON if token is None else {**JSON, "X-Auth-Token": token}
    response = recorded_cloud.ask("GET", "/image/v2/nothing", headers=headers)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (
        401,
        'Keystone uri="http://localhost/identity"',
    )


def test_a_token_without_a_project_sees_no_images(recorded_cloud: Cloud) -> None:
    tokens = recorded_cloud.emulator.cloud.tokens
    user = recorded_cloud.emulator.cloud.directory.user("alice")
    assert user is not None
    headers = {**JSON, "X-Auth-Token": tokens.issue(user, None)[0]}
    response = recorded_cloud.ask("GET", "/image/v2/images", headers=headers)
    assert (response.status_code, response.get_json()["message"]) == (
        403,
        "You are not authorized to complete get_images action.<br /><br />\n\n\n",
    )
    public = "/image/v2/images/10000000-0000-4000-8000-000000000003"
    assert recorded_cloud.ask("GET", public, headers=headers).status_code == 404


def test_a_reader_can_list_but_not_write_or_download() -> None:
    document = (
        "users: [{name: eve, password: x, project: demo, roles: [reader]}]\n"
        "images: [{name: mine, id: 0badcafe-0000-4000-8000-000000000001, owner: demo}]\n"
    )
    keystone_cloud = Cloud(private=True, auth_strategy="keystone")
    keystone_cloud.ask("POST", "/_admin/fixtures", data=document, content_type="application/yaml")
    image_url = "/image/v2/images/0badcafe-0000-4000-8000-000000000001"
    assert keystone_cloud.ask("GET", image_url, "eve").status_code == 200
    assert keystone_cloud.ask("DELETE", image_url, "eve").status_code == 403
    assert keystone_cloud.ask("GET", f"{image_url}/file", "eve").status_code == 403
    assert keystone_cloud.ask("POST", "/image/v2/images", "eve", json={}).status_code == 403


def test_a_scope_has_its_own_images(cloud: Cloud) -> None:
    scope = cloud.ask("POST", "/_admin/scopes", json={}).get_json()
    project = scope["project"]["id"] if "project" in scope else scope["project_id"]
    login = cloud.get(f"/_admin/environment?scope={project}")["login"]
    token = cloud.ask(
        "POST",
        "/identity/v3/auth/tokens",
        json={
            "auth": {
                "identity": {
                    "methods": ["password"],
                    "password": {
                        "user": {
                            "name": login["username"],
                            "password": login["password"],
                            "domain": {"id": "default"},
                        }
                    },
                },
                "scope": {"project": {"id": project}},
            }
        },
    ).headers["X-Subject-Token"]
    cloud.ask("POST", "/image/v2/images", json={"name": "own"}, headers={"X-Auth-Token": token})
    assert names(cloud, "?name=own", **{"X-Auth-Token": token}) == ["own"]
    assert names(cloud, "?name=own") == []


def test_a_fault_has_the_services_error_format(cloud: Cloud) -> None:
    fault = {"match": {"operation": "glance.images.list"}, "effect": {"status": 503, "retry_after": 3}}
    assert cloud.ask("POST", "/_admin/faults", json=fault).status_code == 201
    response = cloud.ask("GET", "/image/v2/images", headers=JSON)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")
    assert response.get_json() == {
        "code": "503 Service Unavailable",
        "title": "Service Unavailable",
        "message": "The server is currently unavailable. Please try again at a later time.<br /><br />\n\n\n",
    }
    assert cloud.ask("GET", "/v2.1/images").status_code == 200


def test_a_token_that_a_fault_expires_is_refused_as_by_the_middleware(recorded_cloud: Cloud) -> None:
    recorded_cloud.ask(
        "POST", "/_admin/faults", json={"match": {"path": "/image/*"}, "effect": {"token": "expired"}}
    )
    response = recorded_cloud.ask("GET", "/image/v2/images", "alice", headers=JSON)
    assert (response.status_code, response.get_json()["title"]) == (401, "Unauthorized")


def test_the_journal_has_operation_project_and_number_of_listed_images(recorded_cloud: Cloud) -> None:
    recorded_cloud.get("/image/v2/images?limit=2", "alice")
    (entry,) = recorded_cloud.get("/_admin/requests?operation=glance.images.list")["requests"]
    assert (entry["path"], entry["listed"], entry["status"]) == ("/image/v2/images", 2, 200)


def test_explain_says_why_a_glance_list_excludes_an_image(cloud: Cloud) -> None:
    explanation: Any = cloud.ask(
        "GET", "/_admin/explain", query_string={"path": "/image/v2/images?status=active&tag=red"}
    ).get_json()
    dropped = {image["name"]: image["dropped"] for image in explanation["images"]}
    assert dropped["golden"] == 'it has no tag "red"'
    assert dropped["web-1-nightly"] == 'status is "saving"; asked for "active"'


def test_polls_of_either_api_count_for_a_plan(cloud: Cloud) -> None:
    steps = [{"status": "saving", "looks": 3}, {"status": "active"}]
    cloud.ask("PUT", "/_admin/plans/nightly", json={"steps": steps})
    cloud.ask("PUT", f"/_admin/images/{CIRROS}/plan", json={"plan": "nightly"})
    assert cloud.get(f"/image/v2/images/{CIRROS}")["status"] == "saving"
    assert cloud.get(f"/v2.1/images/{CIRROS}")["image"]["status"] == "SAVING"
    names(cloud)
    assert cloud.get(f"/image/v2/images/{CIRROS}")["status"] == "active"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", f"images/{PRIVATE}", "The image is private to project d9ebe"),
        ("GET", "metadefs", "No route has this path."),
        ("GET", "images/", "No route ends with a slash; remove it."),
        (
            "DELETE",
            "images/ee10f19c-503c-44af-af2f-73d5e42f7a17",
            "The image is public and owned by project d9ebe",
        ),
    ],
)
def test_a_hint_explains_what_the_response_does_not(
    recorded_cloud: Cloud, method: str, path: str, expected: str
) -> None:
    response = recorded_cloud.ask(method, f"/image/v2/{path}", "alice", headers=JSON)
    assert expected in response.headers["X-Fake-Nova-Hint"]


def test_links_have_the_address_that_the_client_used(cloud: Cloud) -> None:
    base = "https://cloud.example.com:8443"
    response = cloud.ask("POST", "/image/v2/images", json={}, base_url=base)
    assert response.headers["Location"].startswith(f"{base}/image/v2/images/")
    versions = cloud.ask("GET", "/image/", base_url=base).get_json()["versions"]
    assert versions[0]["links"][0]["href"] == f"{base}/image/v2/"


def test_an_error_has_the_format_that_the_client_accepts(cloud: Cloud) -> None:
    path = "/image/v2/images/%3Cb%3E"
    page = cloud.ask("GET", path, headers={"Accept": "text/html"})
    assert "No image found with ID &lt;b&gt;" in page.text
    text = cloud.ask("GET", path, headers={"Accept": "text/plain"})
    assert text.text.startswith("404 Not Found\n\nNo image found with ID ")
    assert "<br" not in text.text


def test_an_export_with_uploaded_data_loads_again(cloud: Cloud) -> None:
    body = {"name": "new", "disk_format": "raw", "container_format": "bare", "visibility": "shared"}
    image_id = cloud.ask("POST", "/image/v2/images", json=body).get_json()["id"]
    cloud.ask(
        "PUT",
        f"/image/v2/images/{image_id}/file",
        data=b"hello",
        headers={"Content-Type": "application/octet-stream"},
    )
    cloud.ask("POST", f"/image/v2/images/{image_id}/members", json={"member": "someone"})
    before = cloud.get(f"/image/v2/images/{image_id}")
    members = cloud.get(f"/image/v2/images/{image_id}/members")
    export = cloud.ask("GET", "/_admin/export").text
    second_cloud = Cloud(private=True)
    assert second_cloud.ask("POST", "/_admin/fixtures?replace=true", data=export).status_code < 300
    assert second_cloud.get(f"/image/v2/images/{image_id}") == before
    assert second_cloud.get(f"/image/v2/images/{image_id}/members") == members


def test_malformed_bodies_and_huge_numbers_are_a_400(cloud: Cloud) -> None:
    for text in (
        '{"k": ' + "[" * 400 + "]" * 400 + "}",
        '{"k": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"min_ram": 99999999999999999999}',
        '{"name": "\\ud800"}',
        "[]",
        "",
    ):
        response = cloud.ask(
            "POST", "/image/v2/images", data=text, headers={**JSON, "Content-Type": "application/json"}
        )
        assert response.status_code == 400, text[:40]


def test_a_second_member_status_asks_for_a_property_of_that_name(cloud: Cloud) -> None:
    fields = {"name": "x", "properties": {"member_status": "pending"}}
    cloud.ask("POST", "/_admin/images", json=fields)
    names = cloud.names("/image/v2/images?member_status=all&member_status=pending")
    assert (names, len(cloud.names("/image/v2/images?member_status=all"))) == (["x"], 6 + 1)
