"""Images as the store holds them, and the cloud as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from marshmallow import Schema
from werkzeug.exceptions import RequestEntityTooLarge

import fake_nova
from fake_nova import errors
from fake_nova.apis.admin.schemas import ImagesDocument, ResetDocument, StatusDocument
from fake_nova.cloud import documents
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.documents import DocumentError, GenerateDocument, ImageDocument
from fake_nova.cloud.fixtures import FixtureError
from fake_nova.cloud.made import made_images
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.wire import faults, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.faults import Fault

#: Most bytes of a body: a fixture document of some hundred thousand images.
MAX_BODY = 256 * 1024 * 1024

#: Error of the domain -> HTTP status; the message is the error's own.
STATUS: Mapping[type[Exception], int] = MappingProxyType(
    {errors.ImageNotFound: 404, errors.Invalid: 400, errors.Conflict: 409, FixtureError: 400}
)


def no_route(call: Call) -> Answer:
    """404 for what the admin API does not know."""
    return faults.fault(
        404, f"{call.method} {call.path}: no such request; README.md lists those that there are"
    )


def error(_: Call, raised: Exception) -> Answer | None:
    """Word an error in Nova's fault shape."""
    if isinstance(raised, Fault):
        return faults.fault(raised.status, raised.message)
    if isinstance(raised, RequestEntityTooLarge):
        return faults.fault(413, f"body: larger than {MAX_BODY} bytes")
    status = STATUS.get(type(raised))
    return faults.fault(status, str(raised)) if status is not None else None


def health(call: Call) -> Answer:
    """Say how the emulator is."""
    cloud = call.cloud
    return faults.document(
        {
            "status": "ok",
            "images": len(cloud.images),
            "version": fake_nova.__version__,
            "since": timestamps.whole_seconds(call.emulator.since),
            "dialect": cloud.settings.dialect,
            "auth_strategy": cloud.settings.auth_strategy,
        }
    )


def index(call: Call) -> Answer:
    """List every image, newest first."""
    return faults.document({"images": [documents.image_document(image) for image in call.cloud.images.all()]})


def show(call: Call) -> Answer:
    """Show one image."""
    return _image(200, call.cloud.images.get(call.parts["image_id"]))


def add(call: Call) -> Answer:
    """Add one image, or several: all or none."""
    body = _json(call)
    if isinstance(body, dict) and "images" in body:
        images = [_new(call.cloud, values) for values in _loaded(ImagesDocument(), body)["images"]]
        call.cloud.images.add(*images)
        return _images(images)
    image = _new(call.cloud, _loaded(ImageDocument(), body))
    call.cloud.images.add(image)
    return _image(201, image)


def generate(call: Call) -> Answer:
    """Add made-up images: all or none."""
    values = _loaded(GenerateDocument(), _json(call))
    template = _known_owner(call.cloud, values.get("template", {}))
    owner = call.cloud.directory.first_project.id
    images = list(made_images(values["count"], values.get("seed", 0), template, owner))
    call.cloud.images.add(*images)
    return _images(images)


def change(call: Call) -> Answer:
    """Change the fields that the body has; ``updated_at`` is now, unless it is one of them."""
    values = _loaded(ImageDocument(), _json(call))
    image_id = call.parts["image_id"]
    if values.pop("id", image_id) != image_id:
        raise Fault(400, f"id: an image's id cannot be changed; allowed: {json.dumps(image_id)}")
    changes = {
        "updated_at": call.cloud.clock.now(),
        **documents.image_fields(_known_owner(call.cloud, values)),
    }
    return _image(200, call.cloud.images.update(image_id, lambda image: image.replaced(**changes)))


def set_status(call: Call) -> Answer:
    """Set an image's status, any to any; ``updated_at`` is now."""
    status = _loaded(StatusDocument(), _json_or_form(call))["status"]
    now = call.cloud.clock.now()
    image = call.cloud.images.update(
        call.parts["image_id"], lambda image: image.replaced(status=status, updated_at=now)
    )
    return _image(200, image)


def forget(call: Call) -> Answer:
    """Drop every trace of an image, as if it had never been."""
    call.cloud.images.forget(call.parts["image_id"])
    return Answer(204)


def reset(call: Call) -> Answer:
    """Start over, as seeded or empty."""
    to = _loaded(ResetDocument(), _json_or_form(call)).get("to", "seed")
    cloud = call.emulator.reset(empty=to == "empty")
    return faults.document({"to": to, "images": len(cloud.images)})


def take(call: Call) -> Answer:
    """Take in a fixture document, YAML or JSON; a reset goes back to it from now on."""
    words = {"true": True, "false": False}
    replace = False
    for name, value in query_string.read(call.query_string):
        if name != "replace" or value not in words:
            raise Fault(400, f"query: {name}={value} is not allowed; allowed: replace=true, replace=false")
        replace = words[value]
    return _images(call.emulator.take(call.read(MAX_BODY), "body", replace))


def _image(status: int, image: Image) -> Answer:
    return Answer(status, faults.JSON_HEADERS, faults.dumps(documents.image_document(image)))


def _images(images: list[Image] | tuple[Image, ...]) -> Answer:
    body = {"images": [documents.image_document(image) for image in images]}
    return Answer(201, faults.JSON_HEADERS, faults.dumps(body))


def _new(cloud: Cloud, values: dict[str, Any]) -> Image:
    return documents.new_image(
        _known_owner(cloud, values),
        image_id=str(uuid4()),
        owner=cloud.directory.first_project.id,
        now=cloud.clock.now(),
    )


def _known_owner(cloud: Cloud, values: dict[str, Any]) -> dict[str, Any]:
    """Put a project's id where its name stands; an id that no fixture has is one of noauth's projects."""
    project = cloud.directory.project(values.get("owner", ""))
    return {**values, "owner": project.id} if project is not None else values


def _json(call: Call) -> Any:
    content = call.read(MAX_BODY)
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise Fault(400, f"body: not JSON: {wrong}; allowed: a JSON object") from wrong


def _json_or_form(call: Call) -> Any:
    """Read a body as ``curl -d`` sends it: ``status=killed``, or JSON under whatever media type."""
    content = call.read(MAX_BODY).strip()
    if content[:1] in (b"{", b"[", b'"'):
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as wrong:
            raise Fault(400, f"body: not JSON: {wrong}; allowed: a JSON object or a form") from wrong
    return dict(query_string.read(content.decode("latin-1")))


def _loaded(schema: Schema, body: object) -> dict[str, Any]:
    try:
        return documents.load(schema, body)
    except DocumentError as wrong:
        raise Fault(400, "; ".join(map(str, wrong.problems))) from wrong
