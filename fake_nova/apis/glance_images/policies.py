"""Authentication, policies, and the versions in a path."""

from __future__ import annotations

from fake_nova.apis.glance_images import errors
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import POLICIES, VERSION_PREFIXES
from fake_nova.errors import ImageNotFound
from fake_nova.images.model import Caller, Image, is_visible
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


def normalize_segments(segments: list[str]) -> list[str]:
    """Replace a minor version in the path by ``v2``. All versions behave alike."""
    return ["v2", *segments[1:]] if segments and segments[0] in VERSION_PREFIXES else segments


def is_versioned(context: Context) -> bool:
    """Return whether the path names a version. Glance responds to other paths with the list of versions."""
    segments = context.request.path.split("/", 3)
    return len(segments) > 2 and segments[2] in VERSION_PREFIXES


def authenticate(context: Context) -> Response | None:
    """Return 401 if the token is missing or invalid, unless the path names no version."""
    if not is_versioned(context) or checks.authenticate(context) is None:
        return None
    return errors.unauthorized(context)


def forbidden(action: str) -> GlanceError:
    """Return the 403 of the policy *action*."""
    return GlanceError(403, f"You are not authorized to complete {action} action.")


def get_visible_image(context: Context) -> Image:
    """Return the image in the URL.

    Raises:
        ImageNotFound: if it does not exist, was deleted, or the caller may not see it.
    """
    return require_visible(context.cloud.images.get(context.path_params["image_id"]), context.caller)


def require_visible(image: Image, caller: Caller) -> Image:
    """Return *image* if *caller* may see it.

    Raises:
        ImageNotFound: if it was deleted, or *caller* may not see it.
    """
    if image.is_deleted or not is_visible(image, caller):
        raise ImageNotFound(image.id)
    return image


def allows(policy: str, image: Image, caller: Caller) -> bool:
    """Return whether a policy allows *caller* its action on *image*."""
    return POLICIES[policy](image, caller)


def enforce(policy: str, image: Image, caller: Caller) -> None:
    """Check that a policy allows *caller* its action on *image*.

    Raises:
        GlanceError: 403 if it does not; 404 if *caller* may not even see the image.
    """
    if allows(policy, image, caller):
        return
    if not allows("get_image", image, caller):
        raise GlanceError(404)
    raise forbidden(policy)
