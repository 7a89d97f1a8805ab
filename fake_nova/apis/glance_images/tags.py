"""An image's tags, one by one."""

from __future__ import annotations

from collections.abc import Callable

from fake_nova.apis.glance_images import body, constraints, policies
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.schemas import check_image
from fake_nova.apis.glance_images.views import EMPTY
from fake_nova.errors import ImageNotFound
from fake_nova.images.model import Image
from fake_nova.wire.call import Answer, Call

Tags = tuple[str, ...]


def add(call: Call) -> Answer:
    """Add a tag; one that is there already stays."""
    tag = _tag(call)
    check_image({"tags": [tag]})
    quota = call.cloud.settings.metadata_quota

    def added(present: Tags) -> Tags:
        tags = tuple(dict.fromkeys((*present, tag)))
        constraints.within(quota, "tags", tags)
        return tags

    return _written(call, added)


def remove(call: Call) -> Answer:
    """Take a tag away."""
    tag = _tag(call)

    def removed(present: Tags) -> Tags:
        if tag not in present:
            raise GlanceError(404)
        return tuple(one for one in present if one != tag)

    return _written(call, removed)


def _tag(call: Call) -> str:
    body.none(call)
    return call.parts["tag"]  # the bytes of the URL, each taken for a character (Glance 33.0.0, measured)


def _written(call: Call, change: Callable[[Tags], Tags]) -> Answer:
    now = call.cloud.clock.now()

    def changed(image: Image) -> Image:
        policies.look(image, call.caller)
        policies.enforce("modify_image", image, call.caller)
        new = image.replaced(tags=change(image.tags), updated_at=now)
        try:
            return constraints.checked(new)
        except GlanceError as error:
            raise GlanceError(400, f"Could not update image: {error.explanation}") from error

    image_id = call.parts["image_id"]
    try:
        call.cloud.images.update(image_id, changed)
    except ImageNotFound as error:
        raise GlanceError(404, f"Image {image_id} not found.") from error
    return Answer(204, EMPTY)
