"""The views that show servers: list and show."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.paging import next_url
from fake_nova.apis.nova_common.policies import READER, require
from fake_nova.apis.nova_common.requests import check_no_query, is_legacy, minor_version, read_query
from fake_nova.apis.nova_servers import list_query, render
from fake_nova.apis.nova_servers.list_query import ServerQuery
from fake_nova.apis.nova_servers.list_schemas import list_schema
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.cloud.servers import Server
from fake_nova.wire.context import Context
from fake_nova.wire.query_string import MAX_CACHED_CHARS
from fake_nova.wire.response import Response


def index(context: Context) -> Response:
    """List servers with id, name and links."""
    return _page_response(context, "index")


def detail(context: Context) -> Response:
    """List servers with all fields."""
    return _page_response(context, "detail")


def show(context: Context) -> Response:
    """Show one server."""
    check_no_query(context)
    context.cloud.server_lifecycle.apply_due_steps()
    server = visible_server(context)
    require(context, "servers:show", READER, server.owner)
    query_of_links = None if is_legacy(context) else ""  # Nova drops a query that it does not know
    link_builder = links.link_builder(context, query_of_links)
    fragment = _fragment(context, server, Lookups(context.cloud), link_builder, is_list=False)
    _record_polls(context, (server,))
    return Response(200, (content_type_header(context),), b'{"server": %b}' % fragment)


def visible_server(context: Context, has_deleted: bool = False) -> Server:
    """Return the server in the URL; a deleted one only if *has_deleted*.

    Raises:
        NovaError: 404 if it is unknown or deleted, or belongs to another project.
    """
    server_id = context.path_params["server_id"]
    server = context.cloud.servers.find(server_id)
    if server is not None:
        server_id = server.id  # MariaDB finds an id in capitals too; the message has that of the server
        if (has_deleted or not server.is_deleted) and may_see(context, server):
            return server
    raise NovaError(404, f"Instance {server_id} could not be found.")


def may_see(context: Context, server: Server) -> bool:
    """Return whether a server is of the caller's project, or the caller is an admin."""
    return context.caller.is_admin or server.owner == context.caller.project_id


def _fragment(
    context: Context, server: Server, lookups: Lookups, link_builder: links.LinkBuilder, is_list: bool
) -> bytes:
    return render.detail_fragment(
        server,
        lookups.image_of(server),
        lookups.user_id_of(server),
        link_builder,
        render.Look(minor_version(context), context.caller.is_admin, is_list),
    )


def _page_response(context: Context, rule: str) -> Response:
    """Return a page of a list; an equal request gets the same page until something changes."""
    request = context.request
    cloud = context.cloud
    cloud.server_lifecycle.apply_due_steps()
    texts = request.path, request.query_string, request.environ.get("HTTP_ACCEPT") or "", request.address[1]
    state = texts, request.address, context.caller, context.microversion, cloud.directory
    cache_key = state, cloud.images.state.by_key
    page_cache = cloud.servers.state.page_cache
    page: _Page | None = page_cache.get(cache_key)
    if page is None:
        page = _build_page(context, rule)
        if len("".join(texts)) <= MAX_CACHED_CHARS:
            page_cache.put(cache_key, page, page.response.body)
    _record_polls(context, page.servers)
    return page.response


class _Page(NamedTuple):
    """A page of a list, and the servers in it."""

    servers: tuple[Server, ...]
    response: Response


def _record_polls(context: Context, servers: tuple[Server, ...]) -> None:
    """Count a poll of each of *servers*, and record their number."""
    context.trace.image_count = len(servers)
    if not context.is_dry_run:
        context.cloud.server_lifecycle.record_polls(servers)


def _build_page(context: Context, rule: str) -> _Page:
    minor = minor_version(context)
    query = read_query(context, list_schema(minor))
    require(context, f"servers:{rule}", READER, context.caller.project_id)
    lookups = Lookups(context.cloud)
    server_query = list_query.parse(context, query, lookups, rule)
    servers = _select(context, server_query)
    link_builder = links.link_builder(context, query.url_query)
    if rule == "detail":
        fragments = [_fragment(context, server, lookups, link_builder, is_list=True) for server in servers]
    else:
        fragments = [render.summary_fragment(server, link_builder) for server in servers]
    collection = "servers" if rule == "index" else "servers/detail"
    url = next_url(query, link_builder, collection, [server.id for server in servers])
    response = Response(200, (content_type_header(context),), render.page_body(fragments, url))
    return _Page(tuple(servers), response)


def _select(context: Context, query: ServerQuery) -> list[Server]:
    """Return the servers of a page.

    Raises:
        NovaError: 400 if no server has the marker's id.
    """
    state = context.cloud.servers.state
    marker = None
    if query.marker:
        is_padded = not context.cloud.database.compares_exactly  # blanks at the end do not count
        marker = state.get(query.marker.rstrip(" ") if is_padded else query.marker)
        if marker is None:
            raise NovaError(400, f"marker [{query.marker}] not found")
    if query.is_empty:
        return []
    start = marker if query.sorting is None else None
    matching_servers = state.candidates(query.searches, *query.keys, after=start)
    for predicate in query.predicates:
        matching_servers = filter(predicate, matching_servers)
    if query.sorting is None:
        return list(islice(matching_servers, query.limit))
    return query.sorting.page(matching_servers, marker, query.limit)
