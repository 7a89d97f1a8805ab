"""The views of usage: how many hours servers ran, times their vcpus, memory and disk (Nova 34.0.0)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.paging import MAX_PAGE_SIZE, next_url, parse_limit
from fake_nova.apis.nova_common.policies import ADMIN, READER, require
from fake_nova.apis.nova_common.requests import (
    NovaQuery,
    json_response,
    minor_version,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.validation import LIMIT, TEXT
from fake_nova.cloud.servers import Server
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

Document = dict[str, Any]

#: The first minor versions with pages, and in which unknown parameters are refused.
_PAGES_SINCE: Final = 40
_STRICT_SINCE: Final = 75

_TIME_FORMATS: Final = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f")

#: Since the real service needs some time, a request without times asks for a little more than nothing.
_MOMENT: Final = timedelta(microseconds=1)


@cache
def _schema(minor: int) -> Schema:
    properties = dict.fromkeys(("start", "end", "detailed"), TEXT)
    if minor >= _PAGES_SINCE:
        properties |= {"limit": LIMIT, "marker": TEXT}
    return query_schema(minor, _STRICT_SINCE, properties)


class _Period(NamedTuple):
    """The time that a request asks for, and when it came."""

    start: datetime
    stop: datetime
    now: datetime

    def hours_of(self, server: Server) -> float:
        """Return for how many hours a server existed in this time."""
        if server.launched_at is None:
            return 0
        start = max(server.launched_at, self.start)
        stop = min(server.terminated_at or self.stop, self.stop)
        return (stop - start).total_seconds() / 3600

    def contains(self, server: Server) -> bool:
        """Return whether a server existed at some moment of this time."""
        is_begun = server.launched_at is not None and server.launched_at < self.stop
        return is_begun and (server.terminated_at is None or server.terminated_at > self.start)


def index(context: Context) -> Response:
    """List what each project used."""
    query = read_query(context, _schema(minor_version(context)))
    require(context, "os-simple-tenant-usage:list", ADMIN, None)
    period = _period(context)
    servers = _page(_servers(context, period), query)
    is_detailed = _raw_parameters(context).get("detailed", ["0"])[0] == "1"
    body = {"tenant_usages": _summaries(servers, period, is_detailed)}
    return _page_response(context, query, body, servers)


def show(context: Context) -> Response:
    """Show what a project used, with its servers."""
    query = read_query(context, _schema(minor_version(context)))
    project_id = context.path_params["usage_project_id"]
    require(context, "os-simple-tenant-usage:show", READER, project_id)
    period = _period(context)
    servers = [server for server in _servers(context, period) if server.owner == project_id]
    servers = _page(servers, query)
    summaries = _summaries(servers, period, is_detailed=True)
    body: Document = {"tenant_usage": next(iter(summaries), {})}
    return _page_response(context, query, body, servers)


def _page_response(context: Context, query: NovaQuery, body: Document, servers: list[Server]) -> Response:
    """Return a page, with a link to the next one from 2.40 on."""
    if query.minor >= _PAGES_SINCE:
        [name] = body
        path = context.request.path.partition("/os-simple-tenant-usage")[2]
        link_builder = links.link_builder(context, query.url_query)
        server_ids = [server.id for server in servers]
        url = next_url(query, link_builder, f"os-simple-tenant-usage{path}", server_ids)
        if url is not None:
            body[f"{name}_links"] = [{"rel": "next", "href": url}]
    return json_response(context, 200, body)


def _raw_parameters(context: Context) -> dict[str, list[str]]:
    """Return name -> values that are not empty; Nova reads the times anew from the query."""
    return parse_qs(context.request.query_string)


def _period(context: Context) -> _Period:
    """Return the time of a request, which ends now at the latest.

    Raises:
        NovaError: 400 if it is no time, or ends before it starts.
    """
    now = context.cloud.clock.now()
    parameters = _raw_parameters(context)
    start, stop = (
        _parse_time(parameters[name][0]) if name in parameters else default
        for name, default in (("start", now), ("end", now + _MOMENT))
    )
    if start >= stop:
        raise NovaError(400, "Invalid start time. The start time cannot occur after the end time.")
    return _Period(start, min(stop, now + _MOMENT), now)


def _parse_time(text: str) -> datetime:
    for time_format in _TIME_FORMATS:
        try:
            return datetime.strptime(text, time_format).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise NovaError(400, "Invalid datetime string: Datetime is in invalid format")


def _servers(context: Context, period: _Period) -> list[Server]:
    """Return the servers of a time by project and id."""
    context.cloud.server_lifecycle.apply_due_steps()
    servers = [server for server in context.cloud.servers.all() if period.contains(server)]
    return sorted(servers, key=lambda server: (server.owner, server.id))


def _page(servers: list[Server], query: NovaQuery) -> list[Server]:
    if query.minor < _PAGES_SINCE:
        return servers[:MAX_PAGE_SIZE]
    marker = query.last.get("marker")
    if marker is not None:
        ids = [server.id for server in servers]
        if marker not in ids:
            raise NovaError(400, f"Marker {marker} could not be found.")
        servers = servers[ids.index(marker) + 1 :]
    return servers[: parse_limit(query)]


def _summaries(servers: list[Server], period: _Period, is_detailed: bool) -> list[Document]:
    """Return the sums by project."""
    usages: dict[str, list[Document]] = {}
    for server in servers:
        usages.setdefault(server.owner, []).append(_usage(server, period))
    return [_summary(project_id, group, period, is_detailed) for project_id, group in usages.items()]


def _usage(server: Server, period: _Period) -> Document:
    """Return what one server used."""
    flavor = server.flavor
    started_at, ended_at = server.launched_at or period.now, server.terminated_at
    return {
        "hours": period.hours_of(server),
        "flavor": flavor.name,
        "instance_id": server.id,
        "name": server.name,
        "tenant_id": server.owner,
        "memory_mb": flavor.ram,
        "local_gb": flavor.disk + flavor.ephemeral,
        "vcpus": flavor.vcpus,
        "started_at": timestamps.isoformat_microseconds(started_at),
        "ended_at": None if ended_at is None else timestamps.isoformat_microseconds(ended_at),
        "state": server.vm_state if ended_at is None else "terminated",
        "uptime": int(((ended_at or period.now) - started_at).total_seconds()),
    }


def _summary(project_id: str, usages: list[Document], period: _Period, is_detailed: bool) -> Document:
    def total(name: str) -> float:
        return float(sum(usage[name] * usage["hours"] for usage in usages))

    return {
        "tenant_id": project_id,
        **({"server_usages": usages} if is_detailed else {}),
        "total_local_gb_usage": total("local_gb"),
        "total_vcpus_usage": total("vcpus"),
        "total_memory_mb_usage": total("memory_mb"),
        "total_hours": sum(usage["hours"] for usage in usages),
        "start": timestamps.isoformat_microseconds(period.start),
        "stop": timestamps.isoformat_microseconds(period.stop),
    }
