"""Images: list, show, delete."""

from __future__ import annotations

from fake_nova.apis.nova_images import params, render
from fake_nova.errors import ImageNotFound, NotDeletable
from fake_nova.images.model import Caller, Image, is_visible, may_change
from fake_nova.images.query import ImageQuery
from fake_nova.images.store import found
from fake_nova.wire import links, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.negotiation import content_type
from fake_nova.wire.nova_errors import Refused


def seen(call: Call) -> Image:
    """Return the image in the URL.

    Raises:
        ImageNotFound: there is none, it was deleted, or the caller must not know of it.
    """
    image = call.cloud.images.get(call.parts["image_id"])
    if not may_see(image, call.caller):
        raise ImageNotFound(image.id)
    return image


def may_see(image: Image, caller: Caller) -> bool:
    """Whether *image* is there for *caller*; for one without roles, of a token without scope, nothing is."""
    return not image.is_deleted and is_visible(image, caller) and bool(caller.roles)


def index(call: Call) -> Answer:
    """List images with their names and links."""
    return _page(call, "images", render.SUMMARIES)


def detail(call: Call) -> Answer:
    """List images with all they have."""
    return _page(call, "images/detail", render.DETAILS)


def query(call: Call) -> ImageQuery:
    """Return what a list asks the store for."""
    return _asked(call).query(call.caller, call.dialect)


def _asked(call: Call) -> params.ListRequest:
    settings = call.cloud.settings
    return params.read(call.query_string, settings.dialect, settings.max_limit)


def _page(call: Call, collection: str, parts: render.Parts) -> Answer:
    if not call.caller.roles:
        raise Refused(403, "HTTP 403 Forbidden: You are not authorized to complete get_images action.")
    asked = _asked(call)
    urls = links.urls(call)
    state = call.cloud.images.state()
    what = (asked, call.caller, urls, collection)
    page: tuple[tuple[Image, ...], bytes] | None = state.kept.get(what)
    if page is None:
        images = found(state, asked.query(call.caller, call.dialect))
        following = None
        if images and len(images) == asked.full:
            following = render.next_link(urls.collection(collection), asked.known, images[-1].id)
        page = images, render.page(images, parts.of(urls), following)
        length = len(call.path) + len(call.query_string)
        if length <= query_string.LONGEST_REMEMBERED and not urls.is_long:
            state.kept.put(what, page, page[1])
    call.looked(page[0])
    return Answer(200, (content_type(call),), page[1])


def show(call: Call) -> Answer:
    """Show one image; a query is ignored, but must be UTF-8."""
    query_string.read(call.query_string)
    image = seen(call)
    body = render.one(image, links.urls(call))
    call.looked((image,))
    return Answer(200, (content_type(call),), body)


def delete(call: Call) -> Answer:
    """Delete one image: it stays in the store, gone for every client."""
    caller = call.caller

    def check(image: Image) -> None:
        if not may_see(image, caller):
            raise ImageNotFound(image.id)
        if image.protected or not may_change(image, caller):
            raise NotDeletable(image.id)

    call.cloud.delete_image(call.parts["image_id"], check)
    return Answer(204, (content_type(call),))
