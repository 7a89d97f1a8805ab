"""Views that create, delete, deactivate and reactivate images."""

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
from fake_nova.wire.context import Context
from fake_nova.wire.endpoints import own_url
from fake_nova.wire.response import JSON_HEADERS, Response


def create(context: Context) -> Response:
    """Create an image. It is queued until its data is uploaded."""
    payload = body.parse_json(context)
    if not isinstance(payload, dict):
        check_image(payload)
        raise GlanceError(400, "Unexpected body type. Expected list/dict.")
    for name in tables.DISALLOWED_ATTRIBUTES:
        if name in payload:
            raise GlanceError(403, f"Attribute '{name}' is read-only.")
    check_image(payload)
    if "\n" in payload.get("id", ""):  # the schema's "$" accepts it, and then the real service fails
        raise GlanceError(400, "Image IDs can't contain line breaks.")
    image = _build_image(context, payload, _read_properties(payload))
    _authorize_create(image, context.caller)
    _check_limits(context, payload, image)
    # These are ignored, but checked (Glance 33.0.0, measured).
    constraints.check_texts({name: payload.get(name) for name in tables.HASH_ATTRIBUTES})
    try:
        context.cloud.images.add(constraints.check_tags(constraints.check_text_columns(image)))
    except Conflict as error:
        raise GlanceError(409, f"Image ID {image.id} already exists!") from error
    context.record_shown_image(image)
    location = ("Location", f"{own_url(context)}/v2/images/{image.id}")
    import_headers = render.import_headers(context.cloud.settings.enabled_import_methods)
    return Response(
        201,
        (*JSON_HEADERS, location, *import_headers),
        render.image_body(image, for_admin=context.caller.is_admin),
    )


def _read_properties(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the members of a body that are not attributes of an image.

    Raises:
        GlanceError: 400 if a name is too long; 403 if it is reserved.
    """
    attributes = (*tables.WRITABLE_ATTRIBUTES, *tables.READ_ONLY_ATTRIBUTES)
    properties = {name: value for name, value in payload.items() if name not in attributes}
    for name in properties:
        if len(name) > tables.MAX_PROPERTY_NAME_LENGTH:
            raise GlanceError(400, "Custom property should not be greater than 255 characters.")
        if name in tables.RESERVED_NAMES or name.startswith(tables.RESERVED_PREFIX):
            raise GlanceError(403, detail=f"Attribute '{name}' is reserved.")
    return properties


def _build_image(context: Context, payload: Mapping[str, Any], properties: Mapping[str, str]) -> Image:
    now = context.cloud.clock.now()
    return Image(
        id=payload.get("id", str(uuid4())),
        name=payload.get("name"),
        status=ImageStatus.QUEUED,
        min_ram=int(payload.get("min_ram", 0)),  # the schema accepts 1.0 as an integer
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
    """Check that *caller* may create *image*.

    Raises:
        GlanceError: 403 if a policy forbids it.
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
    """Check quotas, attributes that only the service sets, and sizes, in Glance's order.

    Raises:
        GlanceError: 413 if a quota is exceeded; 403 if only the service sets an attribute; 400 if a size is
            out of range.
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
    """Delete an image. It stays in the store, but OpenStack clients no longer see it."""
    body.check_no_body(context)

    def check(image: Image) -> None:
        policies.check_visible(image, context)
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
    """Deactivate an active image: only admins can download its data."""
    return _set_activation(context, "deactivate", ImageStatus.ACTIVE, ImageStatus.DEACTIVATED)


def reactivate(context: Context) -> Response:
    """Reactivate a deactivated image."""
    return _set_activation(context, "reactivate", ImageStatus.DEACTIVATED, ImageStatus.ACTIVE)


def _set_activation(context: Context, action: str, old: ImageStatus, new: ImageStatus) -> Response:
    body.check_no_body(context)
    now = context.cloud.clock.now()

    def apply(image: Image) -> Image:
        policies.check_visible(image, context)
        policies.enforce(action, image, context.caller)
        if image.status is new:
            return image
        if image.status is not old:
            raise GlanceError(403, f"Not allowed to {action} image in status '{image.status}'")
        return constraints.check_text_columns(image.replace(status=new, updated_at=now))

    context.cloud.images.update(context.path_params["image_id"], apply)
    return Response(204, EMPTY_BODY_HEADERS)
