"""What the real services answered to the commands, and what of an outcome is compared.

``scripts/test-against-openstack --docs`` writes the record. Outcomes over SQLite stand in it only if they are others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.commands.everything import SEQUENCES
from tests.commands.running import Outcome
from tests.commands.table import Command, Sequence

FILE: Final = Path(__file__).parent / "recorded.json"

#: The database whose outcomes stand in the record for both, if both are the same.
COMMON: Final = "mariadb"

#: What makes a table of its cells.
_FRAME: Final = re.compile(r"[-+|\s]+")

#: What fake_nova answers to a command that writes metadata definitions: 403, or 404 for what was never written.
_REFUSAL: Final = re.compile(r"\b40[34]\b|No Metadef\w+ found")


def is_equal(command: Command, real: Outcome, fake: Outcome) -> bool:
    """Return whether fake_nova does what the real services do, or refuses to write metadata definitions."""
    if command.writes_metadefs:
        return fake.code != 0 and _REFUSAL.search(fake.output + fake.errors) is not None
    return comparable(command, real) == comparable(command, fake)


def comparable(command: Command, outcome: Outcome) -> Outcome:
    """Return what of an outcome is compared: not how Python puts the usage of a command."""
    output = outcome.output
    if command.ignores:  # what is gone made columns wider, and lines longer
        output = _FRAME.sub(" ", output)
    if not command.has_order:
        output = "\n".join(sorted(output.splitlines()))
    errors = "usage" if outcome.errors.startswith("usage: ") else outcome.errors
    return outcome._replace(output=output, errors=errors)


def differences(sequence: Sequence, real: list[Outcome], fake: list[Outcome]) -> list[str]:
    """Return the command lines of a sequence whose outcomes differ, with both outcomes."""
    return [
        f"{command.user}: {command.line}\n  real: {left}\n  fake: {right}"
        for command, left, right in zip(sequence.commands, real, fake, strict=True)
        if not is_equal(command, left, right)
    ]


def write(outcomes: Mapping[str, Mapping[str, list[Outcome]]], path: Path = FILE) -> None:
    """Write the record.

    Args:
        outcomes: database -> name of a sequence -> the outcomes of the real services.
        path: the file.
    """
    rows = []
    for sequence in SEQUENCES:
        for index, command in enumerate(sequence.commands):
            row: dict[str, Any] = {"sequence": sequence.name, "user": command.user, "line": command.line}
            for database in (COMMON, *outcomes):
                outcome = outcomes[database].get(sequence.name)
                if outcome is not None:
                    row.setdefault(COMMON, document(outcome[index]))
                    if document(outcome[index]) != row[COMMON]:
                        row[database] = document(outcome[index])
            rows.append(row)
    text = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text(f"[\n{text}\n]\n", encoding="utf-8")


def document(outcome: Outcome) -> list[Any]:
    """Return an outcome as JSON."""
    return [outcome.code, outcome.output, outcome.errors]


def read(database: str, path: Path = FILE) -> dict[str, list[Outcome]]:
    """Return the recorded outcomes of each sequence."""
    outcomes: dict[str, list[Outcome]] = {}
    for row in rows(path):
        outcome = Outcome(*row.get(database, row[COMMON]))
        outcomes.setdefault(row["sequence"], []).append(outcome)
    return outcomes


def rows(path: Path = FILE) -> list[dict[str, Any]]:
    """Return the rows of the record."""
    document: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return document
