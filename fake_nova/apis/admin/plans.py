"""Plans: what there are, which images go by them, and what new images go by."""

from __future__ import annotations

from fake_nova.apis.admin import body
from fake_nova.apis.admin.schemas import PlanNameDocument
from fake_nova.documents.image import image_document
from fake_nova.documents.plan import AssignmentsDocument, PlanDocument, assignments, schedule_document
from fake_nova.images.model import Image
from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call


def index(call: Call) -> Answer:
    """List the plans, and what new images go by."""
    return nova_errors.document(schedule_document(call.cloud.lifecycle.schedule()))


def define(call: Call) -> Answer:
    """Make a plan, or put another in its place; images that are under way go on by the old one."""
    name = body.loaded(PlanNameDocument(), {"plan": call.parts["name"]})["plan"]
    call.cloud.lifecycle.define(name, body.loaded(PlanDocument(), body.json_of(call))["steps"])
    return index(call)


def assign(call: Call) -> Answer:
    """Say which plans new images go by: by default, and where they match."""
    asked = body.loaded(AssignmentsDocument(), body.json_of(call))
    if "assign" in asked:
        asked["assign"] = assignments(asked["assign"], call.cloud.directory)
    call.cloud.lifecycle.assign(**asked)
    return index(call)


def begin(call: Call) -> Answer:
    """Put an image under way by a plan, from its first step."""
    name = body.loaded(PlanNameDocument(), body.json_or_form(call))["plan"]
    lifecycle, now = call.cloud.lifecycle, call.cloud.clock.now()

    def started(image: Image) -> Image:
        return lifecycle.starting(image, name).replaced(updated_at=now)

    with lifecycle.still():
        image = call.cloud.images.update(call.parts["image_id"], started)
        lifecycle.begin(image.id, name)
    return nova_errors.document(image_document(image))
