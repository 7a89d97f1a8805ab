"""New images of servers: their fields, their properties, and what changes when their data is complete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_servers.image_metadata import check_metadata
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.cloud import server_states as states
from fake_nova.cloud.captures import Capture
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Image, Member
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire.context import Context

#: The plan of a new image of a server, unless an assignment matches.
DEFAULT_PLAN: Final = "slow"

#: Properties of the base image that an image of a server does not inherit, and beginnings of such.
_NOT_INHERITED: Final = (
    *("cache_in_nova", "bittorrent", "img_signature", "img_signature_hash_method"),
    *("img_signature_key_type", "img_signature_certificate_uuid", "cinder_encryption_key_id"),
    "cinder_encryption_key_deletion_policy",
)

#: Keys of metadata that do not become properties: parameters of the request, and two that Nova reads.
_NO_PROPERTIES: Final = ("name", "visibility", "disk_format", "container_format", "owner", "instance_owner")

#: Property -> the values, in lower case and without blanks around, with which it vanishes (Nova 34.0.0).
_VANISHING_VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "kernel_id": ("", "none"),
    "ramdisk_id": ("", "none"),
    "location": ("",),
}


def formats_of(base: Image) -> dict[str, str | None]:
    """Return the formats of an image, which a backup has at once."""
    return {"disk_format": base.disk_format, "container_format": base.container_format}


def _formats_in(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return the formats in the metadata of a request, which the image has until its data is there."""
    return {name: metadata[name] for name in ("disk_format", "container_format") if name in metadata}


def _inherited(properties: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in properties.items() if name not in _NOT_INHERITED}


def _properties(context: Context, server: Server, extra_properties: Mapping[str, str]) -> dict[str, str]:
    """Return the properties of a new image: those of the base image, of Nova, and of the request."""
    lookups = Lookups(context.cloud)
    base_properties = _inherited(lookups.image_properties_of(server))
    if server.image is not None:
        base_properties.setdefault("base_image_ref", server.image)
    user = lookups.user_of(server)
    project = context.cloud.directory.project_by_id(server.owner)
    own_properties = {
        "owner_user_name": "" if user is None else user.name,
        "owner_project_name": "" if project is None else project.name,
        "boot_roles": "member" if user is None else ",".join(sorted(user.grant(project).all_roles)),
    }
    actions = context.cloud.server_actions.of_server(server, "")
    if server.vm_state == states.VM_SUSPENDED and any(action.name == "suspend" for action in actions):
        own_properties["old_vm_state"] = states.VM_ACTIVE  # Nova notes it for the time of resuming
    if server.locked_reason is not None:
        own_properties["locked_reason"] = server.locked_reason
    own_properties["instance_uuid"] = server.id
    own_properties["user_id"] = _caller_id(context) or lookups.user_id_of(server)
    all_properties = {**base_properties, **own_properties, **extra_properties}
    return {
        name: value
        for name, value in all_properties.items()
        if name not in _NO_PROPERTIES and value.strip().lower() not in _VANISHING_VALUES.get(name, ())
    }


def _caller_id(context: Context) -> str:
    return "" if context.token is None else context.token.user.id


def create(
    context: Context,
    server: Server,
    name: str,
    extra_properties: Mapping[str, str],
    metadata: Mapping[str, str],
    *,
    capture: Capture,
    **fields: Any,
) -> Image:
    """Create an image of a server, and start its plan; the server is occupied until it ends.

    Args:
        context: the context of the request.
        server: the server.
        name: the name of the image.
        extra_properties: the properties that the request and the kind of the image add.
        metadata: what the client sent, which the image service checks.
        capture: the capture that the image comes from.
        fields: further fields of the image.

    Raises:
        NovaError: if the image service refuses the metadata.
    """
    check_metadata(context, metadata)
    cloud = context.cloud
    base = Lookups(cloud).image_of(server)
    now = cloud.clock.now()
    properties = _properties(context, server, extra_properties)
    image = Image(
        id=str(uuid4()),
        name=name,
        status=ImageStatus.QUEUED,
        **_ownership(context, server, metadata),
        min_disk=_min_disk(server, base),
        min_ram=0 if base is None else base.min_ram,
        properties=properties,
        created_at=now,
        updated_at=now,
        **{**fields, **_formats_in(metadata)},
    )
    _check_member(context, image, metadata)
    _start_plan(context, image, capture)
    return image


def _start_plan(context: Context, image: Image, capture: Capture) -> None:
    """Store a new image, and start its plan."""
    lifecycle = context.cloud.lifecycle
    plan = lifecycle.matching_plan_name(image) or DEFAULT_PLAN
    with lifecycle.lock():
        context.cloud.images.add(lifecycle.at_first_step(image, plan))
        lifecycle.start(image.id, plan, capture=capture)


def _ownership(context: Context, server: Server, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return owner, visibility and members of a new image.

    It belongs to the caller's project. If that is not the server's project, the latter is a member. An admin
    may name another owner, even none, in the metadata.
    """
    project_id = context.caller.project_id or server.owner
    owner = metadata.get("owner", project_id) or None
    if project_id == server.owner:
        return {"owner": owner, "visibility": Visibility.PRIVATE}
    return {"owner": owner, "visibility": Visibility.SHARED, "members": (Member(server.owner),)}


def _check_member(context: Context, image: Image, metadata: Mapping[str, str]) -> None:
    """Refuse a member that metadata name for a private image. The image stays behind, as that of Nova does.

    Raises:
        NovaError: 403.
    """
    if metadata.get("instance_owner") and image.visibility is Visibility.PRIVATE:
        context.cloud.images.add(image)
        problem = f"Not allowed to create members for image {image.id}."
        raise NovaError(403, f"HTTP 403 Forbidden: {problem}")


def _min_disk(server: Server, base: Image | None) -> int:
    if base is None or base.disk_format == "vhd":
        return server.min_disk
    return max(base.min_disk, server.min_disk)


#: The data of an image of a volume-backed server: none.
_NO_DATA: Final[Mapping[str, Any]] = {
    "disk_format": "raw",
    "container_format": "bare",
    "size": 0,
    "checksum": "d41d8cd98f00b204e9800998ecf8427e",
    "os_hash_algo": "sha512",
    "os_hash_value": (
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
    ),
}

#: The snapshot of the volume, and the keys without a value, in the order of Nova.
_SNAPSHOT_ID: Final = "50000000-0000-4000-8000-000000000001"
_VOLUME_MAPPING: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("volume_type", "source_type", "tag", "encrypted")),
    "source_type": "snapshot",
    "device_type": "disk",
    "device_name": "/dev/vda",
    "destination_type": "volume",
    "encryption_secret_uuid": None,
    "boot_index": 0,
    **dict.fromkeys(("volume_id", "no_device", "encryption_options", "disk_bus", "encryption_format")),
    "snapshot_id": _SNAPSHOT_ID,
    "delete_on_termination": False,
    **dict.fromkeys(("image_id", "guest_format")),
}

#: Properties that the image of a volume-backed server lacks.
_NOT_OF_VOLUMES: Final = ("instance_uuid", "user_id", "image_type")


def create_of_volume(context: Context, server: Server, name: str, metadata: Mapping[str, str]) -> Image:
    """Create an image of a volume-backed server. It has no data, so it is active at once.

    Raises:
        NovaError: if the image service refuses the metadata.
    """
    check_metadata(context, metadata)
    formats = _formats_in(metadata)
    disk_format = formats.get("disk_format", "raw")
    if disk_format != "raw":
        raise NovaError(400, f"Unable to force activate with disk_format={disk_format}")
    cloud = context.cloud
    now = cloud.clock.now()
    properties = _properties(context, server, {})
    mapping = json.dumps([{**_VOLUME_MAPPING, "volume_size": 1}])
    image = Image(
        id=str(uuid4()),
        name=name,
        **_ownership(context, server, metadata),
        min_disk=server.min_disk,
        properties={
            **{key: value for key, value in properties.items() if key not in _NOT_OF_VOLUMES},
            **{key: value for key, value in metadata.items() if key not in _NO_PROPERTIES},
            "root_device_name": "/dev/sda",
            "block_device_mapping": mapping,
            "bdm_v2": "True",
        },
        created_at=now,
        updated_at=now,
        **{**_NO_DATA, **formats},
    )
    _check_member(context, image, metadata)
    cloud.images.add(image)
    return image
