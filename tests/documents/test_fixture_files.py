"""Fixture files: how they are read, and how errors in them are reported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from errno import EACCES
from pathlib import Path

import pytest

from fake_nova import create_app
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.seed import Seed
from fake_nova.documents import fields, fixture_files
from fake_nova.documents.bundled_fixtures import BUNDLED_FIXTURES, bundled_names
from fake_nova.documents.image import serialize_image
from fake_nova.documents.loading import load_document
from fake_nova.errors import FixtureError
from fake_nova.images.database import MARIADB, SQLITE
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.settings import Settings
from fake_nova.support.messages import MAX_REPORTED_ERRORS
from tests.conftest import RECORDED_CLOUD, Cloud

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


class FrozenAt:
    """A clock that changes only when it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def load(*paths: object) -> Seed:
    return fixture_files.load_files([str(path) for path in paths], NOW)


def write_fixture(folder: Path, text: str | bytes, name: str = "cloud.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def lines_about(path: Path) -> list[str]:
    """Return the error messages for a broken file, without its folder and the YAML library's own words."""
    with pytest.raises(FixtureError) as error_info:
        load(path)
    lines = [line.replace(f"{path.parent}/", "") for line in error_info.value.lines]
    return [re.sub(r"(: not YAML) \(.+\); ", r"\1; ", line) for line in lines]


KEYS = (
    "projects, users, domains, roles, application_credentials, images, generate, servers, generate_servers, "
    "flavors, keypairs, quotas, availability_zones, plans, default_plan, default_server_plan, "
    "assign_plans, clock, faults, settings, dialect, database"
)
STATUSES = "queued, saving, uploading, importing, active, deactivated, killed, pending_delete, deleted"
IMAGE_KEYS = (
    "id, name, status, size, min_ram, min_disk, created_at, updated_at, owner, visibility, protected, os_hidden, "
    "disk_format, container_format, tags, members, properties, checksum, os_hash_algo, os_hash_value, virtual_size, "
    "stores, removed_keys, member_rows, plan"
)

#: Kind of mistake -> the file, and each expected line of the error message.
BROKEN: dict[str, tuple[str | bytes, list[str]]] = {
    "no YAML": ("images: [\n", ["cloud.yaml:2:1: not YAML; expected YAML or JSON"]),
    "a tab for indentation": ("images:\n\t- name: a\n", ["cloud.yaml:2:1: not YAML; expected YAML or JSON"]),
    "nesting too deep": (
        "images: " + "[" * 70 + "]" * 70,
        ["cloud.yaml:1:72: nested too deep; expected at most 64 levels"],
    ),
    "JSON nested too deep": (
        '{"images": ' + "[" * 2000 + "]" * 2000 + "}",
        ["cloud.yaml:1:75: nested too deep; expected at most 64 levels"],
    ),
    "an alias within its own anchor": (
        "images: &a [{name: x, properties: {k: *a}}]",
        ["cloud.yaml:1:39: *a: alias inside its own anchor; expected it after the anchor's value"],
    ),
    "a tag": (
        "images: [{name: !!str 5}]",
        ["cloud.yaml:1:17: tag:yaml.org,2002:str: tags are not supported; expected plain values"],
    ),
    "a tag of a mapping": (
        "images: !!set {a}",
        ["cloud.yaml:1:9: tag:yaml.org,2002:set: tags are not supported; expected plain values"],
    ),
    "words of Nova, and words in the wrong case": (
        "images:\n  - status: ERROR\n    visibility: Public\n    minRam: 5\n  - status: QUEUED\n",
        [
            f'cloud.yaml:2:5: images[0].status: invalid value (got "ERROR"); expected {STATUSES} '
            "(Nova's ERROR is Glance's killed)",
            'cloud.yaml:3:5: images[0].visibility: invalid value (got "Public"); expected public, private, '
            "shared, community (write public)",
            f"cloud.yaml:4:5: images[0].minRam: unknown key; expected one of: {IMAGE_KEYS} "
            "(instead of minRam, write min_ram)",
            f'cloud.yaml:5:5: images[1].status: invalid value (got "QUEUED"); expected {STATUSES} (write queued)',
        ],
    ),
    "a merged text": (
        "images:\n  - {name: &name x}\n  - {<<: *name, size: 3}\n",
        ["cloud.yaml:3:6: <<: no mapping to merge; expected an alias of a mapping, or a list of them"],
    ),
    "a mistake in a merged mapping": (
        "x-base: &base\n  size: 1.5\nimages:\n  - {<<: *base, name: x}\n",
        [
            "cloud.yaml:2:3: images[0].size: invalid value (got 1.5); expected a whole number from 0 to "
            "9223372036854775807 or null"
        ],
    ),
    "a mistake after an emoji in JSON": (
        '{"images": [\n  {"name": "\\ud83d\\ude00", "size": "x"}]}',
        [
            'cloud.yaml:2:28: images[0].size: invalid value (got "x"); expected a whole number from 0 to '
            "9223372036854775807 or null"
        ],
    ),
    "a lone surrogate in JSON": (
        '{"images": [{"name": "\\ud800", "properties": {"k": "\\udfff"}}]}',
        [
            'cloud.yaml:1:14: images[0].name: invalid value (got "\\ud800"); expected text of up to 255 characters or '
            "null",
            'cloud.yaml:1:32: images[0].properties: invalid value (got {"k": "\\udfff"}); expected a mapping of texts '
            "(put numbers and true or false in quotes)",
        ],
    ),
    "an empty file": ("", [f"cloud.yaml:1: empty; expected some of the keys: {KEYS}"]),
    "a binary file": (
        b"\x7fELF\xff\xfe",
        ["cloud.yaml:1: not UTF-8 (got byte 0xff); expected YAML in UTF-8"],
    ),
    "a control character": (
        b"images: []\n# \x00\n",
        ["cloud.yaml:2: invalid character; expected printable text"],
    ),
    "not a mapping": (
        "- name: a\n",
        [f"cloud.yaml:1:1: document: not a mapping; expected a mapping with some of the keys: {KEYS}"],
    ),
    "not a list": ("images: {name: a}\n", ["cloud.yaml:1:1: images: not a list; expected a list of images"]),
    "not an image": (
        "images:\n  - ubuntu\n",
        [
            "cloud.yaml:2:5: images[0]: not a mapping; expected a mapping with some of the keys: id, name, status, size, min_ram, min_disk, "
            "created_at, updated_at, owner, visibility, protected, os_hidden, disk_format, container_format, tags, "
            "members, properties, checksum, os_hash_algo, os_hash_value, virtual_size, stores, removed_keys, member_rows, plan"
        ],
    ),
    "an unknown key of the file": (
        "images: []\nvolumes: []\n",
        [f"cloud.yaml:2:1: volumes: unknown key; expected one of: {KEYS} (is it roles?)"],
    ),
    "an unknown key of an image": (
        "images:\n  - name: a\n    ram: 5\n",
        [
            "cloud.yaml:3:5: images[0].ram: unknown key; expected one of: id, name, status, size, min_ram, min_disk, "
            "created_at, updated_at, owner, visibility, protected, os_hidden, disk_format, container_format, tags, "
            "members, properties, checksum, os_hash_algo, os_hash_value, virtual_size, stores, removed_keys, member_rows, plan (is it min_ram?)"
        ],
    ),
    "a duplicate key": (
        "images:\n  - name: a\n    size: 1\n    name: b\n",
        ["cloud.yaml:4:5: name: duplicate key; expected it once"],
    ),
    "a key that is not text": (
        "images:\n  - 5: a\n",
        ["cloud.yaml:2:5: invalid key (got 5); expected text (put it in quotes)"],
    ),
    "a wrong type": (
        "images:\n  - name: 5\n",
        [
            "cloud.yaml:2:5: images[0].name: invalid value (got 5); expected text of up to 255 characters or null"
        ],
    ),
    "a number in quotes": (
        'images:\n  - size: "5"\n',
        [
            'cloud.yaml:2:5: images[0].size: invalid value (got "5"); expected a whole number from 0 to '
            "9223372036854775807 or null"
        ],
    ),
    "a number in octal": (
        "images:\n  - min_ram: 0100\n",
        [
            "cloud.yaml:2:5: images[0].min_ram: invalid value (got 0100); expected a whole number from 0 to 2147483647"
        ],
    ),
    "a number in base 60": (
        "images:\n  - size: 1:30\n",
        [
            "cloud.yaml:2:5: images[0].size: invalid value (got 1:30); expected a whole number from 0 to "
            "9223372036854775807 or null"
        ],
    ),
    "a number with an underscore": (
        "images:\n  - min_disk: 1_0\n",
        [
            "cloud.yaml:2:5: images[0].min_disk: invalid value (got 1_0); expected a whole number from 0 to 2147483647"
        ],
    ),
    "a number with thousands of digits": (
        f"images:\n  - size: 0x{'f' * 5_000}\n  - size: {'1' * 5_000}\n",
        [
            f"cloud.yaml:{line}:5: images[{line - 2}].size: invalid value (got {digits}...); expected a whole number "
            "from 0 to 9223372036854775807 or null"
            for line, digits in ((2, "0x" + "f" * 75), (3, "1" * 77))
        ],
    ),
    "ambiguous numbers instead of texts": (
        "images:\n  - {name: 1:30, properties: {version: 0100}}\n",
        [
            "cloud.yaml:2:6: images[0].name: invalid value (got 1:30); expected text of up to 255 characters or null",
            'cloud.yaml:2:18: images[0].properties: invalid value (got {"version": "0100"}); expected a mapping of '
            "texts (put numbers and true or false in quotes)",
        ],
    ),
    "a directive": (
        "%TAG ! tag:x,2000:\n---\nimages: []\n",
        ["cloud.yaml:1:1: %: directives are not supported; expected plain YAML"],
    ),
    "too many faults": (
        json.dumps({"faults": [{"effect": {"status": 503}}] * 1_001}),
        ["cloud.yaml:1:2: faults: too many (got 1001); expected at most 1000"],
    ),
    "a seed that is too large": (
        f"faults: [{{effect: {{status: 503}}, match: {{seed: {2**63}}}}}]\n",
        [
            f"cloud.yaml:1:42: faults[0].match.seed: invalid value (got {2**63}); expected a whole number from "
            f"{-(2**63)} to {2**63 - 1}"
        ],
    ),
    "more tags in a match than an image can have": (
        f"assign_plans: [{{plan: slow, match: {{tags: {list(map(str, range(129)))}}}}}]\n",
        ["cloud.yaml:1:37: assign_plans[0].match.tags: too many (got 129); expected at most 128"],
    ),
    "a boolean instead of a number": (
        "images:\n  - min_ram: true\n",
        [
            "cloud.yaml:2:5: images[0].min_ram: invalid value (got true); expected a whole number from 0 to 2147483647"
        ],
    ),
    "a number instead of a boolean": (
        "images:\n  - protected: 1\n",
        ["cloud.yaml:2:5: images[0].protected: invalid value (got 1); expected true or false"],
    ),
    "an unknown status": (
        "images:\n  - {name: a, status: actve}\n",
        [
            'cloud.yaml:2:15: images[0].status: invalid value (got "actve"); expected queued, saving, uploading, '
            "importing, active, deactivated, killed, pending_delete, deleted"
        ],
    ),
    "an unknown visibility": (
        "images:\n  - visibility: hidden\n",
        [
            'cloud.yaml:2:5: images[0].visibility: invalid value (got "hidden"); expected public, private, shared, '
            "community"
        ],
    ),
    "a negative size": (
        "images:\n  - size: -1\n",
        [
            "cloud.yaml:2:5: images[0].size: invalid value (got -1); expected a whole number from 0 to "
            "9223372036854775807 or null"
        ],
    ),
    "an invalid time": (
        "images:\n  - created_at: 2014-02-30T00:00:00Z\n",
        [
            'cloud.yaml:2:5: images[0].created_at: invalid value (got "2014-02-30T00:00:00Z"); expected an ISO 8601 time '
            "such as 2014-02-10T17:05:01Z"
        ],
    ),
    "an invalid id": (
        "images:\n  - id: ee10f19c503c44afaf2f73d5e42f7a17\n",
        [
            'cloud.yaml:2:5: images[0].id: invalid value (got "ee10f19c503c44afaf2f73d5e42f7a17"); expected a UUID '
            "such as ee10f19c-503c-44af-af2f-73d5e42f7a17"
        ],
    ),
    "a property that is not text": (
        "images:\n  - properties: {bits: 64}\n",
        [
            'cloud.yaml:2:5: images[0].properties: invalid value (got {"bits": 64}); expected a mapping of texts (put '
            "numbers and true or false in quotes)"
        ],
    ),
    "a member without a project": (
        "images:\n  - members: [{status: accepted}]\n",
        ["cloud.yaml:2:15: images[0].members[0].member: missing; expected text of 1 or more characters"],
    ),
    "an unknown project": (
        "projects: [{id: abc, name: one}]\nimages:\n  - owner: two\n",
        ['cloud.yaml:3:5: images[0].owner: unknown project (got "two"); expected one of: abc (one)'],
    ),
    "an unknown project among many": (
        "projects:\n"
        + "".join(f"- {{id: p{number}, name: n{number}}}\n" for number in range(25))
        + "images: [{owner: two}]\n",
        [
            'cloud.yaml:27:11: images[0].owner: unknown project (got "two"); expected one of: '
            + ", ".join(f"p{number} (n{number})" for number in range(20))
            + " and 5 more"
        ],
    ),
    "a user of an unknown project": (
        "projects: [{id: abc, name: one}]\nusers:\n  - {name: me, password: secret, project: two}\n",
        ['cloud.yaml:3:34: users[0].project: unknown project (got "two"); expected one of: abc (one)'],
    ),
    "an unknown role": (
        "users:\n  - {name: me, password: p, project: demo, roles: [root]}\n",
        [
            'cloud.yaml:2:52: users[0].roles[0]: unknown role (got "root"); expected one of: admin, manager, member, reader, service'
        ],
    ),
    "a password that is not text, which is not shown": (
        "users:\n  - {name: me, password: 12345, project: demo}\n",
        [
            "cloud.yaml:2:16: users[0].password: invalid value (got a secret value); expected text of 1 to 4096 characters or null"
        ],
    ),
    "a duplicate id": (
        "images:\n  - &one {id: ee10f19c-503c-44af-af2f-73d5e42f7a17}\n  - *one\n",
        [
            'cloud.yaml:2:11: images[1].id: id already in use (got "ee10f19c-503c-44af-af2f-73d5e42f7a17", first at '
            "cloud.yaml:2:11); expected an id that comes once"
        ],
    ),
    "an unknown plan": (
        "images: [{plan: sluggish}]\ndefault_plan: none\nassign_plans: [{plan: own}]\nplans: {own: [{status: active}]}\n",
        [
            'cloud.yaml:1:11: images[0].plan: unknown plan (got "sluggish"); expected one of: instant, slow, fails, import, own',
            'cloud.yaml:2:1: default_plan: unknown plan (got "none"); expected one of: instant, slow, fails, import, own',
        ],
    ),
    "wrong types and unknown references in one file": (
        "users: [{name: a, password: b, project: none, roles: [boss]}]\n"
        "projects: [{id: abc, name: mine}]\n"
        "images:\n"
        '  - {owner: nobody, size: "5"}\n'
        "  - {plan: sluggish, id: 155d900f-4e14-4e4c-a73d-069cbf4541e6}\n"
        "  - {id: 155d900f-4e14-4e4c-a73d-069cbf4541e6, name: 5}\n"
        "servers: [{owner: nobody, status: off}]\n"
        "generate: [{count: 0, template: {owner: nobody}}]\n",
        [
            'cloud.yaml:1:32: users[0].project: unknown project (got "none"); expected one of: abc (mine)',
            'cloud.yaml:1:55: users[0].roles[0]: unknown role (got "boss"); expected one of: admin, manager, member, reader, service',
            'cloud.yaml:4:6: images[0].owner: unknown project (got "nobody"); expected one of: abc (mine)',
            'cloud.yaml:4:21: images[0].size: invalid value (got "5"); expected a whole number from 0 to '
            "9223372036854775807 or null",
            'cloud.yaml:5:6: images[1].plan: unknown plan (got "sluggish"); expected one of: instant, slow, fails, import',
            'cloud.yaml:6:6: images[2].id: id already in use (got "155d900f-4e14-4e4c-a73d-069cbf4541e6", first at '
            "cloud.yaml:5:22); expected an id that comes once",
            "cloud.yaml:6:48: images[2].name: invalid value (got 5); expected text of up to 255 characters or null",
            'cloud.yaml:7:12: servers[0].owner: unknown project (got "nobody"); expected one of: abc (mine)',
            "cloud.yaml:7:27: servers[0].status: invalid value (got false); expected ACTIVE, BUILD, SHUTOFF, "
            "VERIFY_RESIZE, PAUSED, SUSPENDED, RESCUE, ERROR, DELETED, SOFT_DELETED, SHELVED, SHELVED_OFFLOADED, "
            "REBOOT, HARD_REBOOT, PASSWORD, REBUILD, MIGRATING, RESIZE, REVERT_RESIZE",
            "cloud.yaml:8:13: generate[0].count: invalid value (got 0); expected a whole number from 1 to 1000000",
            'cloud.yaml:8:34: generate[0].template.owner: unknown project (got "nobody"); expected one of: abc (mine)',
        ],
    ),
    "references to invalid projects and plans": (
        "projects: [{id: abc, name: 5}]\nplans: {own: []}\nimages: [{owner: mine, plan: own}]\n",
        [
            "cloud.yaml:1:22: projects[0].name: invalid value (got 5); expected text of 1 to 64 characters",
            "cloud.yaml:2:9: plans.own: invalid value (got []); expected one step or more",
        ],
    ),
    "references to entries of a misspelt key": (
        "project: [{id: abc, name: mine}]\nimages: [{owner: mine}]\n",
        [f"cloud.yaml:1:1: project: unknown key; expected one of: {KEYS} (is it projects?)"],
    ),
    "plans with missing and wrong ends of steps": (
        "plans:\n  own: [{status: queued}, {status: active, seconds: 1}]\n  none: []\n",
        [
            "cloud.yaml:2:9: plans.own[0]: has no end, or two; expected either seconds or looks, because another step follows",
            "cloud.yaml:2:27: plans.own[1]: has an end; expected neither seconds nor looks, because it is the last step",
            "cloud.yaml:3:3: plans.none: invalid value (got []); expected one step or more",
        ],
    ),
    "an unknown key of the clock": (
        "clock: {mode: frozen, advance: 5}\n",
        ["cloud.yaml:1:23: clock.advance: unknown key; expected one of: mode, now"],
    ),
    "a duplicate tag and a duplicate member": (
        "images:\n  - tags: [a, b, a]\n    members: [{member: x}, {member: x, status: accepted}]\n",
        [
            'cloud.yaml:2:5: images[0].tags: repeated value (got "a" twice); expected it once',
            'cloud.yaml:3:5: images[0].members: repeated value (got "x" twice); expected it once',
        ],
    ),
    "a lone surrogate in a server and in a fault": (
        '{"servers": [{"metadata": {"a": "\\ud800"}}],\n "faults": [{"match": {"query": {"\\udfff": "x"}}, "effect": {"status": 409}}]}',
        [
            'cloud.yaml:1:15: servers[0].metadata: invalid value (got {"a": "\\ud800"}); expected a mapping of texts',
            'cloud.yaml:2:24: faults[0].match.query: invalid value (got {"\\udfff": "x"}); expected a mapping of '
            "parameters to texts; * and ? stand for anything",
        ],
    ),
    "null instead of a list or a mapping": (
        "images:\nusers: [~]\nclock: ~\nplans: ~\nfaults: [{effect: ~}]\nservers: [{flavor: ~}]\n",
        [
            "cloud.yaml:1:1: images: not a list; expected a list of images",
            "cloud.yaml:2:9: users[0]: invalid value (got null); expected a mapping",
            "cloud.yaml:3:1: clock: invalid value (got null); expected a mapping",
            "cloud.yaml:4:1: plans: not a mapping; expected a mapping of names to lists of steps",
            "cloud.yaml:5:11: faults[0].effect: invalid value (got null); expected a mapping",
            "cloud.yaml:6:12: servers[0].flavor: invalid value (got null); expected a mapping",
        ],
    ),
    "two documents in a file": (
        "images: []\n---\nimages: []\n",
        ["cloud.yaml:2:1: not YAML; expected YAML or JSON"],
    ),
    "nothing to generate": (
        "generate: [{seed: 1}]\n",
        ["cloud.yaml:1:12: generate[0].count: missing; expected a whole number from 1 to 1000000"],
    ),
    "the same seed twice": (
        "generate: [{count: 2, seed: 1}, {count: 1, seed: 1}]\n",
        ["cloud.yaml:1:33: generate[1]: its images exist already (got seed 1); expected another seed"],
    ),
    "several mistakes": (
        "images:\n  - size: -1\n    status: x\n  - protected: no way\n",
        [
            "cloud.yaml:2:5: images[0].size: invalid value (got -1); expected a whole number from 0 to "
            "9223372036854775807 or null",
            'cloud.yaml:3:5: images[0].status: invalid value (got "x"); expected queued, saving, uploading, importing, '
            "active, deactivated, killed, pending_delete, deleted",
            'cloud.yaml:4:5: images[1].protected: invalid value (got "no way"); expected true or false',
        ],
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_reported_with_position_value_and_expected_values(kind: str, tmp_path: Path) -> None:
    text, expected = BROKEN[kind]
    assert lines_about(write_fixture(tmp_path, text)) == expected


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_document_does_not_change_a_running_cloud(kind: str, cloud: Cloud) -> None:
    text, expected = BROKEN[kind]
    before = cloud.get("/_admin/images")
    for query in ("", "?replace=true"):
        response = cloud.ask("POST", f"/_admin/fixtures{query}", data=text)
        assert response.status_code == 400
        fault = response.get_json()["badRequest"]
        assert fault["code"] == 400
        assert len(fault["message"].splitlines()) == len(expected)
        assert cloud.get("/_admin/images") == before
    cloud.ask("POST", "/_admin/reset")
    assert cloud.get("/_admin/images") == before


def test_each_of_many_mistakes_is_reported_with_its_line(tmp_path: Path) -> None:
    count = MAX_REPORTED_ERRORS - 1
    text = "images:\n" + "".join(f"  - name: image{number}\n    size: x\n" for number in range(count))
    lines = lines_about(write_fixture(tmp_path, text))
    assert [line.split(": ")[:2] for line in lines] == [
        [f"cloud.yaml:{2 * number + 3}:5", f"images[{number}].size"] for number in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "location"),
    [
        ("images: [{size: x}, {}, {size: x}, {size: x}, {size: x}]", "images[3]"),
        ("servers: [{}, 5, 5, 5]", "servers[3]"),
        ("users: [5, 5, 5]", "users[2]"),
        ("faults: [5, 5, 5]", "faults[2]"),
        ("generate: [5, 5, 5]", "generate[2]"),
        ("plans: {own: [5, 5, 5]}", "plans.own[2]"),
        ("assign_plans: [5, 5, 5]", "assign_plans[2]"),
        ("images: [{tags: [5, 5, 5]}]", "images[0].tags[2]"),
        ("images: [{members: [5, 5, 5]}]", "images[0].members[2]"),
        ("images: [{plan: {name: x, steps: [5, 5, 5]}}]", "images[0].plan.steps[2]"),
    ],
)
def test_checking_a_list_stops_after_a_number_of_invalid_entries(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, text: str, location: str
) -> None:
    monkeypatch.setattr(fields, "MAX_REPORTED_ERRORS", 2)
    response = cloud.ask("POST", "/_admin/fixtures", data=text)
    assert response.status_code == 400
    lines = response.get_json()["badRequest"]["message"].splitlines()
    assert len(lines) == 3
    assert lines[-1].endswith(
        f": {location}: stopped after 2 invalid entries; expected valid entries before this one"
    )


def test_an_unknown_path_is_reported_with_the_bundled_fixtures(tmp_path: Path) -> None:
    with pytest.raises(FixtureError) as error_info:
        load(tmp_path / "nope.yaml", tmp_path)
    assert error_info.value.lines == [
        f"{tmp_path}/nope.yaml: no such file or folder; expected a file, a folder, or one of the bundled "
        "fixtures: default, empty, every-status, thousand",
        f"{tmp_path}: no fixture file in this folder; expected a file that ends with one of: .yaml, .yml, .json",
    ]


def test_a_path_that_cannot_be_read_is_reported_with_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_name, folder = "x" * 5000, tmp_path / "closed"
    folder.mkdir()

    def refuse(_: Path) -> Iterator[Path]:
        raise PermissionError(EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(FixtureError) as error_info:
        fixture_files.find_files([long_name, str(folder), f"{tmp_path}/nope.yaml"])
    assert [line.partition("; ")[0].rpartition(": ")[2] for line in error_info.value.lines] == [
        "cannot be read (File name too long)",
        "cannot be read (Permission denied)",
        "no such file or folder",
    ]


def test_references_are_checked_in_the_other_files_too(tmp_path: Path) -> None:
    write_fixture(tmp_path, "images: [{size: x}]\n", "a.yaml")
    write_fixture(tmp_path, "images: [{plan: sluggish}]\n", "b.yaml")
    assert [line.rpartition("/")[2].partition(" ")[0] for line in lines_about(tmp_path)] == [
        "a.yaml:1:11:",
        "b.yaml:1:11:",
    ]


def test_references_into_a_file_that_cannot_be_read_are_no_further_errors(tmp_path: Path) -> None:
    write_fixture(tmp_path, "projects: [\n", "a.yaml")
    write_fixture(tmp_path, "images: [{owner: mine, size: x}]\n", "b.yaml")
    (syntax_error, type_error) = lines_about(tmp_path)
    assert "a.yaml:2:1: not YAML" in syntax_error
    assert "b.yaml:1:24: images[0].size: invalid value" in type_error


def test_an_id_that_two_files_share_is_reported_with_both_files(tmp_path: Path) -> None:
    text = "images:\n  - id: ee10f19c-503c-44af-af2f-73d5e42f7a17\n"
    write_fixture(tmp_path, text, "a.yaml")
    second = write_fixture(tmp_path, "\n" + text, "b.yaml")
    with pytest.raises(FixtureError) as error_info:
        load(tmp_path)
    assert error_info.value.lines == [
        f'{second}:3:5: images[0].id: id already in use (got "ee10f19c-503c-44af-af2f-73d5e42f7a17", first at '
        f"{tmp_path}/a.yaml:2:5); expected an id that comes once"
    ]


def test_omitted_fields_have_defaults(tmp_path: Path) -> None:
    seed = load(write_fixture(tmp_path, "projects: [{id: abc, name: one}]\nimages: [{name: a}]\n"))
    (image,) = seed.images
    assert (image.status, image.visibility, image.owner) == (ImageStatus.ACTIVE, Visibility.PUBLIC, "abc")
    assert (image.created_at, image.updated_at) == (NOW, NOW)
    assert (image.size, image.min_ram, image.min_disk, image.properties) == (None, 0, 0, {})


def test_an_omitted_id_is_derived_from_the_content(tmp_path: Path) -> None:
    path = write_fixture(tmp_path, "images: [{name: a}, {name: b}, {name: a}]\n")
    first, second = load(path), load(path)
    ids = [image.id for image in first.images]
    assert ids == [image.id for image in second.images]
    assert len(set(ids)) == 3


def test_files_of_a_folder_are_combined_in_the_order_of_their_names(tmp_path: Path) -> None:
    write_fixture(tmp_path, "images: [{name: second, owner: one}]\n", "b.yaml")
    write_fixture(tmp_path, "projects: [{id: abc, name: one}]\nimages: [{name: first}]\n", "a.yaml")
    write_fixture(tmp_path, '{"images": [{"name": "third"}]}', "c.json")
    write_fixture(tmp_path, "not a fixture", "notes.txt")
    assert [image.name for image in load(tmp_path).images] == ["first", "second", "third"]


def test_keys_at_the_top_that_begin_with_x_are_ignored(tmp_path: Path) -> None:
    text = "x-base: &base {min_ram: 7}\nx-other: 1\nimages: [{<<: *base, name: a}]\n"
    seed = load(write_fixture(tmp_path, text))
    assert [(image.name, image.min_ram) for image in seed.images] == [("a", 7)]


def test_an_image_can_have_no_owner() -> None:
    cloud = Cloud(private=True, fixtures=(RECORDED_CLOUD,), dialect="nova", auth_strategy="keystone")
    text = b"images: [{name: lone, owner: null, visibility: private}, {name: open, owner: null}]"
    lone, _ = load_document(cloud.emulator, text, "a", replace_all=False)
    assert cloud.names("/v2.1/images?name=lone", "alice") == []
    assert cloud.names("/v2.1/images?name=lone", "admin") == ["lone"]
    assert cloud.names("/v2.1/images?name=open", "alice") == ["open"]
    assert cloud.get(f"/image/v2/images/{lone.id}", "alice")["owner"] is None
    response = cloud.ask("DELETE", f"/v2.1/images/{lone.id}", "alice")
    assert response.status_code == 403
    assert response.headers["X-Fake-Nova-Hint"] == "The image has no owner; only an admin may change it."
    explanation = cloud.get("/_admin/explain?path=/v2.1/images?name=lone", "alice")
    reasons = {image["name"]: image["dropped"] for image in explanation["images"]}
    assert reasons["lone"] == "it is private and has no owner"
    exported = cloud.ask("GET", "/_admin/export").get_data()
    copies = load_document(Cloud(private=True).emulator, exported, "a", replace_all=True)
    assert [image.owner for image in copies if image.name in ("lone", "open")] == [None, None]


def test_a_time_needs_no_quotes(tmp_path: Path) -> None:
    path = write_fixture(
        tmp_path, "images: [{created_at: 2014-02-10T17:05:01Z, updated_at: '2014-02-10T17:05:01Z'}]\n"
    )
    (image,) = load(path).images
    assert image.created_at == image.updated_at == datetime(2014, 2, 10, 17, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["images: [{name: a\U0001f600}]\n", '{"images": [{"name": "a\\ud83d\\ude00"}]}']
)
def test_a_byte_order_mark_is_ignored(tmp_path: Path, text: str) -> None:
    path = write_fixture(tmp_path, b"\xef\xbb\xbf" + text.encode())
    assert [image.name for image in load(path).images] == ["a\U0001f600"]


def test_generated_images_depend_only_on_their_seed(tmp_path: Path) -> None:
    single_file_seed = load(write_fixture(tmp_path, "generate: [{count: 3, seed: 7}]\n"))
    after = load(write_fixture(tmp_path, "generate: [{count: 5, seed: 1}, {count: 3, seed: 7}]\n"))
    documents = [serialize_image(image) for image in single_file_seed.images]
    assert documents == [serialize_image(image) for image in after.images[5:]]
    assert len({image.id for image in after.images}) == 8


def test_a_template_applies_to_every_generated_image(tmp_path: Path) -> None:
    text = "generate: [{count: 3, template: {name: x, status: queued, properties: {k: v}}}]\n"
    for image in load(write_fixture(tmp_path, text)).images:
        assert (image.name, image.status, image.properties) == ("x", ImageStatus.QUEUED, {"k": "v"})


@pytest.mark.parametrize("name", bundled_names())
def test_a_bundled_fixture_loads_by_its_name(name: str) -> None:
    assert load(name).directory.project("demo")


@pytest.mark.parametrize("name", bundled_names())
def test_the_name_of_a_bundled_fixture_is_never_a_path(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).mkdir()
    write_fixture(tmp_path / name, "images: [{name: mine}]\n")
    assert fixture_files.find_files([name]) == [BUNDLED_FIXTURES / f"{name}.yaml"]
    for path in (f"./{name}", f"{name}/", f"{name}/cloud.yaml"):
        assert [image.name for image in load(path).images] == ["mine"]
    http = create_app(fixtures=f"./{name}").test_client()
    assert http.get("/_admin/health").get_json()["images"] == 1


def test_the_bundled_fixtures_match_their_names() -> None:
    assert {image.status for image in load("every-status").images} == set(ImageStatus)
    assert load("empty").images == ()
    assert len(load("thousand").images) == 1000


EQUAL_ON_MARIADB = """\
images:
  - id: 10000000-0000-4000-8000-00000000000a
    properties: {foo: "1", bar: "2", "F\u00f3o ": "3"}
  - id: 10000000-0000-4000-8000-00000000000A
    members: [{member: abc}, {member: ABC}]
"""
_EXPECTATION = "expected texts that differ in more than case, accents and trailing blanks"
EQUAL_ERRORS = [
    'cloud.yaml:3:38: images[0].properties.F\u00f3o : equals another one on MariaDB (got "F\u00f3o " beside "foo"); '
    + _EXPECTATION,
    'cloud.yaml:4:5: images[1].id: id already in use (got "10000000-0000-4000-8000-00000000000A", first at '
    "cloud.yaml:2:5); expected an id that comes once",
]


def test_ids_keys_and_members_that_are_equal_on_mariadb_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "cloud.yaml"
    path.write_text(EQUAL_ON_MARIADB, encoding="utf-8")
    with pytest.raises(FixtureError) as error_info:
        fixture_files.load_files([str(path)], NOW, database=MARIADB)
    assert [line.replace(f"{tmp_path}/", "") for line in error_info.value.lines] == EQUAL_ERRORS
    assert len(fixture_files.load_files([str(path)], NOW, database=SQLITE).images) == 2
    path.write_text("images: [{members: [{member: abc}, {member: 'ABC '}]}]", encoding="utf-8")
    with pytest.raises(FixtureError) as error_info:
        fixture_files.load_files([str(path)], NOW, database=MARIADB)
    problem = 'images[0].members[1].member: equals another one on MariaDB (got "ABC " beside "abc")'
    assert error_info.value.lines == [f"{path}:1:37: {problem}; {_EXPECTATION}"]


@pytest.mark.parametrize(("server", "scope"), [("mariadb", "sqlite"), ("sqlite", "mariadb")])
def test_a_document_for_a_scope_is_compared_as_its_database_does(server: str, scope: str) -> None:
    cloud = Cloud(private=True, database=server)
    project = cloud.ask("POST", "/_admin/scopes", json={"database": scope}).get_json()["project"]["id"]
    statuses = {
        database: cloud.ask(
            "POST", f"/_admin/fixtures{query}", json={"images": [{"properties": {"a": "", "A": ""}}]}
        )
        for database, query in ((server, ""), (scope, f"?scope={project}"))
    }
    assert {name: response.status_code for name, response in statuses.items()} == {
        "mariadb": 400,
        "sqlite": 201,
    }


def test_an_added_document_becomes_part_of_the_seed() -> None:
    http = create_app(fixtures=("default",)).test_client()  # its own cloud, because its seed changes
    response = http.post("/_admin/fixtures", data="images: [{name: more, owner: service}]")
    assert response.status_code == 201
    assert http.get("/_admin/health").get_json()["images"] == 7
    http.post("/_admin/reset", json={"to": "empty"})
    assert http.get("/_admin/health").get_json()["images"] == 0
    http.post("/_admin/reset")
    (image,) = response.get_json()["images"]
    assert http.get(f"/_admin/images/{image['id']}").get_json() == image


def test_a_replacing_document_becomes_the_whole_seed() -> None:
    http = create_app(fixtures=("default",)).test_client()
    http.post("/_admin/images", json={"name": "before"})
    http.post(
        "/_admin/fixtures?replace=true", data="projects: [{id: abc, name: one}]\nimages: [{name: only}]"
    )
    for _ in range(2):
        (image,) = http.get("/_admin/images").get_json()["images"]
        assert (image["name"], image["owner"]) == ("only", "abc")
        http.post("/_admin/reset")


def test_a_posted_document_can_refer_to_existing_projects() -> None:
    directory = load("empty").directory
    seed = fixture_files.load_text(b"images: [{name: a, owner: admin}]", "body", directory, NOW)
    assert seed.directory.projects == directory.projects
    with pytest.raises(FixtureError, match="unknown project"):
        fixture_files.load_text(b"images: [{name: a, owner: admin}]", "body", Directory(), NOW)


def test_an_image_starts_its_plan_in_every_generation() -> None:
    clock = FrozenAt(datetime(2030, 1, 1, tzinfo=UTC))
    emulator = Emulator(Settings(fixtures=("empty",)), clock)
    load_document(
        emulator,
        b"plans: {own: [{status: queued, seconds: 9}, {status: killed}]}\n"
        b"images: [{name: a, plan: own}, {name: b, plan: {name: own, elapsed: 4}}]\n",
        "body",
        replace_all=True,
    )
    for _ in range(2):
        clock.moment += timedelta(days=1)
        cloud = emulator.reset()
        assert {image.status for image in cloud.images.all()} == {ImageStatus.QUEUED}
        cloud.clock.advance(5)
        cloud.lifecycle.apply_due_steps()
        assert {image.name: str(image.status) for image in cloud.images.all()} == {
            "a": "queued",
            "b": "killed",
        }


def test_a_fixtures_clock_and_faults_apply_in_every_generation() -> None:
    http = create_app(fixtures=("empty",)).test_client()
    text = "clock: {now: 2031-01-01T00:00:00Z}\nfaults: [{effect: {status: 503}, times: 1}]\n"
    assert http.post("/_admin/fixtures?replace=true", data=text).status_code == 201
    for _ in range(2):
        assert http.get("/_admin/clock").get_json() == {"mode": "frozen", "now": "2031-01-01T00:00:00Z"}
        assert [http.get("/v2.1/images").status_code for _ in range(2)] == [503, 200]
        http.post("/_admin/reset")


def test_plans_of_several_documents_are_combined() -> None:
    http = create_app(fixtures=("empty",)).test_client()
    for name in ("one", "two"):
        text = f"plans: {{{name}: [{{status: active}}]}}\nimages: [{{name: {name}, plan: slow}}]\n"
        assert http.post("/_admin/fixtures", data=text).status_code == 201
    assert list(http.get("/_admin/plans").get_json()["plans"]) == [
        "instant",
        "slow",
        "fails",
        "import",
        "one",
        "two",
    ]
    http.put("/_admin/clock", json={"advance": 60})
    statuses = {image["status"] for image in http.get("/_admin/images").get_json()["images"]}
    assert statuses == {"active"}


def test_a_fault_with_an_unknown_operation_is_reported_with_its_position(tmp_path: Path) -> None:
    path = write_fixture(tmp_path, "faults: [{effect: {status: 503}, match: {operation: images.lits}}]\n")
    with pytest.raises(FixtureError) as error_info:
        fixture_files.load_files([str(path)], NOW, operations=("images.list", "images.show"))
    assert error_info.value.lines == [
        f'{path}:1:42: faults[0].match.operation: unknown operation (got "images.lits"); expected one of: images.list, '
        "images.show (is it images.list?)"
    ]
    http = create_app(fixtures=("default",)).test_client()
    response = http.post("/_admin/fixtures?replace=true", data=path.read_bytes())
    assert response.status_code == 400
    assert http.get("/_admin/health").get_json()["images"] == 6


def test_an_empty_clock_freezes_the_clock_of_the_cloud(tmp_path: Path) -> None:
    path = tmp_path / "cloud.yaml"
    path.write_text("clock: {}\nimages: [{name: a}]\n")
    cloud = Cloud(fixtures=(str(path),))
    assert cloud.get("/_admin/clock")["mode"] == "frozen"
    assert cloud.ask("POST", "/_admin/fixtures", json={"clock": {}}).status_code < 300


def test_an_added_document_sets_the_clock_now_and_after_resets() -> None:
    cloud = Cloud(private=True)
    cloud.ask(
        "POST",
        "/_admin/fixtures",
        data="clock: {now: 2001-05-06T07:08:09Z}\nimages: [{name: new, plan: slow}]",
    )
    for _ in range(2):
        assert cloud.get("/_admin/clock") == {"mode": "frozen", "now": "2001-05-06T07:08:09Z"}
        cloud.ask("PUT", "/_admin/clock", json={"advance": 7})
        assert cloud.get("/v2.1/images/detail?name=new")["images"][0]["status"] == "ACTIVE"
        cloud.ask("POST", "/_admin/reset")


def test_an_added_documents_faults_and_servers_apply_now_and_after_resets() -> None:
    cloud = Cloud(private=True)
    document = "faults: [{match: {operation: images.list}, effect: {status: 409}}]\nservers: [{name: added}]"
    cloud.ask("POST", "/_admin/fixtures", data=document)
    for _ in range(2):
        assert cloud.ask("GET", "/v2.1/images").status_code == 409
        assert "added" in [server["name"] for server in cloud.get("/v2.1/servers")["servers"]]
        cloud.ask("POST", "/_admin/reset")
