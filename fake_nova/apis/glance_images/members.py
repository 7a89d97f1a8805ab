"""Views of an image's members: the projects that it is shared with."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fake_nova.apis.glance_images import body, policies, render
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.errors import ImageNotFound
from fake_nova.images.database import Database
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
    quota, database = context.cloud.settings.metadata_quota, context.cloud.database

    def add_member(image: Image) -> Members:
        policies.enforce("add_member", image, context.caller)
        if len(image.members) + 1 > quota:
            sizes = f"Attempted: {len(image.members) + 1}, Maximum: {quota}"
            limit = "The limit has been exceeded on the number of allowed image members for this image."
            raise GlanceError(413, f"Image member limit exceeded for image {image.id}: {limit} {sizes}:")
        if _member_of(image.members, project_id, database) is not None:
            raise GlanceError(409, f"Member {project_id} is duplicated for image {image.id}")
        return (*image.members, Member(project_id, MemberStatus.PENDING, now, now))

    return _member_response(context, "create", add_member, project_id)


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

    return _member_response(context, "update", set_status, context.path_params["member_id"])


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
    own_member = _member_of(image.members, caller.project_id, caller.database)
    return () if own_member is None else (own_member,)


def _member_of(members: Members, project_id: str | None, database: Database) -> Member | None:
    """Return the member that is this project, as the database compares their ids."""
    return next((member for member in members if database.are_equal(member.project_id, project_id)), None)


def _find_member(image: Image, context: Context) -> Member:
    member_id = context.path_params["member_id"]
    members = _visible_members(image, context.caller)
    if (match := _member_of(members, member_id, context.cloud.database)) is not None:
        return match
    raise GlanceError(404, f"{member_id} not found in the member list of the image {image.id}.")


def _update_members(context: Context, verb: str, change: Callable[[Image], Members]) -> Image:
    """Replace the members of an image by ``change(image)``. Its ``updated_at`` stays."""

    def apply(image: Image) -> Image:
        policies.check_visible(image, context)
        if image.visibility is not Visibility.SHARED:
            raise GlanceError(403, f"Not allowed to {verb} members for image {image.id}.")
        members = change(image)
        return image if members is image.members else _with_members(image, members, context.cloud.database)

    _get_visible_image(context)
    return context.cloud.images.update(context.path_params["image_id"], apply)


def _with_members(image: Image, members: Members, database: Database) -> Image:
    """Return an image with other members. One that was removed and added again takes its old place."""
    keys = {database.equality_key(member.project_id): member for member in members}
    old_keys = (database.equality_key(member.project_id) for member in image.members)
    rows = tuple(dict.fromkeys((*image.member_rows, *old_keys, *keys)))
    return image.replace(members=tuple(keys[key] for key in rows if key in keys), member_rows=rows)


def _member_response(
    context: Context, verb: str, change: Callable[[Image], Members], project_id: str
) -> Response:
    """Replace the members as `_update_members` does, and return the response with this project's member."""
    image = _update_members(context, verb, change)
    is_same = partial(context.cloud.database.are_equal, project_id)
    member = next(member for member in image.members if is_same(member.project_id))
    return json_response(render.serialize_member(image, member))
