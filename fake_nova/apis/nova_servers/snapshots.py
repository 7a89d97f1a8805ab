"""The actions that create images of servers: snapshots, backups, and shelving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.requests import json_response, minor_version
from fake_nova.apis.nova_servers import effects, new_images
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.cloud import server_states as states
from fake_nova.cloud.server_lifecycle import Work
from fake_nova.cloud.servers import DEFAULT_HOST, Server
from fake_nova.images.model import Image, is_visible
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The first minor version whose response has the image's id in its body instead of a Location header.
_ID_IN_BODY_SINCE: Final = 45


def create_image(context: Context, server: Server, params: Mapping[str, Any]) -> Response:
    """Create an image of a server."""
    name, metadata = params["name"].strip(), params.get("metadata", {})
    if server.image is None:
        image = new_images.create_of_volume(context, server, name, metadata)
    else:
        properties = {"image_type": "snapshot", **metadata}
        image = new_images.create(context, server, name, properties, metadata)
    alternate = links.link_builder(context).image_links(image.id)[-1]["href"]
    return _accepted_response(context, image, alternate)


def create_backup(context: Context, server: Server, params: Mapping[str, Any]) -> Response:
    """Create a backup of a server, and delete the oldest ones beyond the rotation."""
    if server.image is None:
        raise NovaError(400, "Backup is not supported for volume-backed instances.")
    value = params["rotation"]  # digits, an integer, or a float such as 1.0
    rotation = query_string.parse_int(value) if isinstance(value, str) else int(value)
    name, metadata = params["name"].strip(), params.get("metadata", {})
    backup_type = params["backup_type"]
    request = {**metadata, "backup_type": backup_type}
    properties = {"image_type": "backup", **request}
    base = Lookups(context.cloud).image_of(server)
    formats = {} if base is None else new_images.formats_of(base)
    image = new_images.create(context, server, name, properties, request, **formats)
    _delete_old_backups(context, server, backup_type, rotation)
    link_builder = links.link_builder(context)
    location = f"{link_builder.base_url}/{link_builder.version}/images/{image.id}"
    return _accepted_response(context, image, location if rotation > 0 else None)


def shelve(context: Context, server: Server, params: Any) -> Response:
    """Shelve a server: create an image of it, unless a volume holds its disk, and switch it off."""
    if server.image is not None:
        new_images.create(context, server, f"{server.name}-shelved", {"image_type": "snapshot"}, {})
    task_states = "shelving", "shelving_image_uploading"
    finish = effects.change_to(vm_state=states.VM_SHELVED, power_state=4)
    context.cloud.server_lifecycle.begin(server, Work(task_states, finish, effects.fail_work))
    return effects.accept(context, server, params)


def unshelve(context: Context, server: Server, params: Any) -> Response:
    """Switch a shelved server on, and delete its image."""
    cloud = context.cloud
    name = f"{server.name}-shelved"
    for image in cloud.images.all():
        is_shelf = image.name == name and image.properties.get("instance_uuid") == server.id
        if is_shelf and not image.is_deleted:
            cloud.delete_image(image.id, lambda _: None)
    finish = effects.change_to(
        vm_state=states.VM_ACTIVE, power_state=1, host=DEFAULT_HOST, availability_zone="nova"
    )
    cloud.server_lifecycle.begin(server, Work(("unshelving", "spawning"), finish, effects.fail_work))
    return effects.accept(context, server, params)


def _delete_old_backups(context: Context, server: Server, backup_type: str, rotation: int) -> None:
    """Delete the oldest backups of this type that the caller can list; keep *rotation* of them."""
    database = context.cloud.database
    backups = [
        image
        for image in context.cloud.images.all()
        if not image.is_deleted
        and image.properties.get("image_type") == "backup"
        and image.properties.get("instance_uuid") == server.id
        and database.are_equal(image.properties.get("backup_type"), backup_type)
        and is_visible(image, context.caller)
    ]
    for image in backups[rotation:]:
        context.cloud.delete_image(image.id, lambda _: None)


def _accepted_response(context: Context, image: Image, location: str | None) -> Response:
    """Return the 202 with the new image's id: in the body since 2.45, before that in a Location header."""
    if minor_version(context) >= _ID_IN_BODY_SINCE:
        return json_response(context, 202, {"image_id": image.id})
    headers = () if location is None else (("Location", location),)
    return Response(202, (("Content-Type", "text/html; charset=UTF-8"), *headers))
