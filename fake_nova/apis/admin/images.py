"""Views of images: list, add, generate, change and purge."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final
from uuid import uuid4

from fake_nova import errors
from fake_nova.apis.admin import body, list_query
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.list_query import ValidValues
from fake_nova.apis.admin.schemas import NewImageSchema, NewImagesSchema, StatusSchema
from fake_nova.cloud.cloud import Cloud
from fake_nova.documents.faker_images import generate_images
from fake_nova.documents.image import GenerateSchema, ImageSchema, build_image, image_fields, serialize_image
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.images.store_state import with_stored_times
from fake_nova.support import gc_tuning
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: Query parameters of the list that match the field of the same name. A value may contain ``*`` and ``?``.
MATCHERS: Final = ("id", "name", "status", "visibility", "owner")

VALID_VALUES: Final[ValidValues] = {
    "status": lambda _: map(str, ImageStatus),
    "visibility": lambda _: map(str, Visibility),
}


def index(context: Context) -> Response:
    """List the images that match, deleted ones included, newest first, from just after ``marker``."""
    patterns = list_query.read_patterns(context, MATCHERS, VALID_VALUES)
    tag = list_query.state_tag(context.cloud.images.state.page_cache)
    if list_query.is_known(context, tag, context.cloud.images.state.get):
        return Response(304, (tag,))
    response = images_response(list_query.page_of(context, context.cloud.images.all(), patterns), 200)
    return response.with_headers(tag)


def show(context: Context) -> Response:
    """Show one image."""
    return json_response(serialize_image(context.cloud.images.get(context.path_params["image_id"])))


def add(context: Context) -> Response:
    """Add one image or several. If one is invalid, add none."""
    payload = body.parse_json(context, bulk=True)
    if isinstance(payload, list) or (isinstance(payload, dict) and "images" in payload):
        documents = body.load_wrapped(NewImagesSchema(), payload)
        return images_response(_add_images(context.cloud, documents))
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
    return images_response(with_stored_times(image, context.cloud.database) for image in images)


def update(context: Context) -> Response:
    """Change the fields in the body. Set ``updated_at`` to now, unless the body has it."""
    form_request = f"PUT {context.request.path}/status, which takes a form"
    values = body.load(ImageSchema(), body.parse_json(context, form_request))
    image_id = context.path_params["image_id"]
    new_id = values.pop("id", image_id)
    if new_id != image_id:
        raise Refusal(
            400,
            f"id: an image's id cannot be changed (got {json.dumps(new_id)}); "
            f"expected {json.dumps(image_id)}",
        )
    return _update_image(context, image_fields(context.cloud.directory.resolve_owner(values)))


def set_status(context: Context) -> Response:
    """Set the status of an image, whatever it was. Set ``updated_at`` to now."""
    status = body.load_wrapped(StatusSchema(), body.parse_json_or_form(context))
    return _update_image(context, {"status": status})


def _update_image(context: Context, changes: dict[str, Any]) -> Response:
    cloud = context.cloud
    image_id = context.path_params["image_id"]
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


def images_response(images: Iterable[Image], status: int = 201) -> Response:
    """Return a response with images as they are stored."""
    return json_response({"images": [serialize_image(image) for image in images]}, status)


def _add_images(cloud: Cloud, documents: list[dict[str, Any]]) -> list[Image]:
    """Add new images, and start their plans: all of them or none.

    An image follows the plan in its document. Otherwise it follows the assigned plan, unless the document
    sets a status.
    """
    images = []
    plans = {}
    owner = cloud.default_project.id
    for document in documents:
        values = cloud.directory.resolve_owner(document)
        plan = values.pop("plan", None)
        image = build_image(values, image_id=str(uuid4()), owner=owner, now=cloud.clock.now())
        if not plan and "status" not in values:
            plan = cloud.lifecycle.matching_plan_name(image)
        if plan is not None:
            image = cloud.lifecycle.at_first_step(image, plan)
            plans[image.id] = plan
        images.append(image)
    with cloud.lifecycle.lock():
        cloud.images.add(*images)
        for image_id, plan in plans.items():
            cloud.lifecycle.start(image_id, plan)
    return [with_stored_times(image, cloud.database) for image in images]
