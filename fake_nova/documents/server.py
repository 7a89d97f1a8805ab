"""Schemas and serialization of servers."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from fake_nova.cloud import server_states
from fake_nova.cloud.flavors import Flavor
from fake_nova.cloud.servers import (
    DEFAULT_NETWORK,
    VM_STATES_WITHOUT_HOST,
    Address,
    Server,
    ServerFault,
    Volume,
    hints_of,
)
from fake_nova.cloud.zones import BUILT_IN_ZONES, Zone, host_for, zone_name_of
from fake_nova.documents.fields import (
    TEXTS_KEYWORDS,
    StrictField,
    StrictList,
    boolean_field,
    enum_field,
    integer_field,
    is_string_mapping,
    nested_field,
    nested_list_field,
    text_field,
    time_field,
    uuid_field,
)
from fake_nova.documents.flavor import FlavorReferenceField, serialize_flavor_of_server
from fake_nova.documents.image import creation_and_update_time
from fake_nova.documents.plan import PlanProgressField, ServerProgressSchema
from fake_nova.documents.scheduler_hints import hints_field
from fake_nova.documents.schema import StrictSchema
from fake_nova.images import timestamps

#: The values of a server's ``locked``; "admin" if an admin locked it.
_LOCKS: Final = (True, False, "admin")


def _is_address(value: object) -> bool:
    if isinstance(value, dict):
        types = {"address": str, "mac": str, "floating": bool}
        return "address" in value and all(type(value[key]) is types.get(key) for key in value)
    return isinstance(value, str)


def _are_addresses(value: Mapping[Any, Any]) -> bool:
    return all(
        isinstance(name, str) and isinstance(entries, list) and all(map(_is_address, entries))
        for name, entries in value.items()
    )


_ADDRESSES_KEYWORDS: Final[Mapping[str, Any]] = {
    "additionalProperties": {
        "type": "array",
        "items": {
            "type": ["string", "object"],
            "properties": {
                "address": {"type": "string"},
                "mac": {"type": "string"},
                "floating": {"type": "boolean"},
            },
            "required": ["address"],
            "additionalProperties": False,
        },
    }
}


class ServerFaultSchema(StrictSchema):
    """The schema of a server's ``fault``."""

    message = text_field(255, required=True)
    code = integer_field(100, 599)
    created_at = time_field()
    details = text_field(65_535, null=True)


class VolumeSchema(StrictSchema):
    """The schema of an entry of a server's ``volumes``."""

    id = text_field(255, 1, required=True)
    delete_on_termination = boolean_field()


class ServerSchema(StrictSchema):
    """The schema of an entry of ``servers``."""

    id = uuid_field()
    name = text_field(255, 1)
    owner = text_field(255, 1)
    user = text_field(255, 1)
    status = enum_field(server_states.STATES_BY_STATUS)
    vm_state = enum_field(server_states.DEFAULT_STATUSES)
    task_state = enum_field(server_states.TASK_STATES, null=True)
    power_state = integer_field(0, 7)
    image = uuid_field("the id of an image", null=True)
    image_properties = StrictField(
        (dict,), "a mapping of texts", is_string_mapping, null=True, keywords=TEXTS_KEYWORDS
    )
    flavor = FlavorReferenceField()
    old_flavor = FlavorReferenceField()
    new_flavor = FlavorReferenceField()
    boot_disk = integer_field(0, 2**31 - 1)
    shelved_image = uuid_field("the id of an image", null=True)
    metadata = StrictField((dict,), "a mapping of texts", is_string_mapping, keywords=TEXTS_KEYWORDS)
    tags = StrictList(text_field(60, 1), "texts of up to 60 characters", unique_by=str)
    description = text_field(255, null=True)
    key_name = StrictField((str,), "text", null=True)
    locked = StrictField(
        (bool, str), "true, false or admin", _LOCKS.__contains__, keywords={"enum": list(_LOCKS)}
    )
    locked_reason = text_field(255, null=True)
    address = StrictField((str,), "an address", null=True)
    addresses = StrictField(
        (dict,), "a mapping of networks to lists of addresses", _are_addresses, keywords=_ADDRESSES_KEYWORDS
    )
    security_groups = StrictList(text_field(255, 1), "names")
    volumes = nested_list_field(VolumeSchema, "mappings of id and delete_on_termination")
    fault = nested_field(ServerFaultSchema)
    host = text_field(255, 1, null=True)
    availability_zone = text_field(255)
    pinned_zone = text_field(255, 1, null=True)
    requested_host = text_field(255, 1, null=True)
    disk_config = enum_field(("AUTO", "MANUAL"), null=True)
    config_drive = boolean_field()
    user_data = text_field(65_535, null=True)
    hostname = text_field(255)
    reservation_id = text_field(255)
    launch_index = integer_field(0, 2**31 - 1)
    instance_name = text_field(255)
    root_device_name = text_field(255, null=True)
    kernel_id = text_field(255, null=True)
    ramdisk_id = text_field(255, null=True)
    trusted_image_certificates = StrictList(text_field(255, 1), "ids of certificates", max_items=50)
    scheduler_hints = hints_field()
    access_ip_v4 = text_field(39)
    access_ip_v6 = text_field(39)
    deleted = boolean_field()
    created_at = time_field()
    updated_at = time_field()
    launched_at = time_field(null=True)
    terminated_at = time_field()


class FixtureServerSchema(ServerSchema):
    """The schema of a server to add, with its plan."""

    plan = PlanProgressField(ServerProgressSchema)


def states_conflict(values: Mapping[str, Any]) -> str | None:
    """Return the problem of a loaded document whose ``status`` contradicts its states, or None."""
    if "status" not in values:
        return None
    status = server_states.status_of(**_states(values))
    if status == values["status"]:
        return None
    return f"contradicts vm_state and task_state (got {values['status']}); expected {status}"


def _states(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the vm_state and the task_state of a loaded document."""
    default = server_states.STATES_BY_STATUS[values.get("status", "ACTIVE")]
    vm_state = values.get("vm_state", default.vm_state)
    task_state = default.task_state if vm_state == default.vm_state else None
    return {"vm_state": vm_state, "task_state": values.get("task_state", task_state)}


def state_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `Server` that a document with a status or a state sets; none without one.

    A deleted server without either has the state of one that a client deleted.
    """
    if "status" in values:
        states = _states(values)
    else:
        states = {name: values[name] for name in ("vm_state", "task_state") if name in values}
    if values.get("deleted") and not states:
        states = {"vm_state": server_states.VM_DELETED, "task_state": None}
    if "power_state" in values:
        states["power_state"] = values["power_state"]
    elif "vm_state" in states:
        states["power_state"] = server_states.power_state_of(states["vm_state"])
    return states


def _parse_address(entry: str | Mapping[str, Any]) -> Address:
    if isinstance(entry, str):
        return Address(entry)
    default = Address(entry["address"])
    return Address(entry["address"], entry.get("mac", default.mac), entry.get("floating", False))


#: Key of a document -> the function that converts its value, and the field of `Server`.
_CONVERSIONS: Final[Mapping[str, tuple[Any, str]]] = {
    "address": (lambda text: {} if text is None else {DEFAULT_NETWORK: (Address(text),)}, "addresses"),
    "addresses": (
        lambda networks: {name: tuple(map(_parse_address, each)) for name, each in networks.items()},
        "addresses",
    ),
    "config_drive": (lambda flag: "True" if flag else "", "config_drive"),
    "deleted": (bool, "is_deleted"),
    "fault": (lambda fault: ServerFault(**fault), "fault"),
    "scheduler_hints": (hints_of, "scheduler_hints"),
    "trusted_image_certificates": (tuple, "trusted_image_certificates"),
    "locked": (lambda lock: {True: "owner", False: None, "admin": "admin"}[lock], "locked_by"),
    "security_groups": (tuple, "security_groups"),
    "tags": (tuple, "tags"),
    "volumes": (lambda volumes: tuple(Volume(**volume) for volume in volumes), "volumes"),
}

#: Keys whose values are flavors: the present one, that before a resize, and that after it.
FLAVOR_KEYS: Final = ("flavor", "old_flavor", "new_flavor")

#: Keys that `server_fields` leaves to others.
_OTHER_KEYS: Final = ("status", "vm_state", "task_state", "power_state", "user", "plan", *FLAVOR_KEYS)


def server_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a loaded document to fields of `Server`, without the user and the flavor."""
    fields = state_fields(values)
    for key, value in values.items():
        convert, name = _CONVERSIONS.get(key, (lambda same: same, key))
        if key not in _OTHER_KEYS:
            fields[name] = convert(value)
    return fields


def build_server(
    values: Mapping[str, Any],
    *,
    server_id: str,
    owner: str,
    user_id: str,
    flavors: Mapping[str, Flavor],
    now: datetime,
    zones: Sequence[Zone] = BUILT_IN_ZONES,
) -> Server:
    """Create a server from a loaded document.

    Args:
        values: the loaded document.
        server_id: the server's id; it is also part of the default name.
        owner: the project id of the owner.
        user_id: the id of its user, or "".
        flavors: key -> its flavor; see `FLAVOR_KEYS`.
        now: the creation and update time if the document has none.
        zones: the availability zones; they tell its host and its zone if the document does not.
    """
    fields = {**server_fields(values), **creation_and_update_time(values, now)}
    vm_state = fields.get("vm_state", server_states.VM_ACTIVE)
    is_deleted = fields.setdefault("is_deleted", vm_state == server_states.VM_DELETED)
    if "host" not in fields:
        has_host = vm_state not in VM_STATES_WITHOUT_HOST
        fields["host"] = host_for(fields.get("availability_zone"), zones) if has_host else None
    if "availability_zone" not in fields:
        fields["availability_zone"] = "" if fields["host"] is None else zone_name_of(fields["host"], zones)
    if vm_state != server_states.VM_BUILDING:
        fields.setdefault("launched_at", fields["created_at"])
    if is_deleted:
        fields.setdefault("terminated_at", fields["updated_at"])
    defaults = {"id": server_id, "name": f"server-{server_id[:8]}", "power_state": 1}
    return Server(**{**defaults, **fields, "owner": owner, "user_id": user_id, **flavors})


_NAMES: Final = tuple(field.name for field in dataclasses.fields(Server))


def serialize_server(server: Server, user: str | None) -> dict[str, Any]:
    """Return the document of *server*, from which the same server can be loaded again.

    Args:
        server: the server.
        user: the name or id of its user; None leaves the user out.
    """
    flavors: dict[str, Flavor | None] = {key: getattr(server, key) for key in FLAVOR_KEYS}
    document = {
        "id": server.id,
        "name": server.name,
        "owner": server.owner,
        "user": user,
        "status": server.status,
        **{name: getattr(server, name) for name in _NAMES},
        "image_properties": None if server.image_properties is None else dict(server.image_properties),
        **{key: None if each is None else serialize_flavor_of_server(each) for key, each in flavors.items()},
        "metadata": dict(server.metadata),
        "tags": list(server.tags),
        "locked": {"owner": True, None: False}.get(server.locked_by, server.locked_by),
        "addresses": {
            name: list(map(_serialize_address, addresses)) for name, addresses in server.addresses.items()
        },
        "security_groups": list(server.security_groups),
        "scheduler_hints": {name: list(values) for name, values in server.scheduler_hints.items()},
        "volumes": [volume._asdict() for volume in server.volumes],
        "fault": None if server.fault is None else _serialize_fault(server.fault),
        "config_drive": bool(server.config_drive),
        "deleted": server.is_deleted,
        **_serialize_times(server),
    }
    if server.trusted_image_certificates is not None:
        document["trusted_image_certificates"] = list(server.trusted_image_certificates)
    is_left_out = {"user_id", "locked_by", "is_deleted"}
    is_left_out |= {key for key in _OPTIONAL_KEYS if document[key] is None}
    return {key: value for key, value in document.items() if key not in is_left_out}


#: Keys that a document lacks if there is nothing to say.
_OPTIONAL_KEYS: Final = (
    *("user", "fault", "terminated_at", "old_flavor", "new_flavor", "boot_disk"),
    *("shelved_image", "pinned_zone", "requested_host"),
    *("kernel_id", "ramdisk_id", "trusted_image_certificates"),
)

_TIMES: Final = ("created_at", "updated_at", "launched_at", "terminated_at")


def _serialize_times(server: Server) -> dict[str, str | None]:
    times = {name: getattr(server, name) for name in _TIMES}
    return {
        name: None if moment is None else timestamps.isoformat_exact(moment) for name, moment in times.items()
    }


def _serialize_address(address: Address) -> dict[str, Any]:
    return {"address": address.address, "mac": address.mac, "floating": address.is_floating}


def _serialize_fault(fault: ServerFault) -> dict[str, Any]:
    document: dict[str, Any] = fault._asdict()
    if fault.created_at is None:
        del document["created_at"]
    else:
        document["created_at"] = timestamps.isoformat_exact(fault.created_at)
    return document
