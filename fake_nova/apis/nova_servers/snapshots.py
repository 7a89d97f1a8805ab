"""The actions that create images of servers: snapshots, backups, and shelving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.negotiation import HTML_TYPE
from fake_nova.apis.nova_common.requests import json_response, minor_version
from fake_nova.apis.nova_common.validation import whole_number
from fake_nova.apis.nova_servers import effects, new_images
from fake_nova.apis.nova_servers.destinations import check_zone
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.apis.nova_servers.schemas import UNSHELVE_ZONE_SINCE
from fake_nova.cloud import server_states as states
from fake_nova.cloud.captures import Capture
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Image
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
        capture = Capture(server.id)
        image = new_images.create(context, server, name, properties, metadata, capture=capture)
    return _accepted_response(context, image, _image_url(context, image))


def _image_url(context: Context, image: Image) -> str:
    """Return the URL of an image: that of the image service in the catalog of the token.

    Without a log-in, it is where the client found Nova. Nova 34.0.0: ``generate_image_url`` in
    nova/image/glance.py.
    """
    builder = links.link_builder(context)
    if context.token is not None and context.token.origin:
        image_url = context.token.origin + context.cloud.settings.service_paths["image"]
        builder = replace(builder, image_url=image_url)
    return builder.image_links(image.id)[-1]["href"]


def create_backup(context: Context, server: Server, params: Mapping[str, Any]) -> Response:
    """Create a backup of a server, and then delete the oldest ones beyond the rotation."""
    if server.image is None:
        raise NovaError(400, "Backup is not supported for volume-backed instances.")
    rotation = whole_number(params["rotation"])
    name, metadata = params["name"].strip(), params.get("metadata", {})
    backup_type = params["backup_type"]
    request = {**metadata, "backup_type": backup_type}
    properties = {"image_type": "backup", **request}
    base = Lookups(context.cloud).image_of(server)
    formats = {} if base is None else new_images.formats_of(base)
    capture = Capture(server.id, "backup", rotation, context.caller.roles)
    image = new_images.create(context, server, name, properties, request, capture=capture, **formats)
    link_builder = links.link_builder(context)
    location = f"{link_builder.base_url}/{link_builder.version}/images/{image.id}"
    return _accepted_response(context, image, location if rotation > 0 else None)


def shelve(context: Context, server: Server, params: Any) -> Response:
    """Shelve a server: create an image of it. If a volume holds its disk, it loses its host instead."""
    if server.image is None:
        context.cloud.server_lifecycle.begin(server, "shelve_volume")
    else:
        properties = {"image_type": "snapshot"}
        capture = Capture(server.id, "shelve")
        new_images.create(context, server, f"{server.name}-shelved", properties, {}, capture=capture)
    return effects.accept(context, server, params)


def unshelve(context: Context, server: Server, params: Any) -> Response:
    """Switch a shelved server on; afterwards its image is deleted."""
    pin = {}
    if (
        isinstance(params, dict)
        and "availability_zone" in params
        and minor_version(context) >= UNSHELVE_ZONE_SINCE
    ):
        pin = {"pinned_zone": params["availability_zone"]}
        if pin["pinned_zone"] and server.vm_state == states.VM_SHELVED_OFFLOADED:
            check_zone(context, pin["pinned_zone"])
    context.cloud.server_lifecycle.begin(server, _unshelving_of(context, server), **pin)
    return effects.accept(context, server, params)


def _unshelving_of(context: Context, server: Server) -> str:
    """Return the name of the work that unshelves a server."""
    if server.vm_state == states.VM_SHELVED:
        return "unshelve"
    image = context.cloud.images.state.get(server.shelved_image or "")
    is_image_lost = server.shelved_image is not None and (image is None or image.is_deleted)
    return "unshelve_without_image" if is_image_lost else "unshelve_offloaded"


def _accepted_response(context: Context, image: Image, location: str | None) -> Response:
    """Return the 202 with the new image's id: in the body since 2.45, before that in a Location header."""
    if minor_version(context) >= _ID_IN_BODY_SINCE:
        return json_response(context, 202, {"image_id": image.id})
    headers = () if location is None else (("Location", location),)
    return Response(202, (HTML_TYPE, *headers))
