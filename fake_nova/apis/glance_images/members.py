"""Views of an image's members: the projects that it is shared with."""

from __future__ import annotations

from collections.abc import Callable

from fake_nova.apis.glance_images import body, policies, render
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.errors import ImageNotFound
from fake_nova.images.model import Caller, Image, Member, has_unstorable_character
from fake_nova.images.status import MemberStatus, Visibility
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

Members = tuple[Member, ...]

_NOT_SHARED_MESSAGE = "Only shared images have members."


def index(context: Context) -> Response:
    """List the members that the caller may see: the owner sees all, a member sees itself."""
    body.check_no_body(context)
    image = _get_visible_image(context)
    if image.visibility is not Visibility.SHARED:
        raise GlanceError(403, f"Not allowed to list members for image {image.id}: {_NOT_SHARED_MESSAGE}")
    policies.enforce("get_members", image, context.caller)
    members = [render.serialize_member(image, member) for member in _visible_members(image, context.caller)]
    return json_response({"members": members, "schema": "/v2/schemas/members"})


def show(context: Context) -> Response:
    """Show one member."""
    body.check_no_body(context)
    image = _get_visible_image(context)
    if image.visibility is not Visibility.SHARED:
        raise GlanceError(404, _NOT_SHARED_MESSAGE)
    try:
        policies.enforce("get_member", image, context.caller)
    except GlanceError as error:
        raise GlanceError(404, error.explanation) from error
    return json_response(render.serialize_member(image, _find_member(image, context)))


def create(context: Context) -> Response:
    """Share the image with another project. Its status is ``pending``."""
    project_id = _parse_new_member(body.parse_json(context))
    now = context.cloud.clock.now()
    quota = context.cloud.settings.metadata_quota

    def add_member(image: Image) -> Members:
        policies.enforce("add_member", image, context.caller)
        project_ids = [member.project_id for member in image.members]
        if len(project_ids) + 1 > quota:
            sizes = f"Attempted: {len(project_ids) + 1}, Maximum: {quota}"
            limit = "The limit has been exceeded on the number of allowed image members for this image."
            raise GlanceError(413, f"Image member limit exceeded for image {image.id}: {limit} {sizes}:")
        if project_id in project_ids:
            raise GlanceError(409, f"Member {project_id} is duplicated for image {image.id}")
        return (*image.members, Member(project_id, MemberStatus.PENDING, now, now))

    return _member_response(_update_members(context, "create", add_member), project_id)


def update(context: Context) -> Response:
    """Accept or reject a shared image, as the project that it is shared with."""
    payload = body.parse_json(context)
    if not isinstance(payload, dict):
        raise GlanceError(400, 'Expected a status in the form: {"status": "status"}')
    if "status" not in payload:
        raise GlanceError(400, "Status not specified")
    status = payload["status"]
    now = context.cloud.clock.now()

    def set_status(image: Image) -> Members:
        policies.enforce("get_member", image, context.caller)
        old_member = _find_member(image, context)
        policies.enforce("modify_member", image, context.caller)
        if status not in tuple(MemberStatus):
            raise GlanceError(400, 'Incorrect request: Status must be "pending", "accepted" or "rejected".')
        if status == old_member.status:
            return image.members
        new_member = old_member._replace(status=MemberStatus(status), updated_at=now)
        return tuple(new_member if member is old_member else member for member in image.members)

    return _member_response(_update_members(context, "update", set_status), context.path_params["member_id"])


def delete(context: Context) -> Response:
    """Stop sharing the image with a project."""
    body.check_no_body(context)

    def remove_member(image: Image) -> Members:
        policies.enforce("get_member", image, context.caller)
        target = _find_member(image, context)
        policies.enforce("delete_member", image, context.caller)
        return tuple(member for member in image.members if member is not target)

    _update_members(context, "delete", remove_member)
    return Response(204)


def _parse_new_member(payload: object) -> str:
    project_id = payload.get("member") if isinstance(payload, dict) else None
    if not isinstance(payload, dict) or (project_id and isinstance(project_id, (dict, list))):
        raise GlanceError(400, 'Expected a member in the form: {"member": "image_id"}')
    if "member" not in payload:
        raise GlanceError(400, "Member to be added not specified")
    if not project_id:
        raise GlanceError(400, "Member can't be empty")
    if has_unstorable_character(str(project_id)):
        raise GlanceError(400, "Member can't contain 4 byte unicode characters.")
    return str(project_id)


def _get_visible_image(context: Context) -> Image:
    """Return the image in the URL.

    Raises:
        GlanceError: 404 if it does not exist or the caller may not see it.
    """
    try:
        return policies.get_visible_image(context)
    except ImageNotFound as error:
        raise GlanceError(404, f"Image {context.path_params['image_id']} not found.") from error


def _visible_members(image: Image, caller: Caller) -> Members:
    """Return the members that *caller* may see."""
    if caller.is_admin or image.owner == caller.project_id:
        return image.members
    return tuple(member for member in image.members if member.project_id == caller.project_id)


def _find_member(image: Image, context: Context) -> Member:
    member_id = context.path_params["member_id"]
    for member in _visible_members(image, context.caller):
        if member.project_id == member_id:
            return member
    raise GlanceError(404, f"{member_id} not found in the member list of the image {image.id}.")


def _update_members(context: Context, verb: str, change: Callable[[Image], Members]) -> Image:
    """Replace the members of an image by ``change(image)``. Its ``updated_at`` stays."""

    def apply(image: Image) -> Image:
        policies.check_visible(image, context.caller)
        if image.visibility is not Visibility.SHARED:
            raise GlanceError(403, f"Not allowed to {verb} members for image {image.id}.")
        members = change(image)
        return image if members is image.members else image.replace(members=members)

    _get_visible_image(context)
    return context.cloud.images.update(context.path_params["image_id"], apply)


def _member_response(image: Image, project_id: str) -> Response:
    image_member = next(member for member in image.members if member.project_id == project_id)
    return json_response(render.serialize_member(image, image_member))
