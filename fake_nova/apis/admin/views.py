"""Views of images and of the whole cloud, and the query check and error format of the admin API."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from fake_nova import errors
from fake_nova._version import __version__
from fake_nova.apis.admin import body, image_names, requests
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.schemas import NewImageSchema, NewImagesSchema, ResetSchema, StatusSchema
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.faker_images import generate_images
from fake_nova.documents.image import GenerateSchema, ImageSchema, build_image, image_fields, serialize_image
from fake_nova.documents.loading import load_document, reload_fixtures
from fake_nova.documents.yaml_reader import FixtureError
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.support import gc_tuning
from fake_nova.support.messages import quote_value
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.error_responses import json_error_response
from fake_nova.wire.request import Request
from fake_nova.wire.response import Response, json_response

#: Domain error -> HTTP status. The response has the error's own message.
ERROR_STATUSES: Final[Mapping[type[Exception], int]] = {
    errors.Invalid: 400,
    errors.QueryNotUTF8: 400,
    errors.TooManyParameters: 400,
    errors.Conflict: 409,
    errors.ScopeNotFound: 404,
    errors.FaultNotFound: 404,
    errors.SnapshotNotFound: 404,
    FixtureError: 400,
}

#: Operation -> its query parameters besides `scope`. An operation that is missing takes only `scope`.
QUERY_PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "admin.fixtures": ("replace",),
    "admin.explain": ("path",),
    "admin.export": ("format",),
    "admin.snapshots.changes": ("to",),
    "admin.faults.clear": ("owner",),
    "admin.requests.list": (*requests.MATCHERS, "limit", "marker"),
    "admin.requests.count": (*requests.MATCHERS, "expect"),
    "admin.requests.wait": (*requests.MATCHERS, "timeout"),
}


def resolve_cloud(emulator: Emulator, request: Request, _: str) -> tuple[Cloud, None]:
    """Return the cloud of the scope in the query, or the shared cloud.

    An unknown scope gets the shared cloud here. `check_query` rejects it later.
    """
    with suppress(errors.FakeNovaError):
        scope = body.query_params(request).get("scope")
        if scope is not None:
            return emulator.cloud_for_scope(scope), None
    return emulator.cloud, None


def requested_scope(context: Context) -> str | None:
    """Return the scope in the query, or None for the shared cloud."""
    return body.query_params(context.request).get("scope")


def check_query(context: Context) -> None:
    """Check the query parameters.

    Raises:
        ScopeNotFound: if ``scope`` names an unknown scope.
        Refusal: 400 if a parameter is unknown to the operation, or repeated.
    """
    operation = context.route.operation if context.route is not None else ""
    valid_names = ("scope", *QUERY_PARAMETERS.get(operation, ()))
    used_names: set[str] = set()
    for name, _ in query_string.parse(context.request.query_string):
        if name not in valid_names:
            choices = ", ".join(valid_names)
            raise Refusal(
                400, f"query: unknown parameter (got {quote_value(name)}); expected one of: {choices}"
            )
        if name in used_names:
            raise Refusal(400, f"query: repeated parameter (got {quote_value(name)} twice); expected it once")
        used_names.add(name)
    scope = requested_scope(context)
    if scope is not None:
        context.emulator.scope(scope)


def render_error(context: Context, error: Exception) -> Response | None:
    """Render an error in Nova's format."""
    if isinstance(error, Refusal):
        return json_error_response(error.status, error.message)
    if isinstance(error, errors.BodyTooLarge):
        return json_error_response(413, f"body: too large; expected at most {body.MAX_BODY_BYTES} bytes")
    if isinstance(error, errors.ImageNotFound):
        return json_error_response(404, image_names.unknown_image_message(context, error.image_id))
    status = ERROR_STATUSES.get(type(error))
    return json_error_response(status, str(error)) if status is not None else None


def health(context: Context) -> Response:
    """Show the status.

    ``loaded`` says how often fixtures were loaded since the start, and ``fixture_errors`` why they could not
    be loaded again.
    """
    cloud, now = context.cloud, context.cloud.clock.now()
    return json_response(
        {
            "status": "ok",
            "images": len(cloud.images),
            "loaded": context.emulator.fixtures_loaded(requested_scope(context)),
            "fixture_errors": context.emulator.fixture_errors,
            "version": __version__,
            "since": timestamps.isoformat_seconds(context.emulator.started_at),
            "dialect": cloud.settings.dialect,
            "auth_strategy": cloud.settings.auth_strategy,
            "clock": str(cloud.clock.mode),
            "faults": [active.id for active in cloud.faults.active_faults if active.is_active(now)],
        }
    )


def environment(context: Context) -> Response:
    """Show a user with its password, and the OS_* variables that a client needs to log in."""
    scope = requested_scope(context)
    users = context.cloud.directory.users if scope is None else (context.emulator.scope(scope).user,)
    if not users:
        raise Refusal(404, "users: the fixtures have none; expected at least one")
    user = users[0]
    login = {
        "username": user.name,
        "password": user.password,
        "project_id": user.project.id,
        "project_name": user.project.name,
        "user_domain_id": "default",
        "project_domain_id": "default",
    }
    return json_response({"login": login, "environment": user.client_variables(context.request.base_url)})


def index(context: Context) -> Response:
    """List all images, newest first."""
    return _images_response(context.cloud.images.all(), 200)


def show(context: Context) -> Response:
    """Show one image."""
    return json_response(serialize_image(context.cloud.images.get(context.path_params["image_id"])))


def add(context: Context) -> Response:
    """Add one image or several. If one is invalid, add none."""
    payload = body.parse_json(context, bulk=True)
    if isinstance(payload, list) or (isinstance(payload, dict) and "images" in payload):
        documents = body.load_wrapped(NewImagesSchema(), payload)
        return _images_response(_add_images(context.cloud, documents))
    (image,) = _add_images(context.cloud, [body.load(NewImageSchema(), payload)])
    return json_response(serialize_image(image), 201)


def generate(context: Context) -> Response:
    """Add generated images: all of them or none."""
    values = body.load(GenerateSchema(), body.parse_json(context))
    template = context.cloud.directory.resolve_owner(values.get("template", {}))
    owner = context.cloud.default_project.id
    seed = values.get("seed", 0)
    with gc_tuning.gc_paused():
        images = list(generate_images(values["count"], seed, template, owner))
        try:
            context.cloud.images.add(*images)
        except errors.Conflict as error:
            message = f"seed: its images exist already (got {seed}); expected another seed"
            raise errors.Conflict(message) from error
    return _images_response(images)


def update(context: Context) -> Response:
    """Change the fields in the body. Set ``updated_at`` to now, unless the body has it."""
    form_request = f"PUT {context.request.path}/status, which takes a form"
    values = body.load(ImageSchema(), body.parse_json(context, form_request))
    image_id = context.path_params["image_id"]
    if (new_id := values.pop("id", image_id)) != image_id:
        new, old = json.dumps(new_id), json.dumps(image_id)
        raise Refusal(400, f"id: an image's id cannot be changed (got {new}); expected {old}")
    return _update_image(context, image_fields(context.cloud.directory.resolve_owner(values)))


def set_status(context: Context) -> Response:
    """Set the status of an image, whatever it was. Set ``updated_at`` to now."""
    status = body.load_wrapped(StatusSchema(), body.parse_json_or_form(context))
    return _update_image(context, {"status": status})


def _update_image(context: Context, changes: dict[str, Any]) -> Response:
    cloud, image_id = context.cloud, context.path_params["image_id"]
    changes = {"updated_at": cloud.clock.now(), **changes}
    if "status" in changes:
        cloud.lifecycle.cancel(image_id)
    image = cloud.images.update(image_id, lambda image: image.replace(**changes))
    return json_response(serialize_image(image))


def purge(context: Context) -> Response:
    """Remove an image from the store, as if it had never existed."""
    context.cloud.images.forget(context.path_params["image_id"])
    context.cloud.lifecycle.cancel(context.path_params["image_id"])  # a new image may get the same id
    return Response(204)


def reset(context: Context) -> Response:
    """Reset the cloud to its initial state, or to no images."""
    target = body.load_wrapped(ResetSchema(), body.parse_json_or_form(context)) or "seed"
    cloud = context.emulator.reset(requested_scope(context), empty=target == "empty")
    return json_response({"to": target, "images": len(cloud.images)})


def reload(context: Context) -> Response:
    """Load the server's fixture files again, and reset the shared cloud to them."""
    scope = requested_scope(context)
    if scope is not None:
        problem = f"scope: keeps the fixtures that it was opened with (got {quote_value(scope)})"
        raise Refusal(400, f"{problem}; expected no scope, or a reset")
    reload_fixtures(context.emulator)
    return json_response({"images": len(context.emulator.cloud.images)})


def load_fixture(context: Context) -> Response:
    """Load a fixture document in YAML or JSON into the cloud and its initial state."""
    booleans = {"true": True, "false": False}
    replace = body.query_params(context.request).get("replace", "false")
    if replace not in booleans:
        raise Refusal(400, f"replace: invalid value (got {quote_value(replace)}); expected true or false")
    content, scope = context.request.read_body(body.MAX_BODY_BYTES), requested_scope(context)
    return _images_response(load_document(context.emulator, content, "body", booleans[replace], scope))


def _images_response(images: Iterable[Image], status: int = 201) -> Response:
    return json_response({"images": [serialize_image(image) for image in images]}, status)


def _add_images(cloud: Cloud, documents: list[dict[str, Any]]) -> list[Image]:
    """Add new images, and start their plans: all of them or none.

    An image follows the plan in its document. Otherwise it follows the assigned plan, unless the document
    sets a status.
    """
    images, plans, owner = [], {}, cloud.default_project.id
    for document in documents:
        values = cloud.directory.resolve_owner(document)
        plan = values.pop("plan", None)
        image = build_image(values, image_id=str(uuid4()), owner=owner, now=cloud.clock.now())
        if not plan and "status" not in values:
            plan = cloud.lifecycle.matching_plan_name(image)
        if plan is not None:
            image, plans[image.id] = cloud.lifecycle.at_first_step(image, plan), plan
        images.append(image)
    with cloud.lifecycle.lock():
        cloud.images.add(*images)
        for image_id, plan in plans.items():
            cloud.lifecycle.start(image_id, plan)
    return images
