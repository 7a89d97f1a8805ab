"""Makes README's table of evidence: for each operation, how many recorded cases are equal.

``python -m tests.record.evidence`` puts it into README.md; a test compares it with what stands there.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import RECORDED_CLOUD, Cloud
from tests.record.comparison import cases, differences, operation

README = Path(__file__).parent.parent.parent / "README.md"

_PLACE = re.compile(r"(?<=<!-- evidence -->\n).*?(?=<!-- /evidence -->)", re.DOTALL)


def table() -> str:
    """Compare every recorded case, and return the counts as a table in Markdown."""
    equal: dict[str, int] = {}
    total: dict[str, int] = {}
    for case in cases():
        cloud = Cloud(fixtures=(RECORDED_CLOUD,), dialect="nova", auth_strategy="keystone")
        name = operation(case)
        total[name] = total.get(name, 0) + 1
        equal[name] = equal.get(name, 0) + (not differences(cloud, case))
    rows = [f"| {name} | {equal[name]} | {total[name]} |" for name in sorted(total)]
    whole = f"| **all** | **{sum(equal.values())}** | **{sum(total.values())}** |"
    return "\n".join(["| operation | equal | recorded |", "|---|---|---|", *rows, whole, ""])


def with_table(text: str, made: str) -> str:
    """Return README's *text* with the table in its place."""
    return _PLACE.sub(lambda _: made, text)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8"), table()), encoding="utf-8")
