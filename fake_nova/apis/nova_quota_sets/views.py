"""The views of quotas."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

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
from fake_nova.cloud.compute import DEFAULT_QUOTAS, Quotas
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


@cache
def _schema(minor: int) -> Schema:
    return query_schema(minor, _STRICT_SINCE, {"user_id": TEXT})


def show(context: Context) -> Response:
    """Show the quotas of a project."""
    minor = minor_version(context)
    read_query(context, _schema(minor))
    project_id = context.path_params["quota_project_id"]
    require(context, "os-quota-sets:show", READER, project_id)
    if context.cloud.directory.project_by_id(project_id) is None:
        raise NovaError(400, f"Project ID {project_id} is not a valid project.")
    return _response(context, project_id, context.cloud.quotas_of(project_id))


def show_defaults(context: Context) -> Response:
    """Show the default quotas."""
    check_no_query(context)
    project_id = context.path_params["quota_project_id"]
    default = DEFAULT_QUOTAS._replace(metadata_items=context.cloud.settings.metadata_quota)
    return _response(context, project_id, default)


def update(context: Context) -> Response:
    """Refuse a change: only an admin may make one, and quotas come from fixtures."""
    require(context, "os-quota-sets:update", ADMIN, None)
    reason = "Fixtures set quotas; requests cannot."
    raise NovaError(403, "Quotas cannot be changed", reason=reason)


def _response(context: Context, project_id: str, quotas: Quotas) -> Response:
    minor = minor_version(context)
    limits = sorted({**quotas._asdict(), **_FIXED_QUOTAS}.items())
    body: dict[str, Any] = {"id": project_id}
    body |= {name: limit for name, limit in limits if minor <= _UNTIL.get(name, minor)}
    return json_response(context, 200, {"quota_set": body})
