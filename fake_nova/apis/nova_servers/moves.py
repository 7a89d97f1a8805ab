"""The actions that move a server to another host, of which there is none (Nova 34.0.0)."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.requests import minor_version
from fake_nova.apis.nova_common.validation import TRUE_VALUES
from fake_nova.apis.nova_servers import schemas
from fake_nova.cloud.servers import DEFAULT_HOST, Server
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


def check_force(_: Server, params: Any, minor: int) -> None:
    """Check that a move that is forced names a host; the other versions have no ``force``.

    Raises:
        NovaError: 400.
    """
    is_forced = minor >= schemas.FORCE_SINCE and params.get("force", False) in TRUE_VALUES
    if is_forced and not params.get("host"):
        raise NovaError(400, "Can't force to a non-provided destination")


def check_evacuation(server: Server, params: Any, minor: int) -> None:
    """Check the destination of an evacuation, and its password.

    Raises:
        NovaError: 400, or 404 for an unknown host.
    """
    check_force(server, params, minor)
    if params.get("onSharedStorage") in TRUE_VALUES and "adminPass" in params:
        raise NovaError(400, "admin password can't be changed on existing disk")
    host = params.get("host")
    if host not in (None, DEFAULT_HOST):
        raise NovaError(404, f"Compute host {host} not found.")
    if host == server.host:
        raise NovaError(400, "The target host can't be the same one.")


def evacuate(_: Context, server: Server, __: Any) -> Response:
    """Refuse to evacuate a server: its host works."""
    raise NovaError(400, f"Compute service of {server.host} is still in use.")


def migrate(context: Context, server: Server, params: Any) -> Response:
    """Refuse to move a server to another host."""
    if minor_version(context) >= schemas.MIGRATION_HOST_SINCE and params and params.get("host"):
        if params["host"] == server.host:
            raise NovaError(400, "Cannot migrate to the host where the server exists.")
        _check_host(params["host"])
    raise _no_host_error()


def migrate_live(_: Context, __: Server, params: Any) -> Response:
    """Refuse to move a running server to another host."""
    if params["host"]:
        _check_host(params["host"])
    raise _no_host_error()


def _check_host(host: str) -> None:
    if host != DEFAULT_HOST:
        raise NovaError(400, f"Compute host {host} could not be found.")


def _no_host_error() -> NovaError:
    return NovaError(400, "No valid host was found.", reason="The emulator has one host.")
