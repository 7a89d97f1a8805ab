"""Make, delete, deactivate and reactivate an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fake_nova.apis.glance_images import body, constraints, policies, render, tables
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.schemas import check_image
from fake_nova.apis.glance_images.views import EMPTY
from fake_nova.errors import Conflict, ImageNotFound
from fake_nova.images.model import Caller, Image
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call


def create(call: Call) -> Answer:
    """Make an image, queued until it gets its data."""
    given = body.json_of(call)
    if not isinstance(given, dict):
        check_image(given)
        raise GlanceError(400, "Unexpected body type. Expected list/dict.")
    for name in tables.DISALLOWED:
        if name in given:
            raise GlanceError(403, f"Attribute '{name}' is read-only.")
    check_image(given)
    known = (*tables.WRITABLE, *tables.READ_ONLY)
    properties = {name: value for name, value in given.items() if name not in known}
    for name in properties:
        if len(name) > tables.LONGEST_NAME:
            raise GlanceError(400, "Custom property should not be greater than 255 characters.")
        if name in tables.RESERVED or name.startswith(tables.RESERVED_PREFIX):
            raise GlanceError(403, detail=f"Attribute '{name}' is reserved.")
    image = _new(call, given, properties)
    _may_add(image, call.caller)
    _is_sound(call, given, image)
    try:
        call.cloud.images.add(constraints.checked_tags(constraints.checked(image)))
    except Conflict as error:
        raise GlanceError(409, f"Image ID {image.id} already exists!") from error
    call.looked((image,))
    location = ("Location", f"{call.origin}/image/v2/images/{image.id}")
    import_headers = render.import_headers(call.cloud.settings.import_ways)
    return Answer(201, (*nova_errors.JSON_HEADERS, location, *import_headers), render.one(image))


def _new(call: Call, given: Mapping[str, Any], properties: Mapping[str, str]) -> Image:
    now = call.cloud.clock.now()
    return Image(
        id=given.get("id", str(uuid4())),
        name=given.get("name"),
        status=ImageStatus.QUEUED,
        min_ram=int(given.get("min_ram", 0)),  # JSON's 1.0 is a whole number, too
        min_disk=int(given.get("min_disk", 0)),
        created_at=now,
        updated_at=now,
        owner=given.get("owner", call.caller.project_id),
        visibility=Visibility(given.get("visibility", Visibility.SHARED)),
        protected=given.get("protected", False),
        os_hidden=given.get("os_hidden", False),
        disk_format=given.get("disk_format"),
        container_format=given.get("container_format"),
        tags=tuple(dict.fromkeys(given.get("tags", ()))),
        properties={name: value for name, value in properties.items() if name not in tables.COMPUTED},
    )


def _may_add(image: Image, caller: Caller) -> None:
    """Ask the policies of a new image.

    Raises:
        GlanceError: 403.
    """
    if not caller.is_admin:
        if image.owner != caller.project_id:
            raise GlanceError(403, detail=f"You are not permitted to create images owned by '{image.owner}'")
        if not caller.may_write:
            raise policies.forbid("add_image")
    policy = tables.VISIBILITY_POLICIES.get(image.visibility)
    if policy is not None and not policies.allows(policy, image, caller):
        raise policies.forbid(policy)


def _is_sound(call: Call, given: Mapping[str, Any], image: Image) -> None:
    """Mind what only the service sets, the quotas, and what may not be below 0, in this order.

    Raises:
        GlanceError: 403, 413 or 400.
    """
    constraints.within(call.cloud.settings.metadata_quota, "tags", image.tags)
    for name in tables.READ_ONLY:
        if name in given and name not in tables.COMPUTED:
            raise GlanceError(403, f"Attribute '{name}' is read-only.")
    if "locations" in given:
        raise GlanceError(403, "Attribute 'locations' is reserved.")
    constraints.a_size("min_disk", image.min_disk)
    constraints.a_size("min_ram", image.min_ram)
    constraints.within(call.cloud.settings.metadata_quota, "properties", image.properties)


def delete(call: Call) -> Answer:
    """Delete one image: it stays in the store, gone for every client."""
    body.none(call)

    def check(image: Image) -> None:
        policies.look(image, call.caller)
        policies.enforce("delete_image", image, call.caller)
        if image.protected:
            raise GlanceError(403, f"Image {image.id} is protected and cannot be deleted.")

    image_id = call.parts["image_id"]
    try:
        call.cloud.delete_image(image_id, check)
    except ImageNotFound as error:
        raise GlanceError(404, f"Failed to find image {image_id} to delete") from error
    return Answer(204, EMPTY)


def deactivate(call: Call) -> Answer:
    """Let nobody but an admin download the data of an active image."""
    return _turned(call, "deactivate", ImageStatus.ACTIVE, ImageStatus.DEACTIVATED)


def reactivate(call: Call) -> Answer:
    """Make a deactivated image active again."""
    return _turned(call, "reactivate", ImageStatus.DEACTIVATED, ImageStatus.ACTIVE)


def _turned(call: Call, action: str, before: ImageStatus, after: ImageStatus) -> Answer:
    body.none(call)
    now = call.cloud.clock.now()

    def turned(image: Image) -> Image:
        policies.look(image, call.caller)
        policies.enforce(action, image, call.caller)
        if image.status is after:
            return image
        if image.status is not before:
            raise GlanceError(403, f"Not allowed to {action} image in status '{image.status}'")
        return constraints.checked(image.replaced(status=after, updated_at=now))

    call.cloud.images.update(call.parts["image_id"], turned)
    return Answer(204, EMPTY)
