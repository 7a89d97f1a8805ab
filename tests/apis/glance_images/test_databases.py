"""The image service on MariaDB and on SQLite: pages, ids, keys, tags, members and times, as on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fake_nova.images.glance_filters import SORT_KEYS
from tests.conftest import Cloud

IMAGES = "/image/v2/images"
PATCH = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
ID = "20000000-0000-4000-8000-00000000abcd"
MARIADB_HINT = "A real cloud on MariaDB fails here with a 500."

#: Names of which some are equal on MariaDB; sizes, formats and times of which some are equal on both databases.
PAGED_IMAGES = [
    {
        "id": f"20000000-0000-4000-8000-0000000000{number:02x}",
        "name": name,
        "status": "active" if number % 3 else "queued",
        "size": number % 4 + 1,
        "disk_format": ("raw", "qcow2")[number % 2],
        "container_format": ("bare", "ovf")[number % 2],
        "created_at": f"2024-01-01T00:00:0{number % 5}.{number}Z",
        "updated_at": f"2024-02-01T00:00:0{number % 3}.{number}Z",
    }
    for number, name in enumerate(("a", "A", "á", "a ", "b", "B_", "az", "a_", "ß", "s", "ss", "a\t"))
]


def cloud_on(database: str, *images: dict[str, Any]) -> Cloud:
    """Return a cloud with these images alone."""
    cloud = Cloud(fixtures=("empty",), database=database)
    response = cloud.ask("POST", "/_admin/images", json=list(images))
    assert response.status_code == 201, response.text
    return cloud


def ids(page: Any) -> list[str]:
    return [image["id"] for image in page["images"]]


@pytest.mark.parametrize("limit", [1, 2, 5])
@pytest.mark.parametrize("database", ["mariadb", "sqlite"])
def test_the_pages_of_a_list_add_up_to_the_list(database: str, limit: int) -> None:
    cloud = cloud_on(database, *PAGED_IMAGES)
    for sort in (f"{key}:{direction}" for key in SORT_KEYS for direction in ("asc", "desc")):
        whole_list = ids(cloud.get(f"{IMAGES}?sort={sort}"))
        assert sorted(whole_list) == sorted(image["id"] for image in PAGED_IMAGES)
        page = cloud.get(f"{IMAGES}?sort={sort}&limit={limit}")
        paged_ids = ids(page)
        while "next" in page:
            page = cloud.get(f"/image{page['next']}")
            paged_ids += ids(page)
        assert paged_ids == whole_list, sort


def test_equal_names_are_ties_on_mariadb_alone() -> None:
    images = [image for image in PAGED_IMAGES if str(image["name"]).strip(" ") in ("a", "A", "á")]
    url = f"{IMAGES}?sort=name:asc"
    names = {
        database: [image["name"] for image in cloud_on(database, *images).get(url)["images"]]
        for database in ("mariadb", "sqlite")
    }
    assert names == {"mariadb": ["a", "A", "á", "a "], "sqlite": ["A", "a", "a ", "á"]}


def test_two_equal_tags_are_two_rows_of_a_page_on_mariadb() -> None:
    tagged = [
        {"name": "both", "tags": ["t", "T"], "created_at": "2024-01-02T00:00:00Z"},
        {"name": "one", "tags": ["t"], "created_at": "2024-01-01T00:00:00Z"},
    ]
    for database, names in (("mariadb", ["both"]), ("sqlite", ["both", "one"])):
        cloud = cloud_on(database, *tagged)
        page = cloud.get(f"{IMAGES}?tag=t&limit=2")
        assert [image["name"] for image in page["images"]] == names
        assert ("next" in page) == (database == "sqlite")
        assert cloud.names(f"{IMAGES}?tag=t") == ["both", "one"]


def test_an_id_in_capitals_is_the_same_image_on_mariadb_alone() -> None:
    for database, status in (("mariadb", 200), ("sqlite", 404)):
        cloud = cloud_on(database, {"id": ID, "name": "a"})
        for path in (f"{IMAGES}/{ID.upper()}", f"/v2.1/images/{ID.upper()}"):
            assert cloud.ask("GET", path).status_code == status
    cloud = cloud_on("mariadb", {"id": ID, "name": "a"})
    assert cloud.get(f"{IMAGES}/{ID.upper()}")["id"] == ID
    response = cloud.ask("POST", IMAGES, json={"id": ID.upper()})
    assert (response.status_code, f"Image ID {ID.upper()} already exists!" in response.text) == (409, True)
    assert cloud.ask("DELETE", f"{IMAGES}/{ID.upper()}").status_code == 204
    assert cloud.ask("POST", IMAGES, json={"id": ID.upper()}).status_code == 409  # its row is still there


def patch(cloud: Cloud, *operations: dict[str, Any]) -> Any:
    return cloud.ask("PATCH", f"{IMAGES}/{ID}", data=json.dumps(operations), headers=PATCH)


def test_a_key_that_equals_another_one_is_refused_on_mariadb_and_nothing_is_stored() -> None:
    cloud = cloud_on("mariadb", {"id": ID, "name": "a", "properties": {"foo": "1"}})
    swap: list[dict[str, Any]] = [
        {"op": "remove", "path": "/foo"},
        {"op": "add", "path": "/Foo", "value": "2"},
    ]
    rename: dict[str, Any] = {"op": "replace", "path": "/name", "value": "b"}
    for operations in ([rename, swap[1]], swap):
        response = patch(cloud, *operations)
        assert (response.status_code, response.headers["X-Fake-Nova-Hint"]) == (409, MARIADB_HINT)
        image = cloud.get(f"{IMAGES}/{ID}")
        assert (image["name"], image["foo"], "Foo" in image) == ("a", "1", False)
    assert patch(cloud, swap[0]).status_code == 200
    assert patch(cloud, swap[1]).status_code == 409  # the row of a removed property keeps its key
    assert patch(cloud, {"op": "add", "path": "/foo", "value": "3"}).status_code == 200
    assert patch(cloud_on("sqlite", {"id": ID, "properties": {"foo": "1"}}), *swap).status_code == 200


def test_one_of_two_equal_tags_cannot_be_removed_on_mariadb_but_the_rest_is_stored() -> None:
    tags: list[dict[str, Any]] = [
        {"op": "replace", "path": "/tags", "value": ["a"]},
        {"op": "replace", "path": "/name", "value": "new"},
    ]
    cloud = cloud_on("mariadb", {"id": ID, "name": "old", "tags": ["a", "A"]})
    assert cloud.ask("DELETE", f"{IMAGES}/{ID}/tags/A").status_code == 409
    response = patch(cloud, *tags)
    assert (response.status_code, response.headers["X-Fake-Nova-Hint"]) == (409, MARIADB_HINT)
    image = cloud.get(f"{IMAGES}/{ID}")
    assert (image["name"], sorted(image["tags"])) == ("new", ["A", "a"])
    cloud = cloud_on("sqlite", {"id": ID, "name": "old", "tags": ["a", "A"]})
    assert patch(cloud, *tags).get_json()["tags"] == ["a"]


def test_a_member_in_capitals_is_the_same_member_on_mariadb_alone() -> None:
    member = "d9ebe43510414ef590a4aa158605329e"
    for database, statuses in (("mariadb", [409, 200, 204]), ("sqlite", [200, 200, 204])):
        cloud = cloud_on(database, {"id": ID, "visibility": "shared", "members": [{"member": member}]})
        path = f"{IMAGES}/{ID}/members"
        responses = [
            cloud.ask("POST", path, json={"member": member.upper()}),
            cloud.ask("GET", f"{path}/{member.upper()}"),
            cloud.ask("DELETE", f"{path}/{member.upper()}"),
        ]
        assert [response.status_code for response in responses] == statuses
        members = [each["member_id"] for each in cloud.get(path)["members"]]
        assert members == ([] if database == "mariadb" else [member])


def test_an_owner_in_capitals_is_found_by_the_filter_but_not_shown_to_the_project() -> None:
    private = {"id": ID, "name": "mine", "visibility": "private", "owner": "C0FFEE" + "0" * 26}
    cloud = cloud_on("mariadb", private)
    project = "c0ffee" + "0" * 26
    assert cloud.names(f"/v2.1/{project}/images") == []
    assert cloud.ask("GET", f"/v2.1/{project}/images/{ID}").status_code == 404


@pytest.mark.parametrize(
    ("operator", "mariadb_finds", "sqlite_finds"),
    [("eq", True, False), ("lte", True, False), ("gt", False, True), ("neq", False, True)],
)
def test_a_time_that_was_shown_can_be_asked_for_on_mariadb(
    operator: str, mariadb_finds: bool, sqlite_finds: bool
) -> None:
    image = {"id": ID, "name": "a", "created_at": "2024-01-01T00:00:00.75Z", "visibility": "public"}
    for database, is_found in (("mariadb", mariadb_finds), ("sqlite", sqlite_finds)):
        cloud = cloud_on(database, image)
        shown_time = cloud.get(f"{IMAGES}/{ID}")["created_at"]
        assert cloud.names(f"{IMAGES}?created_at={operator}:{shown_time}") == ["a"] * is_found


def test_images_of_one_second_are_listed_by_id_on_mariadb_and_by_time_on_sqlite() -> None:
    images = [
        {
            "id": f"20000000-0000-4000-8000-00000000000{3 - number}",
            "created_at": f"2024-01-01T00:00:00.{number}Z",
        }
        for number in range(3)
    ]
    lists = {name: ids(cloud_on(name, *images).get(IMAGES)) for name in ("mariadb", "sqlite")}
    in_order = [image["id"] for image in images]
    assert lists == {"mariadb": in_order, "sqlite": in_order[::-1]}
