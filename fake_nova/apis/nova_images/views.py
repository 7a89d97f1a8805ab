"""Images: list, show, delete."""

from __future__ import annotations

from fake_nova.apis.nova_images import params, render
from fake_nova.errors import DeleteForbidden, ImageNotFound
from fake_nova.images.model import Caller, Image, is_visible, may_change
from fake_nova.images.query import ImageQuery
from fake_nova.images.store import select
from fake_nova.wire import links, query_string
from fake_nova.wire.call import Context, Response
from fake_nova.wire.negotiation import content_type_header
from fake_nova.wire.nova_errors import NovaError


def get_visible_image(context: Context) -> Image:
    """Return the image in the URL.

    Raises:
        ImageNotFound: there is none, it was deleted, or the caller must not know of it.
    """
    image = context.cloud.images.get(context.path_params["image_id"])
    if not may_see(image, context.caller):
        raise ImageNotFound(image.id)
    return image


def may_see(image: Image, caller: Caller) -> bool:
    """Whether *image* is there for *caller*; for one without roles, of a token without scope, nothing is."""
    return not image.is_deleted and is_visible(image, caller) and bool(caller.roles)


def index(context: Context) -> Response:
    """List images with their names and links."""
    return _page_response(context, "images", render.SUMMARY_FRAGMENTS)


def detail(context: Context) -> Response:
    """List images with all they have."""
    return _page_response(context, "images/detail", render.DETAIL_FRAGMENTS)


def build_query(context: Context) -> ImageQuery:
    """Return what a list asks the store for."""
    return _list_params(context).build_query(context.caller, context.dialect)


def _list_params(context: Context) -> params.NovaListParams:
    settings = context.cloud.settings
    return params.parse(context.query_string, settings.dialect, settings.max_limit)


def _page_response(context: Context, collection: str, fragment_cache: render.FragmentCache) -> Response:
    if not context.caller.roles:
        raise NovaError(403, "HTTP 403 Forbidden: You are not authorized to complete get_images action.")
    list_params = _list_params(context)
    link_builder = links.link_builder(context)
    state = context.cloud.images.state()
    cache_key = (list_params, context.caller, link_builder, collection)
    page: tuple[tuple[Image, ...], bytes] | None = state.page_cache.get(cache_key)
    if page is None:
        images = select(state, list_params.build_query(context.caller, context.dialect))
        next_link = None
        if images and len(images) == list_params.full_page_size:
            next_link = render.next_link(
                link_builder.collection_url(collection), list_params.link_params, images[-1].id
            )
        page = images, render.page_body(images, fragment_cache.for_links(link_builder), next_link)
        length = len(context.path) + len(context.query_string)
        if length <= query_string.MAX_CACHED_CHARS and not link_builder.is_too_long_to_cache:
            state.page_cache.put(cache_key, page, page[1])
    context.record_poll(page[0])
    return Response(200, (content_type_header(context),), page[1])


def show(context: Context) -> Response:
    """Show one image; a query is ignored, but must be UTF-8."""
    query_string.parse(context.query_string)
    image = get_visible_image(context)
    body = render.image_body(image, links.link_builder(context))
    context.record_poll((image,))
    return Response(200, (content_type_header(context),), body)


def delete(context: Context) -> Response:
    """Delete one image: it stays in the store, gone for every client."""
    caller = context.caller

    def check(image: Image) -> None:
        if not may_see(image, caller):
            raise ImageNotFound(image.id)
        if image.protected or not may_change(image, caller):
            raise DeleteForbidden(image.id)

    context.cloud.delete_image(context.path_params["image_id"], check)
    return Response(204, (content_type_header(context),))
