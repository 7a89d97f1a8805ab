"""Sequences of requests, as nodepool and Terraform send them: create, poll, snapshot, poll, list, delete."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.conftest import Cloud

IMAGE: Final = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
SERVERS: Final = "/v2.1/servers"
IMAGES: Final = "/image/v2/images"

#: The microversions of openstacksdk 4.10's cloud layer, which nodepool uses, and of Terraform's provider 3.4.
SDK: Final = {"OpenStack-API-Version": "compute 2.100", "X-OpenStack-Nova-API-Version": "2.100"}
SDK_IMAGE: Final = {"OpenStack-API-Version": "compute 2.45", "X-OpenStack-Nova-API-Version": "2.45"}
NO_NETWORK: Final = {"OpenStack-API-Version": "compute 2.37", "X-OpenStack-Nova-API-Version": "2.37"}
TAGS: Final = {"OpenStack-API-Version": "compute 2.52", "X-OpenStack-Nova-API-Version": "2.52"}


@pytest.fixture
def auto_cloud() -> Cloud:
    """A cloud in which each poll ends a step."""
    cloud = Cloud(private=True, auth_strategy="keystone")
    cloud.ask("PUT", "/_admin/plans", json={"default": "slow"})
    cloud.ask("PUT", "/_admin/clock", json={"mode": "auto"})
    return cloud


class Session:
    """The requests of a user who logged in."""

    def __init__(self, cloud: Cloud, user: str = "demo") -> None:
        self._cloud = cloud
        self._user = user

    def ask(self, method: str, url: str, status: int, body: Any = None, **headers: str) -> Any:
        """Send a request, check its status, and return the response."""
        options = {} if body is None else {"json": body}
        response = self._cloud.ask(method, url, self._user, headers=headers, **options)
        assert response.status_code == status, response.text
        return response

    def get(self, url: str, **headers: str) -> Any:
        """GET, and return the body."""
        return self.ask("GET", url, 200, **headers).json


def nodepool_server(number: int) -> dict[str, Any]:
    """Return the body with which nodepool creates the server of a node."""
    names = {"nodepool_provider_name": "fake", "nodepool_node_id": f"{number:010}"}
    server = {
        "metadata": names,
        "networks": "auto",
        "max_count": 1,
        "min_count": 1,
        "imageRef": IMAGE,
        "name": f"np{number:010}",
        "flavorRef": "2",
        "config_drive": True,
    }
    return {"server": server}


def nodes_of(session: Session) -> dict[str, str]:
    """Return name -> status of the servers with nodepool's metadata, as it finds them in the list of all."""
    servers = session.get(f"{SERVERS}/detail", Accept="application/json")["servers"]
    return {
        server["name"]: server["status"]
        for server in servers
        if server["metadata"].get("nodepool_provider_name") == "fake"
    }


def test_nodepool_creates_nodes_and_finds_them_by_their_metadata(auto_cloud: Cloud) -> None:
    session = Session(auto_cloud)
    assert nodes_of(session) == {}
    ids = [
        session.ask("POST", SERVERS, 202, nodepool_server(number), **SDK).json["server"]["id"]
        for number in (1, 2)
    ]
    server = session.get(f"{SERVERS}/{ids[0]}", **SDK)["server"]
    assert (server["status"], server["config_drive"], server["flavor"]["original_name"]) == (
        "BUILD",
        "True",
        "m1.small",
    )
    statuses = [nodes_of(session) for _ in range(3)]
    assert statuses[-1] == {"np0000000001": "ACTIVE", "np0000000002": "ACTIVE"}
    usage = session.get("/v2.1/limits")["limits"]["absolute"]
    assert usage["totalInstancesUsed"] == 3
    session.ask("DELETE", f"{SERVERS}/{ids[0]}", 204, **SDK)
    assert nodes_of(session) == {"np0000000002": "ACTIVE"}
    session.ask("GET", f"{SERVERS}/{ids[0]}", 404, **SDK)


def test_nodepool_takes_a_snapshot_and_polls_the_image(auto_cloud: Cloud) -> None:
    session = Session(auto_cloud)
    server_id = session.ask("POST", SERVERS, 202, nodepool_server(1), **SDK).json["server"]["id"]
    assert [nodes_of(session) for _ in range(3)][-1] == {"np0000000001": "ACTIVE"}
    action = {"createImage": {"name": "np-image", "metadata": {"nodepool_build_id": "7"}}}
    response = session.ask("POST", f"{SERVERS}/{server_id}/action", 202, action, **SDK_IMAGE)
    image_id = response.json["image_id"]
    images = [session.get(f"{IMAGES}/{image_id}") for _ in range(3)]
    assert [image["status"] for image in images] == ["queued", "saving", "active"]
    assert (images[-1]["nodepool_build_id"], images[-1]["instance_uuid"]) == ("7", server_id)
    assert session.get(f"/v2.1/images/{image_id}")["image"]["metadata"]["nodepool_build_id"] == "7"
    session.ask("DELETE", f"{SERVERS}/{server_id}", 204, **SDK)
    session.ask("DELETE", f"{IMAGES}/{image_id}", 204)
    session.ask("GET", f"{IMAGES}/{image_id}", 404)


def test_nodepool_reads_a_long_list_page_by_page(auto_cloud: Cloud) -> None:
    documents = [{"name": f"node-{number:04}", "owner": "demo"} for number in range(1001)]
    assert auto_cloud.ask("POST", "/_admin/servers", json={"servers": documents}).status_code == 201
    session = Session(auto_cloud)
    page = session.get(f"{SERVERS}/detail")
    names = [server["name"] for server in page["servers"]]
    (link,) = page["servers_links"]
    path = link["href"].partition("/v2.1")[2]
    names += [server["name"] for server in session.get(f"/v2.1{path}")["servers"]]
    assert sorted(names) == sorted([*(each["name"] for each in documents), "web-1"])


def test_terraform_creates_reads_changes_and_destroys_a_server(auto_cloud: Cloud) -> None:
    session = Session(auto_cloud)
    (image,) = session.get(f"{IMAGES}?name=ubuntu-24.04")["images"]
    flavors = {flavor["name"]: flavor["id"] for flavor in session.get("/v2.1/flavors/detail")["flavors"]}
    server = {
        "name": "web",
        "imageRef": image["id"],
        "flavorRef": flavors["m1.small"],
        "networks": "none",
        "config_drive": False,
        "metadata": {"role": "web"},
        "tags": ["blue"],
    }
    server_id = session.ask("POST", SERVERS, 202, {"server": server}, **TAGS).json["server"]["id"]
    url = f"{SERVERS}/{server_id}"
    statuses = [session.get(url, **TAGS)["server"]["status"] for _ in range(3)]
    assert statuses == ["BUILD", "BUILD", "ACTIVE"]
    state = session.get(url)["server"]
    assert (state["metadata"], state["flavor"]["id"], state["image"]["id"]) == (
        {"role": "web"},
        flavors["m1.small"],
        image["id"],
    )
    assert session.get(f"{url}/tags", **TAGS) == {"tags": ["blue"]}
    assert [each["id"] for each in session.get(f"{SERVERS}?name=^web$")["servers"]] == [server_id]

    session.ask("PUT", url, 200, {"server": {"name": "web-2"}})
    session.ask("DELETE", f"{url}/metadata/role", 204)
    session.ask("POST", f"{url}/metadata", 200, {"metadata": {"tier": "front"}})
    session.ask("POST", f"{url}/action", 202, {"os-stop": None})
    assert [session.get(url)["server"]["status"] for _ in range(3)] == ["ACTIVE", "ACTIVE", "SHUTOFF"]
    changed = session.get(url)["server"]
    assert (changed["name"], changed["metadata"]) == ("web-2", {"tier": "front"})

    session.ask("DELETE", url, 204)
    session.ask("GET", url, 404)
    assert session.get(f"{SERVERS}?name=web-2")["servers"] == []


def test_terraform_creates_and_deletes_a_server_without_networks(auto_cloud: Cloud) -> None:
    session = Session(auto_cloud)
    server = {"name": "alone", "imageRef": IMAGE, "flavorRef": "2", "networks": "none"}
    session.ask("POST", SERVERS, 400, {"server": server})  # the word is known since 2.37
    response = session.ask("POST", SERVERS, 202, {"server": server}, **NO_NETWORK)
    server_id = response.json["server"]["id"]
    assert response.headers["Location"].endswith(f"{SERVERS}/{server_id}")
    session.ask("DELETE", f"{SERVERS}/{server_id}", 204, **NO_NETWORK)
    session.ask("GET", f"{SERVERS}/{server_id}", 404, **NO_NETWORK)


def test_gophercloud_finds_the_image_of_a_snapshot_by_its_location(auto_cloud: Cloud) -> None:
    session = Session(auto_cloud)
    (web,) = session.get(f"{SERVERS}?name=web-1")["servers"]
    action = {"createImage": {"name": "golden", "metadata": {"role": "web"}}}
    response = session.ask("POST", f"{SERVERS}/{web['id']}/action", 202, action)
    image_id = response.headers["Location"].rpartition("/")[2]
    session.ask("POST", f"{SERVERS}/{web['id']}/action", 409, {"os-stop": None})
    statuses = [session.get(f"/v2.1/images/{image_id}")["image"]["status"] for _ in range(3)]
    assert statuses == ["SAVING", "SAVING", "ACTIVE"]
    listed = session.get(f"/v2.1/images/detail?server={web['id']}&status=ACTIVE")["images"]
    assert image_id in [image["id"] for image in listed]
    session.ask("DELETE", f"/v2.1/images/{image_id}", 204)
    session.ask("GET", f"/v2.1/images/{image_id}", 404)
