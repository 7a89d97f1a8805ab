"""The projects that an image is shared with."""

from __future__ import annotations

from collections.abc import Callable

from fake_nova.apis.glance_images import body, constraints, policies, render
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.errors import ImageNotFound
from fake_nova.images.model import Caller, Image, Member
from fake_nova.images.status import MemberStatus, Visibility
from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call

Members = tuple[Member, ...]

_NOT_SHARED = "Only shared images have members."


def index(call: Call) -> Answer:
    """List the members that the caller may know of: all for the owner, itself for a member."""
    body.none(call)
    image = _seen(call)
    if image.visibility is not Visibility.SHARED:
        raise GlanceError(403, f"Not allowed to list members for image {image.id}: {_NOT_SHARED}")
    policies.enforce("get_members", image, call.caller)
    members = [render.member(image, member) for member in _known(image, call.caller)]
    return nova_errors.document({"members": members, "schema": "/v2/schemas/members"})


def show(call: Call) -> Answer:
    """Show one member."""
    body.none(call)
    image = _seen(call)
    if image.visibility is not Visibility.SHARED:
        raise GlanceError(404, _NOT_SHARED)
    try:
        policies.enforce("get_member", image, call.caller)
    except GlanceError as error:
        raise GlanceError(404, error.explanation) from error
    return nova_errors.document(render.member(image, _member(image, call)))


def create(call: Call) -> Answer:
    """Share the image with one more project, which has not answered yet."""
    project_id = _new_member(body.json_of(call))
    now = call.cloud.clock.now()
    quota = call.cloud.settings.metadata_quota

    def added(image: Image) -> Members:
        policies.enforce("add_member", image, call.caller)
        known = [member.project_id for member in image.members]
        if len(known) + 1 > quota:
            attempt = f"Attempted: {len(known) + 1}, Maximum: {quota}"
            raise GlanceError(
                413,
                f"Image member limit exceeded for image {image.id}: The limit has been exceeded on the "
                f"number of allowed image members for this image. {attempt}:",
            )
        if project_id in known:
            raise GlanceError(409, f"Member {project_id} is duplicated for image {image.id}")
        return (*image.members, Member(project_id, MemberStatus.PENDING, now, now))

    return _shown(_written(call, "create", added), project_id)


def update(call: Call) -> Answer:
    """Answer as the project that the image is shared with."""
    given = body.json_of(call)
    if not isinstance(given, dict):
        raise GlanceError(400, 'Expected a status in the form: {"status": "status"}')
    if "status" not in given:
        raise GlanceError(400, "Status not specified")
    status = given["status"]
    now = call.cloud.clock.now()

    def answered(image: Image) -> Members:
        policies.enforce("get_member", image, call.caller)
        one = _member(image, call)
        policies.enforce("modify_member", image, call.caller)
        if status not in tuple(MemberStatus):
            raise GlanceError(400, 'Incorrect request: Status must be "pending", "accepted" or "rejected".')
        if status == one.status:
            return image.members
        new = one._replace(status=MemberStatus(status), updated_at=now)
        return tuple(new if member is one else member for member in image.members)

    return _shown(_written(call, "update", answered), call.parts["member_id"])


def delete(call: Call) -> Answer:
    """Share the image with a project no longer."""
    body.none(call)

    def removed(image: Image) -> Members:
        policies.enforce("get_member", image, call.caller)
        one = _member(image, call)
        policies.enforce("delete_member", image, call.caller)
        return tuple(member for member in image.members if member is not one)

    _written(call, "delete", removed)
    return Answer(204)


def _new_member(given: object) -> str:
    project_id = given.get("member") if isinstance(given, dict) else None
    if not isinstance(given, dict) or (project_id and isinstance(project_id, (dict, list))):
        raise GlanceError(400, 'Expected a member in the form: {"member": "image_id"}')
    if "member" not in given:
        raise GlanceError(400, "Member to be added not specified")
    if not project_id:
        raise GlanceError(400, "Member can't be empty")
    if constraints.is_beyond(str(project_id)):
        raise GlanceError(400, "Member can't contain 4 byte unicode characters.")
    return str(project_id)


def _seen(call: Call) -> Image:
    """Return the image in the URL.

    Raises:
        GlanceError: 404, there is none, or the caller must not know of it.
    """
    try:
        return policies.seen(call)
    except ImageNotFound as error:
        raise GlanceError(404, f"Image {call.parts['image_id']} not found.") from error


def _known(image: Image, caller: Caller) -> Members:
    """Return the members that *caller* may know of."""
    if caller.is_admin or image.owner == caller.project_id:
        return image.members
    return tuple(member for member in image.members if member.project_id == caller.project_id)


def _member(image: Image, call: Call) -> Member:
    wanted = call.parts["member_id"]
    for member in _known(image, call.caller):
        if member.project_id == wanted:
            return member
    raise GlanceError(404, f"{wanted} not found in the member list of the image {image.id}.")


def _written(call: Call, verb: str, change: Callable[[Image], Members]) -> Image:
    """Put *change(image)* in the place of an image's members; its time of update stays."""

    def changed(image: Image) -> Image:
        policies.look(image, call.caller)
        if image.visibility is not Visibility.SHARED:
            raise GlanceError(403, f"Not allowed to {verb} members for image {image.id}.")
        members = change(image)
        return image if members is image.members else image.replaced(members=members)

    _seen(call)
    return call.cloud.images.update(call.parts["image_id"], changed)


def _shown(image: Image, project_id: str) -> Answer:
    one = next(member for member in image.members if member.project_id == project_id)
    return nova_errors.document(render.member(image, one))
