"""The states of servers: vm_state and task_state, and the status that they make (Nova 34.0.0, measured)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

VM_ACTIVE: Final = "active"
VM_BUILDING: Final = "building"
VM_STOPPED: Final = "stopped"
VM_PAUSED: Final = "paused"
VM_SUSPENDED: Final = "suspended"
VM_RESCUED: Final = "rescued"
VM_ERROR: Final = "error"
VM_RESIZED: Final = "resized"
VM_DELETED: Final = "deleted"
VM_SOFT_DELETED: Final = "soft-delete"
VM_SHELVED: Final = "shelved"
VM_SHELVED_OFFLOADED: Final = "shelved_offloaded"

_REBOOT: Final = dict.fromkeys(("rebooting", "reboot_pending", "reboot_started"), "REBOOT")
_HARD_REBOOT: Final = dict.fromkeys(
    ("rebooting_hard", "reboot_pending_hard", "reboot_started_hard"), "HARD_REBOOT"
)
_REBUILD: Final = dict.fromkeys(("rebuilding", "rebuild_block_device_mapping", "rebuild_spawning"), "REBUILD")
_RESIZE: Final = dict.fromkeys(
    ("resize_prep", "resize_migrating", "resize_migrated", "resize_finish"), "RESIZE"
)

#: vm_state -> the status without a task_state.
DEFAULT_STATUSES: Final[Mapping[str, str]] = {
    VM_ACTIVE: "ACTIVE",
    VM_BUILDING: "BUILD",
    VM_STOPPED: "SHUTOFF",
    VM_RESIZED: "VERIFY_RESIZE",
    VM_PAUSED: "PAUSED",
    VM_SUSPENDED: "SUSPENDED",
    VM_RESCUED: "RESCUE",
    VM_ERROR: "ERROR",
    VM_DELETED: "DELETED",
    VM_SOFT_DELETED: "SOFT_DELETED",
    VM_SHELVED: "SHELVED",
    VM_SHELVED_OFFLOADED: "SHELVED_OFFLOADED",
}

#: vm_state -> task_state -> the status, if it differs from the one without a task_state (all pairs measured).
_TASK_STATUSES: Final[Mapping[str, Mapping[str, str]]] = {
    VM_ACTIVE: {
        **_REBOOT,
        **_HARD_REBOOT,
        "updating_password": "PASSWORD",
        **_REBUILD,
        "migrating": "MIGRATING",
        **_RESIZE,
    },
    VM_STOPPED: {**_RESIZE, **_REBUILD},
    VM_RESIZED: {"resize_reverting": "REVERT_RESIZE"},
    VM_PAUSED: {"migrating": "MIGRATING"},
    VM_ERROR: _REBUILD,
}

#: vm_state -> libvirt's number of the power state; any other vm_state has 0, for no state.
_POWER_STATES: Final[Mapping[str, int]] = {
    **dict.fromkeys((VM_ACTIVE, VM_RESCUED, VM_RESIZED, VM_SOFT_DELETED), 1),
    VM_PAUSED: 3,
    **dict.fromkeys((VM_STOPPED, VM_SUSPENDED, VM_SHELVED), 4),
}

#: The task_states of Nova (nova.compute.task_states).
TASK_STATES: Final = (
    *("scheduling", "block_device_mapping", "networking", "spawning"),
    *("image_snapshot", "image_snapshot_pending", "image_pending_upload", "image_uploading", "image_backup"),
    *("updating_password", *_RESIZE, "resize_reverting", "resize_confirming"),
    *(*_REBOOT, *_HARD_REBOOT),
    *("pausing", "unpausing", "suspending", "resuming", "powering-off", "powering-on", "rescuing"),
    *("unrescuing", *_REBUILD, "migrating", "deleting", "soft-deleting", "restoring", "shelving"),
    *("shelving_image_pending_upload", "shelving_image_uploading", "shelving_offloading", "unshelving"),
)


class States(NamedTuple):
    """The state of a server.

    Attributes:
        vm_state: what the server is.
        task_state: what is done with it, or None.
    """

    vm_state: str
    task_state: str | None


def _states_by_status() -> dict[str, States]:
    statuses = {status: States(vm_state, None) for vm_state, status in DEFAULT_STATUSES.items()}
    for vm_state, tasks in _TASK_STATUSES.items():
        for task_state, status in tasks.items():
            statuses.setdefault(status, States(vm_state, task_state))
    return statuses


#: Status -> the first states that have it.
STATES_BY_STATUS: Final[Mapping[str, States]] = _states_by_status()


def status_of(vm_state: str, task_state: str | None) -> str:
    """Return the status that clients see."""
    return _TASK_STATUSES.get(vm_state, {}).get(task_state or "") or DEFAULT_STATUSES[vm_state]


def power_state_of(vm_state: str) -> int:
    """Return the power state that a server in a vm_state usually has."""
    return _POWER_STATES.get(vm_state, 0)


class StatusFilter(NamedTuple):
    """What a list filters by for words such as ``ACTIVE``.

    Attributes:
        vm_states: the vm_states; empty if no word is a status.
        task_states: the task_states; None for all of them.
    """

    vm_states: frozenset[str]
    task_states: frozenset[str] | None


def filter_by_status(words: Iterable[str]) -> StatusFilter:
    """Return the filter for statuses, whose case does not count.

    A status without a task_state among the words lets every task_state pass (measured).
    """
    statuses = {word.lower() for word in words}
    vm_states = {vm_state for vm_state, status in DEFAULT_STATUSES.items() if status.lower() in statuses}
    task_states = set()
    has_default = bool(vm_states)
    for vm_state, tasks in _TASK_STATUSES.items():
        task_names = {task_state for task_state, status in tasks.items() if status.lower() in statuses}
        task_states |= task_names
        vm_states |= {vm_state} if task_names else set()
    return StatusFilter(frozenset(vm_states), None if has_default else frozenset(task_states))
