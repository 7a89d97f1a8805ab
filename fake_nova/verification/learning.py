"""Learns the dialect of a cloud: the rows that make the fake agree with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from fake_nova.dialects import DIALECT_ROWS, DIALECTS, rows_of, with_rows
from fake_nova.images.database import DATABASES
from fake_nova.verification import remedies
from fake_nova.verification.remedies import Overrides
from fake_nova.verification.sides import Asker
from fake_nova.verification.verification import Results, Verification

OpenFake = Callable[[Overrides], Asker]


class Learned(NamedTuple):
    """A dialect and a database that a cloud answers like.

    Attributes:
        base: the dialect that it is based on.
        rows: the rows that differ from it: name -> word.
        database: the name of the database.
        max_limit: the maximum of a limit, as an option; "" for the default.
    """

    base: str
    rows: Mapping[str, str]
    database: str
    max_limit: str = ""

    @property
    def options(self) -> Overrides:
        """The settings of a fake that has learned this."""
        settings = {"dialect": with_rows(self.base, self.rows).name, "database": self.database}
        return {**settings, "max_limit": self.max_limit} if self.max_limit else settings

    def lines(self, source: str) -> list[str]:
        """Return the lines of a fixture file with what is learned.

        Args:
            source: where and when it is learned.
        """
        words = ", ".join(f"{name}: {word}" for name, word in {"base": self.base, **self.rows}.items())
        lines = [f"# Learned by fake-nova verify from {source}."]
        if self.max_limit:
            lines.append(f"# An option that no fixture file holds: --max-limit {self.max_limit}")
        return [*lines, f"dialect: {{{words}}}", f"database: {self.database}"]


def learn(
    verification: Verification, results: Results, open_fake: OpenFake, settings: Mapping[str, str]
) -> Learned:
    """Return what makes a fake agree with the cloud.

    Args:
        verification: the comparison.
        results: its results.
        open_fake: starts a fake with other settings.
        settings: the settings of the fake that was compared, with ``dialect`` and ``database``.
    """

    def helps(overrides: Overrides) -> bool:
        return remedies.agreeing(verification, results, open_fake(overrides)) != []

    base = DIALECTS[settings["dialect"]]
    rows: dict[str, str] = {}
    max_limit = settings.get("max_limit", "")
    for name, word in _other_rows(base.name):
        dialect = {"dialect": remedies.with_row(base.name, name, word)}
        if helps(dialect):
            rows[name] = word
        elif name == "limit":
            maximum = next((each for each in remedies.maxima(results) if helps({**dialect, **each})), None)
            if maximum is not None:
                rows[name] = word
                max_limit = maximum["max_limit"]
    database = settings["database"]
    other_databases = (name for name in DATABASES if name != database)
    database = next((name for name in other_databases if helps({"database": name})), database)
    base_name = base.name.partition(",")[0]
    base_rows = rows_of(DIALECTS[base_name])
    all_rows = {**rows_of(base), **rows}
    different_rows = {name: word for name, word in all_rows.items() if word != base_rows[name]}
    return Learned(base_name, different_rows, database, max_limit)


def _other_rows(dialect: str) -> Iterator[tuple[str, str]]:
    """Yield the rows that a dialect does not have: name and word."""
    rows = rows_of(DIALECTS[dialect])
    for name, row in DIALECT_ROWS.items():
        yield from ((name, word) for word in row.values if word != rows[name])
