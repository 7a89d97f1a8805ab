"""The policies: which caller may see or change an image."""

from __future__ import annotations

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import CLOUD_POLICIES, POLICIES
from fake_nova.errors import ImageNotFound
from fake_nova.images.model import Caller, Image, is_visible
from fake_nova.wire.context import Context


def forbidden(action: str) -> GlanceError:
    """Return the 403 of the policy *action*."""
    return GlanceError(403, f"You are not authorized to complete {action} action.")


def get_visible_image(context: Context) -> Image:
    """Return the image in the URL.

    Raises:
        ImageNotFound: if it does not exist, was deleted, or the caller may not see it.
    """
    return check_visible(context.cloud.images.get(context.path_params["image_id"]), context)


def check_visible(image: Image, context: Context) -> Image:
    """Return *image*, which is the one in the URL, if the caller may see it.

    Raises:
        ImageNotFound: if it was deleted, or the caller may not see it; with the id as the URL spells it.
    """
    if image.is_deleted or not is_visible(image, context.caller):
        raise ImageNotFound(context.path_params["image_id"])
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


def enforce_for_cloud(policy: str, caller: Caller) -> None:
    """Check that a policy that concerns no single image allows *caller* its action.

    Raises:
        GlanceError: 403 if it does not.
    """
    if caller.roles.isdisjoint(CLOUD_POLICIES[policy]):
        raise forbidden(policy)
