"""The view of the limits of a project."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common.policies import forbidden_error
from fake_nova.apis.nova_common.requests import json_response, minor_version, query_schema, read_query
from fake_nova.apis.nova_common.validation import TEXT
from fake_nova.cloud.compute import Quotas
from fake_nova.cloud.server_usage import Usage
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

_STRICT_SINCE: Final = 75


class Limit(NamedTuple):
    """One limit.

    Attributes:
        name: its name.
        read: returns its value.
        until: the last minor version that has it; None for no limit.
    """

    name: str
    read: Callable[[Quotas, Usage], Any]
    until: int | None = None


#: The last minor versions with limits of networks, of images' metadata, and of injected files.
_NETWORKS_UNTIL: Final = 35
_IMAGE_METADATA_UNTIL: Final = 38
_FILES_UNTIL: Final = 56

LIMITS: Final = (
    Limit("maxTotalCores", lambda quotas, _: quotas.cores),
    Limit("maxPersonality", lambda quotas, _: quotas.injected_files, _FILES_UNTIL),
    Limit("maxPersonalitySize", lambda quotas, _: quotas.injected_file_content_bytes, _FILES_UNTIL),
    Limit("maxTotalInstances", lambda quotas, _: quotas.instances),
    Limit("maxTotalKeypairs", lambda quotas, _: quotas.key_pairs),
    Limit("maxServerMeta", lambda quotas, _: quotas.metadata_items),
    Limit("maxImageMeta", lambda quotas, _: quotas.metadata_items, _IMAGE_METADATA_UNTIL),
    Limit("maxTotalRAMSize", lambda quotas, _: quotas.ram),
    Limit("maxServerGroups", lambda quotas, _: quotas.server_groups),
    Limit("maxServerGroupMembers", lambda quotas, _: quotas.server_group_members),
    Limit("maxTotalFloatingIps", lambda _, __: -1, _NETWORKS_UNTIL),
    Limit("maxSecurityGroups", lambda _, __: -1, _NETWORKS_UNTIL),
    Limit("maxSecurityGroupRules", lambda _, __: -1, _NETWORKS_UNTIL),
    Limit("totalRAMUsed", lambda _, usage: usage.ram),
    Limit("totalCoresUsed", lambda _, usage: usage.cores),
    Limit("totalInstancesUsed", lambda _, usage: usage.instances),
    Limit("totalFloatingIpsUsed", lambda _, __: 0, _NETWORKS_UNTIL),
    Limit("totalSecurityGroupsUsed", lambda _, __: 0, _NETWORKS_UNTIL),
    Limit("totalServerGroupsUsed", lambda _, __: 0),
)


@cache
def _schema(minor: int) -> Schema:
    return query_schema(minor, _STRICT_SINCE, {"tenant_id": TEXT})


def show(context: Context) -> Response:
    """Show the limits of the caller's project, or of another one to an admin."""
    minor = minor_version(context)
    query = read_query(context, _schema(minor))
    project_id = query.last.get("tenant_id", context.caller.project_id or "")
    if "tenant_id" in query.last and not context.caller.is_admin:  # even with the caller's own project
        raise forbidden_error("limits:other_project")
    quotas, usage = context.cloud.quotas_of(project_id), context.cloud.servers.state.usage_of(project_id)
    limits = {
        limit.name: limit.read(quotas, usage)
        for limit in LIMITS
        if limit.until is None or minor <= limit.until
    }
    return json_response(context, 200, {"limits": {"rate": [], "absolute": limits}})
