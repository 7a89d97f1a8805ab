"""Images as the store holds them, and the cloud as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import fake_nova
from fake_nova import errors
from fake_nova.apis.admin import body, requests
from fake_nova.apis.admin.schemas import NewImageDocument, NewImagesDocument, ResetDocument, StatusDocument
from fake_nova.cloud import gc_tuning
from fake_nova.cloud.cloud import Cloud
from fake_nova.documents import image as image_documents
from fake_nova.documents.faker_images import made_images
from fake_nova.documents.image import GenerateDocument, ImageDocument
from fake_nova.documents.yaml_reader import FixtureError
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.wire import nova_errors, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.nova_errors import Refused

#: Error of the domain -> HTTP status; the message is the error's own.
STATUS: Final[Mapping[type[Exception], int]] = {
    errors.ImageNotFound: 404,
    errors.Invalid: 400,
    errors.Conflict: 409,
    errors.ScopeNotFound: 404,
    errors.FaultNotFound: 404,
    errors.SnapshotNotFound: 404,
    FixtureError: 400,
}


#: Operation -> the parameters of its query. An operation that is missing has `scope` only, which all have.
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "admin.fixtures": ("replace",),
    "admin.explain": ("path",),
    "admin.export": ("format",),
    "admin.snapshots.changes": ("to",),
    "admin.faults.clear": ("owner",),
    "admin.requests.list": (*requests.MATCHED, "limit", "marker"),
    "admin.requests.count": (*requests.MATCHED, "expect"),
    "admin.requests.wait": (*requests.MATCHED, "timeout"),
}


def has_text(call: Call) -> None:
    """Read the parts of the path as UTF-8; Refused 400 where they are not."""
    try:
        call.parts = {name: part.encode("latin-1").decode() for name, part in call.parts.items()}
    except UnicodeError as wrong:
        raise Refused(400, f"path: {wrong}; allowed: UTF-8") from wrong


def scope_of(call: Call) -> str | None:
    """Return the project whose own cloud a request is about, or None for the shared one."""
    return dict(query_string.read(call.query_string)).get("scope")


def in_scope(call: Call) -> None:
    """Put a request into the scope that its query names.

    Raises:
        ScopeNotFound: that project has no cloud of its own.
        Refused: 400 for a parameter that the operation does not have, or that comes twice.
    """
    operation = call.route.operation if call.route is not None else ""
    allowed = ("scope", *PARAMETERS.get(operation, ()))
    seen: set[str] = set()
    for name, _ in query_string.read(call.query_string):
        if name not in allowed:
            raise Refused(400, f"query: {name} is no parameter here; allowed: {', '.join(allowed)}")
        if name in seen:
            raise Refused(400, f"query: {name} comes twice; allowed: once")
        seen.add(name)
    scope = scope_of(call)
    if scope is not None:
        call.cloud = call.emulator.cloud_of_scope(scope)


def no_route(call: Call) -> Answer:
    """404 for what the admin API does not know."""
    return nova_errors.error(
        404, f"{call.method} {call.path}: no such request; README.md lists those that there are"
    )


def error(_: Call, raised: Exception) -> Answer | None:
    """Word an error in Nova's fault shape."""
    if isinstance(raised, Refused):
        return nova_errors.error(raised.status, raised.message)
    if isinstance(raised, errors.BodyTooLarge):
        return nova_errors.error(413, f"body: larger than {body.MAX_BODY} bytes")
    status = STATUS.get(type(raised))
    return nova_errors.error(status, str(raised)) if status is not None else None


def health(call: Call) -> Answer:
    """Say how the emulator is; ``loaded`` is how many fixture documents it took in since it was started."""
    cloud = call.cloud
    return nova_errors.document(
        {
            "status": "ok",
            "images": len(cloud.images),
            "loaded": call.emulator.taken(scope_of(call)),
            "version": fake_nova.__version__,
            "since": timestamps.whole_seconds(call.emulator.since),
            "dialect": cloud.settings.dialect,
            "auth_strategy": cloud.settings.auth_strategy,
            "clock": str(cloud.clock.mode),
            "faults": [rule.id for rule in cloud.faults.in_force if rule.in_force(cloud.clock.now())],
        }
    )


def environment(call: Call) -> Answer:
    """Say whom a client may be, with the password, and the OS_* variables that let it log in."""
    scope = scope_of(call)
    users = call.cloud.directory.users if scope is None else (call.emulator.scope(scope).user,)
    if not users:
        raise Refused(404, "the fixtures have no user that a client could be")
    user = users[0]
    login = {
        "username": user.name,
        "password": user.password,
        "project_id": user.project.id,
        "project_name": user.project.name,
    }
    return nova_errors.document({"login": login, "environment": user.client_variables(call.origin)})


def index(call: Call) -> Answer:
    """List every image, newest first."""
    return nova_errors.document(
        {"images": [image_documents.image_document(image) for image in call.cloud.images.all()]}
    )


def show(call: Call) -> Answer:
    """Show one image."""
    return nova_errors.document(image_documents.image_document(call.cloud.images.get(call.parts["image_id"])))


def add(call: Call) -> Answer:
    """Add one image, or several: all or none."""
    given = body.json_of(call, many=True)
    if isinstance(given, dict) and "images" in given:
        return _images(_added(call.cloud, body.loaded(NewImagesDocument(), given)["images"]))
    (image,) = _added(call.cloud, [body.loaded(NewImageDocument(), given)])
    return nova_errors.document(image_documents.image_document(image), 201)


def generate(call: Call) -> Answer:
    """Add made-up images: all or none."""
    values = body.loaded(GenerateDocument(), body.json_of(call))
    template = call.cloud.directory.with_owner(values.get("template", {}))
    owner = call.cloud.home.id
    seed = values.get("seed", 0)
    with gc_tuning.loading():
        images = list(made_images(values["count"], seed, template, owner))
        try:
            call.cloud.images.add(*images)
        except errors.Conflict as wrong:
            taken = f"seed: {seed} makes images that are there; allowed: another seed"
            raise errors.Conflict(taken) from wrong
    return _images(images)


def change(call: Call) -> Answer:
    """Change the fields that the body has; ``updated_at`` is now, unless it is one of them."""
    values = body.loaded(ImageDocument(), body.json_of(call, f"PUT {call.path}/status, which takes a form"))
    image_id = call.parts["image_id"]
    if values.pop("id", image_id) != image_id:
        raise Refused(400, f"id: an image's id cannot be changed; allowed: {json.dumps(image_id)}")
    changes = {
        "updated_at": call.cloud.clock.now(),
        **image_documents.image_fields(call.cloud.directory.with_owner(values)),
    }
    if "status" in changes:
        call.cloud.lifecycle.end(image_id)
    image = call.cloud.images.update(image_id, lambda image: image.replaced(**changes))
    return nova_errors.document(image_documents.image_document(image))


def set_status(call: Call) -> Answer:
    """Set an image's status, any to any; ``updated_at`` is now."""
    status = body.loaded(StatusDocument(), body.json_or_form(call))["status"]
    now = call.cloud.clock.now()
    image_id = call.parts["image_id"]
    call.cloud.lifecycle.end(image_id)
    image = call.cloud.images.update(image_id, lambda image: image.replaced(status=status, updated_at=now))
    return nova_errors.document(image_documents.image_document(image))


def forget(call: Call) -> Answer:
    """Drop every trace of an image, as if it had never been."""
    call.cloud.images.forget(call.parts["image_id"])
    call.cloud.lifecycle.end(call.parts["image_id"])  # another image may come to have its id
    return Answer(204)


def reset(call: Call) -> Answer:
    """Start over, as seeded or empty."""
    to = body.loaded(ResetDocument(), body.json_or_form(call)).get("to", "seed")
    cloud = call.emulator.reset(scope_of(call), empty=to == "empty")
    return nova_errors.document({"to": to, "images": len(cloud.images)})


def take(call: Call) -> Answer:
    """Take in a fixture document, YAML or JSON; a reset goes back to it from now on."""
    words = {"true": True, "false": False}
    asked = dict(query_string.read(call.query_string)).get("replace", "false")
    if asked not in words:
        raise Refused(400, f"query: replace={asked} is not allowed; allowed: replace=true, replace=false")
    return _images(call.emulator.take(call.read(body.MAX_BODY), "body", words[asked], scope_of(call)))


def _images(images: list[Image] | tuple[Image, ...]) -> Answer:
    return nova_errors.document({"images": [image_documents.image_document(image) for image in images]}, 201)


def _added(cloud: Cloud, documents_: list[dict[str, Any]]) -> list[Image]:
    """Add new images and put those under way that go by a plan: all or none.

    A document names its plan, else one is assigned to it; one that names a status keeps that.
    """
    images, plans = [], {}
    for values in documents_:
        image = _new(cloud, {key: value for key, value in values.items() if key != "plan"})
        plan = values.get("plan") or (None if "status" in values else cloud.lifecycle.plan_for(image))
        if plan is not None:
            image, plans[image.id] = cloud.lifecycle.starting(image, plan), plan
        images.append(image)
    with cloud.lifecycle.still():
        cloud.images.add(*images)
        for image_id, plan in plans.items():
            cloud.lifecycle.begin(image_id, plan)
    return images


def _new(cloud: Cloud, values: dict[str, Any]) -> Image:
    values = cloud.directory.with_owner(values)
    return image_documents.new_image(
        values, image_id=str(uuid4()), owner=cloud.home.id, now=cloud.clock.now()
    )
