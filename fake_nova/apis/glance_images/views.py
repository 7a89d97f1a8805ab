"""Views of versions, schemas, stores, lists and single images."""

from __future__ import annotations

from typing import NamedTuple

from fake_nova.apis.glance_images import body, params, paths, policies, render, schemas, tables
from fake_nova.apis.glance_images.errors import GlanceError, error_response
from fake_nova.apis.glance_images.tables import ALLOW_HEADER_METHODS, OPERATIONS_WITHOUT_405
from fake_nova.images.model import Image
from fake_nova.images.query import ImageQuery
from fake_nova.images.selection import select
from fake_nova.images.spelling import explain_match
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.endpoints import own_url
from fake_nova.wire.health_page import health_response
from fake_nova.wire.response import JSON_HEADERS, Response, json_response

#: The headers of a response without a body.
EMPTY_BODY_HEADERS = (("Content-Type", "text/html; charset=UTF-8"),)


def no_route(context: Context) -> Response:
    """Respond to a request that no route takes.

    An unknown path gets 404, a wrong method 405, an unknown method 501. A path without a version gets the
    list of versions.

    Raises:
        GlanceError: 400 for a wrong method with a body that is not JSON, which Glance 33.0.0 reads first
            (measured).
    """
    if paths.lists_versions(context):
        return all_versions(context)
    if paths.checks_health(context):
        return health(context)
    if not paths.is_versioned(context):
        return versions(context)
    request = context.request
    match = context.router.match
    found_routes = [match(method, request.path).route for method in ALLOW_HEADER_METHODS]
    routes = [route for route in found_routes if route and route.operation not in OPERATIONS_WITHOUT_405]
    fewest_braces = min((route.path.count("{") for route in routes), default=0)
    methods = [route.method for route in routes if route.path.count("{") == fewest_braces]
    if methods:
        if body.has_body(context):
            body.parse_json(context)
        return error_response(context, GlanceError(405, headers=(("Allow", ", ".join(methods)),)))
    status = 404 if request.method in (*ALLOW_HEADER_METHODS, "HEAD") else 501
    return error_response(context, GlanceError(status))


def versions(context: Context) -> Response:
    """List the API versions, with status 300: Glance's response to every path without a version."""
    if context.route is None:
        context.trace.reason = "The path lacks a version; the path begins with /v2 in Glance."
    return json_response(render.serialize_versions(own_url(context)), 300)


def all_versions(context: Context) -> Response:
    """List the API versions, with status 200."""
    return json_response(render.serialize_versions(own_url(context)))


def health(context: Context) -> Response:
    """Respond that the service is healthy."""
    return health_response(context.request, ("OK",))


def redirect_to_v2(context: Context) -> Response:
    """Redirect with status 302 to the same path with a trailing slash."""
    location = ("Location", f"{own_url(context)}/v2/")
    return Response(302, (("Content-Type", "text/plain; charset=utf8"), location))


def schema(context: Context) -> Response:
    """Show the schema that the URL names."""
    name = context.request.path.partition("/schemas/")[2]
    if name in tables.TASK_SCHEMAS:
        body.check_no_json_body(context)
    body.check_no_body(context)
    return json_response(schemas.schema(name))


def import_info(context: Context) -> Response:
    """List the import methods."""
    body.check_no_body(context)
    method_names = list(context.cloud.settings.enabled_import_methods)
    methods = {"description": "Import methods available.", "type": "array", "value": method_names}
    return json_response({"import-methods": methods})


def usage(context: Context) -> Response:
    """Show the quota usage: projects have no quotas."""
    body.check_no_json_body(context)
    return json_response({"usage": {}})


def build_query(context: Context) -> ImageQuery:
    """Return the query of the store for a list."""
    return params.parse(context.request.query_string, context.cloud.database).build_query(context.caller)


class _Page(NamedTuple):
    """A page of a list, as the cache stores it.

    Attributes:
        images: the images on the page.
        body: the body of the response.
        reason: which image is there only on this database, for the hint; "" if none is.
    """

    images: tuple[Image, ...]
    body: bytes
    reason: str


def index(context: Context) -> Response:
    """List one page of images."""
    list_params = params.parse(context.request.query_string, context.cloud.database)
    if not context.caller.may_read:
        raise policies.forbidden("get_images")
    state = context.cloud.images.state
    cache_key = (list_params, context.caller)
    page: _Page | None = state.page_cache.get(cache_key)
    if page is None:
        query = list_params.build_query(context.caller)
        images = select(state, query)
        next_marker = images[-1].id if images and len(images) == list_params.limit else None
        link_query = list_params.link_query
        page_body = render.page_body(images, link_query, next_marker, for_admin=context.caller.is_admin)
        page = _Page(images, page_body, explain_match(query.conditions, images))
        if len(context.request.query_string) <= query_string.MAX_CACHED_CHARS:
            state.page_cache.put(cache_key, page, page.body)
    context.trace.reason = page.reason
    context.record_polls(page.images)
    return Response(200, JSON_HEADERS, page.body)


def show(context: Context) -> Response:
    """Show one image."""
    body.check_no_body(context)
    image = policies.get_visible_image(context)
    policies.enforce("get_image", image, context.caller)
    context.explain_spelling(image.id)
    context.record_shown_image(image)
    return Response(200, JSON_HEADERS, render.image_body(image, for_admin=context.caller.is_admin))
