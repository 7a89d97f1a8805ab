"""The view that runs an action, after Nova's checks in their order."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.policies import require
from fake_nova.apis.nova_common.requests import is_legacy, minor_version, named_action
from fake_nova.apis.nova_common.validation import check_body
from fake_nova.apis.nova_servers import instance_actions, schemas
from fake_nova.apis.nova_servers.actions import ACTIONS, REMOVED_ACTIONS, VARIANTS, Action
from fake_nova.apis.nova_servers.views import visible_server
from fake_nova.cloud.servers import Server
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

#: The first minor version without a quota of an image's metadata.
_NO_QUOTA_SINCE: Final = 39


def run_action(context: Context) -> Response:
    """Run the action that the only key of the body names, while no other one can begin."""
    with context.cloud.lifecycle.lock():
        return _run(context)


def _run(context: Context) -> Response:
    name, action = _named_action(context)
    minor = minor_version(context)
    check_body(context.json_body, _body_schema(name, minor, is_legacy(context)), is_legacy(context))
    params = context.json_body[name]
    if action.early_check is not None:
        action.early_check(params)
    action = VARIANTS.get(name, _unchanged)(action, params, minor)
    if action.asks_policy_first:
        require(context, action.rule, action.roles, context.caller.project_id)
    context.cloud.server_lifecycle.apply_due_steps()
    server = _server(context, action)
    require(context, action.rule, action.roles, server.owner)
    if action.has_metadata_quota and minor < _NO_QUOTA_SINCE:
        _check_quota(context, params.get("metadata", {}))
    if action.server_check is not None:
        action.server_check(server, params, minor)
    if action.minds_lock:
        check_lock(context, server, action.locked_verb)
    check_state(server, action, action.verb or name)
    response = action.run(context, server, params)
    instance_actions.record(context, server.id, name)
    return response


@lru_cache(maxsize=512)
def _body_schema(name: str, minor: int, is_legacy: bool) -> Schema:
    """Return the schema of a body, always the same object: validators are kept by schema."""
    return schemas.wrapped(name, ACTIONS[name].schema(minor, is_legacy))


def _server(context: Context, action: Action) -> Server:
    """Return the server in the URL; NovaError 404, with the action's message, if there is none."""
    server_id = context.path_params["server_id"]
    if action.names_mapping and context.cloud.servers.find(server_id) is None:
        raise NovaError(404, f"Instance {server_id} has no mapping to a cell.")
    return visible_server(context)


def _unchanged(action: Action, _: Any, __: int) -> Action:
    return action


def _named_action(context: Context) -> tuple[str, Action]:
    """Return the action that the body names.

    Raises:
        NovaError: 404 for a body that is no object or list, 400 for another one without one key or with
            an unknown action, 410 or another error for an action of the past, 404 for one that the
            microversion does not have.
    """
    name = named_action(context)
    removal = REMOVED_ACTIONS.get(name)
    if removal is not None and _has(context, 1, removal.until):
        raise NovaError(removal.status, removal.message)
    if removal is None and name not in ACTIONS:
        raise NovaError(400, f"There is no such action: {name}")
    action = ACTIONS.get(name)
    if action is None or not _has(context, action.since, action.until):
        raise NovaError(404, NOT_FOUND_MESSAGE)
    return name, action


def _has(context: Context, since: int, until: int | None) -> bool:
    """Return whether the minor version of a request is one of those from *since* until *until*."""
    minor = minor_version(context)
    return since <= minor and (until is None or minor <= until)


def _check_quota(context: Context, metadata: dict[str, str]) -> None:
    limit = context.cloud.quotas_of(context.caller.project_id).metadata_items
    if limit is not None and 0 <= limit < len(metadata):
        raise NovaError(403, "Image metadata limit exceeded")


def check_lock(context: Context, server: Server, verb: str = "") -> None:
    """Raise a 409 if a server is locked, unless the caller is an admin. A *verb* is for another message."""
    if server.locked_by is not None and not context.caller.is_admin:
        if verb:
            raise _invalid_state_error(server, verb)
        raise NovaError(409, f"Instance {server.id} is locked")


def check_state(server: Server, action: Action, verb: str) -> None:
    """Raise a 409 if the state of a server forbids an action; the vm_state comes first.

    An action that minds the vm_state needs a server that was active before, too.
    """
    if action.needs_host and server.host is None:
        raise NovaError(409, f"Instance {server.id} is not ready")
    if action.vm_states is not None and server.vm_state not in action.vm_states:
        raise wrong_state_error(server, verb, f"vm_state {server.vm_state}")
    if action.task_states is not None and server.task_state not in (None, *action.task_states):
        raise wrong_state_error(server, verb, f"task_state {server.task_state}")
    if action.vm_states is not None:
        check_launched(server, verb)


def check_launched(server: Server, verb: str) -> None:
    """Raise a 409 if a server was never active, such as one that failed to boot."""
    if server.launched_at is None:
        raise _invalid_state_error(server, verb)


def _invalid_state_error(server: Server, verb: str) -> NovaError:
    return NovaError(409, f"Instance {server.id} is in an invalid state for '{verb}'")


def wrong_state_error(server: Server, verb: str, state: str) -> NovaError:
    """Return the error for an action that a state forbids."""
    return NovaError(409, f"Cannot '{verb}' instance {server.id} while it is in {state}")
