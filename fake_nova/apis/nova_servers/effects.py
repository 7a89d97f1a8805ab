"""The effects of the actions that only change the state of a server."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.policies import forbidden_error
from fake_nova.apis.nova_common.requests import json_response, minor_version
from fake_nova.apis.nova_common.validation import check_storable
from fake_nova.apis.nova_servers.schemas import LOCK_REASON_SINCE
from fake_nova.cloud import server_states as states
from fake_nova.cloud.servers import Server
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

Effect = Callable[[Context, Server, Any], Response]

_PASSWORD_LETTERS: Final = string.ascii_letters + string.digits
_PASSWORD_LENGTH: Final = 12


def accept(context: Context, _: Server, __: Any) -> Response:
    """Respond that the action was accepted, without an effect."""
    return Response(202, (content_type_header(context),))


def random_password() -> str:
    """Return a password for a server, which opens nothing."""
    return "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(_PASSWORD_LENGTH))


def _effect(work: str) -> Effect:
    """Return the effect of an action that begins work on the server."""
    return partial(_begin, work)


def _begin(work: str, context: Context, server: Server, params: Any) -> Response:
    context.cloud.server_lifecycle.begin(server, work)
    return accept(context, server, params)


stop = _effect("stop")
start = _effect("start")
pause = _effect("pause")
unpause = _effect("unpause")
suspend = _effect("suspend")
resume = _effect("resume")
shelve_offload = _effect("shelve_offload")
unrescue = _effect("unrescue")
restore = _effect("restore")


def reboot(context: Context, server: Server, params: Any) -> Response:
    """Reboot a server."""
    work = "hard_reboot" if params["type"].upper() == "HARD" else "reboot"
    return _begin(work, context, server, params)


def rescue(context: Context, server: Server, params: Any) -> Response:
    """Rescue a server, and return the password."""
    _begin("rescue", context, server, params)
    password = (params or {}).get("adminPass") or random_password()
    return json_response(context, 200, {"adminPass": password})


def _change_now(context: Context, server: Server, **changes: object) -> None:
    now = context.cloud.clock.now()
    context.cloud.servers.update(server.id, lambda each: each.replace(updated_at=now, **changes))


def lock(context: Context, server: Server, params: Any) -> Response:
    """Lock a server, for its owner or for an admin.

    The lock of the owner does not change one that is there, and a lock without a reason keeps its reason.
    """
    is_owner = server.owner == context.caller.project_id
    if server.locked_by is None or not is_owner:
        has_reason = isinstance(params, dict) and minor_version(context) >= LOCK_REASON_SINCE
        reason = params.get("locked_reason") if has_reason else None
        check_storable(reason)
        locked_by = "owner" if is_owner else "admin"
        _change_now(context, server, locked_by=locked_by, locked_reason=reason or server.locked_reason)
    return accept(context, server, params)


def unlock(context: Context, server: Server, params: Any) -> Response:
    """Unlock a server; an admin's lock only for an admin."""
    if server.locked_by == "admin" and not context.caller.is_admin:
        raise forbidden_error("os-lock-server:unlock:unlock_override")
    _change_now(context, server, locked_by=None, locked_reason=None)
    return accept(context, server, params)


def reset_state(context: Context, server: Server, params: Any) -> Response:
    """Set the vm_state of a server."""
    context.cloud.server_lifecycle.cancel(server.id)
    _change_now(context, server, vm_state=params["state"], task_state=None)
    return accept(context, server, params)


def delete_server(context: Context, server: Server) -> None:
    """Delete a server. A capture of it goes on, as `Captures` says."""
    cloud = context.cloud
    now = cloud.clock.now()
    cloud.server_lifecycle.cancel(server.id)
    cloud.servers.update(
        server.id,
        lambda each: each.replace(
            is_deleted=True,
            vm_state=states.VM_DELETED,
            task_state=None,
            power_state=0,
            terminated_at=now,
            updated_at=now,
        ),
    )


def force_delete(context: Context, server: Server, params: Any) -> Response:
    """Delete a server at once."""
    delete_server(context, server)
    return accept(context, server, params)
