"""Every command of OpenStack's clients does with fake_nova what it does with the recorded real services."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.against_openstack.cloud import FIXTURE
from tests.commands import live, record
from tests.commands.everything import SEQUENCES, command_names
from tests.commands.masking import Masks, find_ids
from tests.commands.running import Clients, Cloud, Outcome, clients, run
from tests.commands.table import Command, Sequence, matches

LINES = [command.line for sequence in SEQUENCES for command in sequence.commands]


@pytest.fixture(scope="module")
def process() -> Iterator[Clients]:
    with clients() as running:
        yield running


def seeded(database: str) -> dict[str, Any]:
    """Return the options of a server that is seeded like the real services."""
    return {
        "fixtures": (str(FIXTURE),),
        "auth_strategy": "keystone",
        "dialect": "nova",
        "database": database,
        "import_methods": "glance-direct,web-download",
    }


def cloud_of(server: FakeNova, folder: Path) -> Cloud:
    """Return a server as the cloud of the commands. What waits moves its clock."""
    urls = {"keystone": f"{server.url}/identity", "glance": f"{server.url}/image", "nova": server.url}
    return Cloud(urls, folder, lambda: server.clock.advance(1))


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, FakeNova]]:
    """A server for each database."""
    with FakeNova(**seeded("mariadb")) as mariadb, FakeNova(**seeded("sqlite")) as sqlite:
        yield {"mariadb": mariadb, "sqlite": sqlite}


def cases() -> Iterator[tuple[Sequence, str]]:
    """Yield each sequence of this environment's clients with each database that makes a difference to it."""
    outcomes, sqlite_outcomes = record.read(record.COMMON), record.read("sqlite")
    for sequence in SEQUENCES:
        if not sequence.needs_ansible:
            yield sequence, record.COMMON
            if sqlite_outcomes[sequence.name] != outcomes[sequence.name]:
                yield sequence, "sqlite"


@pytest.mark.parametrize(
    ("sequence", "database"), [*cases()], ids=lambda value: value if isinstance(value, str) else value.name
)
def test_commands_do_what_they_do_with_the_recorded_services(
    sequence: Sequence, database: str, servers: dict[str, FakeNova], process: Clients, tmp_path: Path
) -> None:
    server = servers[database]
    server.reset()
    outcomes = run(sequence, cloud_of(server, tmp_path), process)
    assert record.differences(sequence, record.read(database)[sequence.name], outcomes) == []


@pytest.mark.parametrize("name", [*command_names()])
def test_the_table_has_every_command_of_the_clients(name: str) -> None:
    assert any(matches(line, name) for line in LINES)


def test_the_record_has_every_line_of_the_table() -> None:
    table = [
        (sequence.name, command.user, command.line) for sequence in SEQUENCES for command in sequence.commands
    ]
    rows = [(row["sequence"], row["user"], row["line"]) for row in record.rows()]
    assert rows == table, "run scripts/test-against-openstack --docs"


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda sequence: sequence.name)
def test_the_documentation_has_every_line_of_the_table(sequence: Sequence) -> None:
    text = live.PAGE.read_text(encoding="utf-8")
    for command in sequence.commands:
        assert f"| `{live.cell(command.line)}` | {command.user} |" in text


def test_a_difference_names_the_command_and_both_outcomes() -> None:
    sequence = Sequence("s", (Command("openstack image list"), Command("openstack image show x", user="bob")))
    same = Outcome(0, "a\n", "")
    assert record.differences(sequence, [same, same], [same, Outcome(1, "", "no")]) == [
        "bob: openstack image show x\n"
        "  real: Outcome(code=0, output='a\\n', errors='')\n"
        "  fake: Outcome(code=1, output='', errors='no')"
    ]


def test_a_command_that_writes_metadefs_is_to_be_refused() -> None:
    command = Command("glance md-namespace-create space", writes_metadefs=True)
    written = Outcome(0, "| namespace | space |", "")
    assert record.is_equal(command, written, Outcome(1, "", "HTTP 403 Forbidden: no"))
    assert not record.is_equal(command, written, written)
    assert record.is_equal(command, written, Outcome(1, "", "HTTP 404 Not Found: no"))
    assert not record.is_equal(command, written, Outcome(1, "", "HTTP 400 Bad Request: no"))


def test_what_a_cloud_draws_is_masked_and_the_rest_stays() -> None:
    known = "20000000-0000-4000-8000-000000000001"
    new, other = "7c9bdb78-5ffc-41cd-a9a8-7aae55ce89b9", "5fdc8d9611265c9f92154d6cd18fd83a"
    masks = Masks({"glance": "http://127.0.0.1:1234/image"}, "/folder", frozenset({known}))
    assert find_ids(f"{known} {new} req-{new}") == [known, new]
    assert masks.mask(f"| {new} | {known} | {other} | {new} |") == (
        f"| xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxx001 | {known} | xxxxxxxxxxxxxxxxxxxxxxxxxxxxx002 "
        "| xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxx001 |"
    )
    assert masks.mask("2001-01-01T00:00:00Z http://127.0.0.1:1234/image/v2 /folder/x") == (
        "2001-01-01T00:00:00Z {glance}/v2 {folder}/x"
    )
    assert masks.mask("| tags             | red, blue  |") == "| tags             | blue, red  |"
    assert masks.mask('{"tags": ["b", "a"], "order": ["b", "a"]}') == masks.mask(
        '{"tags": ["a", "b"], "order": ["b", "a"]}'
    )
