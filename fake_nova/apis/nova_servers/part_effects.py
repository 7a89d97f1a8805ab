"""What requests about volumes, ports, shares, migrations and consoles of a server do (Nova 34.0.0).

What a server has can be detached. Nothing can be attached: there are no other volumes, networks and shares.
"""

from __future__ import annotations

from typing import Final

from fake_nova.apis.nova_common.errors import MALFORMED_MESSAGE, NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.paging import parse_word
from fake_nova.apis.nova_common.policies import MEMBER, forbidden_error, require
from fake_nova.apis.nova_common.requests import minor_version
from fake_nova.apis.nova_servers import instance_actions
from fake_nova.apis.nova_servers.action_requests import check_lock, wrong_state_error
from fake_nova.apis.nova_servers.parts import device_of, ports_of
from fake_nova.cloud.servers import Server, Volume
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

_NO_NETWORK: Final = "No specific network was requested and none are available for project '{}'."
_NO_VOLUME: Final = "Volume {} could not be found."
_UNSUPPORTED: Final = "The requested functionality is not supported."
_NO_SHARES: Final = "Feature not supported because either compute or instance are not configured correctly."

_WHY_UNSUPPORTED: Final = "The emulator runs no servers, and has no consoles."

#: The vm_states in which ports and volumes can be changed.
_PORT_STATES: Final = ("active", "paused", "stopped")
_VOLUME_STATES: Final = (*_PORT_STATES, "resized", "soft-delete", "shelved", "shelved_offloaded")

#: The first minor versions with changes of a volume, and with changes of volumes of shelved servers.
_VOLUME_CHANGES_SINCE: Final = 85
_SHELVED_VOLUMES_SINCE: Final = 20


def _last_id(context: Context) -> str:
    return list(context.path_params.values())[-1]


def _accepted(context: Context) -> Response:
    return Response(202, (content_type_header(context),))


def _check_state(context: Context, server: Server, verb: str, vm_states: tuple[str, ...]) -> None:
    """Raise a 409 if a lock or the vm_state of a server forbids something."""
    check_lock(context, server)
    if server.vm_state not in vm_states:
        raise wrong_state_error(server, verb, f"vm_state {server.vm_state}")


def _check_port_state(context: Context, server: Server, verb: str) -> None:
    _check_state(context, server, verb, _PORT_STATES)
    if server.task_state is not None:
        raise wrong_state_error(server, verb, f"task_state {server.task_state}")


def attach_port(context: Context, server: Server) -> Response:
    """Refuse a port: there are no networks and no free ports."""
    attachment = context.json_body.get("interfaceAttachment", {}) if context.json_body else {}
    network_id, port_id = attachment.get("net_id"), attachment.get("port_id")
    if network_id and port_id:
        raise NovaError(400, "Must not input both network_id and port_id")
    if "fixed_ips" in attachment and not network_id:
        raise NovaError(400, "Must input network_id when request IP address")
    _check_port_state(context, server, "attach_interface")
    if port_id:
        raise NovaError(404, f"Port id {port_id} could not be found.")
    if network_id:
        raise NovaError(404, f"Network {network_id} could not be found.")
    raise NovaError(400, _NO_NETWORK.format(server.owner))


def detach_port(context: Context, server: Server) -> Response:
    """Detach a port with its addresses. An unknown port is no error: Nova looks for it later."""
    _check_port_state(context, server, "detach_interface")
    networks = {port.network for port in ports_of(server) if port.id == _last_id(context)}
    addresses = {name: each for name, each in server.addresses.items() if name not in networks}
    context.cloud.servers.update(server.id, lambda each: each.replace(addresses=addresses))
    instance_actions.record(context, server.id, "detach_interface")
    return _accepted(context)


def attach_volume(context: Context, server: Server) -> Response:
    """Refuse a volume: there are no others than those that servers have."""
    _check_shelved(context, server, "attach_volume")
    _check_state(context, server, "attach_volume", _VOLUME_STATES)
    raise NovaError(404, _NO_VOLUME.format(context.json_body["volumeAttachment"]["volumeId"]))


def _check_shelved(context: Context, server: Server, verb: str) -> None:
    is_shelved = server.vm_state in ("shelved", "shelved_offloaded")
    if is_shelved and minor_version(context) < _SHELVED_VOLUMES_SINCE:
        raise wrong_state_error(server, verb, f"vm_state {server.vm_state}")


def change_volume(context: Context, server: Server) -> Response:
    """Change whether a volume is deleted with its server. Only Cinder may exchange one."""
    params = context.json_body["volumeAttachment"]
    volume_id = _last_id(context)
    if minor_version(context) < _VOLUME_CHANGES_SINCE or params["volumeId"] != volume_id:
        if context.caller.is_admin:
            raise NovaError(404, _NO_VOLUME.format(volume_id))
        raise forbidden_error("os-volumes-attachments:swap")
    require(context, "os-volumes-attachments:update", MEMBER, server.owner)
    volume = _volume(server, volume_id)
    if volume is None:
        raise NovaError(404, f"No volume Block Device Mapping with id {volume_id}.")
    fixed_values = {"id": volume_id, "serverId": server.id, "device": device_of(server, volume), "tag": None}
    for name, value in fixed_values.items():
        if params.get(name, value) != value:
            raise NovaError(400, f"The {name} property is not mutable")
    if "delete_on_termination" in params:
        is_deleted = parse_word(str(params["delete_on_termination"]))
        _replace_volume(context, server, volume, volume._replace(delete_on_termination=is_deleted))
    return _accepted(context)


def _volume(server: Server, volume_id: str) -> Volume | None:
    return next((volume for volume in server.volumes if volume.id == volume_id), None)


def _replace_volume(context: Context, server: Server, volume: Volume, *new_volumes: Volume) -> None:
    index = server.volumes.index(volume)
    volumes = (*server.volumes[:index], *new_volumes, *server.volumes[index + 1 :])
    context.cloud.servers.update(server.id, lambda each: each.replace(volumes=volumes))


def detach_volume(context: Context, server: Server) -> Response:
    """Detach a volume, but for the one that the server booted from."""
    _check_shelved(context, server, "detach_volume")
    volume_id = _last_id(context)
    volume = _volume(server, volume_id)
    if volume is None:
        raise NovaError(404, _NO_VOLUME.format(volume_id))
    if server.image is None and volume == server.volumes[0]:
        raise NovaError(400, "Cannot detach a root device volume")
    _check_state(context, server, "detach_volume", _VOLUME_STATES)
    _replace_volume(context, server, volume)
    instance_actions.record(context, server.id, "detach_volume")
    return _accepted(context)


def open_console(context: Context, server: Server) -> Response:
    """Refuse a console. The message for RDP is that of Nova, which loses its own."""
    if context.json_body["remote_console"]["protocol"] == "rdp":
        raise NovaError(400, MALFORMED_MESSAGE)
    if server.host is None:
        raise NovaError(409, f"Instance {server.id} is not ready")
    raise NovaError(501, _UNSUPPORTED, reason=_WHY_UNSUPPORTED)


def _check_share_state(server: Server, verb: str, *vm_states: str) -> None:
    if server.vm_state not in vm_states:
        raise wrong_state_error(server, verb, f"vm_state {server.vm_state}")


def attach_share(_: Context, server: Server) -> Response:
    """Refuse a share: the hypervisor cannot have any."""
    _check_share_state(server, "create share", "stopped")
    raise NovaError(409, _NO_SHARES)


def show_share(context: Context, _: Server) -> Response:
    """Refuse to show a share: there is none."""
    raise NovaError(404, f"Share {_last_id(context)} could not be found.")


def detach_share(context: Context, server: Server) -> Response:
    """Refuse to detach a share: there is none."""
    _check_share_state(server, "delete share", "stopped", "error")
    return show_share(context, server)


def show_migration(context: Context, server: Server) -> Response:
    """Refuse to show a live migration: there is none."""
    message = f"In-progress live migration {_last_id(context)} is not found for server {server.id}."
    raise NovaError(404, message)


def abort_migration(context: Context, server: Server) -> Response:
    """Refuse to abort a live migration: there is none."""
    check_lock(context, server)
    _check_migrating(server, "abort live migration")
    raise NovaError(404, f"Migration {_last_id(context)} not found for instance {server.id}")


def _check_migrating(server: Server, verb: str) -> None:
    """Raise a 409 if a server is not migrating."""
    if server.task_state is None:
        raise NovaError(409, f"Instance {server.id} is in an invalid state for '{verb}'")
    if server.task_state != "migrating":
        raise wrong_state_error(server, verb, f"task_state {server.task_state}")


def force_migration(context: Context, server: Server) -> Response:
    """Refuse to force the end of a live migration: there is none."""
    _check_state(context, server, "force_complete", ("active",))
    _check_migrating(server, "force_complete")
    migration_id = context.path_params["migration_id"]
    raise NovaError(400, f"Migration {migration_id} not found for instance {server.id}")


def clear_password(context: Context, _: Server) -> Response:
    """Clear the encrypted password of a server, which has none."""
    return Response(204, (content_type_header(context),))
