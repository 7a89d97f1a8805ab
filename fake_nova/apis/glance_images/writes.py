"""Make, delete, deactivate and reactivate an image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fake_nova.apis.glance_images import body, constraints, policies, render, tables
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.schemas import check_image
from fake_nova.apis.glance_images.views import EMPTY_BODY_HEADERS
from fake_nova.errors import Conflict, ImageNotFound
from fake_nova.images.model import Caller, Image
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire.response import JSON_HEADERS, Response
from fake_nova.wire.service import Context


def create(context: Context) -> Response:
    """Make an image, queued until it gets its data."""
    payload = body.parse_json(context)
    if not isinstance(payload, dict):
        check_image(payload)
        raise GlanceError(400, "Unexpected body type. Expected list/dict.")
    for name in tables.DISALLOWED_ATTRIBUTES:
        if name in payload:
            raise GlanceError(403, f"Attribute '{name}' is read-only.")
    check_image(payload)
    existing_ids = (*tables.WRITABLE_ATTRIBUTES, *tables.READ_ONLY_ATTRIBUTES)
    properties = {name: value for name, value in payload.items() if name not in existing_ids}
    for name in properties:
        if len(name) > tables.MAX_PROPERTY_NAME_LENGTH:
            raise GlanceError(400, "Custom property should not be greater than 255 characters.")
        if name in tables.RESERVED_NAMES or name.startswith(tables.RESERVED_PREFIX):
            raise GlanceError(403, detail=f"Attribute '{name}' is reserved.")
    image = _build_image(context, payload, properties)
    _authorize_create(image, context.caller)
    _check_limits(context, payload, image)
    try:
        context.cloud.images.add(constraints.check_tags(constraints.check_text_columns(image)))
    except Conflict as error:
        raise GlanceError(409, f"Image ID {image.id} already exists!") from error
    context.record_polls((image,))
    location = ("Location", f"{context.request.base_url}/image/v2/images/{image.id}")
    import_headers = render.import_headers(context.cloud.settings.enabled_import_methods)
    return Response(201, (*JSON_HEADERS, location, *import_headers), render.image_body(image))


def _build_image(context: Context, payload: Mapping[str, Any], properties: Mapping[str, str]) -> Image:
    now = context.cloud.clock.now()
    return Image(
        id=payload.get("id", str(uuid4())),
        name=payload.get("name"),
        status=ImageStatus.QUEUED,
        min_ram=int(payload.get("min_ram", 0)),  # JSON's 1.0 is a whole number, too
        min_disk=int(payload.get("min_disk", 0)),
        created_at=now,
        updated_at=now,
        owner=payload.get("owner", context.caller.project_id),
        visibility=Visibility(payload.get("visibility", Visibility.SHARED)),
        protected=payload.get("protected", False),
        os_hidden=payload.get("os_hidden", False),
        disk_format=payload.get("disk_format"),
        container_format=payload.get("container_format"),
        tags=tuple(dict.fromkeys(payload.get("tags", ()))),
        properties={name: value for name, value in properties.items() if name not in tables.HASH_ATTRIBUTES},
    )


def _authorize_create(image: Image, caller: Caller) -> None:
    """Ask the policies of a new image.

    Raises:
        GlanceError: 403.
    """
    if not caller.is_admin:
        if image.owner != caller.project_id:
            raise GlanceError(403, detail=f"You are not permitted to create images owned by '{image.owner}'")
        if not caller.may_write:
            raise policies.forbidden("add_image")
    policy = tables.VISIBILITY_POLICIES.get(image.visibility)
    if policy is not None and not policies.allows(policy, image, caller):
        raise policies.forbidden(policy)


def _check_limits(context: Context, payload: Mapping[str, Any], image: Image) -> None:
    """Mind what only the service sets, the quotas, and what may not be below 0, in this order.

    Raises:
        GlanceError: 403, 413 or 400.
    """
    constraints.check_quota(context.cloud.settings.metadata_quota, "tags", image.tags)
    for name in tables.READ_ONLY_ATTRIBUTES:
        if name in payload and name not in tables.HASH_ATTRIBUTES:
            raise GlanceError(403, f"Attribute '{name}' is read-only.")
    if "locations" in payload:
        raise GlanceError(403, "Attribute 'locations' is reserved.")
    constraints.check_size("min_disk", image.min_disk)
    constraints.check_size("min_ram", image.min_ram)
    constraints.check_quota(context.cloud.settings.metadata_quota, "properties", image.properties)


def delete(context: Context) -> Response:
    """Delete one image: it stays in the store, gone for every client."""
    body.require_no_body(context)

    def check(image: Image) -> None:
        policies.require_visible(image, context.caller)
        policies.enforce("delete_image", image, context.caller)
        if image.protected:
            raise GlanceError(403, f"Image {image.id} is protected and cannot be deleted.")

    image_id = context.path_params["image_id"]
    try:
        context.cloud.delete_image(image_id, check)
    except ImageNotFound as error:
        raise GlanceError(404, f"Failed to find image {image_id} to delete") from error
    return Response(204, EMPTY_BODY_HEADERS)


def deactivate(context: Context) -> Response:
    """Let nobody but an admin download the data of an active image."""
    return _set_activation(context, "deactivate", ImageStatus.ACTIVE, ImageStatus.DEACTIVATED)


def reactivate(context: Context) -> Response:
    """Make a deactivated image active again."""
    return _set_activation(context, "reactivate", ImageStatus.DEACTIVATED, ImageStatus.ACTIVE)


def _set_activation(
    context: Context, action: str, from_status: ImageStatus, to_status: ImageStatus
) -> Response:
    body.require_no_body(context)
    now = context.cloud.clock.now()

    def apply(image: Image) -> Image:
        policies.require_visible(image, context.caller)
        policies.enforce(action, image, context.caller)
        if image.status is to_status:
            return image
        if image.status is not from_status:
            raise GlanceError(403, f"Not allowed to {action} image in status '{image.status}'")
        return constraints.check_text_columns(image.replace(status=to_status, updated_at=now))

    context.cloud.images.update(context.path_params["image_id"], apply)
    return Response(204, EMPTY_BODY_HEADERS)
