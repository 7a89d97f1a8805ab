"""scripts/bench: measure, show a table, write JSON and the table of the documentation."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.speed import (
    big,
    clients,
    databases,
    each_fault,
    fuzz,
    growth,
    hostile,
    in_process,
    page,
    people,
    servers,
    sockets,
    stalling,
    start,
)
from tests.speed.measure import Figure

Section = Callable[[], Iterator[Figure]]

#: Name -> what measures it, in the order of the run.
SECTIONS: dict[str, Section] = {
    "loads": big.loads,  # first, as in a process that has just begun
    "reads": in_process.reads,
    "sizes": in_process.sizes,
    "databases": databases.databases,
    "people": people.people,
    "servers": servers.servers,
    "clients": clients.clients,
    "memory": big.memory_and_pauses,
    "start": start.start,
    "each-fault": each_fault.each_fault,
    "sockets": sockets.sockets,
    "page": page.page,
}

#: Sections that take minutes, and run only if they are named: growth 10, hostile 10, stalled 5 and fuzz 5 minutes.
LONG_SECTIONS: dict[str, Section] = {
    "growth": growth.growth,
    "hostile": hostile.hostile,
    "stalled": stalling.stalling,
    "fuzz": fuzz.fuzz,
}

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "speed.md"


def number(value: float | None) -> str:
    """Write a measured number with three digits that count."""
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def row(figure: Figure) -> str:
    """Write one line of the table."""
    sign = "≥" if figure.more_is_better else "≤"
    goal = "" if figure.goal is None else f"{sign} {figure.goal:g}"
    verdict = {True: "yes", False: "**no**", None: "" if figure.rounds else "void"}[figure.meets_goal]
    numbers = (number(figure.value), number(figure.reference), figure.unit, number(figure.ratio))
    return f"| {' | '.join((figure.what, *numbers, goal, verdict))} |"


HEAD = "| what | here | beside it | unit | ratio | goal | met |\n|---|---|---|---|---|---|---|"


def machine() -> str:
    """Name the machine, the interpreter and the day."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if "model name" in line
        ]
        model = f"{len(names)} CPUs {names[0]}" if names else model
    return f"{model}, {platform.system()}, Python {platform.python_version()}, {datetime.now(UTC).date()}"


def main() -> int:
    """Run the sections of the command line."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "sections",
        nargs="*",
        metavar="SECTION",
        help=f"of {', '.join(SECTIONS)}; all of them; or one that takes minutes: {', '.join(LONG_SECTIONS)}",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--docs", action="store_true", help="put the table into docs/explanation/speed.md")
    parser.add_argument("--peers", action="store_true", help="install mimic and moto, and measure them too")
    options = parser.parse_args()
    choices = {**SECTIONS, **LONG_SECTIONS}
    unknown = sorted(set(options.sections) - set(choices))
    if unknown:
        parser.error(f"sections: no such section (got {', '.join(unknown)}); expected {', '.join(choices)}")
    figures: list[Figure] = []
    say(f"{machine()}\n\n{HEAD}")
    sections = [choices[name] for name in options.sections or SECTIONS]
    for measure in (*sections, *([sockets.peers] if options.peers else [])):
        for figure in measure():
            figures.append(figure)
            say(row(figure))
    if options.json:
        lines = [
            {**asdict(figure), "ratio": figure.ratio, "meets_goal": figure.meets_goal} for figure in figures
        ]
        options.json.write_text(json.dumps({"machine": machine(), "figures": lines}, indent=1) + "\n")
    if options.docs:
        text = PAGE.read_text(encoding="utf-8")
        before, _, remainder = text.partition("<!-- speed -->\n")
        _, _, after = remainder.partition("<!-- /speed -->\n")
        table = "\n".join((f"{machine()}.\n", HEAD, *map(row, figures)))
        PAGE.write_text(f"{before}<!-- speed -->\n{table}\n<!-- /speed -->\n{after}", encoding="utf-8")
    return 0


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
