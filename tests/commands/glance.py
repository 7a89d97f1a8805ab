"""glanceclient's command, ``glance …``, apart from metadata definitions."""

from __future__ import annotations

from typing import Final

from tests.commands.table import Command, Sequence, commands, sequence

_ACTIVE: Final = "20000000-0000-4000-8000-000000000003"
_BOBS: Final = "20000000-0000-4000-8000-000000000023"
_UNKNOWN: Final = "00000000-0000-4000-8000-000000000000"

LISTS: Final = sequence(
    "glance: lists",
    commands(
        "alice",
        "glance image-list",
        "glance image-list --limit 3",
        "glance image-list --page-size 2 --limit 5",
        "glance image-list --visibility private",
        "glance image-list --visibility shared --member-status all",
        "glance image-list --member-status pending",
        "glance image-list --owner d9ebe43510414ef590a4aa158605329e",
        "glance image-list --property-filter os_distro=ubuntu",
        "glance image-list --property-filter name=twin",
        "glance image-list --checksum 1e4a1b03d1b6cd8a174a826f76e009f4 --limit 2",
        "glance image-list --hash nope",
        "glance image-list --tag red",
        "glance image-list --sort name:desc --limit 3",
        "glance image-list --sort-key size --sort-dir asc --limit 3",
        "glance image-list --sort-key nonsense",
        "glance image-list --hidden true",
        "glance image-list --include-stores --limit 2",
        "glance --verbose image-list --limit 2",
        f"glance image-show {_ACTIVE}",
        f"glance image-show {_ACTIVE} --human-readable --max-column-width 20",
        f"glance image-show {_BOBS}",
        f"glance image-show {_UNKNOWN}",
        "glance explain image",
        "glance explain member",
        "glance explain nope",
        "glance usage",
        "glance import-info",
        "glance stores-info",
        "glance stores-info --detail",
    ),
    commands(
        "admin", "glance image-list --include-stores --limit 3", f"glance image-show {_BOBS}", "glance usage"
    ),
    Command("glance stores-info --detail", user="admin", ignores=r'"data_dir":[\s|]*"[^"]*"'),
    commands("rita", "glance image-list --sort-key name --limit 4"),
)

LIFE: Final = sequence(
    "glance: a life",
    Command(
        "glance image-create --name life --disk-format raw --container-format bare --min-disk 1 --min-ram 64 "
        "--property os_distro=arch --tags red --visibility private --protected True",
        keeps="life",
    ),
    commands(
        "alice",
        "glance image-tasks {life}",
        "glance image-download {life} --file copy.raw",
        "glance image-upload {life} --file missing.raw",
        "glance image-upload {life} --file hello.raw --size 6",
        "glance image-upload {life} --file hello.raw --store nope",
        "glance image-upload {life} --file hello.raw",
        "glance image-upload {life} --file hello.raw",
        "glance image-show {life}",
        "glance image-download {life} --file copy.raw",
        "glance image-download {life}",
        "glance image-download {life} --allow-md5-fallback --file copy.raw --progress",
        "glance image-download {life} --prefer files --file copy.raw",
        "glance image-update {life} --name renamed --protected False --property os_version=12 "
        "--remove-property os_distro --hidden True",
        "glance image-update {life} --visibility public",
        "glance image-update {life} --hidden False --visibility shared",
        "glance image-update {life} --property checksum=x",
        "glance image-tag-delete {life} red",
        "glance image-tag-delete {life} red",
        "glance image-tag-update {life} blue",
        "glance image-deactivate {life}",
        "glance image-show {life}",
        "glance image-download {life} --file copy.raw",
        "glance image-reactivate {life}",
        "glance member-create {life} d9ebe43510414ef590a4aa158605329e",
        "glance member-create {life} d9ebe43510414ef590a4aa158605329e",
        "glance member-list --image-id {life}",
        "glance member-get {life} d9ebe43510414ef590a4aa158605329e",
        "glance member-get {life} nope",
        "glance member-update {life} d9ebe43510414ef590a4aa158605329e accepted",
    ),
    commands(
        "bob",
        "glance member-update {life} d9ebe43510414ef590a4aa158605329e accepted",
        "glance member-update {life} d9ebe43510414ef590a4aa158605329e nonsense",
        "glance member-list --image-id {life}",
        "glance image-deactivate {life}",
        "glance image-tag-update {life} green",
        "glance image-delete {life}",
    ),
    commands(
        "alice",
        "glance member-delete {life} d9ebe43510414ef590a4aa158605329e",
        "glance member-delete {life} d9ebe43510414ef590a4aa158605329e",
        f"glance member-create {_ACTIVE} d9ebe43510414ef590a4aa158605329e",
        "glance stores-delete {life} --store files",
        "glance stores-delete {life} --store nope",
        f"glance image-delete {{life}} {_UNKNOWN}",
        "glance image-delete {life}",
        f"glance image-update {_UNKNOWN} --name x",
        f"glance image-upload {_UNKNOWN} --file hello.raw",
        f"glance image-deactivate {_UNKNOWN}",
        f"glance image-reactivate {_UNKNOWN}",
        f"glance image-tasks {_UNKNOWN}",
    ),
)

CREATE: Final = sequence(
    "glance: create",
    Command("glance image-create", keeps="nameless"),
    Command(
        "glance image-create --name piped --disk-format raw --container-format bare",
        input="hello",
        keeps="piped",
    ),
    Command("glance image-create --name filed --file hello.raw --progress", keeps="filed"),
    Command(
        "glance image-create --name filed2 --disk-format raw --container-format bare --file hello.raw "
        "--progress --store files",
        keeps="filed2",
    ),
    commands(
        "alice",
        "glance image-create --name bad --disk-format nonsense --container-format bare",
        "glance image-create --name bad --visibility public",
        "glance image-create --name bad --min-disk -1",
        "glance image-create --name bad --file missing.raw --disk-format raw --container-format bare",
        "glance image-create --name bad --store nope --file hello.raw --disk-format raw --container-format bare",
        "glance image-create --name bad --id 20000000-0000-4000-8000-000000000003",
        "glance image-create --name bad --owner d9ebe43510414ef590a4aa158605329e",
        "glance image-create --name bad --property status=active",
        "glance image-delete {nameless} {piped} {filed2}",
        "glance image-delete {filed}",
    ),
    commands("rita", "glance image-create --name readers"),
)

STORES: Final = sequence(
    "glance: imports",
    commands(
        "carol",
        "glance image-create-via-import --name bad --import-method web-download --uri http://127.0.0.1:1/x",
        "glance image-create-via-import --name bad --import-method copy-image",
        "glance image-create-via-import --name bad --file hello.raw --store nope --disk-format raw "
        "--container-format bare",
    ),
    Command(
        "glance image-create --name staged --disk-format raw --container-format bare",
        user="carol",
        keeps="staged",
    ),
    commands(
        "carol",
        "glance image-import {staged}",
        "glance image-stage {staged} --file hello.raw",
        "glance image-show {staged}",
        "glance image-import {staged} --import-method nonsense",
        "glance image-import {staged} --import-method copy-image --stores files",
        "glance image-import {staged} --stores nope",
        "glance image-delete {staged}",
    ),
)

LOCATIONS: Final = sequence(
    "glance: locations",
    Command("glance image-create --name placed --disk-format raw --container-format bare", keeps="placed"),
    commands(
        "alice",
        "glance location-add {placed} --url http://127.0.0.1:1/x",
        """glance location-add {placed} --url http://127.0.0.1:1/x --metadata '{"a": "b"}'""",
        "glance location-update {placed} --url http://127.0.0.1:1/x",
        "glance location-delete {placed} --url http://127.0.0.1:1/x",
        "glance add-location {placed} --url http://127.0.0.1:1/x",
        "glance add-location {placed} --url ftp://127.0.0.1:1/x",
        f"glance add-location {_UNKNOWN} --url http://127.0.0.1:1/x",
        f"glance add-location {_ACTIVE} --url http://127.0.0.1:1/x",
        "glance image-show {placed}",
    ),
    commands("bob", "glance add-location {placed} --url http://127.0.0.1:1/x"),
    commands(
        "admin",
        "glance location-add {placed} --url file:///x",
        "glance add-location {placed} --url file:///x",
        "glance location-delete {placed} --url file:///x",
        "glance image-show {placed}",
    ),
    commands("alice", "glance image-delete {placed}"),
)

CACHE: Final = sequence(
    "glance: cache",
    commands(
        "admin",
        "glance cache-list",
        "glance cache-clear",
        f"glance cache-queue {_ACTIVE}",
        f"glance cache-delete {_ACTIVE}",
        "glance --os-image-url {glance} cache-list",
        "glance --os-image-url {glance} cache-clear --target queue",
        "glance cache-clean",
        "glance cache-prune",
        f"glance cache-nodes-list {_ACTIVE}",
    ),
    commands("alice", "glance cache-list"),
)

SEQUENCES: Final[tuple[Sequence, ...]] = (LISTS, LIFE, CREATE, STORES, LOCATIONS, CACHE)
