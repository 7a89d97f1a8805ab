"""Metadata of new images of servers that Nova or the image service reads (Nova 34.0.0, Glance 33.0.0, measured)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cloud
from tests.record import servers_cloud

LATEST = {"OpenStack-API-Version": "compute 2.104"}


@pytest.fixture
def studio(tmp_path: Path) -> Cloud:
    """The cloud on which the servers API was recorded."""
    path = tmp_path / "studio.json"
    path.write_text(servers_cloud.fixture(), encoding="utf-8")
    return Cloud(private=True, fixtures=(str(path),), dialect="nova", auth_strategy="keystone")


def capture(cloud: Cloud, user: str, metadata: dict[str, str], server: str = "plain") -> Any:
    """Create an image of a server, and return the response."""
    path = f"/v2.1/servers/{servers_cloud.server_id(server)}/action"
    body = {"createImage": {"name": "new", "metadata": metadata}}
    return cloud.ask("POST", path, user, json=body, headers=LATEST)


def show_image(cloud: Cloud, user: str, metadata: dict[str, str]) -> dict[str, Any]:
    """Create an image of a server, and return it as the image service shows it."""
    image_id = capture(cloud, user, metadata).get_json()["image_id"]
    image: dict[str, Any] = cloud.get(f"/image/v2/images/{image_id}", user)
    return image


@pytest.mark.parametrize("server", ["plain", "volume"])
def test_an_image_with_a_member_of_its_own_project_is_refused_and_stays_behind(
    studio: Cloud, server: str
) -> None:
    response = capture(studio, "ada", {"instance_owner": "x", "k": "v"}, server)
    images = studio.get("/image/v2/images?name=new", "ada")["images"]
    (image,) = images
    assert response.status_code == 403
    assert response.get_json()["forbidden"]["message"] == (
        f"HTTP 403 Forbidden: Not allowed to create members for image {image['id']}."
    )
    assert image["k"] == "v"
    assert "instance_owner" not in image
    path = f"/v2.1/servers/{servers_cloud.server_id(server)}"
    assert studio.get(path, "ada")["server"]["OS-EXT-STS:task_state"] is None


def test_an_image_left_behind_by_a_refusal_is_queued_and_stays_so(studio: Cloud) -> None:
    capture(studio, "ada", {"instance_owner": "x"})
    studio.ask("PUT", "/_admin/clock", json={"advance": 1000})
    (image,) = studio.get("/image/v2/images?name=new", "ada")["images"]
    assert image["status"] == "queued"


@pytest.mark.parametrize(("user", "value"), [("ada", ""), ("admin", ""), ("admin", "x")])
def test_a_member_in_metadata_counts_only_for_a_private_image(studio: Cloud, user: str, value: str) -> None:
    assert "instance_owner" not in show_image(studio, user, {"instance_owner": value})


@pytest.mark.parametrize(("value", "owner"), [("x", "x"), ("", None), (" ", " ")])
def test_an_admin_names_the_owner_in_metadata(studio: Cloud, value: str, owner: str | None) -> None:
    assert show_image(studio, "admin", {"owner": value})["owner"] == owner


@pytest.mark.parametrize("name", ["kernel_id", "ramdisk_id"])
@pytest.mark.parametrize(("value", "is_there"), [("None ", False), (" ", False), ("null", True)])
def test_a_kernel_without_an_id_vanishes(studio: Cloud, name: str, value: str, is_there: bool) -> None:
    assert (name in show_image(studio, "ada", {name: value})) is is_there


def test_an_empty_location_is_no_location(studio: Cloud) -> None:
    assert "location" not in show_image(studio, "ada", {"location": ""})
