"""Tasks, by both programs. An administrator sees those of everybody, so that this sequence comes first."""

from __future__ import annotations

from typing import Final

from tests.commands.table import Command, Sequence, commands, sequence

_UNKNOWN: Final = "00000000-0000-4000-8000-000000000000"

#: What Glance writes into an image while its import goes on.
IMPORT_GOES_ON: Final = (
    r"(?m)^\| (status|updated_at|checksum|size|virtual_size|os_hash_\w+|os_glance_\w+) .*\n"
)

TASKS: Final = sequence(
    "tasks",
    commands(
        "bob",
        "openstack image task list",
        f"openstack image task show {_UNKNOWN}",
        "glance task-list",
        f"glance task-show {_UNKNOWN}",
        "glance task-create --type nonsense",
        """glance task-create --type import --input '{"import_from": "x"}'""",
    ),
    commands(
        "admin",
        "openstack image task list",
        "openstack image task show nope",
        f"openstack image task show {_UNKNOWN}",
        f"openstack image task list --marker {_UNKNOWN}",
        "openstack image task list --sort-key nonsense",
        "glance task-list",
        f"glance task-show {_UNKNOWN}",
        "glance task-list --status nonsense",
        """glance task-create --type import --input '{"import_from": "x"}'""",
    ),
    Command(
        "openstack image create imported --disk-format raw --container-format bare --import --file hello.raw "
        "-f value -c id",
        user="bob",
        keeps="imported",
    ),
    Command("glance image-tasks {imported}", user="bob", until="success"),
    commands(
        "bob",
        "openstack image show imported -f value -c status",
        "openstack image show imported -f json",
        "openstack image import imported",
    ),
    Command(
        "glance image-create-via-import --name imported2 --disk-format raw --container-format bare "
        "--file hello.raw",
        user="carol",
        keeps="imported2",
        ignores=IMPORT_GOES_ON,
    ),
    Command("glance image-tasks {imported2}", user="carol", until="success"),
    commands("carol", "glance image-show {imported2}", "glance image-import {imported2}"),
    Command("openstack image task list --max-items 1", user="admin", keeps="task"),
    commands(
        "admin",
        "openstack image task list",
        "openstack image task show {task}",
        "openstack image task show {task} -f json",
        "openstack image task list --sort-key status --sort-dir asc",
        "openstack image task list --type import",
        "openstack image task list --status success --limit 1",
        "openstack image task list --max-items 2",
        "openstack image task list --marker {task}",
        "glance task-show {task}",
        "glance task-list",
        "glance task-list --type import --status success --page-size 1",
        "glance task-list --sort-key type --sort-dir asc",
    ),
    commands("bob", "openstack image task show {task}", "glance task-show {task}"),
    commands("bob", "openstack image delete imported", "glance image-tasks {imported}"),
    commands("carol", "glance image-delete {imported2}"),
    commands("admin", "openstack image task show {task}", "glance task-list"),
)

SEQUENCES: Final[tuple[Sequence, ...]] = (TASKS,)
