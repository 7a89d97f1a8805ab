"""The list of differences that fake_nova means to have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

import yaml

from tests.against_openstack.cases import Case, parse_case
from tests.against_openstack.comparison import Difference, details
from tests.against_openstack.services import DATABASES

PATH: Final = Path(__file__).parent / "accepted.yaml"


class AcceptedDifference(NamedTuple):
    """A difference that stays.

    Attributes:
        kind: the class of differences, as a run prints it.
        reason: why fake_nova answers otherwise.
        databases: where it occurs.
        pattern: a regular expression for the first differing place of the bodies, as a run prints it; "" for any.
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
        return not self.pattern or bool(
            re.search(self.pattern, details(difference.real.body, difference.fake.body))
        )


def load_accepted(path: Path = PATH) -> tuple[AcceptedDifference, ...]:
    """Return the list in a file."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        AcceptedDifference(
            row["kind"],
            row["reason"],
            tuple(row.get("databases", DATABASES)),
            parse_case(row["case"]),
            row.get("pattern", ""),
        )
        for row in rows
    )
