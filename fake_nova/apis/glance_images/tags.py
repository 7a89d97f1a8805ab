"""Views that add or remove one tag of an image."""

from __future__ import annotations

from collections.abc import Callable

from fake_nova.apis.glance_images import body, constraints, policies
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.schemas import check_image
from fake_nova.apis.glance_images.views import EMPTY_BODY_HEADERS
from fake_nova.errors import ImageNotFound
from fake_nova.images.model import Image
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

Tags = tuple[str, ...]


def add(context: Context) -> Response:
    """Add a tag. A tag that the image already has stays."""
    tag = _read_tag(context)
    check_image({"tags": [tag]})
    quota = context.cloud.settings.metadata_quota

    def add_tag(current_tags: Tags) -> Tags:
        tags = tuple(dict.fromkeys((*current_tags, tag)))
        constraints.check_quota(quota, "tags", tags)
        return tags

    return _update_tags(context, add_tag)


def remove(context: Context) -> Response:
    """Remove a tag."""
    tag = _read_tag(context)

    def remove_tag(current_tags: Tags) -> Tags:
        if tag not in current_tags:
            raise GlanceError(404)
        return tuple(other_tag for other_tag in current_tags if other_tag != tag)

    return _update_tags(context, remove_tag)


def _read_tag(context: Context) -> str:
    body.check_no_body(context)
    return context.path_params["tag"]  # as Latin-1 (Glance 33.0.0, measured)


def _update_tags(context: Context, change: Callable[[Tags], Tags]) -> Response:
    now = context.cloud.clock.now()

    def apply(image: Image) -> Image:
        policies.check_visible(image, context)
        policies.enforce("modify_image", image, context.caller)
        updated_image = image.replace(tags=change(image.tags), updated_at=now)
        try:
            return constraints.check_text_columns(updated_image)
        except GlanceError as error:
            raise GlanceError(400, f"Could not update image: {error.explanation}") from error

    image_id = context.path_params["image_id"]
    try:
        context.cloud.images.update(image_id, apply)
    except ImageNotFound as error:
        raise GlanceError(404, f"Image {image_id} not found.") from error
    return Response(204, EMPTY_BODY_HEADERS)
