"""The views of lists about what servers run on."""

from __future__ import annotations

from typing import Any, Final

from fake_nova.apis.nova_common.policies import ADMIN, READER, require
from fake_nova.apis.nova_common.requests import json_response, minor_version
from fake_nova.cloud.roles import stable_id
from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The first minor version in which the id of a hypervisor is a UUID.
_UUIDS_SINCE: Final = 53


def _empty(context: Context, name: str) -> Response:
    return json_response(context, 200, {name: []})


def aggregates(context: Context) -> Response:
    """List the host aggregates: none."""
    require(context, "os-aggregates:index", ADMIN, None)
    return _empty(context, "aggregates")


def migrations(context: Context) -> Response:
    """List the migrations: none."""
    require(context, "os-migrations:index", ADMIN, None)
    return _empty(context, "migrations")


def networks(context: Context) -> Response:
    """List the networks: none."""
    return _empty(context, "networks")


def server_groups(context: Context) -> Response:
    """List the server groups: none."""
    require(context, "os-server-groups:index", READER, context.caller.project_id)
    return _empty(context, "server_groups")


def hypervisors(context: Context) -> Response:
    """List the only hypervisor."""
    require(context, "os-hypervisors:list", ADMIN, None)
    digits = stable_id("hypervisor", DEFAULT_HOST)
    hypervisor: dict[str, Any] = {"id": 1, "hypervisor_hostname": DEFAULT_HOST}
    if minor_version(context) >= _UUIDS_SINCE:
        hypervisor["id"] = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    return json_response(context, 200, {"hypervisors": [{**hypervisor, "state": "up", "status": "enabled"}]})
