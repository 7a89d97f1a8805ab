"""Servers: list, show, and make images of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from fake_nova.apis.nova_servers import render, tables
from fake_nova.apis.nova_servers.tables import ACTIONS
from fake_nova.cloud.directory import User
from fake_nova.cloud.servers import VM_STATES, Server, newest_first
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire import checks, links, nova_errors, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.client_patterns import ClientPattern
from fake_nova.wire.json_schema import check_body
from fake_nova.wire.negotiation import content_type
from fake_nova.wire.nova_errors import Refused

Document = dict[str, Any]

#: The plan that a new image of a server goes by, where none is assigned: it takes its time.
DEFAULT_PLAN = "slow"

#: Statuses of an image that a server is being made an image of.
_UNDER_WAY = (ImageStatus.QUEUED, ImageStatus.SAVING)


def index(call: Call) -> Answer:
    """List servers with their names and links."""
    urls = links.urls(call)
    return _page(call, "servers", lambda server: render.summary(server, urls))


def detail(call: Call) -> Answer:
    """List servers with all they have."""
    return _page(call, "servers/detail", _details(call))


def show(call: Call) -> Answer:
    """Show one server."""
    return _document(call, 200, {"server": _details(call)(_seen(call))})


def act(call: Call) -> Answer:
    """Do what the body's one key says."""
    body = call.body
    if not isinstance(body, dict) or not body:
        raise Refused(400, "Malformed request body")
    name = next(iter(body))
    if name not in ACTIONS:
        raise Refused(400, f"There is no such action: {name}")
    check_body(body, ACTIONS[name], checks.is_legacy_path(call.path))
    asked = body[name]
    if asked["name"] != asked["name"].strip() and not checks.is_legacy_path(call.path):
        raise Refused(
            400,
            "An invalid 'name' value was provided. The name must be: printable characters. Can not start "
            "or end with whitespace.",
        )
    server = _seen(call)
    metadata = asked.get("metadata", {})
    if _minor(call) < tables.NO_QUOTA and len(metadata) > call.cloud.settings.metadata_quota:
        raise Refused(403, "Image metadata limit exceeded")
    if any(len(key) > tables.LONGEST_NAME for key in metadata):  # only /v2 lets them through its schema
        raise Refused(400, "HTTP 400 Bad Request: Custom property should not be greater than 255 characters.")
    _may_be_imaged(call, server, name)
    if name == "createImage":
        image = _made(call, server, asked["name"], {"image_type": "snapshot", **metadata})
        return _accepted(call, image, shown=True)
    rotation = _whole(asked["rotation"])
    kind = {"image_type": "backup", "backup_type": asked["backup_type"], **metadata}
    image = _made(call, server, asked["name"], kind)
    _rotate(call, server, asked["backup_type"], rotation)
    return _accepted(call, image, shown=rotation > 0)


def _whole(value: str | float) -> int:
    """Read a number that the schema has let through: digits, an integer, or a float such as 1.0."""
    return query_string.whole(value) if isinstance(value, str) else int(value)


def _minor(call: Call) -> int:
    return call.microversion.minor if call.microversion is not None else 1


def _document(call: Call, status: int, document: object) -> Answer:
    return Answer(status, (content_type(call),), nova_errors.dumps(document))


def _seen(call: Call) -> Server:
    """Return the server in the URL; one of another project is not there but for an admin."""
    server = call.cloud.servers.get(call.parts["server_id"])
    if server is None or not (call.caller.is_admin or server.owner == call.caller.project_id):
        raise Refused(404, f"Instance {call.parts['server_id']} could not be found.")
    return server


def _listed(call: Call) -> list[Server]:
    """Return the servers that fit, newest first; an admin sees those of all projects with ``all_tenants``."""
    asked = dict(query_string.read(call.query_string))
    everybody = call.caller.is_admin and asked.get("all_tenants", "0") not in ("0", "false", "False")
    pattern = ClientPattern(asked["name"]) if "name" in asked else None
    return [
        server
        for server in newest_first(call.cloud.servers)
        if (everybody or server.owner == call.caller.project_id)
        and _fits(server, asked)
        and (pattern is None or pattern.is_in(server.name))
    ]


def _fits(server: Server, asked: dict[str, str]) -> bool:
    """Whether a server has the values that are asked for, in any case."""
    return all(
        str(getattr(server, field) or "").lower() == asked[name].lower()
        for name, field in tables.FILTERS.items()
        if name in asked
    )


def _page(call: Call, collection: str, rendered: Callable[[Server], Document]) -> Answer:
    asked = dict(query_string.read(call.query_string))
    servers = _listed(call)
    marker, limit = asked.get("marker"), asked.get("limit")
    if limit is not None and not (limit.isascii() and limit.isdecimal()):
        raise Refused(
            400, f"Invalid input for query parameters limit. Value: {limit}. limit must be an integer"
        )
    if marker:
        ids = [server.id for server in servers]
        if marker not in ids:
            raise Refused(400, f"marker [{marker}] not found")
        servers = servers[ids.index(marker) + 1 :]
    most = min(query_string.whole(limit or "1000"), 1000) or 1000
    document: Document = {"servers": list(map(rendered, servers[:most]))}
    if len(servers) >= most:
        again = {**asked, "limit": str(most), "marker": servers[most - 1].id}
        pairs = "&".join(f"{name}={value}" for name, value in sorted(again.items()))
        href = f"{links.urls(call).collection(collection)}?{pairs}"
        document["servers_links"] = [{"rel": "next", "href": href}]
    return _document(call, 200, document)


def _details(call: Call) -> Callable[[Server], Document]:
    """Return what renders servers with all they have."""
    imaged, urls = _being_imaged(call), links.urls(call)

    def detail(server: Server) -> Document:
        user = _user_of(call, server.owner)
        task = "image_uploading" if server.id in imaged else None
        return render.detail(server, urls, _minor(call), user.id if user is not None else "", task)

    return detail


def _user_of(call: Call, project_id: str) -> User | None:
    """Return the first user of a project, or None."""
    return next((user for user in call.cloud.directory.users if user.project.id == project_id), None)


def _being_imaged(call: Call) -> set[str]:
    """Return the ids of the servers that an image is being made of."""
    state = call.cloud.images.state()
    images = (state.by_id.get(image_id) for image_id in call.cloud.lifecycle.under_way())
    return {
        image.properties.get("instance_uuid", "")
        for image in images
        if image is not None and image.status in _UNDER_WAY
    }


def _may_be_imaged(call: Call, server: Server, action: str) -> None:
    """409 in a state in which that is not done, and while it is being done."""
    state, value = "vm_state", VM_STATES[server.status]
    if value in tables.MAY_BE_IMAGED:
        if server.id not in _being_imaged(call):
            return
        state, value = "task_state", "image_uploading"
    raise Refused(409, f"Cannot '{action}' instance {server.id} while it is in {state} {value}")


def _made(call: Call, server: Server, name: str, extra: dict[str, str]) -> Image:
    """Make the image of a server, and let it go by its plan.

    It has the properties of the image that the server was made from, as Nova hands them on.
    """
    cloud, caller = call.cloud, call.caller
    now = cloud.clock.now()
    base = cloud.images.state().by_id.get(server.image or "")
    owner = caller.project_id or server.owner
    user, project = _user_of(call, owner), cloud.directory.project(server.owner)
    properties = {
        **(base.properties if base is not None else {}),
        "base_image_ref": server.image or "",
        "boot_roles": ",".join(sorted(user.roles)) if user is not None else "member",
        "owner_user_name": user.name if user is not None else "",
        "owner_project_name": project.name if project is not None else "",
        "instance_uuid": server.id,
        "user_id": user.id if user is not None else "",
        **extra,
    }
    image = Image(
        id=str(uuid4()),
        name=name,
        owner=owner,
        status=ImageStatus.QUEUED,
        visibility=Visibility.PRIVATE,
        size=base.size if base is not None else None,
        min_ram=base.min_ram if base is not None else 0,
        min_disk=max(base.min_disk if base is not None else 0, server.flavor.disk),
        disk_format="qcow2",
        container_format="bare",
        properties=properties,
        created_at=now,
        updated_at=now,
    )
    plan = cloud.lifecycle.plan_for(image) or DEFAULT_PLAN
    image = cloud.lifecycle.starting(image, plan)
    with cloud.lifecycle.still():
        cloud.images.add(image)
        cloud.lifecycle.begin(image.id, plan)
    return image


def _rotate(call: Call, server: Server, backup_type: str, rotation: int) -> None:
    """Delete the oldest backups of this kind, so that as many as *rotation* are left."""
    kind = {"instance_uuid": server.id, "image_type": "backup", "backup_type": backup_type}.items()
    images = call.cloud.images.all()
    backups = [image for image in images if not image.is_deleted and kind <= image.properties.items()]
    for image in backups[rotation:]:
        call.cloud.delete_image(image.id, lambda _: None)


def _accepted(call: Call, image: Image, shown: bool) -> Answer:
    """Say which image it will be: in a Location header, and in the body of later microversions."""
    if _minor(call) >= tables.ID_IN_BODY:
        return _document(call, 202, {"image_id": image.id})
    alternate = links.urls(call).image(image.id)[-1]["href"]
    return Answer(202, (content_type(call), *([("Location", alternate)] if shown else [])))
