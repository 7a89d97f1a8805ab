"""Who may do what: the checks before a view, and the policies in it."""

from __future__ import annotations

from fake_nova.apis.glance_images import errors
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import POLICIES, VERSION_PREFIXES
from fake_nova.errors import ImageNotFound
from fake_nova.images.model import Caller, Image, is_visible
from fake_nova.wire import checks
from fake_nova.wire.response import Response
from fake_nova.wire.service import Context


def normalize_segments(segments: list[str]) -> list[str]:
    """Give a path of any minor version the form of v2; all are served alike."""
    return ["v2", *segments[1:]] if segments and segments[0] in VERSION_PREFIXES else segments


def is_versioned(context: Context) -> bool:
    """Whether a request names a version; others get the list of them."""
    segments = context.request.path.split("/", 3)
    return len(segments) > 2 and segments[2] in VERSION_PREFIXES


def authenticate(context: Context) -> Response | None:
    """401 without a good token, unless the path names no version."""
    if not is_versioned(context) or checks.authenticate(context) is None:
        return None
    return errors.unauthorized(context)


def forbidden(action: str) -> GlanceError:
    """Return the 403 of a policy."""
    return GlanceError(403, f"You are not authorized to complete {action} action.")


def get_visible_image(context: Context) -> Image:
    """Return the image in the URL.

    Raises:
        ImageNotFound: there is none, it was deleted, or the caller must not know of it.
        GlanceError: 404 for a caller without a role.
    """
    return require_visible(context.cloud.images.get(context.path_params["image_id"]), context.caller)


def require_visible(image: Image, caller: Caller) -> Image:
    """Return *image* if the caller may know of it; raise as `get_visible_image` does."""
    if image.is_deleted or not is_visible(image, caller):
        raise ImageNotFound(image.id)
    return image


def allows(policy: str, image: Image, caller: Caller) -> bool:
    """Whether a policy says yes."""
    return POLICIES[policy](image, caller)


def enforce(policy: str, image: Image, caller: Caller) -> None:
    """Ask a policy.

    Raises:
        GlanceError: 403 where it says no, and 404 for who may not even see the image.
    """
    if allows(policy, image, caller):
        return
    if not allows("get_image", image, caller):
        raise GlanceError(404)
    raise forbidden(policy)
