"""The views of the only hypervisor, which has the size of the fake driver, for admins (Nova 34.0.0)."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from uuid import UUID

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import MALFORMED_MESSAGE, NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.paging import next_url, parse_limit, parse_word
from fake_nova.apis.nova_common.policies import ADMIN, require
from fake_nova.apis.nova_common.requests import NovaQuery, check_no_query, json_response, minor_version
from fake_nova.apis.nova_infrastructure.resources import Resources, servers_on_host
from fake_nova.apis.nova_infrastructure.views import (
    PAGES_SINCE,
    UUIDS_SINCE,
    check_query,
    hypervisor_summary,
    id_of,
)
from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

Document = dict[str, Any]

#: The last minor versions with routes for names, and with uptime and statistics.
_NAMES_UNTIL: Final = 52
_STATISTICS_UNTIL: Final = 87

_OBJECT_OF_CPU_SINCE: Final = 28
_ALWAYS_SERVERS_SINCE: Final = 75

_CPU: Final = {
    "arch": "x86_64",
    "model": "Nehalem",
    "vendor": "Intel",
    "features": ["pge", "clflush"],
    "topology": {"cores": 1, "threads": 1, "sockets": 4},
}


def index(context: Context) -> Response:
    """List the only hypervisor."""
    query = check_query(context, "hypervisors")
    require(context, "os-hypervisors:list", ADMIN, None)
    return _list_response(context, query, "os-hypervisors", hypervisor_summary(context))


def detail(context: Context) -> Response:
    """List the only hypervisor with all fields."""
    query = check_query(context, "hypervisors")
    require(context, "os-hypervisors:list-detail", ADMIN, None)
    return _list_response(context, query, "os-hypervisors/detail", _document(context))


def _list_response(context: Context, query: NovaQuery, collection: str, document: Document) -> Response:
    document |= _requested_servers(context, query)
    pattern = query.last.get("hypervisor_hostname_pattern")
    if pattern is not None:
        if "limit" in query.last or query.last.get("marker"):
            raise NovaError(400, MALFORMED_MESSAGE)
        _check_name(pattern)
        return json_response(context, 200, {"hypervisors": [document]})
    if query.minor < PAGES_SINCE:
        return json_response(context, 200, {"hypervisors": [document]})
    return _page_response(context, query, collection, document)


def _page_response(context: Context, query: NovaQuery, collection: str, document: Document) -> Response:
    marker, own_id = query.last.get("marker"), str(document["id"])
    if marker not in {None, own_id}:
        raise NovaError(400, f"marker [{marker}] not found")
    page = [document][: parse_limit(query)] if marker is None else []
    body: Document = {"hypervisors": page}
    url = next_url(query, links.link_builder(context, query.url_query), collection, [own_id] if page else [])
    if url is not None:
        body["hypervisors_links"] = [{"rel": "next", "href": url}]
    return json_response(context, 200, body)


def _requested_servers(context: Context, query: NovaQuery) -> Document:
    """Return the servers of the hypervisor, if a query asks for them; below 2.75 only if there are any."""
    if query.minor < UUIDS_SINCE or not parse_word(query.last.get("with_servers", "no")):
        return {}
    documents = _server_documents(context)
    return {"servers": documents} if documents or query.minor >= _ALWAYS_SERVERS_SINCE else {}


def _server_documents(context: Context) -> list[Document]:
    servers = servers_on_host(context.cloud)
    return [{"name": f"instance-{server.id[:8]}", "uuid": server.id} for server in servers]


def _check_name(pattern: str) -> None:
    """Raise a 404 if the name of the hypervisor does not contain a pattern."""
    expression = re.escape(pattern).replace("%", ".*").replace("_", ".")
    if re.search(expression, DEFAULT_HOST, re.IGNORECASE) is None:
        raise NovaError(404, f"No hypervisor matching '{pattern}' could be found.")


def show(context: Context) -> Response:
    """Show a hypervisor."""
    query = check_query(context, "hypervisors.show")
    require(context, "os-hypervisors:show", ADMIN, None)
    _check_id(context)
    document = _document(context) | _requested_servers(context, query)
    return json_response(context, 200, {"hypervisor": document})


def show_uptime(context: Context) -> Response:
    """Refuse to tell for how long the host is up, as the fake driver does."""
    _require_until(context, _STATISTICS_UNTIL)
    check_no_query(context)
    require(context, "os-hypervisors:uptime", ADMIN, None)
    _check_id(context)
    raise NovaError(501, "The requested functionality is not supported.")


def _check_id(context: Context) -> None:
    """Raise an error if the id in the path is not that of the hypervisor."""
    hypervisor_id = context.path_params["hypervisor_id"]
    if minor_version(context) >= UUIDS_SINCE:
        try:
            UUID(hypervisor_id)
        except ValueError:
            raise NovaError(400, f"Invalid uuid {hypervisor_id}") from None
    if str(hypervisor_summary(context)["id"]) != hypervisor_id:
        raise NovaError(404, f"Hypervisor with ID '{hypervisor_id}' could not be found.")


def _require_until(context: Context, minor: int) -> None:
    """Raise the 404 of a route that the microversion does not have any more."""
    if minor_version(context) > minor:
        raise NovaError(404, NOT_FOUND_MESSAGE)


def search(context: Context) -> Response:
    """List the hypervisors with a text in their names."""
    return _named_response(context, "search", {})


def servers(context: Context) -> Response:
    """List the hypervisors with a text in their names, and their servers."""
    documents = _server_documents(context)
    return _named_response(context, "servers", {"servers": documents} if documents else {})


def _named_response(context: Context, rule: str, extra: Document) -> Response:
    _require_until(context, _NAMES_UNTIL)
    check_no_query(context)
    require(context, f"os-hypervisors:{rule}", ADMIN, None)
    _check_name(context.path_params["hypervisor_id"])
    return json_response(context, 200, {"hypervisors": [{**hypervisor_summary(context), **extra}]})


def statistics(context: Context) -> Response:
    """Show the sums over all hypervisors."""
    _require_until(context, _STATISTICS_UNTIL)
    check_no_query(context)
    require(context, "os-hypervisors:statistics", ADMIN, None)
    sums = {"count": 1, **Resources.of_host(context.cloud).document()}
    return json_response(context, 200, {"hypervisor_statistics": dict(sorted(sums.items()))})


def _document(context: Context) -> Document:
    """Return the hypervisor with all fields of the microversion."""
    minor = minor_version(context)
    service_id = id_of(context, 4, "service", "nova-compute")
    document = {
        **hypervisor_summary(context),
        "hypervisor_type": "fake",
        "hypervisor_version": 1000,
        "host_ip": "127.0.0.1",
        "service": {"id": service_id, "host": DEFAULT_HOST, "disabled_reason": None},
    }
    if minor > _STATISTICS_UNTIL:
        return {**document, "uptime": None}
    cpu = _CPU if minor >= _OBJECT_OF_CPU_SINCE else json.dumps(_CPU)
    return {**document, **Resources.of_host(context.cloud).document(), "cpu_info": cpu}
