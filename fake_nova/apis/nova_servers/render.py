"""Servers as Nova writes them: pure functions from a server and the scene of its response."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common.links import LinkBuilder
from fake_nova.apis.nova_servers.fields import ABSENT, Scene
from fake_nova.apis.nova_servers.tables import visible_fields
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Image
from fake_nova.wire.response import dumps

#: The maximum number of rendered servers that are kept. One takes about two kilobytes.
_MAX_FRAGMENTS: Final = 4096

_NO_PROPERTIES: Final[Mapping[str, str]] = {}


class Look(NamedTuple):
    """The fields that a response shows.

    Attributes:
        minor: the minor version of the request.
        is_admin: whether the caller is an admin.
        is_list: whether the servers are those of a list.
        is_brief: whether it is the server that a PUT or a rebuild shows below 2.75.
    """

    minor: int
    is_admin: bool
    is_list: bool = False
    is_brief: bool = False


def serialize_server(
    server: Server, image: Image | None, user_id: str, link_builder: LinkBuilder, look: Look
) -> dict[str, Any]:
    """Return a server with the fields that the caller sees, in Nova's order.

    Args:
        server: the server, with its present task_state.
        image: the image that it was created from, or None.
        user_id: the id of its user, or "".
        link_builder: builds its links.
        look: which fields the response shows.
    """
    properties = image_properties_of(server, image)
    scene = Scene(link_builder, look.minor, look.is_admin, properties, user_id, look.is_brief)
    fields = visible_fields(*look)
    values = ((field.name, field.read(server, scene)) for field in fields)
    return {name: value for name, value in values if value is not ABSENT}


def image_properties_of(server: Server, image: Image | None) -> Mapping[str, str]:
    """Return the properties of a server's image when the server was created."""
    if server.image_properties is not None:
        return server.image_properties
    return _NO_PROPERTIES if image is None else image.properties


@lru_cache(maxsize=_MAX_FRAGMENTS)
def detail_fragment(
    server: Server, image: Image | None, user_id: str, link_builder: LinkBuilder, look: Look
) -> bytes:
    """Return a server with all its fields as JSON."""
    return dumps(serialize_server(server, image, user_id, link_builder, look))


@lru_cache(maxsize=_MAX_FRAGMENTS)
def summary_fragment(server: Server, link_builder: LinkBuilder) -> bytes:
    """Return a server with id, name and links as JSON."""
    links = link_builder.resource_links("servers", server.id)
    return dumps({"id": server.id, "name": server.name, "links": links})


def page_body(fragments: list[bytes], next_url: str | None) -> bytes:
    """Return a page of servers as JSON. It has ``servers_links`` only if there is a next page."""
    links = b""
    if next_url is not None:
        links = b', "servers_links": [{"rel": "next", "href": %b}]' % dumps(next_url)
    return b'{"servers": [%b]%b}' % (b", ".join(fragments), links)
