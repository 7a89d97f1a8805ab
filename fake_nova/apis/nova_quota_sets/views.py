"""The views of quotas."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from fake_nova.apis.nova_common.bodies import check_named_body
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.policies import ADMIN, READER, require
from fake_nova.apis.nova_common.requests import (
    check_no_query,
    json_response,
    minor_version,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.validation import TEXT
from fake_nova.cloud.compute import DEFAULT_QUOTAS
from fake_nova.cloud.server_store import ListKey
from fake_nova.cloud.server_usage import Usage
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

_STRICT_SINCE: Final = 75

#: Quotas that no setting changes.
_FIXED_QUOTAS: Final = dict.fromkeys(
    ("fixed_ips", "floating_ips", "security_group_rules", "security_groups"), -1
)

#: Quota -> the last minor version that has it.
_UNTIL: Final = {
    **dict.fromkeys(_FIXED_QUOTAS, 35),
    **dict.fromkeys(("injected_file_content_bytes", "injected_file_path_bytes", "injected_files"), 56),
}


#: The first minor version in which classes have the quotas of server groups, and none of networks.
_CLASS_CHANGES_SINCE: Final = 50
_GROUP_QUOTAS: Final = ("server_groups", "server_group_members")

_ANY_QUERY: Final[Schema] = {"type": "object", "properties": {}, "additionalProperties": True}


@cache
def _schema(minor: int) -> Schema:
    return query_schema(minor, _STRICT_SINCE, {"user_id": TEXT})


def show(context: Context) -> Response:
    """Show the quotas of a project."""
    project_id, _ = _check(context, "show")
    return _response(context, project_id, context.cloud.quotas_of(project_id)._asdict())


def show_detail(context: Context) -> Response:
    """Show the quotas of a project, and how much of them its servers use, or those of one user."""
    project_id, user_id = _check(context, "detail")
    quotas = context.cloud.quotas_of(project_id)._asdict()
    state = context.cloud.servers.state
    usage = (_usage_of(context, project_id, user_id) if user_id else state.usage_of(project_id))._asdict()
    details = {
        name: {"limit": limit, "in_use": usage.get(name, 0), "reserved": 0}
        for name, limit in {**quotas, **_FIXED_QUOTAS}.items()
    }
    return _response(context, project_id, details)


def _usage_of(context: Context, project_id: str, user_id: str) -> Usage:
    """Return what the servers of one user in a project use."""
    users = context.cloud.directory.users
    first_user = next((user.id for user in users if user.project and user.project.id == project_id), "")
    servers = context.cloud.servers.state.servers_of(ListKey(project_id, has_deleted=False))
    own_servers = [server for server in servers if (server.user_id or first_user) == user_id]
    return Usage(
        sum(server.flavor.ram for server in own_servers),
        sum(server.flavor.vcpus for server in own_servers),
        len(own_servers),
    )


def _check(context: Context, rule: str) -> tuple[str, str]:
    """Check a request for the quotas of a project, and return its id and that of the user, or ""."""
    query = read_query(context, _schema(minor_version(context)), legacy_too=True)
    project_id = context.path_params["quota_project_id"]
    require(context, f"os-quota-sets:{rule}", READER, project_id)
    _check_project(context, project_id)
    return project_id, query.last.get("user_id", "")


def _check_project(context: Context, project_id: str) -> None:
    if context.cloud.directory.project_by_id(project_id) is None:
        raise NovaError(400, f"Project ID {project_id} is not a valid project.")


def show_defaults(context: Context) -> Response:
    """Show the default quotas. Any query is ignored, unlike elsewhere (Nova 34.0.0)."""
    read_query(context, _ANY_QUERY)
    project_id = context.path_params["quota_project_id"]
    if context.caller.is_admin:  # Nova asks Keystone with the caller's token, and believes others
        _check_project(context, project_id)
    default = DEFAULT_QUOTAS._replace(metadata_items=context.cloud.settings.metadata_quota)
    return _response(context, project_id, default._asdict())


def update(context: Context) -> Response:
    """Refuse a change: only an admin may make one, and quotas come from fixtures."""
    check_named_body(context, "quotas.update")
    require(context, "os-quota-sets:update", ADMIN, None)
    reason = "Fixtures set quotas; requests cannot."
    raise NovaError(403, "Quotas cannot be changed", reason=reason)


def show_class(context: Context) -> Response:
    """Show the quotas of a class, which are the default ones whatever its name is."""
    check_no_query(context)
    require(context, "os-quota-class-sets:show", ADMIN, None)
    default = DEFAULT_QUOTAS._replace(metadata_items=context.cloud.settings.metadata_quota)
    minor = minor_version(context)
    left_out = _GROUP_QUOTAS if minor < _CLASS_CHANGES_SINCE else tuple(_FIXED_QUOTAS)
    limits = sorted({**_FIXED_QUOTAS, **default._asdict()}.items())
    body: dict[str, Any] = {"id": context.path_params["class_id"]}
    body |= {
        name: limit
        for name, limit in limits
        if name not in left_out and (name in _FIXED_QUOTAS or minor <= _UNTIL.get(name, minor))
    }
    return json_response(context, 200, {"quota_class_set": body})


def _response(context: Context, project_id: str, quotas: Mapping[str, Any]) -> Response:
    minor = minor_version(context)
    limits = sorted({**_FIXED_QUOTAS, **quotas}.items())
    body: dict[str, Any] = {"id": project_id}
    body |= {name: limit for name, limit in limits if minor <= _UNTIL.get(name, minor)}
    return json_response(context, 200, {"quota_set": body})
