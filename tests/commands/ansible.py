"""Ansible's modules ``openstack.cloud.image`` and ``openstack.cloud.image_info``."""

from __future__ import annotations

from typing import Final

from tests.commands.table import Command, Sequence, sequence


def _image(user: str, *arguments: str) -> tuple[Command, ...]:
    return tuple(
        Command(f'ansible localhost -m openstack.cloud.image -a "{each}"', user) for each in arguments
    )


def _info(user: str, *arguments: str) -> tuple[Command, ...]:
    return tuple(
        Command(f'ansible localhost -m openstack.cloud.image_info -a "{each}"', user) for each in arguments
    )


IMAGES: Final = sequence(
    "ansible: openstack.cloud.image and image_info",
    _info("alice", "image=twin", "image=status-active", "image=nope", "filters={'status':'deactivated'}"),
    _image(
        "alice",
        "name=playbook disk_format=raw filename=hello.raw properties={'os_distro':'arch'} tags=red",
        "name=playbook disk_format=raw filename=hello.raw properties={'os_distro':'arch'} tags=red",
        "name=playbook min_disk=2 is_protected=true",
        "name=playbook state=inactive is_protected=false",
    ),
    _info("alice", "image=playbook"),
    _image(
        "alice",
        "name=playbook state=present visibility=community",
        "name=playbook state=absent",
        "name=playbook state=absent",
        "name=bad disk_format=nonsense",
        "name=bad visibility=public",
        "name=others owner=bob-project owner_domain=Default",
    ),
    _image(
        "admin",
        "name=owned owner=bob-project owner_domain=Default disk_format=raw filename=hello.raw",
        "name=owned2 owner=alice-project owner_domain=default disk_format=raw filename=hello.raw visibility=public",
        "name=bad owner=nope owner_domain=Default",
        "name=bad owner=bob-project owner_domain=nope",
        "name=owned2 state=absent",
    ),
    _info("admin", "image=owned"),
    _image("admin", "name=owned state=absent"),
)

SEQUENCES: Final[tuple[Sequence, ...]] = (IMAGES,)
