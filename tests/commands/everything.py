"""The whole table, and the commands that the installed clients have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from typing import Final

from tests.commands import ansible, glance, identity, metadefs, openstack_images, tasks
from tests.commands.table import Sequence

SEQUENCES: Final[tuple[Sequence, ...]] = tuple(
    each
    for module in (tasks, openstack_images, identity, glance, metadefs, ansible)
    for each in module.SEQUENCES
)

#: Group of entry points of ``openstack`` -> the entry points that the table has, as a pattern.
_OPENSTACK: Final = {
    "openstack.image.v2": re.compile("image_.*|cached_image_.*"),
    "openstack.identity.v3": re.compile(
        "application_credential_.*|access_rule_.*|(project|user|domain|role)_(list|show)"
    ),
}

#: Commands of ``glance`` that ask no server.
_LOCAL: Final = ("bash-completion", "help")

_ANSIBLE: Final = tuple(f"ansible localhost -m openstack.cloud.{name}" for name in ("image", "image_info"))


def command_names() -> Iterator[str]:
    """Yield the name of each command that the table must have, such as ``openstack image add project``."""
    for group, pattern in _OPENSTACK.items():
        for entry_point in entry_points(group=group):
            if pattern.fullmatch(entry_point.name):
                yield f"openstack {entry_point.name.replace('_', ' ')}"
    for name in vars(import_module("glanceclient.v2.shell")):
        if name.startswith("do_"):
            yield f"glance {name.removeprefix('do_').replace('_', '-')}"
    yield from _ANSIBLE
