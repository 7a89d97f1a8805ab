"""Versions, schemas, lists, one image."""

from __future__ import annotations

from fake_nova.apis.glance_images import body, params, policies, render
from fake_nova.apis.glance_images.errors import GlanceError, worded
from fake_nova.apis.glance_images.schemas import SCHEMAS
from fake_nova.apis.glance_images.tables import METHODS, STORE
from fake_nova.errors import ImageNotFound
from fake_nova.images import timestamps
from fake_nova.images.model import Image, is_visible
from fake_nova.images.query import ImageQuery
from fake_nova.images.store import found
from fake_nova.wire import checks, nova_errors, query_string
from fake_nova.wire.call import Answer, Call, Headers

#: Content-Type of an answer without a body.
EMPTY = (("Content-Type", "text/html; charset=UTF-8"),)


def headers(call: Call, answer: Answer) -> Headers:
    """Put a request id on what the service itself answers: not on versions, and not on the middleware's 401.

    A client that sends one gets its own back (Glance 33.0.0).
    """
    if answer is checks.PREFLIGHT or answer.status == 401 or not policies.is_versioned(call):
        return ()
    sent = call.header("X-OpenStack-Request-ID") or call.request_id
    return (("x-openstack-request-id", sent if sent.startswith("req-") else f"req-{sent}"),)


def no_route(call: Call) -> Answer:
    """404 for a path that is not there, 405 for a method; for a version that is not there those that are."""
    if not policies.is_versioned(call):
        return versions(call)
    allowed = [method for method in METHODS if call.routes.match(method, call.path).route is not None]
    if allowed:
        return worded(call, GlanceError(405, headers=(("Allow", ", ".join(allowed)),)))
    return worded(call, GlanceError(404 if call.method in (*METHODS, "HEAD") else 501))


def on_route(call: Call, answer: Answer) -> str | None:
    """Say why a path that looks right has no route."""
    if call.route is not None or answer.status != 404 or not policies.is_versioned(call):
        return None
    if call.path.endswith("/"):
        return "There is no route with a slash at its end."
    return "No route has this path; metadefs, tasks, the cache and locations are not emulated."


def on_image(call: Call, answer: Answer) -> str | None:
    """Say why an image that the store holds cannot be seen or changed."""
    if answer.status not in (403, 404) or "image_id" not in call.parts:
        return None
    try:
        image = call.cloud.images.get(call.parts["image_id"])
    except ImageNotFound:
        return None
    if image.is_deleted:
        return f"The image was deleted at {timestamps.whole_seconds(image.updated_at)}."
    if not is_visible(image, call.caller) or answer.status == 403:
        return f"The image is {image.visibility}, of project {image.owner}; the caller is of {call.project}."
    return None


def versions(call: Call) -> Answer:
    """300: the versions that there are."""
    return nova_errors.document(render.versions(f"{call.origin}/image"), 300)


def all_versions(call: Call) -> Answer:
    """Return the versions that there are, as asked for."""
    return nova_errors.document(render.versions(f"{call.origin}/image"))


def root(call: Call) -> Answer:
    """302 to the same with a slash behind it."""
    location = ("Location", f"{call.origin}/image/v2/")
    return Answer(302, (("Content-Type", "text/plain; charset=utf8"), location))


def schema(call: Call) -> Answer:
    """Show one of the published schemas."""
    return nova_errors.document(SCHEMAS[call.path.rpartition("/")[2]])


def import_info(call: Call) -> Answer:
    """Say how data may be brought in."""
    ways = list(call.cloud.settings.import_ways)
    methods = {"description": "Import methods available.", "type": "array", "value": ways}
    return nova_errors.document({"import-methods": methods})


def stores_info(_: Call) -> Answer:
    """Say where data goes to."""
    return nova_errors.document({"stores": [{"id": STORE, "default": "true"}]})


def usage(_: Call) -> Answer:
    """Say how much of which quota is used: there are no quotas of projects."""
    return nova_errors.document({"usage": {}})


def tasks(call: Call) -> Answer:
    """List the tasks of an image: none is kept."""
    body.none(call)
    try:
        policies.seen(call)
    except ImageNotFound as error:
        raise GlanceError(404) from error
    return nova_errors.document({"tasks": []})


def query(call: Call) -> ImageQuery:
    """Return what a list asks the store for."""
    return params.read(call.query_string).query(call.caller)


def index(call: Call) -> Answer:
    """List images, a page at a time."""
    asked = params.read(call.query_string)
    if not call.caller.roles:
        raise policies.forbid("get_images")
    state = call.cloud.images.state()
    what = (asked, call.caller)
    page: tuple[tuple[Image, ...], bytes] | None = state.kept.get(what)
    if page is None:
        images = found(state, asked.query(call.caller))
        following = images[-1].id if images and len(images) == asked.limit else None
        page = images, render.page(images, asked.repeated, following)
        if len(call.query_string) <= query_string.LONGEST_REMEMBERED:
            state.kept.put(what, page, page[1])
    call.looked(page[0])
    return Answer(200, nova_errors.JSON_HEADERS, page[1])


def show(call: Call) -> Answer:
    """Show one image."""
    body.none(call)
    image = policies.seen(call)
    policies.enforce("get_image", image, call.caller)
    call.looked((image,))
    return Answer(200, nova_errors.JSON_HEADERS, render.one(image))
