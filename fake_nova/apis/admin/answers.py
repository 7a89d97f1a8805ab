"""The view of what Nova and the image service answer about an image."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from fake_nova.cloud.directory import User
from fake_nova.documents.plan import serialize_progress
from fake_nova.wire.context import Context
from fake_nova.wire.pipeline import dry_run
from fake_nova.wire.response import Response, json_response


def answers(context: Context) -> Response:
    """Show how Nova and the image service show an image to a user of its project, or else to the first user.

    No plan, fault or journal notices it. ``plan`` is the progress of the image in its plan, or null.
    """
    cloud = context.cloud
    image = cloud.images.get(context.path_params["image_id"])
    user = _viewer(context, image.owner)
    project = cloud.default_project.id if user is None or user.project is None else user.project.id
    segment = quote(image.id, safe="")
    plan = cloud.lifecycle.active_plan(image.id)
    progress = None if plan is None else serialize_progress(plan.progress(cloud.clock.now()))
    paths = {"nova": f"/v2.1/{project}/images/{segment}", "glance": f"/image/v2/images/{segment}"}
    return json_response(
        {
            "user": None if user is None else user.name,
            **{service: _answer(context, path, user) for service, path in paths.items()},
            "plan": progress,
        }
    )


def _viewer(context: Context, owner: str | None) -> User | None:
    """Return a user of the project *owner*, or else the first one; None without users."""
    directory = context.cloud.directory
    users = (user for user in directory.users if user.project is not None and user.project.id == owner)
    return next(users, directory.first_user)


def _answer(context: Context, path: str, user: User | None) -> dict[str, Any]:
    """Return the request and the response of a dry run as a user, with a token that ends with it."""
    tokens = context.cloud.tokens
    environ = {**context.request.environ, "HTTP_ACCEPT": "application/json"}
    text = ""
    if user is not None and context.cloud.settings.auth_strategy == "keystone":
        text, _ = tokens.issue(user, user.project)
        environ["HTTP_X_AUTH_TOKEN"] = text
    try:
        request = context.request._replace(environ=environ)
        _, response = dry_run(replace(context, request=request), path, "")
    finally:
        if text:
            tokens.revoke(text)
    try:
        document = json.loads(response.body)
    except ValueError:
        document = response.body.decode("utf-8", "replace")
    return {"path": path, "status": response.status, "body": document}
