"""The views of what the network service has."""

from __future__ import annotations

from uuid import UUID

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.policies import READER, require
from fake_nova.apis.nova_common.requests import json_response
from fake_nova.apis.nova_common.security_groups import visible_groups
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


def _empty(context: Context, rule: str, name: str) -> Response:
    require(context, rule, READER, context.caller.project_id)
    return json_response(context, 200, {name: []})


def networks(context: Context) -> Response:
    """List the networks: none."""
    return _empty(context, "os-networks:list", "networks")


def tenant_networks(context: Context) -> Response:
    """List the networks of a project: none."""
    return _empty(context, "os-tenant-networks:list", "networks")


def floating_ips(context: Context) -> Response:
    """List the floating addresses: none."""
    return _empty(context, "os-floating-ips:list", "floating_ips")


def floating_ip_pools(context: Context) -> Response:
    """List the pools of floating addresses: none."""
    return json_response(context, 200, {"floating_ip_pools": []})


def security_groups(context: Context) -> Response:
    """List the security groups of servers."""
    require(context, "os-security-groups:get", READER, context.caller.project_id)
    return json_response(context, 200, {"security_groups": visible_groups(context)})


def show_security_group(context: Context) -> Response:
    """Show one security group."""
    require(context, "os-security-groups:show", READER, context.caller.project_id)
    group_id = context.path_params["group_id"]
    try:
        UUID(group_id)
    except ValueError:
        raise NovaError(400, "Security group id should be uuid") from None
    for group in visible_groups(context):
        if group["id"] == group_id:
            return json_response(context, 200, {"security_group": group})
    raise NovaError(404, f"Security group {group_id} not found.")
