"""``openstack image …`` and ``openstack cached image …``, apart from metadata definitions."""

from __future__ import annotations

from typing import Final

from tests.commands.table import Command, Sequence, commands, sequence

LISTS: Final = sequence(
    "openstack image: lists",
    commands(
        "alice",
        "openstack image list",
        "openstack image list --long -f json --name twin",
        "openstack image list --name status-active",
        "openstack image list --public -f value -c ID",
        "openstack image list --private",
        "openstack image list --community",
        "openstack image list --shared",
        "openstack image list --all -f value -c Name",
        "openstack image list --hidden",
        "openstack image list --status deactivated",
        "openstack image list --status nonsense",
        "openstack image list --member-status pending",
        "openstack image list --member-status rejected --shared",
        "openstack image list --project bob-project --project-domain Default",
        "openstack image list --project bob-project --project-domain default",
        "openstack image list --tag red",
        "openstack image list --property os_distro=ubuntu",
        "openstack image list --sort name:desc --limit 3",
        "openstack image list --sort size:asc,name:desc --status active -f value -c Name",
        "openstack image list --sort nonsense",
        "openstack image list --limit 2 --marker status-active",
        "openstack image list --marker nope",
        "openstack image list --max-items 4",
        "openstack image list --limit -1",
    ),
    commands(
        "admin",
        "openstack image list -f value -c ID",
        "openstack image list --project carol-project --project-domain Default -f csv",
        "openstack image list --private --long -f json --name pad",
    ),
    commands("bob", "openstack image list --shared", "openstack image list --member-status all"),
    commands("rita", "openstack image list --sort created_at:desc,id:asc --limit 5 -f yaml"),
)

SHOW: Final = sequence(
    "openstack image: show",
    commands(
        "alice",
        "openstack image show status-active",
        "openstack image show status-active -f json",
        "openstack image show status-active --human-readable",
        "openstack image show props-many",
        "openstack image show twin",
        "openstack image show nope",
        "openstack image show 20000000-0000-4000-8000-000000000023",
        "openstack image show 20000000-0000-4000-8000-000000000010 -f value -c name -c size",
        "openstack image show status-queued -f shell",
    ),
    commands("admin", "openstack image show status-active -f json", "openstack image show a-private"),
    commands("rita", "openstack image show a-private -f json"),
)

LIFE: Final = sequence(
    "openstack image: a life",
    Command(
        "openstack image create life --disk-format raw --container-format bare --file hello.raw --private "
        "--min-disk 1 --min-ram 64 --property os_distro=arch --tag red --protected",
        keeps="life",
    ),
    commands(
        "alice",
        "openstack image show life -f json",
        "openstack image show {life} --human-readable",
        "openstack image list --name life --long",
        "openstack image delete life",
        "openstack image save life --file copy.raw",
        "openstack image save life",
        "openstack image save nope --file copy.raw",
        "openstack image set life --unprotected --name renamed --min-disk 2 --min-ram 128 --tag blue "
        "--property os_version=12 --architecture x86_64 --os-distro gentoo",
        "openstack image show renamed -f json",
        "openstack image unset renamed --property os_version --tag red",
        "openstack image unset renamed --property os_version",
        "openstack image unset renamed --tag red",
        "openstack image set renamed --disk-format qcow2 --container-format ovf",
        "openstack image set renamed --hidden",
        "openstack image list --name renamed",
        "openstack image list --name renamed --hidden",
        "openstack image set renamed --unhidden --instance-id 9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f",
        "openstack image set renamed --deactivate",
        "openstack image show renamed -f value -c status",
        "openstack image save renamed --file copy.raw",
        "openstack image set renamed --activate",
        "openstack image set renamed --community",
        "openstack image set renamed --public",
        "openstack image set renamed",
        "openstack image set nope --name x",
        "openstack image set renamed --kernel-id 20000000-0000-4000-8000-000000000003 --ramdisk-id x",
        "openstack image set renamed --property checksum=x",
        "openstack image set renamed --accept",
    ),
    commands("bob", "openstack image show renamed -f value -c name", "openstack image delete {life}"),
    commands("rita", "openstack image set {life} --name mine", "openstack image delete {life}"),
    commands("admin", "openstack image set {life} --public"),
    commands(
        "alice",
        "openstack image show {life} -f value -c visibility",
        "openstack image delete renamed nope",
        "openstack image delete {life}",
        "openstack image show {life}",
    ),
)

CREATE: Final = sequence(
    "openstack image: create",
    commands(
        "alice",
        "openstack image create empty",
        "openstack image delete empty",
        "openstack image create bad --disk-format nonsense",
        "openstack image create bad --container-format nonsense",
        "openstack image create bad --public",
        "openstack image create bad --min-disk -1",
        "openstack image create bad --file missing.raw",
        "openstack image create bad --property checksum=x",
        "openstack image create bad --id nonsense",
        "openstack image create bad --id 20000000-0000-4000-8000-000000000003",
        "openstack image create typed --id 5a1f0d9e-7c2b-4e3d-9f10-112233445566 --shared --tag a --unprotected",
        "openstack image delete typed",
        "openstack image create again --id 5a1f0d9e-7c2b-4e3d-9f10-112233445566",
        "openstack image create mine --project alice-project --project-domain Default",
        "openstack image create other --project bob-project --project-domain Default",
        "openstack image create other --project nope",
        "openstack image create volume --volume nope",
        "openstack image create progress --file hello.raw --progress",
        "openstack image delete progress",
        "openstack image delete progress nope",
    ),
    Command(
        "openstack image create bobs --project bob-project --project-domain Default --community",
        user="admin",
        keeps="bobs",
    ),
    commands(
        "admin",
        "openstack image create bobs2 --project bob-project --project-domain default",
        "openstack image create nobodys --project nope",
        "openstack image set {bobs} --project alice-project --project-domain Default",
        "openstack image show {bobs} -f value -c owner",
        "openstack image delete {bobs} bobs2",
    ),
    Command(
        "openstack image create signed --file hello.raw --sign-key-path missing.key --sign-cert-id x",
        input="",
    ),
    commands("rita", "openstack image create readers"),
)

MEMBERS: Final = sequence(
    "openstack image: members",
    Command("openstack image create ours --shared --disk-format raw --container-format bare", keeps="ours"),
    commands(
        "alice",
        "openstack image add project ours bob-project --project-domain Default",
        "openstack image add project ours d9ebe43510414ef590a4aa158605329e",
        "openstack image add project ours d9ebe43510414ef590a4aa158605329e",
        "openstack image member list ours",
        "openstack image member list ours --project-domain Default -f json",
        "openstack image member get ours d9ebe43510414ef590a4aa158605329e",
        "openstack image member get ours nope",
        "openstack image add project nope bob-project",
        "openstack image add project status-active bob-project --project-domain Default",
        "openstack image member list status-active",
    ),
    commands(
        "bob",
        "openstack image list --shared --member-status all -f value -c Name",
        "openstack image set {ours} --accept",
        "openstack image member list {ours}",
        "openstack image set {ours} --reject",
        "openstack image set {ours} --pending",
        "openstack image member get {ours} d9ebe43510414ef590a4aa158605329e",
        "openstack image set {ours} --accept --project d9ebe43510414ef590a4aa158605329e",
        "openstack image add project {ours} carol-project",
    ),
    commands(
        "carol", "openstack image set {ours} --accept", "openstack image remove project {ours} bob-project"
    ),
    commands(
        "admin",
        "openstack image add project {ours} carol-project --project-domain Default",
        "openstack image add project {ours} carol-project --project-domain nope",
        "openstack image add project {ours} nope --project-domain Default",
        "openstack image member list {ours} -f value -c Status",
        "openstack image remove project {ours} carol-project --project-domain Default",
    ),
    commands(
        "alice",
        "openstack image remove project ours d9ebe43510414ef590a4aa158605329e",
        "openstack image remove project ours d9ebe43510414ef590a4aa158605329e",
        "openstack image member list ours",
        "openstack image delete ours",
    ),
)

STORES: Final = sequence(
    "openstack image: imports and stores",
    commands(
        "bob",
        "openstack image import info",
        "openstack image stores list",
        "openstack image stores list --detail",
    ),
    Command(
        "openstack image create staged --disk-format raw --container-format bare", user="bob", keeps="staged"
    ),
    commands(
        "bob",
        "openstack image import staged --method glance-direct",
        "openstack image stage staged --file hello.raw",
        "openstack image stage staged --file missing.raw",
        "openstack image show staged -f value -c status",
        "openstack image import staged --method web-download",
        "openstack image import staged --method web-download --uri http://127.0.0.1:1/x",
        "openstack image import staged --method copy-image --store files",
        "openstack image import staged --store nope",
        "openstack image import staged --method nonsense",
        "openstack image import staged --method glance-direct -f value -c name",
    ),
    Command("openstack image show staged -f value -c status", user="bob", until="active"),
    commands(
        "bob",
        "openstack image delete staged --store files",
        "openstack image delete staged --store nope",
        "openstack image delete staged",
        "openstack image import nope",
    ),
    Command("openstack image stores list --detail", user="admin", ignores=r"'data_dir':[\s|]*'[^']*'"),
)

CACHE: Final = sequence(
    "openstack cached image",
    commands(
        "admin",
        "openstack cached image list",
        "openstack cached image queue status-active",
        "openstack cached image delete status-active",
        "openstack cached image delete nope",
        "openstack cached image clear",
        "openstack cached image clear --cache",
        "openstack cached image clear --queue",
    ),
    commands("alice", "openstack cached image list", "openstack cached image queue status-active"),
)

SEQUENCES: Final[tuple[Sequence, ...]] = (LISTS, SHOW, LIFE, CREATE, MEMBERS, STORES, CACHE)
