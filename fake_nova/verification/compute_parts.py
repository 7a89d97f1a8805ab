"""The parts of servers, flavors and key pairs that have rules of their own, whatever the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple


class Part(NamedTuple):
    """A part of answers.

    Attributes:
        rule: the name of its rule.
        keys: the headers, or the keys of a thing such as an image, that belong to it.
    """

    rule: str
    keys: tuple[str, ...]


_ATTRIBUTES: Final = "OS-EXT-SRV-ATTR:"

#: Key of a list -> the groups of keys of its things; any other key belongs to the rule of `_OTHER_KEYS`.
PARTS: Final[Mapping[str, tuple[Part, ...]]] = {
    "servers": (
        Part("names of servers", ("id", "name", f"{_ATTRIBUTES}hostname")),
        Part(
            "status of servers",
            ("status", "progress", *(f"OS-EXT-STS:{name}_state" for name in ("vm", "task", "power"))),
        ),
        Part(
            "times of servers", ("created", "updated", "OS-SRV-USG:launched_at", "OS-SRV-USG:terminated_at")
        ),
        Part("owners of servers", ("tenant_id", "user_id")),
        Part("flavors of servers", ("flavor",)),
        Part("images of servers", ("image",)),
        Part("addresses of servers", ("addresses", "accessIPv4", "accessIPv6", "security_groups")),
        Part("metadata of servers", ("metadata", "tags", "description")),
        Part(
            "disks of servers", ("OS-DCF:diskConfig", "config_drive", "os-extended-volumes:volumes_attached")
        ),
        Part("locks and key names of servers", ("locked", "locked_reason", "key_name")),
        Part(
            "hosts and zones of servers",
            ("OS-EXT-AZ:availability_zone", "pinned_availability_zone", f"{_ATTRIBUTES}host"),
        ),
        Part(
            "attributes of servers",
            (
                *(f"{_ATTRIBUTES}{name}" for name in ("instance_name", "root_device_name", "launch_index")),
                *(f"{_ATTRIBUTES}{name}" for name in ("kernel_id", "ramdisk_id", "reservation_id")),
                *("trusted_image_certificates", "scheduler_hints"),
            ),
        ),
        Part("faults of servers", ("fault",)),
        Part("links of servers", ("links",)),
    ),
    "flavors": (
        Part("names of flavors", ("id", "name")),
        Part(
            "sizes of flavors", ("ram", "disk", "vcpus", "swap", "OS-FLV-EXT-DATA:ephemeral", "rxtx_factor")
        ),
        Part("extra specs of flavors", ("extra_specs", "description")),
        Part("links of flavors", ("links",)),
    ),
    "keypairs": (Part("keys of key pairs", ("name", "public_key", "fingerprint", "type")),),
}

#: Key of a list -> the rule of the keys that no part has.
_OTHER_KEYS: Final[Mapping[str, str]] = {
    "servers": "other keys of servers",
    "flavors": "other keys of flavors",
    "keypairs": "other keys of key pairs",
}

#: Keys whose values no fixture holds. They are compared by whether they are there.
_UNKNOWABLE: Final = frozenset(
    (
        *("hostId", "host_status", "server_groups"),
        *(f"{_ATTRIBUTES}hypervisor_hostname", f"{_ATTRIBUTES}user_data"),
    )
)


def names() -> list[str]:
    """Return the names of all rules of this module."""
    return [
        rule for key, parts in PARTS.items() for rule in (*(part.rule for part in parts), _OTHER_KEYS[key])
    ]


def comparable(thing: Mapping[str, Any]) -> dict[str, Any]:
    """Return a thing without the values that no fixture holds; the id of a key pair is one of them."""
    is_number = isinstance(thing.get("id"), int)
    unknowable_keys = _UNKNOWABLE | {"id"} if is_number else _UNKNOWABLE
    return {key: "some value" if key in unknowable_keys else value for key, value in thing.items()}


def identity(thing: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a thing is found by on the other side: its id, or the name of a key pair."""
    own_id = thing.get("id")
    return ("id", own_id) if isinstance(own_id, str) else ("name", str(thing.get("name")))


def all_parts(key: str, pair: Sequence[Mapping[str, Any]]) -> list[Part]:
    """Return the parts of two things, with one for all keys that no other part has."""
    known_keys = {each for part in PARTS[key] for each in part.keys}
    other_keys = sorted({each for thing in pair for each in thing} - known_keys)
    return [*PARTS[key], Part(_OTHER_KEYS[key], tuple(other_keys))]
