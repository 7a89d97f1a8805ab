"""The views of lists about what servers run on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.policies import ADMIN, MANAGER, READER, require
from fake_nova.apis.nova_common.requests import (
    STRICT_QUERIES_SINCE,
    NovaQuery,
    json_response,
    minor_version,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.validation import HOST_NAME, LIMIT, TEXT, WORD, only_value
from fake_nova.cloud.roles import stable_id
from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

#: The first minor versions in which the ids of hypervisors and services are UUIDs, and a service can be down.
UUIDS_SINCE: Final = 53
_FORCED_DOWN_SINCE: Final = 11

#: The first minor versions in which lists of hypervisors and of migrations have pages.
PAGES_SINCE: Final = 33
_MIGRATION_PAGES_SINCE: Final = 59

#: No minor version.
_NEVER: Final = 10**9

#: The first minor versions in which lists refuse unknown parameters (Nova 34.0.0).
_STRICT_SINCE: Final = {
    "hosts": _NEVER,
    "hypervisors": 53,
    "hypervisors.show": 53,
    "migrations": 59,
    "server_groups": 75,
    "services": 75,
}

#: The lists whose parameters are checked on /v2, too.
_CHECKED_ON_V2: Final = ("migrations", "server_groups", "services")

_ONLY_TEXT: Final = only_value({"type": "string"})
_ONLY_TIME: Final = only_value({"type": "string", "format": "date-time"})
_ONLY_LIMIT: Final = only_value(LIMIT["items"])


class _Parameter(NamedTuple):
    """A query parameter: its name, its schema, and the first minor version with them."""

    name: str
    schema: Schema = TEXT
    since: int = 1


_WITH_SERVERS: Final = _Parameter("with_servers", only_value(WORD), UUIDS_SINCE)

#: List -> its parameters; a later row replaces an earlier one of the same name.
_PARAMETERS: Final[Mapping[str, tuple[_Parameter, ...]]] = {
    "migrations": (
        *(_Parameter(name) for name in ("hidden", "host", "instance_uuid", "source_compute", "status")),
        _Parameter("migration_type"),
        _Parameter("limit", _ONLY_LIMIT, _MIGRATION_PAGES_SINCE),
        _Parameter("marker", _ONLY_TEXT, _MIGRATION_PAGES_SINCE),
        _Parameter("changes-since", _ONLY_TIME, _MIGRATION_PAGES_SINCE),
        _Parameter("changes-before", _ONLY_TIME, 66),
        _Parameter("user_id", _ONLY_TEXT, 80),
        _Parameter("project_id", _ONLY_TEXT, 80),
    ),
    "server_groups": (_Parameter("all_projects"), _Parameter("limit", LIMIT), _Parameter("offset", LIMIT)),
    "hosts": (_Parameter("zone"),),
    "hypervisors": (
        _Parameter("limit", LIMIT, PAGES_SINCE),
        _Parameter("marker", TEXT, PAGES_SINCE),
        _Parameter("limit", _ONLY_LIMIT, UUIDS_SINCE),
        _Parameter("marker", _ONLY_TEXT, UUIDS_SINCE),
        _Parameter("hypervisor_hostname_pattern", only_value(HOST_NAME), UUIDS_SINCE),
        _WITH_SERVERS,
    ),
    "hypervisors.show": (_WITH_SERVERS,),
    "services": (_Parameter("host"), _Parameter("binary")),
}


class _ServiceRow(NamedTuple):
    number: int
    binary: str
    zone: str


#: The services of the cloud, in the order of their numbers.
SERVICES: Final = (
    _ServiceRow(2, "nova-conductor", "internal"),
    _ServiceRow(3, "nova-scheduler", "internal"),
    _ServiceRow(4, "nova-compute", "nova"),
)


def check_query(context: Context, name: str) -> NovaQuery:
    """Check the query of a list, and return it."""
    schema = _schema(name, minor_version(context))
    return read_query(context, schema, legacy_too=name in _CHECKED_ON_V2)


@cache
def _schema(name: str, minor: int) -> Schema:
    parameters = _PARAMETERS.get(name, ())
    properties = {each.name: each.schema for each in parameters if each.since <= minor}
    return query_schema(minor, _STRICT_SINCE.get(name, STRICT_QUERIES_SINCE), properties)


def _empty(context: Context, name: str) -> Response:
    return json_response(context, 200, {name: []})


def aggregates(context: Context) -> Response:
    """List the host aggregates: none."""
    check_query(context, "aggregates")
    require(context, "os-aggregates:index", ADMIN, None)
    return _empty(context, "aggregates")


def migrations(context: Context) -> Response:
    """List the migrations: none."""
    query = check_query(context, "migrations")
    project_id = context.caller.project_id
    require(context, "os-migrations:index", MANAGER, project_id)
    if project_id is None or query.last.get("project_id") != project_id:
        require(context, "os-migrations:index:all_projects", ADMIN, None)
    marker = query.last.get("marker")
    if marker and query.minor >= _MIGRATION_PAGES_SINCE:
        raise NovaError(400, f"Marker {marker} could not be found.")
    return _empty(context, "migrations")


def server_groups(context: Context) -> Response:
    """List the server groups: none."""
    check_query(context, "server_groups")
    require(context, "os-server-groups:index", READER, context.caller.project_id)
    return _empty(context, "server_groups")


def hypervisor_summary(context: Context) -> dict[str, Any]:
    """Return the only hypervisor with the fields of a list."""
    hypervisor = {"hypervisor_hostname": DEFAULT_HOST, "state": "up", "status": "enabled"}
    return {"id": id_of(context, 1, "hypervisor", DEFAULT_HOST), **hypervisor}


def services(context: Context) -> Response:
    """List the services of the cloud, all of which are up."""
    query = check_query(context, "services").last
    require(context, "os-services:list", ADMIN, None)
    is_host = query.get("host", DEFAULT_HOST) == DEFAULT_HOST
    rows = [row for row in SERVICES if is_host and query.get("binary", row.binary) == row.binary]
    return json_response(context, 200, {"services": [_service(context, row) for row in rows]})


def _service(context: Context, row: _ServiceRow) -> dict[str, Any]:
    document = {
        "binary": row.binary,
        "host": DEFAULT_HOST,
        "id": id_of(context, row.number, "service", row.binary),
        "zone": row.zone,
        "status": "enabled",
        "state": "up",
        "updated_at": timestamps.isoformat_microseconds(context.cloud.stored_now()),
        "disabled_reason": None,
    }
    is_old = minor_version(context) < _FORCED_DOWN_SINCE
    return document if is_old else {**document, "forced_down": False}


def id_of(context: Context, number: int, *names: str) -> int | str:
    """Return the id of something: a number, since 2.53 a UUID."""
    if minor_version(context) < UUIDS_SINCE:
        return number
    return str(UUID(stable_id(*names)))
