"""The views of an image's metadata: list and replace all, show, set and delete one key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fake_nova.apis.nova_common import checks as nova_checks
from fake_nova.apis.nova_common import errors as nova_errors
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.validation import check_body
from fake_nova.apis.nova_images import render, tables
from fake_nova.apis.nova_images.tables import META_SCHEMA, METADATA_SCHEMA, KeyRule
from fake_nova.apis.nova_images.views import get_visible_image
from fake_nova.errors import UpdateForbidden
from fake_nova.images.model import Image, has_unstorable_character, may_change
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, dumps

Metadata = dict[str, str]
Change = Callable[[Metadata], Metadata]


def index(context: Context) -> Response:
    """List the metadata."""
    query_string.parse(context.request.query_string)
    return _json_response(context, {"metadata": render.serialize_metadata(get_visible_image(context))})


def show(context: Context) -> Response:
    """Show one key."""
    query_string.parse(context.request.query_string)
    key = context.path_params["key"]
    metadata = render.serialize_metadata(get_visible_image(context))
    if key not in metadata:
        raise NovaError(404, nova_errors.NOT_FOUND_MESSAGE)
    return _json_response(context, {"meta": {key: metadata[key]}})


def create(context: Context) -> Response:
    """Add the keys of the body, and return all metadata."""
    check_body(context.json_body, METADATA_SCHEMA, nova_checks.is_legacy_path(context.request.path))
    payload: Metadata = context.json_body["metadata"]
    image = _update_metadata(context, lambda current: {**current, **payload})
    return _json_response(context, {"metadata": render.serialize_metadata(image)})


def replace(context: Context) -> Response:
    """Replace all metadata with the body's, and return it."""
    check_body(context.json_body, METADATA_SCHEMA, nova_checks.is_legacy_path(context.request.path))
    payload: Metadata = context.json_body["metadata"]
    _update_metadata(context, lambda _: dict(payload))
    return _json_response(context, {"metadata": payload})


def update(context: Context) -> Response:
    """Set the key in the URL, and return it as it was sent."""
    check_body(context.json_body, META_SCHEMA, nova_checks.is_legacy_path(context.request.path))
    payload: Metadata = context.json_body["meta"]
    key = context.path_params["key"]
    if key not in payload:
        raise NovaError(400, "Request body and URI mismatch")
    _update_metadata(context, lambda current: {**current, key: payload[key]})
    return _json_response(context, {"meta": payload})


def delete(context: Context) -> Response:
    """Delete the key in the URL."""
    key = context.path_params["key"]

    def remove_key(current: Metadata) -> Metadata:
        if key not in current:
            raise NovaError(404, "Invalid metadata key")
        return {name: value for name, value in current.items() if name != key}

    _update_metadata(context, remove_key, enforce_quota=False)
    return Response(204, (content_type_header(context),))


def _json_response(context: Context, body: object) -> Response:
    return Response(200, (content_type_header(context),), dumps(body))


def _update_metadata(context: Context, change: Change, enforce_quota: bool = True) -> Image:
    """Replace an image's metadata in one step.

    Args:
        context: its URL names the image.
        change: returns the new metadata for the present ones.
        enforce_quota: whether to reject more metadata than the quota.

    Returns:
        The new image.

    Raises:
        ImageNotFound: if the image does not exist, or the caller may not see it.
        NovaError: 403 above the quota; 400 for a new character outside the Basic Multilingual Plane.
        UpdateForbidden: if the caller may not change the image, or one of the keys; or if a queued image is
            to get a location, after the other keys are stored (measured).
    """
    location = ""
    get_visible_image(context)
    now = context.cloud.clock.now()
    quota = context.cloud.settings.metadata_quota

    def apply(_: Image) -> Image:
        nonlocal location
        image = get_visible_image(context)  # read again: no other writer can change it now
        new_metadata = change(dict(image.properties))
        location = new_metadata.get("location", "")
        if enforce_quota and len(new_metadata) > quota:
            raise NovaError(403, "Image metadata limit exceeded")
        properties = storable_properties(new_metadata, image)
        visibility = Visibility.PUBLIC if image.visibility is Visibility.PUBLIC else Visibility.PRIVATE
        # An empty patch needs no permission (Glance 33.0.0). Nova always sends the tags, if there are any.
        if properties == image.properties and visibility is image.visibility and not image.tags:
            return image
        if not may_change(image, context.caller):
            raise UpdateForbidden(image.id)
        _require_bmp(image, properties)
        return image.replace(properties=properties, visibility=visibility, updated_at=now)

    new = context.cloud.images.update(context.path_params["image_id"], apply)
    if location and new.status is ImageStatus.QUEUED:
        raise UpdateForbidden(new.id)
    return new


def storable_properties(metadata: Mapping[str, object], image: Image) -> Metadata:
    """Return the properties that the image service stores for new metadata.

    Args:
        metadata: the metadata that a client wants the image to have.
        image: the image before the change.

    Raises:
        UpdateForbidden: if a new key belongs to the image service.
    """
    texts = {name: value if isinstance(value, str) else str(value) for name, value in metadata.items()}
    unchanged = {name: text for name, text in texts.items() if image.properties.get(name) == text}
    new_texts = {name: text for name, text in texts.items() if name not in image.properties}
    properties = unchanged.copy()  # Nova sends only changes, so an old key needs no check
    # The patch adds the new keys before it replaces the values of old ones (measured).
    for name, text in {**new_texts, **texts}.items():
        if name in unchanged or name in tables.NOVA_KEYS:
            continue
        key = name.strip()
        rule = tables.KEY_RULES.get(key)
        if rule is KeyRule.REFUSE or key.startswith(tables.RESERVED_PREFIX):
            raise UpdateForbidden(image.id)
        is_omitted = key in tables.OPTIONAL_PROPERTIES and text.strip().lower() in ("none", "")
        if not is_omitted and rule is not KeyRule.IGNORE:
            properties[key] = text
        elif key in image.properties:
            properties[key] = image.properties[key]
    return properties


def _require_bmp(image: Image, properties: Metadata) -> None:
    """Reject new characters outside the Basic Multilingual Plane, as the image service does.

    Raises:
        NovaError: 400 if there is one.
    """
    for name, value in properties.items():
        if image.properties.get(name) != value and has_unstorable_character(name + value):
            problem = "Characters outside of the Basic Multilingual Plane are not supported."
            raise NovaError(400, f"Request of image {image.id} got BadRequest response: {problem}")
