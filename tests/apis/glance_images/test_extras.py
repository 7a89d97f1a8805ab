"""Metadata definitions, the cache, stores and locations (measured with Glance 33.0.0 without a cache)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Cloud

TEXT = {"Accept": "text/plain"}
NAMESPACE = "/image/v2/metadefs/namespaces/n"


@pytest.fixture
def cloud() -> Cloud:
    """Return a cloud that asks for tokens."""
    return Cloud(auth_strategy="keystone")


def refusal(cloud: Cloud, method: str, path: str, user: str = "demo", body: Any = None) -> tuple[int, str]:
    """Return the status and the message of a response as plain text."""
    options = {} if body is None else {"json": body}
    response = cloud.ask(method, path, user, headers=TEXT, **options)
    return response.status_code, response.text.partition("\n\n")[2].strip()


def create_image(cloud: Cloud, user: str = "demo", **fields: Any) -> str:
    body = {"name": "new", "disk_format": "raw", "container_format": "bare", **fields}
    return str(cloud.ask("POST", "/image/v2/images", user, json=body).get_json()["id"])


def upload(cloud: Cloud, image_id: str) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    cloud.ask("PUT", f"/image/v2/images/{image_id}/file", "demo", data=b"hello", headers=headers)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("task", "image_id"),
        ("tasks", "tasks"),
        ("metadefs/namespace", "namespace"),
        ("metadefs/namespaces", "namespaces"),
        ("metadefs/resource_type", "properties_target"),
        ("metadefs/resource_types", "resource_type_associations"),
        ("metadefs/property", "enum"),
        ("metadefs/properties", "properties"),
        ("metadefs/object", "required"),
        ("metadefs/objects", "objects"),
        ("metadefs/tag", "name"),
        ("metadefs/tags", "tags"),
    ],
)
def test_the_schemas_of_tasks_and_definitions_are_shown(cloud: Cloud, name: str, key: str) -> None:
    assert key in cloud.get(f"/image/v2/schemas/{name}", "demo")["properties"]


def test_schemas_that_only_bodies_have_are_not_shown(cloud: Cloud) -> None:
    names = ("location", "metadefs/tag_list", "metadefs/nope")
    assert [cloud.ask("GET", f"/image/v2/schemas/{name}", "demo").status_code for name in names] == [404] * 3


def test_the_schemas_of_tasks_read_a_body_first(cloud: Cloud) -> None:
    answers = [
        cloud.ask("GET", f"/image/v2/schemas/{name}", "demo", data=data, headers=TEXT).text
        for name in ("task", "metadefs/tag")
        for data in ("{", "{}")
    ]
    assert ["Malformed JSON" in text for text in answers] == [True, False, False, False]
    assert ["A body is not expected" in text for text in answers] == [False, True, True, True]


def test_the_catalogue_of_definitions_is_empty(cloud: Cloud) -> None:
    assert cloud.get("/image/v2/metadefs/namespaces?limit=5&a=b%20c", "demo") == {
        "namespaces": [],
        "schema": "/v2/schemas/metadefs/namespaces",
        "first": "/v2/metadefs/namespaces?limit=5&a=b+c",
    }
    assert cloud.get("/image/v2/metadefs/resource_types", "demo") == {"resource_types": []}


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("limit=-1", 400, "limit param must be positive"),
        ("limit=x", 400, "limit param must be an integer"),
        ("sort_dir=x&visibility=x", 400, "Invalid sort direction: x"),
        ("visibility=x&limit=-1", 400, "Invalid visibility value: x"),
        ("marker=m", 404, "Metadata definition namespace=m was not found."),
        ("marker=", 404, "Metadata definition namespace not found for id="),
        ("sort_key=x", 400, "Sort key supplied was not valid: x"),
    ],
)
def test_an_invalid_query_of_namespaces_is_refused(
    cloud: Cloud, query: str, status: int, message: str
) -> None:
    assert refusal(cloud, "GET", f"/image/v2/metadefs/namespaces?{query}") == (status, message)


def test_nobody_may_create_a_namespace(cloud: Cloud) -> None:
    path = "/image/v2/metadefs/namespaces"
    message = "You are not authorized to complete add_metadef_namespace action."
    for user in ("demo", "admin"):
        assert refusal(cloud, "POST", path, user, {"namespace": "n"}) == (403, message)
        assert refusal(cloud, "POST", path, user, {"namespace": "n", "self": "x"})[1] == (
            "Attribute 'self' is read-only."
        )
        assert "'namespace' is a required property" in refusal(cloud, "POST", path, user, {})[1]
    hint = cloud.ask("POST", path, "admin", json={"namespace": "n"}).headers["X-Fake-Nova-Hint"]
    assert "read-only here; the real service obeys admins" in hint


UNKNOWN = "Namespace n not found"
NOT_FOUND = "Metadata definition namespace=n was not found."
TITLED = {"name": "p", "title": "t", "type": "string", "minimum": 1}


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("GET", "", None, NOT_FOUND),
        ("PUT", "", {"namespace": "n", "objects": [{"name": "o"}]}, UNKNOWN),
        ("DELETE", "", None, UNKNOWN),
        ("GET", "/properties", None, UNKNOWN),
        ("POST", "/properties", TITLED, UNKNOWN),
        ("GET", "/properties/p", None, UNKNOWN),
        ("PUT", "/properties/p", TITLED, UNKNOWN),
        ("DELETE", "/properties/p", None, UNKNOWN),
        ("GET", "/objects", None, NOT_FOUND),
        ("POST", "/objects", {"name": "o"}, NOT_FOUND),
        ("DELETE", "/objects", None, UNKNOWN),
        ("PUT", "/objects/o", {"name": "o"}, NOT_FOUND),
        ("GET", "/tags", None, UNKNOWN),
        ("POST", "/tags", {"tags": [{"name": "t"}]}, UNKNOWN),
        ("POST", "/tags/t", None, UNKNOWN),
        ("PUT", "/tags/t", {"name": "t"}, UNKNOWN),
        ("GET", "/resource_types", None, UNKNOWN),
        ("POST", "/resource_types", {"name": "r"}, UNKNOWN),
        ("DELETE", "/resource_types/r", None, UNKNOWN),
    ],
)
def test_every_namespace_is_unknown(
    cloud: Cloud, method: str, path: str, body: dict[str, Any] | None, message: str
) -> None:
    assert refusal(cloud, method, f"{NAMESPACE}{path}", "admin", body) == (404, message)


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "/objects", {"name": "o", "self": 1}, "Attribute 'self' is read-only."),
        ("POST", "/properties", {"created_at": 1}, "Attribute 'created_at' is read-only."),
        ("POST", "/properties", {"name": "p", "title": "t", "type": "x"}, "'x' is not one of ['array'"),
        ("PUT", "", {"namespace": "n", "properties": {"a": {}}}, "'title' is a required property"),
        ("PUT", "", {"namespace": "n", "properties": {"a": {**TITLED, "required": 1}}}, "1 is not of type"),
        ("POST", "/tags", {"name": "t"}, "does not match schema 'tags'"),
        ("POST", "/tags", ["tags"], "Unexpected body type. Expected list/dict."),
        ("POST", "/tags/t", {}, "A body is not expected with this request."),
        ("DELETE", "/tags", {}, "A body is not expected with this request."),
        ("POST", "/resource_types", {}, "schema 'resource_type_association': 'name' is a required"),
        ("PUT", "/tags/t", None, "Body expected in request."),
    ],
)
def test_the_body_of_a_definition_is_checked_first(
    cloud: Cloud, method: str, path: str, body: object, message: str
) -> None:
    status, text = refusal(cloud, method, f"{NAMESPACE}{path}", "demo", body)
    assert (status, message in text) == (403 if "read-only" in message else 400, True), text


NO_CACHE = "Caching via API is not supported at this site."


@pytest.mark.parametrize(
    ("method", "path", "policy"),
    [
        ("GET", "", "cache_list"),
        ("DELETE", "", "cache_delete"),
        ("GET", "/nodes/x", "list_cached_nodes"),
        ("POST", "/clean", "cache_clean"),
        ("POST", "/prune", "cache_prune"),
    ],
)
def test_there_is_no_cache(cloud: Cloud, method: str, path: str, policy: str) -> None:
    forbidden = f"You are not authorized to complete {policy} action."
    assert refusal(cloud, method, f"/image/v2/cache{path}") == (403, forbidden)
    assert refusal(cloud, method, f"/image/v2/cache{path}", "admin") == (404, NO_CACHE)


@pytest.mark.parametrize(("method", "policy"), [("PUT", "cache_image"), ("DELETE", "cache_delete")])
def test_an_entry_of_the_cache_must_be_an_image(cloud: Cloud, method: str, policy: str) -> None:
    url = f"/image/v2/cache/{create_image(cloud)}"
    forbidden = f"You are not authorized to complete {policy} action."
    assert refusal(cloud, method, "/image/v2/cache/nope", "admin") == (404, "Image nope not found.")
    assert refusal(cloud, method, url) == (403, forbidden)
    assert refusal(cloud, method, url, "admin") == (404, NO_CACHE)


def test_actions_on_the_cache_are_no_images(cloud: Cloud) -> None:
    responses = [cloud.ask(method, "/image/v2/cache/clean", "admin") for method in ("GET", "PUT", "DELETE")]
    answers = [(response.status_code, response.headers["Allow"]) for response in responses]
    assert answers == [(405, "POST")] * 3


@pytest.mark.parametrize("path", ["queued_images", "cached_images", "cached_images/x", "cache/", "metadefs"])
def test_the_paths_of_the_old_cache_do_not_exist(cloud: Cloud, path: str) -> None:
    assert cloud.ask("GET", f"/image/v2/{path}", "admin").status_code == 404


def test_only_admins_see_what_the_store_is(cloud: Cloud) -> None:
    forbidden = "You are not authorized to complete stores_info_detail action."
    assert refusal(cloud, "GET", "/image/v2/info/stores/detail") == (403, forbidden)
    (store,) = cloud.get("/image/v2/info/stores/detail", "admin")["stores"]
    assert list(store) == ["id", "default", "type", "properties", "weight"]
    assert store["properties"]["chunk_size"] == 65536


def test_the_only_store_keeps_the_data(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    url = f"/image/v2/stores/files/{image_id}"
    not_active = "It's not allowed to remove image data from store if image status is not 'active'"
    assert refusal(cloud, "DELETE", url, "admin") == (409, not_active)
    upload(cloud, image_id)
    status, message = refusal(cloud, "DELETE", url, "admin")
    assert (status, message[:56]) == (403, "Cannot delete image data from the only store containing ")
    forbidden = "You are not authorized to complete delete_image_location action."
    assert refusal(cloud, "DELETE", url) == (403, forbidden)
    assert refusal(cloud, "DELETE", "/image/v2/stores/files/nope") == (404, "Failed to find image nope")
    unknown = "The selected store nope is not available on this node."
    assert refusal(cloud, "DELETE", "/image/v2/stores/nope/nope") == (409, unknown)


def test_an_active_image_without_data_is_in_no_store(cloud: Cloud) -> None:
    image_id = cloud.ask("POST", "/_admin/images", json={"name": "x"}).get_json()["id"]
    message = f"Image {image_id} is not stored in store files."
    assert refusal(cloud, "DELETE", f"/image/v2/stores/files/{image_id}", "admin") == (404, message)


def test_only_admins_see_where_the_data_lies(cloud: Cloud) -> None:
    image_id = create_image(cloud)
    url = f"/image/v2/images/{image_id}/locations"
    assert cloud.get(url, "admin") == []
    upload(cloud, image_id)
    location = {"url": f"file:///var/lib/glance/images/{image_id}", "metadata": {"store": "files"}}
    assert cloud.get(url, "admin") == [location]
    forbidden = "You are not authorized to complete fetch_image_location action."
    assert refusal(cloud, "GET", url) == (403, forbidden)
    assert refusal(cloud, "GET", url, "service")[0] == 404


@pytest.mark.parametrize("user", ["demo", "admin"])
def test_nobody_may_add_a_location(cloud: Cloud, user: str) -> None:
    image_id = create_image(cloud)
    url = f"/image/v2/images/{image_id}/locations"
    body = {"url": "http://example.com/x"}
    http_store = "http store must be enabled to use location API by normal user."
    assert refusal(cloud, "POST", url, user, body) == (403, http_store)
    assert "'url' is a required property" in refusal(cloud, "POST", url, user, {})[1]
    assert refusal(cloud, "POST", "/image/v2/images/nope/locations", user, body)[0] == 404
    upload(cloud, image_id)
    not_queued = "It's not allowed to add locations if image status is active."
    assert refusal(cloud, "POST", url, user, body) == (409, not_queued)


def test_locations_allow_only_to_add_one(cloud: Cloud) -> None:
    response = cloud.ask("PUT", f"/image/v2/images/{create_image(cloud)}/locations", "demo")
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("resource", ["file", "import"])
def test_an_empty_store_is_unknown(cloud: Cloud, resource: str) -> None:
    image_id = create_image(cloud)
    url = f"/image/v2/images/{image_id}"
    bytes_headers = {"Content-Type": "application/octet-stream"}
    if resource == "import":
        cloud.ask("PUT", f"{url}/stage", "demo", data=b"x", headers=bytes_headers)
        content = json.dumps({"method": {"name": "glance-direct"}})
        response = cloud.ask(
            "POST", f"{url}/import", "demo", data=content, headers={**TEXT, "X-Image-Meta-Store": ""}
        )
    else:
        headers = {**TEXT, **bytes_headers, "X-Image-Meta-Store": ""}
        response = cloud.ask("PUT", f"{url}/file", "demo", data=b"x", headers=headers)
    assert response.status_code == {"file": 400, "import": 409}[resource]
    assert "Store for identifier  not found" in response.text


@pytest.mark.parametrize("resource", ["file", "stage"])
@pytest.mark.parametrize(
    ("headers", "page_type", "detail"),
    [
        ({}, "${CONTENT_TYPE}", "None"),
        ({"Content-Type": ""}, "", ""),
        ({"Content-Type": "x; y"}, "x; y", "x"),
    ],
)
def test_a_refused_content_type_is_named_as_it_was_sent(
    cloud: Cloud, resource: str, headers: dict[str, str], page_type: str, detail: str
) -> None:
    url = f"/image/v2/images/{create_image(cloud)}/{resource}"
    response = cloud.ask("PUT", url, "demo", data=b"x", headers={**TEXT, **headers})
    assert response.status_code == 415
    assert f"The request media type {page_type} is not supported by this server." in response.text
    assert response.text.rstrip("\n").endswith(f"Invalid content type {detail}")
