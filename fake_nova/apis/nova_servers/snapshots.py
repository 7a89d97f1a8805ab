"""The actions that create images of servers."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from fake_nova.apis.nova_common import checks as nova_checks
from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.requests import json_response, minor_version
from fake_nova.apis.nova_common.validation import METADATA_OBJECT, check_body
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.apis.nova_servers.views import visible_server
from fake_nova.cloud.directory import User
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Image, has_unstorable_character
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

Document = dict[str, Any]

#: The plan of a new image of a server, unless an assignment matches.
DEFAULT_PLAN = "slow"

_NAME: Final[Mapping[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 255}

_ROTATION: Final = {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 0, "minLength": 1}


def _object(required: list[str], **properties: Any) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_BACKUP: Final = {"backup_type": {"type": "string"}, "rotation": _ROTATION}

#: Action -> the schema of its body.
ACTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    name: _object([name], **{name: _object(required, name=_NAME, **more, metadata=METADATA_OBJECT)})
    for name, required, more in (("createImage", ["name"], {}), ("createBackup", ["name", *_BACKUP], _BACKUP))
}

#: The vm_states in which Nova creates an image or a backup of a server.
_SNAPSHOT_STATES = ("active", "stopped", "paused", "suspended")

#: The maximum number of characters of a metadata key in the image service.
_MAX_METADATA_KEY_LENGTH = 255

#: The first minor version whose response has the image's id in its body instead of a Location header.
_ID_IN_BODY_SINCE = 45

#: The first minor version without a quota of metadata.
_NO_QUOTA_SINCE = 39


def run_action(context: Context) -> Response:
    """Run the action that the first key of the body names."""
    action, params = _parse_action(context)
    server = visible_server(context)
    _check_metadata(context, params.get("metadata", {}))
    _check_can_be_snapshotted(context, server, action)
    return _ACTION_VIEWS[action](context, server, params)


def _parse_action(context: Context) -> tuple[str, dict[str, Any]]:
    """Return the name of the action and its parameters.

    Raises:
        NovaError: if there is no such action, or if a parameter is invalid.
    """
    body = context.json_body
    if not isinstance(body, dict) or not body:
        raise NovaError(400, "Malformed request body")
    name = next(iter(body))
    if name not in ACTIONS:
        raise NovaError(400, f"There is no such action: {name}")
    is_legacy = nova_checks.is_legacy_path(context.request.path)
    check_body(body, ACTIONS[name], is_legacy)
    params = body[name]
    has_outer_space = params["name"] != params["name"].strip() and not is_legacy
    if has_outer_space or has_unstorable_character(params["name"]):
        raise NovaError(
            400,
            "An invalid 'name' value was provided. The name must be: printable characters. Can not start "
            "or end with whitespace.",
        )
    return name, params


def _check_metadata(context: Context, metadata: Mapping[str, str]) -> None:
    """Check the metadata of a new image.

    Raises:
        NovaError: 403 if there are too many keys; 400 if a key is too long.
    """
    has_quota = minor_version(context) < _NO_QUOTA_SINCE
    if has_quota and len(metadata) > context.cloud.settings.metadata_quota:
        raise NovaError(403, "Image metadata limit exceeded")
    if any(len(key) > _MAX_METADATA_KEY_LENGTH for key in metadata):  # the schema of /v2 allows it
        message = "HTTP 400 Bad Request: Custom property should not be greater than 255 characters."
        raise NovaError(400, message)


def _snapshot(context: Context, server: Server, params: Mapping[str, Any]) -> Response:
    """Create an image of a server."""
    properties = {"image_type": "snapshot", **params.get("metadata", {})}
    image = _create_image(context, server, params["name"], properties)
    return _accepted_response(context, image, with_location=True)


def _back_up(context: Context, server: Server, params: Mapping[str, Any]) -> Response:
    """Create a backup of a server, and delete the oldest ones beyond the rotation."""
    value = params["rotation"]  # digits, an integer, or a float such as 1.0
    rotation = query_string.parse_int(value) if isinstance(value, str) else int(value)
    metadata = params.get("metadata", {})
    properties = {"image_type": "backup", "backup_type": params["backup_type"], **metadata}
    image = _create_image(context, server, params["name"], properties)
    _delete_old_backups(context, server, params["backup_type"], rotation)
    return _accepted_response(context, image, with_location=rotation > 0)


#: Action -> the function that runs it.
_ACTION_VIEWS = {"createImage": _snapshot, "createBackup": _back_up}


def _check_can_be_snapshotted(context: Context, server: Server, action: str) -> None:
    """Raise a 409 if the server's state forbids *action*."""
    task_state = Lookups(context.cloud).task_state_of(server)
    if server.vm_state not in _SNAPSHOT_STATES:
        state = f"vm_state {server.vm_state}"
    elif task_state is not None:
        state = f"task_state {task_state}"
    else:
        return
    raise NovaError(409, f"Cannot '{action}' instance {server.id} while it is in {state}")


def _user_of(context: Context, project_id: str) -> User | None:
    """Return the first user of a project, or None."""
    users = context.cloud.directory.users
    return next((user for user in users if user.project is not None and user.project.id == project_id), None)


def _properties_from_nova(context: Context, server: Server, owner: str) -> dict[str, str]:
    """Return the properties that Nova itself gives an image of a server.

    Args:
        context: the context of the request.
        server: the server that the image is created from.
        owner: the project that the image will belong to.
    """
    user = _user_of(context, owner)
    project = context.cloud.directory.project_by_id(server.owner)
    properties = {
        "base_image_ref": server.image or "",
        "boot_roles": "member",
        "owner_user_name": "",
        "owner_project_name": "" if project is None else project.name,
        "instance_uuid": server.id,
        "user_id": "",
    }
    if user is not None:
        properties["boot_roles"] = ",".join(sorted(user.grant(user.project).roles))
        properties["owner_user_name"] = user.name
        properties["user_id"] = user.id
    return properties


def _create_image(context: Context, server: Server, name: str, extra_properties: dict[str, str]) -> Image:
    """Create an image of a server, and start its plan.

    As in Nova, it inherits the properties of the server's own image.

    Raises:
        NovaError: 400 if the image service refuses a character in *extra_properties*.
    """
    _check_characters(extra_properties)
    cloud = context.cloud
    now = cloud.clock.now()
    owner = context.caller.project_id or server.owner
    image = Image(
        id=str(uuid4()),
        name=name,
        owner=owner,
        status=ImageStatus.QUEUED,
        visibility=Visibility.PRIVATE,
        min_disk=server.flavor.disk,
        disk_format="qcow2",
        container_format="bare",
        properties={**_properties_from_nova(context, server, owner), **extra_properties},
        created_at=now,
        updated_at=now,
    )
    base_image = cloud.images.state.get(server.image or "")
    if base_image is not None:
        image = image.replace(
            size=base_image.size,
            min_ram=base_image.min_ram,
            min_disk=max(base_image.min_disk, image.min_disk),
            properties={**base_image.properties, **image.properties},
        )
    plan = cloud.lifecycle.matching_plan_name(image) or DEFAULT_PLAN
    image = cloud.lifecycle.at_first_step(image, plan)
    with cloud.lifecycle.lock():
        cloud.images.add(image)
        cloud.lifecycle.start(image.id, plan)
    return image


def _check_characters(properties: Mapping[str, str]) -> None:
    """Raise a 400 for a character that the image service refuses.

    If it is in a backup type, Nova 34.0.0 fails with a 500.
    """
    for name, value in properties.items():
        if has_unstorable_character(name + value):
            problem = html.escape(f"{name.title()} can't contain 4 byte unicode characters.")
            raise NovaError(400, f"HTTP 400 Bad Request: {problem}")


def _delete_old_backups(context: Context, server: Server, backup_type: str, rotation: int) -> None:
    """Delete the oldest backups of this type; keep *rotation* of them."""
    properties = {"instance_uuid": server.id, "image_type": "backup", "backup_type": backup_type}
    required_items = properties.items()
    images = context.cloud.images.all()
    backups = [
        image for image in images if not image.is_deleted and required_items <= image.properties.items()
    ]
    for image in backups[rotation:]:
        context.cloud.delete_image(image.id, lambda _: None)


def _accepted_response(context: Context, image: Image, with_location: bool) -> Response:
    """Return the 202 with the new image's id: in the body since 2.45, before that in a Location header."""
    if minor_version(context) >= _ID_IN_BODY_SINCE:
        return json_response(context, 202, {"image_id": image.id})
    alternate = links.link_builder(context).image_links(image.id)[-1]["href"]
    location = (("Location", alternate),) if with_location else ()
    return Response(202, (content_type_header(context), *location))
