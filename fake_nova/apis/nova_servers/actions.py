"""The actions on servers: which there are, who may run them, and in which states (Nova 34.0.0, measured)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common.policies import ADMIN, MANAGER, MEMBER
from fake_nova.apis.nova_servers import effects, moves, rebuild, refusals, resize, schemas, snapshots
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
        since: the first minor version that has it.
        until: the last minor version that has it; None for no end.
        locked_verb: the name in the 409 for a locked server, if Nova takes the lock for a wrong state.
        names_mapping: whether the 404 for an unknown server speaks of a mapping to a cell.
        early_check: raises an error that comes before all about the server, or None.
        server_check: raises an error that comes before the lock and the state of the server, or None.
        asks_policy_first: whether the caller's right in his own project comes before the server.
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
    since: int = 1
    until: int | None = None
    locked_verb: str = ""
    names_mapping: bool = False
    early_check: Callable[[Any], None] | None = None
    server_check: Callable[[Server, Any, int], None] | None = None
    asks_policy_first: bool = False


class Removal(NamedTuple):
    """The error for an action of the past.

    Attributes:
        status: the HTTP status.
        message: the message.
        until: the last minor version with this error instead of a 404; None for no end.
    """

    status: int
    message: str
    until: int | None = None


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

_MOVE: Final = Action(
    "os-migrate-server:migrate",
    moves.migrate,
    schemas.migration_schema,
    (states.VM_ACTIVE, states.VM_STOPPED),
    roles=MANAGER,
)

#: The last minor versions with consoles and with addresses as actions; the first one with crash dumps.
_CONSOLES_UNTIL: Final = 5
_ADDRESSES_UNTIL: Final = 43
_CRASH_DUMPS_SINCE: Final = 17

_CONSOLE: Final = Action(
    "os-remote-consoles",
    refusals.refuse_console,
    schemas.console_schema,
    verb="get_vnc_console",
    task_states=tuple(task for task in states.TASK_STATES if task not in ("deleting", "migrating")),
    minds_lock=False,
    needs_host=True,
    until=_CONSOLES_UNTIL,
    asks_policy_first=True,
)
_ADDRESS: Final = Action(
    "os-floating-ips:add",
    refusals.refuse_address,
    schemas.address_schema,
    task_states=None,
    minds_lock=False,
    until=_ADDRESSES_UNTIL,
)
_FIXED_ADDRESS: Final = Action(
    "os-multinic:add", effects.accept, schemas.network_schema, task_states=None, until=_ADDRESSES_UNTIL
)
_GROUP: Final = Action(
    "os-security-groups:add", refusals.refuse_group, schemas.group_schema, task_states=None, minds_lock=False
)

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
        names_mapping=True,
    ),
    "os-start": Action(
        "servers:start",
        effects.start,
        vm_states=(states.VM_STOPPED,),
        verb="start",
        needs_host=True,
        names_mapping=True,
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
        "os-shelve:unshelve",
        snapshots.unshelve,
        schemas.unshelve_schema,
        (states.VM_SHELVED, states.VM_SHELVED_OFFLOADED),
    ),
    "lock": Action(
        "os-lock-server:lock", effects.lock, schemas.lock_schema, task_states=None, minds_lock=False
    ),
    "unlock": Action("os-lock-server:unlock", effects.unlock, task_states=None, minds_lock=False),
    "resize": Action(
        "servers:resize", resize.resize, schemas.resize_schema, (states.VM_ACTIVE, states.VM_STOPPED)
    ),
    "confirmResize": Action("servers:confirm_resize", resize.confirm, vm_states=(states.VM_RESIZED,)),
    "revertResize": Action("servers:revert_resize", resize.revert, vm_states=(states.VM_RESIZED,)),
    "rescue": Action("os-rescue", effects.rescue, schemas.rescue_schema, _RUNNABLE),
    "unrescue": Action("os-unrescue", effects.unrescue, vm_states=(states.VM_RESCUED,)),
    "restore": Action(
        "os-deferred-delete:restore",
        effects.restore,
        vm_states=(states.VM_SOFT_DELETED,),
        locked_verb="restore",
    ),
    "forceDelete": Action("os-deferred-delete:force", effects.force_delete, task_states=None),
    "os-getConsoleOutput": Action(
        "os-console-output",
        refusals.show_console_output,
        schemas.console_output_schema,
        task_states=None,
        minds_lock=False,
        needs_host=True,
    ),
    "os-getVNCConsole": _CONSOLE,
    "os-getSPICEConsole": _CONSOLE._replace(verb="get_spice_console", schema=schemas.spice_schema),
    "os-getSerialConsole": _CONSOLE._replace(verb="get_serial_console", schema=schemas.serial_schema),
    "migrate": _MOVE,
    "os-migrateLive": _MOVE._replace(
        rule="os-migrate-server:migrate_live",
        run=moves.migrate_live,
        schema=schemas.live_migration_schema,
        vm_states=(states.VM_ACTIVE, states.VM_PAUSED),
        server_check=moves.check_force,
    ),
    "evacuate": _MOVE._replace(
        rule="os-evacuate",
        run=moves.evacuate,
        schema=schemas.evacuation_schema,
        vm_states=_RUNNABLE,
        task_states=None,
        roles=ADMIN,
        minds_lock=False,
        server_check=moves.check_evacuation,
    ),
    "injectNetworkInfo": Action(
        "os-admin-actions:inject_network_info", effects.accept, roles=ADMIN, task_states=None
    ),
    "addFloatingIp": _ADDRESS,
    "removeFloatingIp": _ADDRESS._replace(
        rule="os-floating-ips:remove",
        schema=schemas.removed_address_schema,
        early_check=refusals.refuse_unknown_address,
    ),
    "addFixedIp": _FIXED_ADDRESS,
    "removeFixedIp": _FIXED_ADDRESS._replace(
        rule="os-multinic:remove", schema=schemas.removed_address_schema
    ),
    "addSecurityGroup": _GROUP,
    "removeSecurityGroup": _GROUP._replace(rule="os-security-groups:remove"),
    "trigger_crash_dump": Action(
        "servers:trigger_crash_dump",
        effects.accept,
        schemas.crash_dump_schema,
        (*(states.VM_ACTIVE, states.VM_PAUSED, states.VM_RESCUED, states.VM_RESIZED), states.VM_ERROR),
        needs_host=True,
        names_mapping=True,
        since=_CRASH_DUMPS_SINCE,
    ),
    "changePassword": Action(
        "os-admin-password",
        effects.accept,
        schemas.password_schema,
        (states.VM_ACTIVE,),
        locked_verb="changePassword",
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


def _reboot_variant(action: Action, params: Any, _: int) -> Action:
    if params["type"].upper() != "HARD":
        return action
    return action._replace(vm_states=(*_ALIVE, states.VM_ERROR), task_states=_HARD_REBOOT_TASKS)


def _move_variant(action: Action, params: Any, minor: int) -> Action:
    """Return a move to a host that the client chose, which has a rule of its own, for admins only."""
    takes_host = action.schema(minor, False) != schemas.ANYTHING
    if takes_host and params and params.get("host"):
        return action._replace(rule=f"{action.rule}:host", roles=ADMIN)
    return action


#: Actions that depend on their parameters: name -> the function that returns the action to check.
VARIANTS: Final[Mapping[str, Callable[[Action, Any, int], Action]]] = {
    "reboot": _reboot_variant,
    "migrate": _move_variant,
    "os-migrateLive": _move_variant,
}

#: Actions that Nova no longer has, whatever their body.
REMOVED_ACTIONS: Final[Mapping[str, Removal]] = {
    "resetNetwork": Removal(410, refusals.GONE_MESSAGE),
    "os-getRDPConsole": Removal(400, refusals.MALFORMED_MESSAGE, _CONSOLES_UNTIL),
}
