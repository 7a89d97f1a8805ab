"""The tables of evidence in the documentation: how many recorded cases are equal, and which real clients are tested.

``python -m tests.record.evidence`` writes them into their page; a test checks that it is up to date.
"""

from __future__ import annotations

import ast
import re
from importlib.metadata import version
from pathlib import Path

from fake_nova.images.database import DATABASES
from tests.conftest import RECORDED_CLOUD, Cloud
from tests.record import mariadb
from tests.record.comparison import cases, differences, operation

TESTS = Path(__file__).parent.parent
PAGE = TESTS.parent / "docs" / "explanation" / "fidelity.md"

#: Package of a client -> the test modules in ``real_clients`` that use it.
CLIENTS = {
    "openstacksdk": ("openstacksdk", "openstacksdk_image", "openstacksdk_servers"),
    "apache-libcloud": ("libcloud",),
    "python-novaclient": ("novaclient",),
    "python-glanceclient": ("glanceclient",),
    "python-openstackclient": ("openstackclient",),
    "keystoneauth1": ("keystoneauth",),
}

_TABLES = re.compile(r"(?<=<!-- evidence -->\n).*?(?=<!-- /evidence -->)", re.DOTALL)


def table() -> str:
    """Compare every recorded case, and return the counts as Markdown tables."""
    equal: dict[str, int] = {}
    total: dict[str, int] = {}
    for case in cases():
        cloud = Cloud(fixtures=(RECORDED_CLOUD,), dialect="nova", database="sqlite", auth_strategy="keystone")
        name = operation(case)
        total[name] = total.get(name, 0) + 1
        equal[name] = equal.get(name, 0) + (not differences(cloud, case))
    rows = [f"| {name} | {equal[name]} | {total[name]} |" for name in sorted(total)]
    total_row = f"| **all** | **{sum(equal.values())}** | **{sum(total.values())}** |"
    operation_lines = ["| operation | equal | recorded |", "|---|---|---|", *rows, total_row]
    client_lines = ["| client | version | tests |", "|---|---|---|", *clients()]
    return "\n".join([*operation_lines, "", *database_lines(), "", *client_lines, ""])


def database_lines() -> list[str]:
    """Send every exchange of the record of both databases; return the table of how many responses are equal."""
    equal: dict[str, dict[str, int]] = {}
    total: dict[str, int] = {}
    differing = {
        (database, exchange)
        for database in DATABASES
        for name in mariadb.sequences()
        for exchange in mariadb.failures(name, database)
    }
    for exchange in mariadb.exchanges():
        name = mariadb.operation(exchange)
        total[name] = total.get(name, 0) + 1
        counts = equal.setdefault(name, dict.fromkeys(DATABASES, 0))
        for database in DATABASES:
            counts[database] += (database, exchange["id"]) not in differing
    rows = [(name, *equal[name].values(), total[name]) for name in sorted(total)]
    sums = [sum(counts[database] for counts in equal.values()) for database in DATABASES]
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    total_line = f"| **all** | {' | '.join(f'**{number}**' for number in (*sums, sum(total.values())))} |"
    labels = " | ".join(f"equal on {database.label}" for database in DATABASES.values())
    return [f"| operation | {labels} | recorded |", "|---|---|---|---|", *lines, total_line]


def clients() -> list[str]:
    """Return a row for each real client: its installed version and its number of tests."""
    rows = []
    for package, modules in CLIENTS.items():
        trees = [
            ast.parse((TESTS / "real_clients" / f"test_{name}.py").read_text(encoding="utf-8"))
            for name in modules
        ]
        tests = [
            node
            for tree in trees
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
        rows.append(f"| {package} | {version(package)} | {len(tests)} |")
    return rows


def with_table(text: str, table_text: str) -> str:
    """Return the page's *text* with the new table."""
    return _TABLES.sub(lambda _: table_text, text)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), table()), encoding="utf-8")
