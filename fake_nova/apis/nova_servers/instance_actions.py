"""The log of actions on a server, and the views that show it (Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from hashlib import sha224
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.paging import after_marker, next_url, parse_limit
from fake_nova.apis.nova_common.policies import READER, require
from fake_nova.apis.nova_common.requests import (
    NovaQuery,
    check_no_query,
    json_response,
    minor_version,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.validation import LIMIT, TEXT, TIME
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.apis.nova_servers.views import visible_server
from fake_nova.cloud.server_actions import CREATE, ServerAction
from fake_nova.cloud.servers import DEFAULT_HOST, Server
from fake_nova.images import timestamps
from fake_nova.images.database import Database
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

Document = dict[str, Any]

_RULE: Final = "os-instance-actions"

#: The first minor versions that show the log of a deleted server, events to everybody, pages and times of
#: updates, hosts, ``changes-before``, and details.
_DELETED_SINCE: Final = 21
_EVENTS_SINCE: Final = 51
_PAGES_SINCE: Final = 58
_HOSTS_SINCE: Final = 62
_CHANGES_BEFORE_SINCE: Final = 66
_DETAILS_SINCE: Final = 84

DELETE: Final = "delete"

#: Key of the body of a request -> the name of the action in the log, if it is another one.
_NAMES: Final = {"os-stop": "stop", "os-start": "start", "forceDelete": DELETE, "os-resetState": "resetState"}

#: Name of an action -> its event; actions that no compute service carries out have none.
_EVENTS: Final[Mapping[str, str]] = {
    CREATE: "compute__do_build_and_run_instance",
    DELETE: "compute_terminate_instance",
    "createImage": "compute_snapshot_instance",
    "createBackup": "compute_backup_instance",
    "changePassword": "compute_set_admin_password",
    "confirmResize": "compute_confirm_resize",
    "revertResize": "compute_revert_resize",
    "resize": "conductor_migrate_server",
    "detach_interface": "compute_detach_interface",
    "detach_volume": "compute_detach_volume",
    "shelveOffload": "compute_shelve_offload_instance",
    **{
        name: f"compute_{name}_instance"
        for name in (
            *("stop", "start", "reboot", "rebuild", "pause", "unpause", "suspend", "resume", "shelve"),
            *("unshelve", "rescue", "unrescue", "restore"),
        )
    },
}

_WITHOUT_EVENTS: Final = ("lock", "unlock", "resetState")


def record(context: Context, server_id: str, name: str) -> None:
    """Write an action of the caller into the log of a server, if Nova does.

    Args:
        context: the context of the request.
        server_id: the id of the server.
        name: `CREATE`, `DELETE`, or the key of the body of the request.
    """
    action_name = _NAMES.get(name, name)
    if action_name not in _EVENTS and action_name not in _WITHOUT_EVENTS:
        return
    user_id = "" if context.token is None else context.token.user.id
    action = ServerAction(
        action_name,
        context.request.request_id,
        user_id,
        context.caller.project_id or "",
        context.cloud.stored_now(),
    )
    context.cloud.server_actions.record(server_id, action)


@cache
def _list_schema(minor: int) -> Schema:
    properties: dict[str, Schema] = {}
    if minor >= _PAGES_SINCE:
        properties = {"limit": LIMIT, "marker": TEXT, "changes-since": TIME}
    if minor >= _CHANGES_BEFORE_SINCE:
        properties["changes-before"] = TIME
    return query_schema(minor, _PAGES_SINCE, properties)


def _server(context: Context, rule: str) -> Server:
    context.cloud.server_lifecycle.apply_due_steps()
    server = visible_server(context, has_deleted=minor_version(context) >= _DELETED_SINCE)
    require(context, f"{_RULE}:{rule}", READER, server.owner)
    return server


def _actions(context: Context, server: Server) -> list[ServerAction]:
    user_id = Lookups(context.cloud).user_id_of(server)
    return context.cloud.server_actions.of_server(server, user_id)


class _Outcome(NamedTuple):
    """How an action ended, and when; None until it ends. Only a failure has details."""

    result: str | None
    ended_at: datetime | None
    details: str | None = None


def _outcomes_of(actions: Sequence[ServerAction], server: Server, database: Database) -> list[_Outcome]:
    """Return the outcome of each of all actions on a server, the last one first.

    The fault of a server comes of the last action with an event before it.
    """
    outcomes = [_Outcome("Success", action.started_at) for action in actions]
    if server.task_state is not None:
        outcomes[0] = _Outcome(None, None)
    fault = server.fault
    if fault is not None and fault.code >= 500:
        failed_at = database.stored_time(fault.created_at or server.updated_at)
        for number, action in enumerate(actions):
            if action.name in _EVENTS and action.started_at <= failed_at:
                outcomes[number] = _Outcome("Error", failed_at, fault.message)
                break
    return outcomes


def index(context: Context) -> Response:
    """List the actions on a server, the last one first."""
    minor = minor_version(context)
    query = read_query(context, _list_schema(minor))
    server = _server(context, "list")
    all_actions = _actions(context, server)
    outcomes = dict(zip(all_actions, _outcomes_of(all_actions, server, context.cloud.database), strict=True))
    actions: Sequence[ServerAction] = all_actions
    if minor >= _PAGES_SINCE:
        actions = _page(_select_by_time(actions, query), query)
    documents = [_document(action, outcomes[action], server, minor) for action in actions]
    body: Document = {"instanceActions": documents}
    if minor < _PAGES_SINCE:
        return json_response(context, 200, body)
    url = next_url(
        query,
        links.link_builder(context, query.url_query),
        f"servers/{context.path_params['server_id']}/os-instance-actions",
        [action.request_id for action in actions],
    )
    if url is not None:
        body["links"] = [{"rel": "next", "href": url}]
    return json_response(context, 200, body)


def _select_by_time(actions: Sequence[ServerAction], query: NovaQuery) -> list[ServerAction]:
    """Return the actions that changed since one time, and before another."""
    since, before = (
        timestamps.parse(query.last[name]) if name in query.last else None
        for name in ("changes-since", "changes-before")
    )
    if since is not None and before is not None and before < since:
        raise NovaError(400, "The value of changes-since must be less than or equal to changes-before.")
    return [
        action
        for action in actions
        if (since is None or action.started_at >= since) and (before is None or action.started_at <= before)
    ]


def _page(actions: Sequence[ServerAction], query: NovaQuery) -> Sequence[ServerAction]:
    marker = query.last.get("marker")
    remaining_actions = after_marker(actions, marker, lambda action: action.request_id)
    if remaining_actions is None:
        raise NovaError(400, f"Marker {marker or None} could not be found.")
    return remaining_actions[: parse_limit(query)]


def _document(action: ServerAction, outcome: _Outcome, server: Server, minor: int) -> Document:
    has_failed = outcome.result == "Error"
    document = {
        "action": action.name,
        "instance_uuid": server.id,
        "request_id": action.request_id,
        "user_id": action.user_id,
        "project_id": action.project_id,
        "start_time": timestamps.isoformat_microseconds(action.started_at),
        "message": "Error" if has_failed else None,
    }
    if minor < _PAGES_SINCE:
        return document
    updated_at = timestamps.isoformat_microseconds(outcome.ended_at or action.started_at)
    return {**document, "updated_at": updated_at}


def show(context: Context) -> Response:
    """Show one action on a server, with its events."""
    check_no_query(context)
    server = _server(context, "show")
    request_id = context.path_params["request_id"]
    actions = _actions(context, server)
    outcomes = dict(zip(actions, _outcomes_of(actions, server, context.cloud.database), strict=True))
    action = next((each for each in actions if each.request_id == request_id), None)
    if action is None:
        raise NovaError(404, f"Action {request_id} not found")
    outcome = outcomes[action]
    minor = minor_version(context)
    document = _document(action, outcome, server, minor)
    if context.caller.is_admin or minor >= _EVENTS_SINCE:
        names = [_EVENTS[action.name]] if action.name in _EVENTS else []
        document["events"] = [_event(context, name, action, server, outcome) for name in names]
    return json_response(context, 200, {"instanceAction": document})


def _event(context: Context, name: str, action: ServerAction, server: Server, outcome: _Outcome) -> Document:
    """Return an event. Only an admin sees traceback, host and details."""
    minor, is_admin = minor_version(context), context.caller.is_admin
    ended_at, host = outcome.ended_at, server.host or DEFAULT_HOST
    event = {
        "event": name,
        "start_time": timestamps.isoformat_microseconds(action.started_at),
        "finish_time": None if ended_at is None else timestamps.isoformat_microseconds(ended_at),
        "result": outcome.result,
    }
    if is_admin:
        event["traceback"] = None
    if minor >= _HOSTS_SINCE:
        if is_admin:
            event["host"] = host
        event["hostId"] = sha224(f"{action.project_id}{host}".encode()).hexdigest()
    if minor >= _DETAILS_SINCE and is_admin:
        event["details"] = outcome.details
    return event
