"""Plans: what there are, which images go by them, and what new images go by."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.admin import body
from fake_nova.apis.admin.schemas import AssignmentsDocument, PlanDocument, PlanNameDocument
from fake_nova.cloud.documents import image_document
from fake_nova.cloud.lifecycle import Assignment, Lifecycle, Plan, Step
from fake_nova.images.model import Image
from fake_nova.wire import faults
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.faults import Fault


def _plan(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "status": str(step.status),
            **({} if step.seconds is None else {"seconds": step.seconds}),
            **({} if step.looks is None else {"looks": step.looks}),
        }
        for step in plan
    ]


def _shown(lifecycle: Lifecycle) -> dict[str, Any]:
    return {
        "plans": {name: _plan(plan) for name, plan in lifecycle.plans.items()},
        "default": lifecycle.default,
        "assign": [{"match": dict(one.match), "plan": one.plan} for one in lifecycle.assignments],
    }


def index(call: Call) -> Answer:
    """List the plans, and what new images go by."""
    return faults.document(_shown(call.cloud.lifecycle))


def define(call: Call) -> Answer:
    """Make a plan, or put another in its place; images that are under way go on by the old one."""
    steps = body.loaded(PlanDocument(), body.json_of(call))["steps"]
    if not steps:
        raise Fault(400, "steps: [] is not allowed; allowed: one step or more")
    for number, step in enumerate(steps):
        ends = ("seconds" in step) + ("looks" in step)
        if number < len(steps) - 1 and ends != 1:
            raise Fault(400, f"steps[{number}]: allowed: either seconds or looks, for another step follows")
        if number == len(steps) - 1 and ends:
            raise Fault(400, f"steps[{number}]: allowed: neither seconds nor looks, for it is the last")
    plan = tuple(Step(step["status"], step.get("seconds"), step.get("looks")) for step in steps)
    lifecycle = call.cloud.lifecycle
    lifecycle.plans = {**lifecycle.plans, call.parts["name"]: plan}
    return index(call)


def assign(call: Call) -> Answer:
    """Say which plans new images go by: by default, and where they match."""
    asked = body.loaded(AssignmentsDocument(), body.json_of(call))
    lifecycle = call.cloud.lifecycle
    assignments = tuple(Assignment(one.get("match", {}), one["plan"]) for one in asked.get("assign", ()))
    for name in (asked.get("default"), *(one.plan for one in assignments)):
        if name is not None:
            lifecycle.plan(name)
    if "default" in asked:
        lifecycle.default = asked["default"]
    if "assign" in asked:
        lifecycle.assignments = assignments
    return index(call)


def begin(call: Call) -> Answer:
    """Put an image under way by a plan, from its first step."""
    name = body.loaded(PlanNameDocument(), body.json_or_form(call))["plan"]
    lifecycle, now = call.cloud.lifecycle, call.cloud.clock.now()

    def started(image: Image) -> Image:
        return lifecycle.starting(image, name).replaced(updated_at=now)

    image = call.cloud.images.update(call.parts["image_id"], started)
    lifecycle.begin(image.id, name)
    return faults.document(image_document(image))
