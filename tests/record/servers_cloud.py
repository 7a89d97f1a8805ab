"""The cloud on which Nova's servers API was recorded, as a fixture."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

HERE = Path(__file__).parent

#: The servers of the cloud in the order of their real ids, which lists show for ties.
_ORDER = (
    *(
        "deleting",
        "locked",
        "of-mona",
        "mine",
        "naïve ☃",
        "locked-by-admin",
        "resized",
        "offloaded",
        "shelved",
    ),
    *(
        "web-2",
        "web",
        "ami-born",
        "rebooting",
        "errored",
        "stopped",
        "imaging",
        "building",
        "rescued",
        "plain",
    ),
    *("Web_3", "suspended", "volume", "paused", "soft-deleted", "gone", "of-admin", "of-other", "of-quinn"),
)

#: Keys of an image in the record that are no properties.
_IMAGE_KEYS = (
    *("id", "name", "disk_format", "container_format", "visibility", "tags", "min_disk", "min_ram"),
    *("protected", "os_hidden"),
)

_STATUSES = ("queued", "deactivated", "killed", "saving", "importing", "deleted")
_CONTAINERS = ("ami", "aki", "ari")
_FORMATS = ("qcow2", "vhd", *_CONTAINERS)
_HUGE = 32_212_254_720


@cache
def recorded_cloud() -> dict[str, Any]:
    """Return the cloud as it was recorded."""
    cloud: dict[str, Any] = json.loads((HERE / "servers-cloud.json").read_text(encoding="utf-8"))
    return cloud


def server_id(name: str) -> str:
    """Return the id of a seeded server."""
    return str(UUID(int=(_ORDER.index(name) + 0xA0) << 120 | 0x4000 << 64 | 0x8 << 60 | 0xABC))


@cache
def fixture() -> str:
    """Return the fixture document, as JSON."""
    cloud = recorded_cloud()
    users = [
        {
            "id": f"{number:032x}",  # in the order of their real ids
            "name": name,
            "password": cloud["users"][name]["password"],
            "project": cloud["users"][name]["project"],
            "roles": cloud["users"][name]["roles"],
        }
        for number, name in enumerate(sorted(cloud["users"]), 0xC000)
    ]
    roles = [
        {"name": "admin", "implies": ["manager"]},
        {"name": "manager", "implies": ["member"]},
        {"name": "member", "implies": ["reader"]},
        *({"name": name} for name in ("reader", "service", "nothing")),
    ]
    document = {
        "projects": [{"id": each, "name": name} for name, each in cloud["projects"].items()],
        "roles": roles,
        "users": users,
        "images": list(map(_image, cloud["images"])),
        "flavors": [_flavor(flavor) for flavor in cloud["flavors"]],
        "keypairs": _keypairs(),
        "quotas": [{"project": name, **quotas} for name, quotas in cloud["quotas"].items()],
        "servers": [_server(server) for server in cloud["servers"]],
        "clock": {"mode": "frozen"},
    }
    return json.dumps(document)


def _project_of(user: str) -> str:
    return str(recorded_cloud()["users"][user]["project"])


def _image(image: dict[str, Any]) -> dict[str, Any]:
    name = image["name"]
    notes = recorded_cloud()["image_notes"]["1 rich"]["added after the upload"] if name == "rich" else {}
    others = {key: value for key, value in image.items() if key not in (*_IMAGE_KEYS, "bytes", "made_by")}
    properties = {**others, **notes}
    return {
        **{key: image[key] for key in _IMAGE_KEYS if key in image},
        "disk_format": name if name in _FORMATS else image["disk_format"],
        "container_format": name if name in _CONTAINERS else image["container_format"],
        "status": name if name in _STATUSES else "active",
        "size": _HUGE if name == "huge" else image["bytes"],
        "owner": _project_of(image["made_by"]),
        "properties": properties,
        "created_at": "2014-01-01T00:00:00Z",
        "updated_at": "2014-01-02T00:00:00Z",
    }


def _flavor(flavor: dict[str, Any]) -> dict[str, Any]:
    notes = recorded_cloud()["flavor_notes"].get(flavor["id"], {})
    names = {"OS-FLV-EXT-DATA:ephemeral": "ephemeral", "os-flavor-access:is_public": "is_public"}
    return {names.get(key, key): value for key, value in {**flavor, **notes}.items()}


def _keypairs() -> list[dict[str, Any]]:
    document = json.loads((HERE / "servers.json").read_text(encoding="utf-8"))
    bodies = [case["answer"]["body"] for case in document if case["path"].startswith("/v2.1/os-keypairs")]
    lists = [body["keypairs"] for body in bodies if isinstance(body, dict) and "keypairs" in body]
    keypairs = {each["keypair"]["name"]: each["keypair"] for keypairs in lists for each in keypairs}
    return [
        {
            "user": user,
            "name": name,
            "public_key": keypairs[name]["public_key"],
            "created_at": "2014-05-01T00:00:00Z",
        }
        for user, names in recorded_cloud()["keypairs"].items()
        for name in names
    ]


def _server(entry: dict[str, Any]) -> dict[str, Any]:
    name = entry["name"]
    server: dict[str, Any] = {
        "id": server_id(name),
        "name": name,
        "owner": _project_of(entry["made_by"]),
        "user": entry["made_by"],
        "flavor": entry["flavor"],
        "image": None if name == "volume" else entry["image"],
    }
    for key in ("metadata", "description", "tags", "key_name", "vm_state", "task_state", "power_state"):
        if key in entry:
            server[key] = entry[key]
    seen = recorded_cloud()["servers_as_an_admin_sees_them"].get(name)
    if seen is None:  # the deleted one
        deleted_at = "2015-03-22T12:00:00Z"
        times = {"created_at": "2015-03-22T10:00:00Z", "updated_at": deleted_at, "terminated_at": deleted_at}
        return {**server, **times, "vm_state": "deleted", "deleted": True}
    server |= {
        "created_at": seen["created"],
        "updated_at": seen["updated"],
        "host": seen["OS-EXT-SRV-ATTR:host"],
        "availability_zone": seen["OS-EXT-AZ:availability_zone"],
        "volumes": seen["os-extended-volumes:volumes_attached"],
        "addresses": {network: list(map(_address, each)) for network, each in seen["addresses"].items()},
        "security_groups": [group["name"] for group in seen.get("security_groups", ())],
        "locked": {"locked": True, "locked-by-admin": "admin"}.get(name, False),
    }
    if name == "volume":
        server["image_properties"] = {"base_image_ref": entry["image"]}
    if name == "locked":
        server["locked_reason"] = seen["locked_reason"]
    if "fault" in seen:
        fault = seen["fault"]
        server["fault"] = {**fault, "created_at": fault["created"]}
        del server["fault"]["created"]
    return server


def _address(seen: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": seen["addr"],
        "mac": seen["OS-EXT-IPS-MAC:mac_addr"],
        "floating": seen["OS-EXT-IPS:type"] == "floating",
    }
