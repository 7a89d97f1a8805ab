"""The list of differences that fake_nova means to have."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import yaml

from tests.against_openstack.cases import Case, parse_case
from tests.against_openstack.comparison import Difference, details
from tests.against_openstack.services import DATABASES

PATH: Final = Path(__file__).parent / "accepted.yaml"


class Accepted(NamedTuple):
    """A difference that stays.

    Attributes:
        kind: the class of differences, as a run prints it.
        reason: why fake_nova answers otherwise.
        databases: where it occurs.
        pattern: what the first differing place of the bodies, as a run prints it, must contain; "" for anything.
        case: the request that shows it.
    """

    kind: str
    reason: str
    databases: tuple[str, ...]
    case: Case
    pattern: str = ""

    def matches(self, difference: Difference) -> bool:
        """Return whether a difference is of this kind."""
        if difference.kind != self.kind:
            return False
        return not self.pattern or self.pattern in details(difference.real.body, difference.fake.body)


def load_accepted(path: Path = PATH) -> tuple[Accepted, ...]:
    """Return the list in a file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        Accepted(
            row["kind"],
            row["reason"],
            tuple(row.get("databases", DATABASES)),
            parse_case(row["case"]),
            row.get("pattern", ""),
        )
        for row in rows
    )
