"""The work that is done with servers: the task_states that it goes through, and its effect (Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud import server_states as states
from fake_nova.cloud.servers import DEFAULT_HOST, Server, ServerFault
from fake_nova.cloud.zones import Zone, with_host

Change = Callable[[Server, datetime], Server]

_SHUT_DOWN: Final = 4


def _to(**changes: Any) -> Change:
    """Return a change of a server's fields."""
    return lambda server, _: server.replace(**changes)


_start_to_run: Final = _to(vm_state=states.VM_ACTIVE, power_state=1)
_lose_host: Final = _to(
    vm_state=states.VM_SHELVED_OFFLOADED,
    host=None,
    requested_host=None,  # Nova forgets a host that a request forced
    availability_zone="",
    power_state=_SHUT_DOWN,
)


def _get_host(server: Server, _: datetime) -> Server:
    """Return a server that has a host; `change_server` chooses which one."""
    return server if server.host is not None else server.replace(host=DEFAULT_HOST)


def _boot(server: Server, moment: datetime) -> Server:
    return _start_to_run(_get_host(server, moment), moment).replace(launched_at=moment, fault=None)


def _unbooted(server: Server, _: datetime) -> Server:
    zone = server.pinned_zone or ""
    changes = {"host": None, "availability_zone": zone, "launched_at": None, "fault": None}
    return server.replace(vm_state=states.VM_BUILDING, power_state=0, **changes)


def _rebuild(server: Server, moment: datetime) -> Server:
    server = server.replace(launched_at=moment, boot_disk=None)
    if server.vm_state == states.VM_STOPPED:
        return server
    return _start_to_run(server, moment).replace(fault=None)


def _unshelve(server: Server, moment: datetime) -> Server:
    return _start_to_run(_get_host(server, moment), moment).replace(shelved_image=None)


def _unshelve_offloaded(server: Server, moment: datetime) -> Server:
    return _unshelve(server, moment).replace(launched_at=moment)


def _rescue(server: Server, moment: datetime) -> Server:
    return server.replace(vm_state=states.VM_RESCUED, power_state=1, launched_at=moment)


def _change_flavor(server: Server, _: datetime) -> Server:
    """Give a server its new flavor, if there is one."""
    if server.new_flavor is None:
        return server
    flavors = {"flavor": server.new_flavor, "old_flavor": server.flavor, "new_flavor": None}
    return server.replace(**flavors, boot_disk=server.min_disk)


def _finish_resize(server: Server, moment: datetime) -> Server:
    return _change_flavor(server, moment).replace(vm_state=states.VM_RESIZED, launched_at=moment)


def _vm_state_of_resized(server: Server) -> str:
    """Return the vm_state after a resize. A server that was stopped stays so."""
    return states.VM_STOPPED if server.power_state == _SHUT_DOWN else states.VM_ACTIVE


def _confirm_resize(server: Server, _: datetime) -> Server:
    return server.replace(vm_state=_vm_state_of_resized(server), old_flavor=None)


def _revert_resize(server: Server, moment: datetime) -> Server:
    flavor = server.old_flavor or server.flavor
    vm_state = _vm_state_of_resized(server)
    return server.replace(vm_state=vm_state, flavor=flavor, old_flavor=None, launched_at=moment)


def _record_fault(server: Server, moment: datetime) -> Server:
    """Return a server whose work failed. It stays as it was; it shows the fault only in status ERROR."""
    fault = ServerFault("The plan of the server ends in an error.", created_at=moment)
    return server.replace(fault=fault, new_flavor=None)


def _break(server: Server, moment: datetime) -> Server:
    flavor = server.old_flavor or server.flavor
    server = _record_fault(server, moment).replace(flavor=flavor, old_flavor=None)
    return server.replace(vm_state=states.VM_ERROR, power_state=0)


def change_server(change: Change, server: Server, moment: datetime, zones: Sequence[Zone]) -> Server:
    """Return a server after a change by the work on it. If it gets a host, it is one of its zone."""
    changed_server = change(server, moment)
    if server.host is None and changed_server.host is not None:
        return with_host(changed_server, zones)
    return changed_server


class Work(NamedTuple):
    """What is done with a server, such as a reboot.

    Attributes:
        task_states: its task_states, one for each step of the plan; the last one stays for further steps.
        finish: returns the server afterwards.
        fail: returns the server after a plan that does not end in ``active``.
        begin: returns the server at the beginning.
        on_task: task_state -> a change of the server when it gets that task_state.
    """

    task_states: tuple[str | None, ...]
    finish: Change
    fail: Change = _record_fault
    begin: Change = _to()
    on_task: Mapping[str | None, Change] = MappingProxyType({})


_PREPARATIONS: Final = ("resize_prep", "resize_migrating", "resize_migrated", "resize_finish")
_REBUILD_TASKS: Final = ("rebuilding", "rebuild_block_device_mapping", "rebuild_spawning")

#: Name -> work. The power states after pause and suspend are those of the recorded hypervisor, a stand-in.
WORKS: Final[Mapping[str, Work]] = {
    "boot": Work(("scheduling", "spawning"), _boot, _break, _unbooted, {"spawning": _get_host}),
    "stop": Work(("powering-off",), _to(vm_state=states.VM_STOPPED, power_state=_SHUT_DOWN)),
    "start": Work(("powering-on",), _start_to_run),
    "reboot": Work(("rebooting", "reboot_started"), _start_to_run, _break),
    "hard_reboot": Work(
        ("rebooting_hard", "reboot_started_hard"),
        _to(vm_state=states.VM_ACTIVE, power_state=1, fault=None),
        _break,
    ),
    "rebuild": Work(_REBUILD_TASKS, _rebuild, _break),
    "pause": Work(("pausing",), _to(vm_state=states.VM_PAUSED)),
    "unpause": Work(("unpausing",), _start_to_run),
    "suspend": Work(("suspending",), _to(vm_state=states.VM_SUSPENDED)),
    "resume": Work(("resuming",), _start_to_run),
    "shelve_volume": Work(("shelving",), _lose_host),
    "shelve_offload": Work(("shelving_offloading",), _lose_host),
    "unshelve": Work(("unshelving", "powering-on"), _unshelve),
    "unshelve_offloaded": Work(
        ("unshelving", "spawning"), _unshelve_offloaded, on_task={"spawning": _get_host}
    ),
    "unshelve_without_image": Work(("unshelving",), _break, _break),
    "rescue": Work(("rescuing",), _rescue, _break),
    "unrescue": Work(("unrescuing",), _start_to_run),
    "restore": Work(("restoring",), _start_to_run),
    "resize": Work(_PREPARATIONS, _finish_resize, _break, on_task={"resize_finish": _change_flavor}),
    "confirm_resize": Work((None,), _confirm_resize, _break),
    "revert_resize": Work(("resize_reverting",), _revert_resize, _break),
}
