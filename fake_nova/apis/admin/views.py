"""Views of images and of the whole cloud, and the query check and error format of the admin API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

from fake_nova import errors
from fake_nova._version import __version__
from fake_nova.apis.admin import body, requests
from fake_nova.apis.admin.schemas import NewImageSchema, NewImagesSchema, ResetSchema, StatusSchema
from fake_nova.cloud import gc_tuning
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents import image as image_documents
from fake_nova.documents.faker_images import generate_images
from fake_nova.documents.image import GenerateSchema, ImageSchema
from fake_nova.documents.loading import load_document
from fake_nova.documents.yaml_reader import FixtureError
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.wire import nova_errors, query_string
from fake_nova.wire.nova_errors import NovaError
from fake_nova.wire.request import Request
from fake_nova.wire.response import Response, json_response
from fake_nova.wire.service import Context

#: Domain error -> HTTP status. The response has the error's own message.
ERROR_STATUSES: Final[Mapping[type[Exception], int]] = {
    errors.ImageNotFound: 404,
    errors.Invalid: 400,
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


def _scope_of(request: Request) -> str | None:
    return dict(query_string.parse(request.query_string)).get("scope")


def resolve_cloud(emulator: Emulator, request: Request, _: str) -> tuple[Cloud, None]:
    """Return the cloud of the scope in the query, or the shared cloud.

    An unknown scope gets the shared cloud here. `check_query` rejects it later.
    """
    with suppress(errors.FakeNovaError):
        scope = _scope_of(request)
        if scope is not None:
            return emulator.cloud_for_scope(scope), None
    return emulator.cloud, None


def requested_scope(context: Context) -> str | None:
    """Return the scope in the query, or None for the shared cloud."""
    return _scope_of(context.request)


def check_query(context: Context) -> None:
    """Check the query parameters.

    Raises:
        ScopeNotFound: if ``scope`` names an unknown scope.
        NovaError: 400 if a parameter is unknown to the operation, or repeated.
    """
    operation = context.route.operation if context.route is not None else ""
    valid_names = ("scope", *QUERY_PARAMETERS.get(operation, ()))
    used_names: set[str] = set()
    for name, _ in query_string.parse(context.request.query_string):
        if name not in valid_names:
            raise NovaError(
                400, f"query: unknown parameter (got {name}); expected one of: {', '.join(valid_names)}"
            )
        if name in used_names:
            raise NovaError(400, f"query: repeated parameter (got {name} twice); expected it once")
        used_names.add(name)
    scope = requested_scope(context)
    if scope is not None:
        context.emulator.scope(scope)


def no_route(context: Context) -> Response:
    """Return 404 for a request that has no route."""
    return nova_errors.nova_error_response(
        404,
        f"{context.request.method} {context.request.path}: unknown request; expected one "
        f"that README.md lists",
    )


def render_error(_: Context, error: Exception) -> Response | None:
    """Render an error in Nova's format."""
    if isinstance(error, NovaError):
        return nova_errors.nova_error_response(error.status, error.message)
    if isinstance(error, errors.BodyTooLarge):
        return nova_errors.nova_error_response(
            413, f"body: too large; expected at most {body.MAX_BODY_BYTES} bytes"
        )
    status = ERROR_STATUSES.get(type(error))
    return nova_errors.nova_error_response(status, str(error)) if status is not None else None


def health(context: Context) -> Response:
    """Show the status. ``loaded`` is the number of fixture documents loaded since the start."""
    cloud = context.cloud
    return json_response(
        {
            "status": "ok",
            "images": len(cloud.images),
            "loaded": context.emulator.fixtures_loaded(requested_scope(context)),
            "version": __version__,
            "since": timestamps.isoformat_seconds(context.emulator.started_at),
            "dialect": cloud.settings.dialect,
            "auth_strategy": cloud.settings.auth_strategy,
            "clock": str(cloud.clock.mode),
            "faults": [
                active_fault.id
                for active_fault in cloud.faults.active_faults
                if active_fault.is_active(cloud.clock.now())
            ],
        }
    )


def environment(context: Context) -> Response:
    """Show a user with its password, and the OS_* variables that a client needs to log in."""
    scope = requested_scope(context)
    users = context.cloud.directory.users if scope is None else (context.emulator.scope(scope).user,)
    if not users:
        raise NovaError(404, "users: the fixtures have none; expected at least one")
    user = users[0]
    login = {
        "username": user.name,
        "password": user.password,
        "project_id": user.project.id,
        "project_name": user.project.name,
    }
    return json_response({"login": login, "environment": user.client_variables(context.request.base_url)})


def index(context: Context) -> Response:
    """List all images, newest first."""
    return json_response(
        {"images": [image_documents.serialize_image(image) for image in context.cloud.images.all()]}
    )


def show(context: Context) -> Response:
    """Show one image."""
    return json_response(
        image_documents.serialize_image(context.cloud.images.get(context.path_params["image_id"]))
    )


def add(context: Context) -> Response:
    """Add one image or several. If one is invalid, add none."""
    payload = body.parse_json(context, bulk=True)
    if isinstance(payload, dict) and "images" in payload:
        return _images_response(_add_images(context.cloud, body.load(NewImagesSchema(), payload)["images"]))
    (image,) = _add_images(context.cloud, [body.load(NewImageSchema(), payload)])
    return json_response(image_documents.serialize_image(image), 201)


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
    values = body.load(
        ImageSchema(), body.parse_json(context, f"PUT {context.request.path}/status, which takes a form")
    )
    image_id = context.path_params["image_id"]
    if (new_id := values.pop("id", image_id)) != image_id:
        raise NovaError(
            400,
            f"id: an image's id cannot be changed (got {json.dumps(new_id)}); expected "
            f"{json.dumps(image_id)}",
        )
    changes = {
        "updated_at": context.cloud.clock.now(),
        **image_documents.image_fields(context.cloud.directory.resolve_owner(values)),
    }
    if "status" in changes:
        context.cloud.lifecycle.cancel(image_id)
    image = context.cloud.images.update(image_id, lambda image: image.replace(**changes))
    return json_response(image_documents.serialize_image(image))


def set_status(context: Context) -> Response:
    """Set the status of an image, whatever it was. Set ``updated_at`` to now."""
    status = body.load(StatusSchema(), body.parse_json_or_form(context))["status"]
    now = context.cloud.clock.now()
    image_id = context.path_params["image_id"]
    context.cloud.lifecycle.cancel(image_id)
    image = context.cloud.images.update(image_id, lambda image: image.replace(status=status, updated_at=now))
    return json_response(image_documents.serialize_image(image))


def purge(context: Context) -> Response:
    """Remove an image from the store, as if it had never existed."""
    context.cloud.images.forget(context.path_params["image_id"])
    context.cloud.lifecycle.cancel(context.path_params["image_id"])  # a new image may get the same id
    return Response(204)


def reset(context: Context) -> Response:
    """Reset the cloud to its initial state, or to no images."""
    target = body.load(ResetSchema(), body.parse_json_or_form(context)).get("to", "seed")
    cloud = context.emulator.reset(requested_scope(context), empty=target == "empty")
    return json_response({"to": target, "images": len(cloud.images)})


def load_fixture(context: Context) -> Response:
    """Load a fixture document in YAML or JSON into the cloud and its initial state."""
    booleans = {"true": True, "false": False}
    replace = dict(query_string.parse(context.request.query_string)).get("replace", "false")
    if replace not in booleans:
        raise NovaError(400, f"replace: invalid value (got {replace}); expected true or false")
    return _images_response(
        load_document(
            context.emulator,
            context.request.read_body(body.MAX_BODY_BYTES),
            "body",
            booleans[replace],
            requested_scope(context),
        )
    )


def _images_response(images: list[Image] | tuple[Image, ...]) -> Response:
    return json_response({"images": [image_documents.serialize_image(image) for image in images]}, 201)


def _add_images(cloud: Cloud, image_dicts: list[dict[str, Any]]) -> list[Image]:
    """Add new images, and start their plans: all of them or none.

    An image follows the plan in its document. Otherwise it follows the assigned plan, unless the document
    sets a status.
    """
    images, plans = [], {}
    for values in image_dicts:
        image = _build_image(cloud, {key: value for key, value in values.items() if key != "plan"})
        plan = values.get("plan") or (None if "status" in values else cloud.lifecycle.matching_plan(image))
        if plan is not None:
            image, plans[image.id] = cloud.lifecycle.at_first_step(image, plan), plan
        images.append(image)
    with cloud.lifecycle.lock():
        cloud.images.add(*images)
        for image_id, plan in plans.items():
            cloud.lifecycle.start(image_id, plan)
    return images


def _build_image(cloud: Cloud, values: dict[str, Any]) -> Image:
    values = cloud.directory.resolve_owner(values)
    return image_documents.build_image(
        values, image_id=str(uuid4()), owner=cloud.default_project.id, now=cloud.clock.now()
    )
