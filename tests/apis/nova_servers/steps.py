"""What tests of the life of servers do with a cloud, step by step."""

from __future__ import annotations

from typing import Any

from tests.conftest import Cloud

IMAGE = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
WEB = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
SERVERS = "/v2.1/servers"
LATEST = {"OpenStack-API-Version": "compute 2.104"}


def advance(cloud: Cloud, seconds: float = 60) -> None:
    assert cloud.ask("PUT", "/_admin/clock", json={"advance": seconds}).status_code == 200


def boot(cloud: Cloud, **params: Any) -> Any:
    body = {"server": {"name": "new", "imageRef": IMAGE, "flavorRef": "2", **params}}
    return cloud.ask("POST", SERVERS, json=body)


def act(cloud: Cloud, server_id: str, action: str, params: Any = None) -> Any:
    return cloud.ask("POST", f"{SERVERS}/{server_id}/action", json={action: params})


def state(cloud: Cloud, server_id: str) -> tuple[str, str | None]:
    server = cloud.get(f"{SERVERS}/{server_id}")["server"]
    return server["status"], server["OS-EXT-STS:task_state"]


def set_plan(cloud: Cloud, name: str) -> None:
    assert cloud.ask("PUT", "/_admin/plans", json={"default": name}).status_code == 200


def show(cloud: Cloud, server_id: str = WEB) -> Any:
    """Return a server as its owner sees it."""
    return cloud.get(f"{SERVERS}/{server_id}")["server"]


def capture(cloud: Cloud, name: str = "shot", server_id: str = WEB) -> str:
    """Let a client create an image of a server, and return its id."""
    response = act(cloud, server_id, "createImage", {"name": name})
    assert response.status_code == 202, response.text
    return str(response.headers["Location"].rpartition("/")[2])


def back_up(cloud: Cloud, name: str, rotation: int, **fields: Any) -> None:
    """Let a client create a backup of a server."""
    body = {"name": name, "backup_type": "daily", "rotation": rotation, **fields}
    response = act(cloud, WEB, "createBackup", body)
    assert response.status_code == 202, response.text


def image_status(cloud: Cloud, image_id: str) -> str | None:
    """Return the status of an image in the image service; None if it is not there."""
    response = cloud.ask("GET", f"/image/v2/images/{image_id}")
    return str(response.get_json()["status"]) if response.status_code == 200 else None


def define_plan(cloud: Cloud, name: str, *steps: dict[str, Any]) -> None:
    """Define a plan, and make it the default."""
    assert cloud.ask("PUT", f"/_admin/plans/{name}", json={"steps": steps}).status_code == 200
    set_plan(cloud, name)
