"""Views that list, define, assign and start plans."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from fake_nova.apis.admin import body
from fake_nova.apis.admin.schemas import PlanNameSchema
from fake_nova.cloud.plans import PlanProgress
from fake_nova.cloud.server_lifecycle import WorkProgress
from fake_nova.cloud.servers import Server
from fake_nova.documents.image import serialize_image
from fake_nova.documents.plan import (
    AssignmentsSchema,
    PlanSchema,
    build_assignments,
    serialize_plan,
    serialize_plans,
)
from fake_nova.images.model import Image
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: The maximum number of followers of plans in a response.
MAX_FOLLOWERS: Final = 1_000


def index(context: Context) -> Response:
    """List the plans, the default plans, the assignments for new images, and what follows a plan."""
    state = context.cloud.lifecycle.state()
    images = context.cloud.images.state
    pairs = ((images.get(image_id), progress) for image_id, progress in state.progress.items())
    active = [_serialize_follower(image, progress) for image, progress in pairs if image is not None]
    servers = _active_servers(context)
    return json_response(
        {**serialize_plans(state), "active": active[:MAX_FOLLOWERS], "active_servers": servers}
    )


def _active_servers(context: Context) -> list[dict[str, Any]]:
    """Return the servers that follow a plan, at most `MAX_FOLLOWERS` of them."""
    cloud = context.cloud
    works = islice(cloud.server_lifecycle.state().items(), MAX_FOLLOWERS)
    pairs = ((cloud.servers.find(server_id), progress) for server_id, progress in works)
    return [_serialize_work(server, progress) for server, progress in pairs if server is not None]


def _serialize_work(server: Server, progress: WorkProgress) -> dict[str, Any]:
    return {
        "server": server.id,
        "name": server.name,
        "status": server.status,
        "task_state": server.task_state,
        "work": progress.work,
        **_serialize_progress(progress.plan),
    }


def _serialize_follower(image: Image, progress: PlanProgress) -> dict[str, Any]:
    return {
        "image": image.id,
        "name": image.name,
        "status": str(image.status),
        **_serialize_progress(progress),
    }


def _serialize_progress(progress: PlanProgress) -> dict[str, Any]:
    return {
        "plan": progress.name,
        "steps": serialize_plan(progress.steps),
        "elapsed": progress.elapsed_seconds,
        "looks": progress.poll_count,
    }


def define(context: Context) -> Response:
    """Define or replace a plan. Images that follow the old plan keep it."""
    name = body.load(PlanNameSchema(), {"plan": context.path_params["name"]})["plan"]
    context.cloud.lifecycle.define(name, body.load_wrapped(PlanSchema(), body.parse_json(context)))
    return index(context)


def assign(context: Context) -> Response:
    """Choose the plans of new images, by default and for those that match, and of the work on servers."""
    values = body.load(AssignmentsSchema(), body.parse_json(context))
    if "assign" in values:
        values["assignments"] = build_assignments(values.pop("assign"), context.cloud.directory)
    context.cloud.lifecycle.assign(**values)
    return index(context)


def start(context: Context) -> Response:
    """Start a plan for an image, at its first step."""
    name = body.load_wrapped(PlanNameSchema(), body.parse_json_or_form(context))
    lifecycle = context.cloud.lifecycle
    now = context.cloud.clock.now()

    def apply_first_step(image: Image) -> Image:
        return lifecycle.at_first_step(image, name).replace(updated_at=now)

    with lifecycle.lock():
        image = context.cloud.images.update(context.path_params["image_id"], apply_first_step)
        lifecycle.start(image.id, name)
    return json_response(serialize_image(image))
