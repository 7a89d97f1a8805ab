"""The views of servers: list, show, and create images of them."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from fake_nova.apis.nova_common import checks as nova_checks
from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.validation import check_body
from fake_nova.apis.nova_servers import render, tables
from fake_nova.apis.nova_servers.client_patterns import ClientPattern
from fake_nova.apis.nova_servers.tables import ACTIONS
from fake_nova.cloud.directory import User
from fake_nova.cloud.servers import VM_STATES, Server, newest_first
from fake_nova.images.model import Image, has_unstorable_character
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, dumps

Document = dict[str, Any]

#: The plan of a new image of a server, unless an assignment matches.
DEFAULT_PLAN = "slow"

#: The maximum number of servers in a page.
_MAX_PAGE_SIZE = 1000

#: The statuses of an image that is not complete yet.
_STATUSES_IN_PROGRESS = (ImageStatus.QUEUED, ImageStatus.SAVING)


def index(context: Context) -> Response:
    """List servers with id, name and links."""
    link_builder = links.link_builder(context)
    return _page_response(context, "servers", lambda server: render.serialize_summary(server, link_builder))


def detail(context: Context) -> Response:
    """List servers with all fields."""
    return _page_response(context, "servers/detail", _details(context))


def show(context: Context) -> Response:
    """Show one server."""
    return _json_response(context, 200, {"server": _details(context)(_get_visible_server(context))})


def run_action(context: Context) -> Response:
    """Run the action that the first key of the body names."""
    action, params = _parse_action(context)
    server = _get_visible_server(context)
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
    has_quota = _minor_version(context) < tables.NO_QUOTA_SINCE
    if has_quota and len(metadata) > context.cloud.settings.metadata_quota:
        raise NovaError(403, "Image metadata limit exceeded")
    if any(len(key) > tables.MAX_METADATA_KEY_LENGTH for key in metadata):  # the schema of /v2 allows it
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


def _minor_version(context: Context) -> int:
    return context.microversion.minor if context.microversion is not None else 1


def _json_response(context: Context, status: int, body: object) -> Response:
    return Response(status, (content_type_header(context),), dumps(body))


def _get_visible_server(context: Context) -> Server:
    """Return the server in the URL; NovaError 404 if it is unknown, or the caller may not see it."""
    server = context.cloud.servers.get(context.path_params["server_id"])
    if server is None or not (context.caller.is_admin or server.owner == context.caller.project_id):
        raise NovaError(404, f"Instance {context.path_params['server_id']} could not be found.")
    return server


def _matching_servers(context: Context, params: dict[str, str]) -> list[Server]:
    """Return the servers that match *params*, newest first; an admin may ask for ``all_tenants``.

    The parameters of `tables.FILTER_FIELDS` are compared with their fields, ignoring case.
    """
    all_tenants = context.caller.is_admin and params.get("all_tenants", "0") not in ("0", "false", "False")
    pattern = ClientPattern(params["name"]) if "name" in params else None
    fields = params.keys() & tables.FILTER_FIELDS
    return [
        server
        for server in newest_first(context.cloud.servers)
        if (all_tenants or server.owner == context.caller.project_id)
        and all(str(getattr(server, field) or "").lower() == params[field].lower() for field in fields)
        and (pattern is None or pattern.is_in(server.name))
    ]


def _page_response(context: Context, collection: str, documents: Callable[[Server], Document]) -> Response:
    pairs = query_string.parse(context.request.query_string)
    params = dict(pairs)
    matching_servers = _matching_servers(context, params)
    page_size = _parse_page_size(params.get("limit", str(_MAX_PAGE_SIZE)))
    servers = _after_marker(matching_servers, params.get("marker", ""))
    body: Document = {"servers": list(map(documents, servers[:page_size]))}
    if len(servers) >= page_size:
        known_names = _known_parameters(context)
        link_params = tuple(sorted(pair for pair in pairs if pair[0] in known_names))
        collection_url = links.link_builder(context).collection_url(collection)
        href = links.next_link(collection_url, link_params, servers[page_size - 1].id)
        body["servers_links"] = [{"rel": "next", "href": href}]
    return _json_response(context, 200, body)


def _parse_page_size(limit: str) -> int:
    """Return the maximum number of servers in a page. A limit of 0 means the maximum."""
    if not (limit.isascii() and limit.isdecimal()):
        problem = f"Value: {limit}. limit must be an integer"
        raise NovaError(400, f"Invalid input for query parameters limit. {problem}")
    return min(query_string.parse_int(limit), _MAX_PAGE_SIZE) or _MAX_PAGE_SIZE


def _after_marker(servers: list[Server], marker: str) -> list[Server]:
    """Return the servers after the one with the id *marker*; all of them if it is empty."""
    if not marker:
        return servers
    ids = [server.id for server in servers]
    if marker not in ids:
        raise NovaError(400, f"marker [{marker}] not found")
    return servers[ids.index(marker) + 1 :]


def _known_parameters(context: Context) -> set[str]:
    """Return the names of the query parameters that a next link repeats at this microversion."""
    groups = tables.PARAMETERS_BY_MICROVERSION.items()
    return {name for since, names in groups if since <= _minor_version(context) for name in names}


def _details(context: Context) -> Callable[[Server], Document]:
    """Return a function that renders a server with all its fields."""
    snapshotting_ids = _snapshotting_server_ids(context)
    link_builder = links.link_builder(context)
    minor = _minor_version(context)

    def render_server(server: Server) -> Document:
        user = _user_of(context, server.owner)
        user_id = "" if user is None else user.id
        task = "image_uploading" if server.id in snapshotting_ids else None
        return render.serialize_detail(server, link_builder, minor, user_id, task)

    return render_server


def _user_of(context: Context, project_id: str) -> User | None:
    """Return the first user of a project, or None."""
    users = context.cloud.directory.users
    return next((user for user in users if user.project is not None and user.project.id == project_id), None)


def _snapshotting_server_ids(context: Context) -> set[str]:
    """Return the ids of the servers with an unfinished image."""
    state = context.cloud.images.state
    images = (state.get(image_id) for image_id in context.cloud.lifecycle.active_image_ids())
    unfinished = (image for image in images if image is not None and image.status in _STATUSES_IN_PROGRESS)
    return {image.properties.get("instance_uuid", "") for image in unfinished}


def _check_can_be_snapshotted(context: Context, server: Server, action: str) -> None:
    """Raise a 409 if the server's vm_state forbids *action*, or an image of it is unfinished."""
    vm_state = VM_STATES[server.status]
    if vm_state not in tables.SNAPSHOT_STATES:
        state = f"vm_state {vm_state}"
    elif server.id in _snapshotting_server_ids(context):
        state = "task_state image_uploading"
    else:
        return
    raise NovaError(409, f"Cannot '{action}' instance {server.id} while it is in {state}")


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
    if _minor_version(context) >= tables.ID_IN_BODY_SINCE:
        return _json_response(context, 202, {"image_id": image.id})
    alternate = links.link_builder(context).image_links(image.id)[-1]["href"]
    location = (("Location", alternate),) if with_location else ()
    return Response(202, (content_type_header(context), *location))
