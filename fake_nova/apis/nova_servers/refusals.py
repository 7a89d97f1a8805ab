"""The actions that the emulator refuses, as the recorded service does or because it has no such thing."""

from __future__ import annotations

from typing import Any, Final

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.requests import json_response
from fake_nova.cloud.servers import Server, ServerFault
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

GONE_MESSAGE: Final = "This resource is no longer available. No forwarding address is given."

MALFORMED_MESSAGE: Final = (
    "The server could not comply with the request since it is either malformed or otherwise incorrect."
)

#: The console of the recorded hypervisor, a stand-in.
_CONSOLE: Final = "FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE"


def refuse_unknown_address(params: Any) -> None:
    """Refuse to take a floating address away: there are none."""
    raise NovaError(404, f"Floating IP not found for address {params['address']}.")


def refuse_address(_: Context, server: Server, params: Any) -> Response:
    """Refuse a floating address: there are none."""
    if not server.addresses:
        raise NovaError(400, "Instance network is not ready yet")
    raise NovaError(404, "floating IP not found", reason=f"There is no address {params['address']}.")


def refuse_group(_: Context, server: Server, __: Any) -> Response:
    """Refuse a security group: no server has a port that could join one."""
    raise NovaError(404, f"instance_id {server.id} could not be found as device id on any ports")


def refuse_console(context: Context, server: Server, params: Any) -> Response:
    """Refuse a console: there is none. The server keeps the failure as its fault."""
    message = f"Unavailable console type {params['type']}."
    fault = ServerFault(message, 400, context.cloud.clock.now())
    context.cloud.servers.update(server.id, lambda each: each.replace(fault=fault))
    raise NovaError(400, message)


def show_console_output(context: Context, _: Server, __: Any) -> Response:
    """Show what the console of every server shows."""
    return json_response(context, 200, {"output": _CONSOLE})
