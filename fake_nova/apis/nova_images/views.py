"""The views of images: list, show and delete."""

from __future__ import annotations

from typing import NamedTuple

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_images import hints, params, render
from fake_nova.errors import DeleteForbidden, ImageNotFound
from fake_nova.images.model import Caller, Image, is_visible, may_change
from fake_nova.images.query import ImageQuery
from fake_nova.images.selection import select
from fake_nova.images.spelling import explain_match
from fake_nova.images.status import NOVA_STATUS
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.hints import printable_hint
from fake_nova.wire.response import Response


def get_visible_image(context: Context) -> Image:
    """Return the image in the URL.

    Raises:
        ImageNotFound: if it does not exist or is deleted, or the caller may not see it.
    """
    image = context.cloud.images.get(context.path_params["image_id"])
    if not may_see(image, context.caller):
        raise ImageNotFound(image.id)
    return image


def may_see(image: Image, caller: Caller) -> bool:
    """Return whether *caller* may see *image*. A caller who is not even a reader sees no image."""
    return not image.is_deleted and is_visible(image, caller) and caller.may_read


def index(context: Context) -> Response:
    """List images with id, name and links."""
    return _page_response(context, "images", render.SUMMARY_FRAGMENTS)


def detail(context: Context) -> Response:
    """List images with all fields."""
    return _page_response(context, "images/detail", render.DETAIL_FRAGMENTS)


def build_query(context: Context) -> ImageQuery:
    """Return the query that a list sends to the store."""
    return params.parse(context).build_query(context.caller, context.cloud.dialect)


class _Page(NamedTuple):
    """A page of a list. It is valid for one store state.

    Attributes:
        images: the images of the page.
        response: the response.
        strict_violation: why the query fails a strict test, or None.
        reason: which images the page misses, or has only on this database, for the hint; "" if none.
    """

    images: tuple[Image, ...]
    response: Response
    strict_violation: str | None
    reason: str


def _page_response(context: Context, collection: str, fragment_cache: render.FragmentCache) -> Response:
    request = context.request
    cloud = context.cloud
    trace = context.trace
    page_cache = cloud.images.state.page_cache
    settings = cloud.settings
    accept = request.environ.get("HTTP_ACCEPT") or ""
    address = request.address
    texts = request.path, request.query_string, accept, address[1]
    cache_key = (texts, address, context.caller, collection, settings.dialect, settings.max_limit)
    page: _Page | None = page_cache.get(cache_key)
    if page is None:
        page = _build_page(context, collection, fragment_cache)
        if len("".join(texts)) <= query_string.MAX_CACHED_CHARS:
            page_cache.put(cache_key, page, page.response.body)
    trace.strict_violation = page.strict_violation
    trace.reason = page.reason
    context.record_polls(page.images)
    return page.response


def _build_page(context: Context, collection: str, fragment_cache: render.FragmentCache) -> _Page:
    request = context.request
    cloud = context.cloud
    caller = context.caller
    list_params = params.parse(context)
    if not caller.may_read:  # the image service says so; Nova has read the query by then
        raise NovaError(403, "HTTP 403 Forbidden: You are not authorized to complete get_images action.")
    link_builder = links.link_builder(context, list_params.url_query)
    query = list_params.build_query(caller, cloud.dialect)
    images = select(cloud.images.state, query)
    next_link = None
    if images and len(images) == list_params.full_page_size:
        collection_url = link_builder.collection_url(collection)
        next_link = links.next_link(collection_url, list_params.link_params, images[-1].id)
    body = render.page_body(images, fragment_cache.for_links(link_builder), next_link)
    violation = hints.explain_query(request.query_string, cloud.dialect.name)
    saving_reason = hints.explain_saving(request.query_string, caller, cloud)
    reason = " ".join(filter(None, (saving_reason, explain_match(query.conditions, images))))
    response = Response(200, (content_type_header(context),), body)
    strict_violation = printable_hint(violation) if violation else None
    return _Page(images, response, strict_violation, reason)


def show(context: Context) -> Response:
    """Show one image. Ignore the query, but reject one that is not UTF-8."""
    if context.request.query_string:
        query_string.parse(context.request.query_string)
    image = get_visible_image(context)
    context.explain_spelling(image.id)
    body = render.image_body(image, links.link_builder(context, query=""))
    context.record_shown_image(image, NOVA_STATUS)
    return Response(200, (content_type_header(context),), body)


def delete(context: Context) -> Response:
    """Delete one image. The store keeps it, but no client sees it any more."""
    caller = context.caller

    def check(image: Image) -> None:
        if not may_see(image, caller):
            raise ImageNotFound(image.id)
        if image.protected or not may_change(image, caller):
            raise DeleteForbidden(image.id)

    context.cloud.delete_image(context.path_params["image_id"], check)
    return Response(204, (content_type_header(context),))
