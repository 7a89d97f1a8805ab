"""Exports: whatever clients can store loads again as an equal cloud."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_nova.apis.glance_images.schemas import IMAGE_PROPERTIES
from tests.conftest import Cloud

IMAGES = "/image/v2/images"
SERVER = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
IMAGE = "70a599e0-31e7-49b7-b260-868f441e862b"
PATCH_TYPE = "application/openstack-images-v2.1-json-patch"


@cache
def other_cloud(database: str) -> Cloud:
    """Return the cloud that loads the exports of clouds on *database*."""
    return Cloud(private=True, database=database)


def export(cloud: Cloud, kind: str) -> str:
    text: str = cloud.ask("GET", f"/_admin/export?format={kind}").text
    return text


def check_that_it_loads_again(cloud: Cloud) -> None:
    """Check that the exports of *cloud* load again, and that the loaded cloud exports the same."""
    for kind in ("yaml", "json"):
        text, other = export(cloud, kind), other_cloud(cloud.emulator.settings.database)
        response = other.ask("POST", "/_admin/fixtures?replace=true", data=text.encode())
        assert response.status_code == 201, response.text
        assert export(other, kind) == text
        assert other.get("/_admin/images") == cloud.get("/_admin/images")


@pytest.mark.parametrize(
    "attributes",
    [
        {"id": "ABCDEF00-0000-4000-8000-00000000000A"},
        {"tags": ["", "a"]},
        {"owner": ""},
        {"owner": "a project that nobody knows"},
        {"": "v"},
    ],
)
def test_an_unusual_image_that_glance_creates_loads_again(cloud: Cloud, attributes: dict[str, Any]) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    response = cloud.ask("POST", IMAGES, user="admin", json=attributes)
    assert response.status_code == 201
    assert response.get_json().items() >= attributes.items()
    check_that_it_loads_again(cloud)


@pytest.mark.parametrize("name", ["k" * 256, ""])
def test_a_property_that_only_a_patch_can_add_loads_again(name: str) -> None:
    cloud = Cloud(database="sqlite")  # MariaDB has no longer names
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    change = json.dumps([{"op": "add", "path": f"/{name}", "value": "v"}])
    response = cloud.ask(
        "PATCH", f"{IMAGES}/{IMAGE}", user="admin", data=change, headers={"Content-Type": PATCH_TYPE}
    )
    assert response.get_json()[name] == "v"
    check_that_it_loads_again(cloud)


def test_a_blank_metadata_key_which_nova_strips_loads_again(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    path = f"/v2.1/images/{IMAGE}/metadata"
    assert cloud.ask("POST", path, user="admin", json={"metadata": {" ": "v"}}).status_code == 200
    assert cloud.get(path)["metadata"][""] == "v"
    check_that_it_loads_again(cloud)


def test_a_member_of_any_length_loads_again() -> None:
    cloud = Cloud(database="sqlite")
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    image = cloud.ask("POST", IMAGES, user="demo", json={}).get_json()
    path = f"{IMAGES}/{image['id']}/members"
    assert cloud.ask("POST", path, user="demo", json={"member": "m" * 256}).status_code == 200
    check_that_it_loads_again(cloud)


def test_the_key_of_a_removed_property_is_still_in_use_after_an_export(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    path = f"/v2.1/images/{IMAGE}/metadata"
    for metadata in ({"foo": "1"}, {"bar": "2"}):
        assert cloud.ask("PUT", path, user="admin", json={"metadata": metadata}).status_code == 200
    check_that_it_loads_again(cloud)
    for any_cloud in (cloud, other_cloud("mariadb")):
        assert any_cloud.ask("POST", path, user="admin", json={"metadata": {"Foo": "3"}}).status_code == 409
        assert any_cloud.ask("POST", path, user="admin", json={"metadata": {"foo": "3"}}).status_code == 200


def test_a_removed_member_keeps_its_place_after_an_export(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    image = cloud.ask("POST", IMAGES, user="demo", json={}).get_json()
    path = f"{IMAGES}/{image['id']}/members"
    for member in ("a", "b"):
        assert cloud.ask("POST", path, user="demo", json={"member": member}).status_code == 200
    assert cloud.ask("DELETE", f"{path}/a", user="demo").status_code == 204
    check_that_it_loads_again(cloud)
    for any_cloud in (cloud, other_cloud("mariadb")):
        assert any_cloud.ask("POST", path, user="demo", json={"member": "a"}).status_code == 200
        members = any_cloud.ask("GET", path, user="demo").get_json()["members"]
        assert [member["member_id"] for member in members] == ["a", "b"]


def test_an_image_of_a_project_that_nobody_knows_loads_again(cloud: Cloud) -> None:
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    response = cloud.ask("POST", "/_admin/images", json={"owner": "f" * 32, "name": "a"})
    assert response.status_code == 201
    check_that_it_loads_again(cloud)


#: Texts that the image service refuses: a lone surrogate, and a character of four bytes in UTF-8.
UNSTORABLE = ("\ud800", "\U0001f427")


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize("version", ["v2", "v2.1"])
def test_nova_stores_no_text_that_the_image_service_refuses(cloud: Cloud, version: str, text: str) -> None:
    images = cloud.get("/_admin/images")
    server, image = f"/{version}/servers/{SERVER}/action", f"/{version}/images/{IMAGE}/metadata"
    backup = {"name": "a", "backup_type": text, "rotation": 1}
    for path, body, problem in (
        (server, {"createImage": {"name": text}}, "The name must be: printable characters."),
        (server, {"createImage": {"name": "a", "metadata": {"k": text}}}, "K can&#x27;t contain 4 byte"),
        (server, {"createBackup": backup}, "Backup_Type can&#x27;t contain 4 byte unicode characters."),
        (image, {"metadata": {"k": text}}, "Characters outside of the Basic Multilingual Plane"),
    ):
        response = cloud.ask("POST", path, user="admin", json=body)
        assert (response.status_code, problem in response.text) == (400, True), response.text
    assert cloud.get("/_admin/images") == images


def test_glance_refuses_an_id_with_a_line_break_which_its_pattern_accepts(cloud: Cloud) -> None:
    images = cloud.get("/_admin/images")
    response = cloud.ask("POST", IMAGES, user="demo", json={"id": f"{IMAGE[:-1]}0\n"})
    assert response.status_code == 400
    assert cloud.get("/_admin/images") == images


TEXTS = st.one_of(
    st.sampled_from(["", " ", "k", "K", "<<", "x-k", "yes", "1e3", "\x85", "\ud800", "😀", "k" * 256]),
    st.text(max_size=5),
)
KEYS = st.one_of(TEXTS, st.sampled_from(["instance_uuid", "kernel_id", "name", "tags", "os_glance_x"]))
PROPERTIES = st.dictionaries(KEYS, TEXTS, max_size=3)
UUIDS = st.from_regex(IMAGE_PROPERTIES["id"]["pattern"])
#: Owners: not the name of a project, because that means its id in a fixture file, also in an export.
OWNERS = st.one_of(
    st.none(),
    TEXTS.filter(lambda text: text not in ("demo", "service", "admin")),
    st.just("9c53a566cb3443ab910cf0daebca90c4"),
)
NUMBERS = st.sampled_from([0, 1.0, 512, 2**31 - 1, 2**31])
ATTRIBUTES: dict[str, st.SearchStrategy[Any]] = {
    "id": UUIDS,
    "name": st.one_of(st.none(), TEXTS),
    "owner": OWNERS,
    "visibility": st.sampled_from(["public", "private", "shared", "community"]),
    "protected": st.booleans(),
    "os_hidden": st.booleans(),
    "min_ram": NUMBERS,
    "min_disk": NUMBERS,
    "disk_format": st.sampled_from(IMAGE_PROPERTIES["disk_format"]["enum"]),
    "container_format": st.sampled_from(IMAGE_PROPERTIES["container_format"]["enum"]),
    "tags": st.lists(TEXTS, max_size=3),
    "os_hash_algo": TEXTS,
}
NEW_IMAGES = st.builds(
    lambda attributes, properties: {**properties, **attributes},
    st.fixed_dictionaries({}, optional=ATTRIBUTES),
    PROPERTIES,
)
CHANGES = st.one_of(
    *(
        st.fixed_dictionaries({"op": st.just("replace"), "path": st.just(f"/{name}"), "value": values})
        for name, values in ATTRIBUTES.items()
    ),
    st.fixed_dictionaries({"op": st.just("add"), "path": KEYS.map("/{}".format), "value": TEXTS}),
)
METADATA = st.dictionaries(st.one_of(KEYS, st.text("ab :", max_size=3)), TEXTS, max_size=3)
ACTIONS = st.one_of(
    st.fixed_dictionaries({"name": TEXTS}, optional={"metadata": METADATA}).map(
        lambda params: {"createImage": params}
    ),
    st.fixed_dictionaries(
        {"name": TEXTS, "backup_type": TEXTS, "rotation": st.sampled_from([0, 1, "5"])},
        optional={"metadata": METADATA},
    ).map(lambda params: {"createBackup": params}),
)

#: Method, path and bodies of the writes to an image.
WRITES: tuple[tuple[str, str, st.SearchStrategy[Any]], ...] = (
    ("PATCH", f"{IMAGES}/{{}}", st.lists(CHANGES, min_size=1, max_size=3)),
    ("POST", f"{IMAGES}/{{}}/members", st.fixed_dictionaries({"member": st.one_of(TEXTS, st.integers())})),
    ("PUT", f"{IMAGES}/{{}}/file", st.binary(max_size=3)),
    ("PUT", f"{IMAGES}/{{}}/stage", st.binary(min_size=1, max_size=3)),
    ("POST", f"{IMAGES}/{{}}/actions/deactivate", st.none()),
    ("DELETE", f"{IMAGES}/{{}}", st.none()),
    ("POST", "/v2.1/images/{}/metadata", st.fixed_dictionaries({"metadata": METADATA})),
    ("PUT", "/v2/images/{}/metadata", st.fixed_dictionaries({"metadata": METADATA})),
)


class Writer:
    """Sends writes of clients to a cloud, and remembers the ids of the images.

    Args:
        cloud: the cloud.
        data: draws the requests.
    """

    def __init__(self, cloud: Cloud, data: st.DataObject) -> None:
        self._cloud = cloud
        self._data = data

    def _send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request with a body in JSON, or in bytes; it may be refused, but not fail."""
        headers = {"Content-Type": "application/json", **headers}
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(body)
        user = self._data.draw(st.sampled_from(["admin", "admin", "demo"]))
        response = self._cloud.ask(method, path, user=user, data=content, headers=headers)
        assert response.status_code < 500, response.text
        return response

    def create(self) -> None:
        """Create an image, through Glance or from the server."""
        if self._data.draw(st.booleans()):
            self._send("POST", IMAGES, self._data.draw(NEW_IMAGES))
        else:
            version = self._data.draw(st.sampled_from(["v2", "v2.1"]))
            self._send("POST", f"/{version}/servers/{SERVER}/action", self._data.draw(ACTIONS))

    def write(self) -> None:
        """Change an image that exists, through Glance or Nova."""
        ids = [image["id"] for image in self._cloud.get("/_admin/images")["images"]]
        image_id = self._data.draw(st.sampled_from(ids))
        method, path, bodies = self._data.draw(st.sampled_from(WRITES))
        body = self._data.draw(bodies)
        content_type = PATCH_TYPE if method == "PATCH" else "application/json"
        content_type = "application/octet-stream" if isinstance(body, bytes) else content_type
        self._send(method, path.format(image_id), body, **{"Content-Type": content_type})
        if path.endswith("/stage"):
            self._send("POST", f"{IMAGES}/{image_id}/import", {"method": {"name": "glance-direct"}})

    def tag(self) -> None:
        """Add a tag to the newest image."""
        image_id = self._cloud.get("/_admin/images")["images"][0]["id"]
        tag = self._data.draw(TEXTS.filter(lambda text: text.isprintable()))
        self._send("PUT", f"{IMAGES}/{image_id}/tags/{quote(tag)}")


@settings(max_examples=25)
@given(data=st.data())
def test_whatever_clients_write_loads_again(data: st.DataObject) -> None:
    cloud = Cloud()
    cloud.ask("PUT", "/_admin/clock", json={"mode": "frozen"})
    writer = Writer(cloud, data)
    for _ in range(data.draw(st.integers(1, 3))):
        writer.create()
    for _ in range(data.draw(st.integers(0, 4))):
        writer.write()
    writer.tag()
    check_that_it_loads_again(cloud)
