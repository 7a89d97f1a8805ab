"""Actions on flavors, aggregates and nodes that the emulator refuses (Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from fake_nova.apis.nova_common.bodies import check_named_body
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.requests import named_action
from fake_nova.apis.nova_restricted.checks import check_flavor
from fake_nova.apis.nova_restricted.views import check_rule, check_version, nothing_to_change_error
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


class Action(NamedTuple):
    """One action.

    Attributes:
        rule: the rule of the policy; "" for an action that nobody may do.
        message: what everybody is told; "" for the error of the rule.
    """

    rule: str = ""
    message: str = ""


class ActionRow(NamedTuple):
    """The actions of one route.

    Attributes:
        operation: the operation of the route.
        actions: name -> action.
        until: the last minor version with the actions, or None.
        summary: the effect in one line, for the documentation.
    """

    operation: str
    actions: Mapping[str, Action]
    until: int | None = None
    summary: str = "actions, refused in Nova's words"


def refuse_action(row: ActionRow, context: Context) -> Response:
    """Refuse an action.

    Raises:
        NovaError: always.
    """
    name = named_action(context)
    action = row.actions.get(name)
    if action is None:
        raise NovaError(400, f"There is no such action: {name}")
    check_version(context, 1, row.until)
    check_named_body(context, f"{row.operation.partition('.')[0]}.{name}")
    if action.message:
        raise NovaError(400, action.message)
    check_rule(context, action.rule)
    if "flavor_id" in context.path_params:
        check_flavor(context)
    raise nothing_to_change_error(action.rule)


_BY_IRONIC: Final = "Command not supported. Please use Ironic command port-{} to perform this action."

_FLAVOR_ACTIONS: Final = {
    "addTenantAccess": Action("os-flavor-access:add_tenant_access"),
    "removeTenantAccess": Action("os-flavor-access:remove_tenant_access"),
}
_AGGREGATE_ACTIONS: Final = {
    "add_host": Action("os-aggregates:add_host"),
    "remove_host": Action("os-aggregates:remove_host"),
    "set_metadata": Action("os-aggregates:set_metadata"),
}
_NODE_ACTIONS: Final = {
    "add_interface": Action(message=_BY_IRONIC.format("create")),
    "remove_interface": Action(message=_BY_IRONIC.format("delete")),
}

#: Path of a route -> its actions.
ACTIONS: Final[Mapping[str, ActionRow]] = {
    "/flavors/{flavor_id}/action": ActionRow("flavors.action", _FLAVOR_ACTIONS),
    "/os-aggregates/{aggregate_id}/action": ActionRow("aggregates.action", _AGGREGATE_ACTIONS),
    "/os-baremetal-nodes/{node_id}/action": ActionRow("baremetal.action", _NODE_ACTIONS, 35),
}
