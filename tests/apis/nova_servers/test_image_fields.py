"""What an image of a server takes over from the server, from its image and from its caller; which backups go."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.nova_servers.steps import IMAGE, SERVERS, WEB, act, advance, back_up, boot, capture, set_plan
from tests.conftest import Cloud

DEMO = "9c53a566cb3443ab910cf0daebca90c4"


def glance_image(cloud: Cloud, image_id: str, user: str | None = None) -> Any:
    return cloud.get(f"/image/v2/images/{image_id}", user)


def change_base(cloud: Cloud, **fields: Any) -> None:
    assert cloud.ask("PATCH", f"/_admin/images/{IMAGE}", json=fields).status_code == 200


def backups(cloud: Cloud) -> list[str]:
    return sorted(image["name"] for image in cloud.get("/v2.1/images?type=backup")["images"])


@pytest.mark.parametrize(("min_disk", "shown"), [(4, 20), (50, 50)])
def test_an_image_needs_the_memory_of_its_base_and_the_larger_disk(
    frozen_cloud: Cloud, min_disk: int, shown: int
) -> None:
    change_base(frozen_cloud, min_disk=min_disk, min_ram=777)
    image = glance_image(frozen_cloud, capture(frozen_cloud))
    assert (image["min_disk"], image["min_ram"]) == (shown, 777)


def test_an_image_of_an_image_keeps_the_base_of_the_first(frozen_cloud: Cloud) -> None:
    change_base(frozen_cloud, properties={"base_image_ref": "first"})
    assert glance_image(frozen_cloud, capture(frozen_cloud))["base_image_ref"] == "first"


def test_the_reason_of_a_lock_is_a_property_of_the_image(frozen_cloud: Cloud) -> None:
    body = {"lock": {"locked_reason": "audit"}}
    headers = {"OpenStack-API-Version": "compute 2.73"}
    assert frozen_cloud.ask("POST", f"{SERVERS}/{WEB}/action", json=body, headers=headers).status_code == 202
    image_id = capture(frozen_cloud)
    assert glance_image(frozen_cloud, image_id)["locked_reason"] == "audit"
    act(frozen_cloud, WEB, "unlock")
    advance(frozen_cloud)
    assert "locked_reason" not in glance_image(frozen_cloud, capture(frozen_cloud, "next"))


def test_an_admins_image_of_another_projects_server_is_shared_with_that_project(frozen_cloud: Cloud) -> None:
    body = {"createImage": {"name": "shot"}}
    response = frozen_cloud.ask("POST", f"{SERVERS}/{WEB}/action", "admin", json=body)
    image_id = response.headers["Location"].rpartition("/")[2]
    advance(frozen_cloud)
    image = glance_image(frozen_cloud, image_id, "admin")
    assert image["visibility"] == "shared"
    assert image["owner"] != DEMO
    assert image["owner_id"] == DEMO
    members = frozen_cloud.get(f"/image/v2/images/{image_id}/members", "admin")["members"]
    assert [(member["member_id"], member["status"]) for member in members] == [(DEMO, "pending")]


def test_the_backups_of_another_server_stay(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "instant")
    other_id = boot(frozen_cloud).get_json()["server"]["id"]
    body = {"name": "other", "backup_type": "daily", "rotation": 1}
    assert act(frozen_cloud, other_id, "createBackup", body).status_code == 202
    advance(frozen_cloud, 1)
    back_up(frozen_cloud, "first", 1)
    advance(frozen_cloud, 1)
    back_up(frozen_cloud, "second", 1)
    assert backups(frozen_cloud) == ["other", "second"]


def test_backups_that_the_caller_cannot_see_do_not_count(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "instant")
    back_up(frozen_cloud, "first", 2)
    advance(frozen_cloud, 1)
    properties = {"image_type": "backup", "instance_uuid": WEB, "backup_type": "daily"}
    hidden = {"name": "hidden", "owner": "admin", "visibility": "private", "properties": properties}
    assert frozen_cloud.ask("POST", "/_admin/images", json=hidden).status_code == 201
    advance(frozen_cloud, 1)
    back_up(frozen_cloud, "second", 2)
    assert backups(frozen_cloud) == ["first", "second"]
