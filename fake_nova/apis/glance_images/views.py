"""Versions, schemas, lists, one image."""

from __future__ import annotations

from fake_nova.apis.glance_images import body, params, policies, render
from fake_nova.apis.glance_images.errors import GlanceError, error_response
from fake_nova.apis.glance_images.schemas import SCHEMAS
from fake_nova.apis.glance_images.tables import ALLOW_HEADER_METHODS, STORE
from fake_nova.errors import ImageNotFound
from fake_nova.images import timestamps
from fake_nova.images.model import Image, is_visible
from fake_nova.images.query import ImageQuery
from fake_nova.images.store import select
from fake_nova.wire import checks, query_string
from fake_nova.wire.response import JSON_HEADERS, Headers, Response, json_response
from fake_nova.wire.service import Context

#: Content-Type of an answer without a body.
EMPTY_BODY_HEADERS = (("Content-Type", "text/html; charset=UTF-8"),)


def response_headers(context: Context, response: Response) -> Headers:
    """Put a request id on what the service itself answers: not on versions, and not on the middleware's 401.

    A client that sends one gets its own back (Glance 33.0.0).
    """
    if response is checks.PREFLIGHT_RESPONSE or response.status == 401 or not policies.is_versioned(context):
        return ()
    request_id = context.request.header("X-OpenStack-Request-ID") or context.request.request_id
    return (("x-openstack-request-id", request_id if request_id.startswith("req-") else f"req-{request_id}"),)


def no_route(context: Context) -> Response:
    """404 for a path that is not there, 405 for a method; for a version that is not there those that are."""
    if not policies.is_versioned(context):
        return versions(context)
    allowed_methods = [
        method
        for method in ALLOW_HEADER_METHODS
        if context.router.match(method, context.request.path).route is not None
    ]
    if allowed_methods:
        return error_response(context, GlanceError(405, headers=(("Allow", ", ".join(allowed_methods)),)))
    return error_response(
        context, GlanceError(404 if context.request.method in (*ALLOW_HEADER_METHODS, "HEAD") else 501)
    )


def explain_route(context: Context, response: Response) -> str | None:
    """Say why a path that looks right has no route."""
    if context.route is not None or response.status != 404 or not policies.is_versioned(context):
        return None
    if context.request.path.endswith("/"):
        return "There is no route with a slash at its end."
    return "No route has this path; metadefs, tasks, the cache and locations are not emulated."


def explain_image(context: Context, response: Response) -> str | None:
    """Say why an image that the store holds cannot be seen or changed."""
    if response.status not in (403, 404) or "image_id" not in context.path_params:
        return None
    try:
        image = context.cloud.images.get(context.path_params["image_id"])
    except ImageNotFound:
        return None
    if image.is_deleted:
        return f"The image was deleted at {timestamps.isoformat_seconds(image.updated_at)}."
    if not is_visible(image, context.caller) or response.status == 403:
        return (
            f"The image is {image.visibility}, of project {image.owner}; the caller is of {context.project}."
        )
    return None


def versions(context: Context) -> Response:
    """300: the versions that there are."""
    return json_response(render.serialize_versions(f"{context.request.base_url}/image"), 300)


def all_versions(context: Context) -> Response:
    """Return the versions that there are, as asked for."""
    return json_response(render.serialize_versions(f"{context.request.base_url}/image"))


def redirect_to_v2(context: Context) -> Response:
    """302 to the same with a slash behind it."""
    location = ("Location", f"{context.request.base_url}/image/v2/")
    return Response(302, (("Content-Type", "text/plain; charset=utf8"), location))


def schema(context: Context) -> Response:
    """Show one of the published schemas."""
    return json_response(SCHEMAS[context.request.path.rpartition("/")[2]])


def import_info(context: Context) -> Response:
    """Say how data may be brought in."""
    ways = list(context.cloud.settings.enabled_import_methods)
    methods = {"description": "Import methods available.", "type": "array", "value": ways}
    return json_response({"import-methods": methods})


def stores_info(_: Context) -> Response:
    """Say where data goes to."""
    return json_response({"stores": [{"id": STORE, "default": "true"}]})


def usage(_: Context) -> Response:
    """Say how much of which quota is used: there are no quotas of projects."""
    return json_response({"usage": {}})


def tasks(context: Context) -> Response:
    """List the tasks of an image: none is kept."""
    body.require_no_body(context)
    try:
        policies.get_visible_image(context)
    except ImageNotFound as error:
        raise GlanceError(404) from error
    return json_response({"tasks": []})


def build_query(context: Context) -> ImageQuery:
    """Return what a list asks the store for."""
    return params.parse(context.request.query_string).build_query(context.caller)


def index(context: Context) -> Response:
    """List images, a page at a time."""
    list_params = params.parse(context.request.query_string)
    if not context.caller.roles:
        raise policies.forbidden("get_images")
    state = context.cloud.images.state
    cache_key = (list_params, context.caller)
    page: tuple[tuple[Image, ...], bytes] | None = state.page_cache.get(cache_key)
    if page is None:
        images = select(state, list_params.build_query(context.caller))
        next_marker = images[-1].id if images and len(images) == list_params.limit else None
        page = images, render.page_body(images, list_params.link_query, next_marker)
        if len(context.request.query_string) <= query_string.MAX_CACHED_CHARS:
            state.page_cache.put(cache_key, page, page[1])
    context.record_polls(page[0])
    return Response(200, JSON_HEADERS, page[1])


def show(context: Context) -> Response:
    """Show one image."""
    body.require_no_body(context)
    image = policies.get_visible_image(context)
    policies.enforce("get_image", image, context.caller)
    context.record_polls((image,))
    return Response(200, JSON_HEADERS, render.image_body(image))
