"""Hints that explain a response of Glance."""

from __future__ import annotations

from fake_nova.apis.glance_images import paths
from fake_nova.errors import ImageNotFound
from fake_nova.images import timestamps
from fake_nova.images.explain import describe_owner, explain_name
from fake_nova.images.model import is_visible, may_change
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response
from fake_nova.wire.service import Hint


def explain_route(context: Context, response: Response) -> Hint | None:
    """Explain why a path has no route."""
    if context.route is not None or response.status != 404 or not paths.is_versioned(context):
        return None
    method = context.request.method
    path = context.request.path
    match = context.router.match
    if path.endswith("/") and match(method, path.rstrip("/")).route is not None:
        return Hint("No route ends with a slash; remove it.")
    return Hint("No route has this path.")


def explain_image(context: Context, response: Response) -> Hint | None:
    """Explain why the caller may not see or change an image that exists."""
    if response.status not in (403, 404) or "image_id" not in context.path_params:
        return None
    images = context.cloud.images
    image_id = context.path_params["image_id"]
    try:
        image = images.get(image_id)
    except ImageNotFound:
        name_reason = explain_name(image_id, context.caller, images, "Glance")
        return Hint(name_reason, "image_name") if name_reason is not None else None
    if image.is_deleted:
        deleted_at = timestamps.isoformat_seconds(image.updated_at)
        return Hint(f"The image was deleted at {deleted_at}.", "image_deleted")
    is_own = image.owner == context.caller.project_id
    is_allowed = is_visible if response.status == 404 else may_change
    if is_own or is_allowed(image, context.caller):
        return None
    return Hint(f"The image is {describe_owner(image, context.project)}.")
