"""The actions on servers: which there are, who may run them, and in which states (Nova 34.0.0, measured)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common.policies import ADMIN, MEMBER
from fake_nova.apis.nova_servers import effects, rebuild, refusals, schemas, snapshots
from fake_nova.cloud import server_states as states
from fake_nova.cloud.servers import Server
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The task_states in which a hard reboot is possible.
_HARD_REBOOT_TASKS: Final = (
    *("rebooting", "reboot_pending", "reboot_started", "rebooting_hard"),
    *("pausing", "unpausing", "suspending", "resuming"),
)


class Action(NamedTuple):
    """One action.

    Attributes:
        rule: the name of its policy, without the prefix.
        run: carries it out, and returns the response.
        schema: returns the schema of its value for a minor version, and for /v2 or not.
        vm_states: the vm_states in which it is possible; None for all of them.
        verb: the name in the 409 for a wrong state; "" for that of the action.
        task_states: the task_states in which it is possible besides none; None for all of them.
        roles: the roles that may run it.
        minds_lock: whether a lock prevents it.
        needs_host: whether a server without a host is not ready for it.
        has_metadata_quota: whether the quota of metadata counts below 2.39.
    """

    rule: str
    run: Callable[[Context, Server, Any], Response]
    schema: Callable[[int, bool], Mapping[str, Any]] = schemas.any_schema
    vm_states: tuple[str, ...] | None = None
    verb: str = ""
    task_states: tuple[str, ...] | None = ()
    roles: frozenset[str] = MEMBER
    minds_lock: bool = True
    needs_host: bool = False
    has_metadata_quota: bool = False


_ALIVE: Final = (states.VM_ACTIVE, states.VM_STOPPED, states.VM_PAUSED, states.VM_SUSPENDED)
_RUNNABLE: Final = (states.VM_ACTIVE, states.VM_STOPPED, states.VM_ERROR)

_SNAPSHOT: Final = Action(
    "servers:create_image",
    snapshots.create_image,
    schemas.snapshot_schema,
    _ALIVE,
    minds_lock=False,
    has_metadata_quota=True,
)

_MOVE: Final = Action("os-migrate-server:migrate", refusals.refuse_to_move, roles=ADMIN)

#: Name -> action.
ACTIONS: Final[Mapping[str, Action]] = {
    "createImage": _SNAPSHOT,
    "createBackup": _SNAPSHOT._replace(
        rule="os-create-backup", run=snapshots.create_backup, schema=schemas.backup_schema
    ),
    "os-stop": Action(
        "servers:stop",
        effects.stop,
        vm_states=(states.VM_ACTIVE, states.VM_ERROR),
        verb="stop",
        needs_host=True,
    ),
    "os-start": Action(
        "servers:start", effects.start, vm_states=(states.VM_STOPPED,), verb="start", needs_host=True
    ),
    "reboot": Action("servers:reboot", effects.reboot, schemas.reboot_schema, (states.VM_ACTIVE,)),
    "rebuild": Action("servers:rebuild", rebuild.rebuild, schemas.rebuild_schema, _RUNNABLE),
    "pause": Action("os-pause-server:pause", effects.pause, vm_states=(states.VM_ACTIVE,)),
    "unpause": Action("os-pause-server:unpause", effects.unpause, vm_states=(states.VM_PAUSED,)),
    "suspend": Action("os-suspend-server:suspend", effects.suspend, vm_states=(states.VM_ACTIVE,)),
    "resume": Action("os-suspend-server:resume", effects.resume, vm_states=(states.VM_SUSPENDED,)),
    "shelve": Action("os-shelve:shelve", snapshots.shelve, vm_states=_ALIVE),
    "shelveOffload": Action(
        "os-shelve:shelve_offload", effects.shelve_offload, vm_states=(states.VM_SHELVED,), roles=ADMIN
    ),
    "unshelve": Action(
        "os-shelve:unshelve", snapshots.unshelve, vm_states=(states.VM_SHELVED, states.VM_SHELVED_OFFLOADED)
    ),
    "lock": Action(
        "os-lock-server:lock", effects.lock, schemas.lock_schema, task_states=None, minds_lock=False
    ),
    "unlock": Action("os-lock-server:unlock", effects.unlock, task_states=None, minds_lock=False),
    "resize": Action(
        "servers:resize", refusals.refuse_resize, schemas.resize_schema, (states.VM_ACTIVE, states.VM_STOPPED)
    ),
    "confirmResize": Action(
        "servers:confirm_resize", refusals.refuse_to_end_resize, vm_states=(states.VM_RESIZED,)
    ),
    "revertResize": Action(
        "servers:revert_resize", refusals.refuse_to_end_resize, vm_states=(states.VM_RESIZED,)
    ),
    "rescue": Action("os-rescue", effects.rescue, schemas.rescue_schema, _RUNNABLE),
    "unrescue": Action("os-unrescue", effects.unrescue, vm_states=(states.VM_RESCUED,)),
    "restore": Action("os-deferred-delete:restore", effects.restore, vm_states=(states.VM_SOFT_DELETED,)),
    "forceDelete": Action("os-deferred-delete:force", effects.force_delete, task_states=None),
    "os-getConsoleOutput": Action(
        "os-console-output", refusals.show_console_output, task_states=None, minds_lock=False
    ),
    "os-getVNCConsole": Action(
        "os-remote-consoles",
        refusals.refuse_console,
        schemas.console_schema,
        task_states=None,
        minds_lock=False,
    ),
    "migrate": _MOVE,
    "os-migrateLive": _MOVE._replace(
        rule="os-migrate-server:migrate_live", schema=schemas.live_migration_schema
    ),
    "evacuate": _MOVE._replace(rule="os-evacuate", schema=schemas.evacuation_schema),
    "injectNetworkInfo": Action("os-admin-actions:inject_network_info", refusals.refuse_removed, roles=ADMIN),
    "addFloatingIp": Action("os-floating-ips:add", refusals.refuse_address, schemas.address_schema),
    "removeFloatingIp": Action("os-floating-ips:remove", refusals.refuse_address, schemas.address_schema),
    "addSecurityGroup": Action("os-security-groups:add", refusals.refuse_group, schemas.group_schema),
    "removeSecurityGroup": Action("os-security-groups:remove", refusals.refuse_group, schemas.group_schema),
    "changePassword": Action(
        "os-admin-password", effects.accept, schemas.password_schema, (states.VM_ACTIVE,)
    ),
    "os-resetState": Action(
        "os-admin-actions:reset_state",
        effects.reset_state,
        schemas.reset_state_schema,
        task_states=None,
        roles=ADMIN,
        minds_lock=False,
    ),
}

#: Actions whose state depends on their parameters: name -> the function that returns the action to check.
VARIANTS: Final[Mapping[str, Callable[[Action, Any], Action]]] = {
    "reboot": lambda action, params: (
        action._replace(vm_states=(*_ALIVE, states.VM_ERROR), task_states=_HARD_REBOOT_TASKS)
        if params["type"].upper() == "HARD"
        else action
    )
}

#: Actions that Nova no longer has: each is a 410, whatever its body.
REMOVED_ACTIONS: Final = ("resetNetwork",)
