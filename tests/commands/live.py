"""The commands in the live comparison: against the real services and fake_nova at once."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from tests.commands import record
from tests.commands.everything import SEQUENCES
from tests.commands.running import ROOT, Cloud, Outcome, clients, run
from tests.commands.table import Command, Sequence

PAGE: Final = ROOT / "docs" / "reference" / "client-commands.md"

_TABLE: Final = re.compile(r"(?<=<!-- commands -->\n).*?(?=<!-- /commands -->)", re.DOTALL)

#: Name of a sequence -> the outcomes of its commands.
Outcomes = dict[str, list[Outcome]]


class Run(NamedTuple):
    """What the commands do on one database.

    Attributes:
        real: the outcomes of the real services.
        fake: the outcomes of fake_nova.
        seconds: the time that it took.
    """

    real: Outcomes
    fake: Outcomes
    seconds: float

    def pairs(self) -> Iterator[tuple[Command, Outcome, Outcome]]:
        """Yield each command with both outcomes."""
        for sequence in SEQUENCES:
            if sequence.name in self.real:
                yield from zip(
                    sequence.commands, self.real[sequence.name], self.fake[sequence.name], strict=True
                )


def compare(real: Mapping[str, str], fake: Mapping[str, str], ansible: Path | None) -> Run:
    """Run all commands against both clouds, and those sequences again that differ.

    Args:
        real: service -> URL of the real services.
        fake: service -> URL of fake_nova.
        ansible: the folder of Ansible's environment; without one its commands do not run.
    """
    start = time.monotonic()
    with ExitStack() as stack:
        sides = [_Side(urls, ansible, stack) for urls in (real, fake)]
        pool = stack.enter_context(ThreadPoolExecutor())
        sequences = [each for each in SEQUENCES if ansible is not None or not each.needs_ansible]
        real_outcomes, fake_outcomes = pool.map(lambda side: side.run(sequences), sides)
        different = [
            each
            for each in sequences
            if record.differences(each, real_outcomes[each.name], fake_outcomes[each.name])
        ]
        for outcomes, again in zip(
            (real_outcomes, fake_outcomes), pool.map(lambda side: side.run(different), sides), strict=True
        ):
            outcomes.update(again)
    return Run(real_outcomes, fake_outcomes, time.monotonic() - start)


class _Side:
    """One of the two clouds, and clients for it.

    Both run at the same time, and the real services import in threads. So what differs runs again.
    """

    def __init__(self, urls: Mapping[str, str], ansible: Path | None, stack: ExitStack) -> None:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fake-nova-"))
        self._cloud: Final = Cloud(urls, Path(folder))
        self._process: Final = stack.enter_context(clients(ansible))

    def run(self, sequences: Iterable[Sequence]) -> Outcomes:
        """Run sequences, and return their outcomes."""
        return {each.name: run(each, self._cloud, self._process) for each in sequences}


def finding_lines(database: str, comparison: Run) -> Iterator[str]:
    """Yield the counts, and each command whose outcomes differ."""
    pairs = list(comparison.pairs())
    different = [each for each in pairs if not record.is_equal(*each)]
    yield f"{database}: {len(pairs)} commands of clients in {comparison.seconds:.0f} s, {len(different)} differ"
    for command, real, fake in different:
        yield f"  {command.user}: {command.line}"
        yield f"    real: {real}"
        yield f"    fake: {fake}"


def failure_lines(database: str, comparison: Run) -> Iterator[str]:
    """Yield why the comparison fails; nothing if it does not."""
    count = sum(not record.is_equal(*each) for each in comparison.pairs())
    if count:
        yield f"{database}: commands of clients differ (got {count}); expected none"


def evidence(runs: Mapping[str, Run]) -> str:
    """Return the table of the commands as Markdown."""
    lines = [
        f"| command | user | exit code |{''.join(f' {database} |' for database in runs)}",
        "|---|---|---|" + "---|" * len(runs),
    ]
    for rows in zip(*(each.pairs() for each in runs.values()), strict=True):
        command, real, _ = rows[0]
        verdicts = "".join(f" {_verdict(*row)} |" for row in rows)
        lines.append(f"| `{cell(command.line)}` | {command.user} | {real.code} |{verdicts}")
    return "\n".join([*lines, ""])


def cell(line: str) -> str:
    """Return a command line as the text of a cell."""
    return line.replace("|", "\\|")


def _verdict(command: Command, real: Outcome, fake: Outcome) -> str:
    if not record.is_equal(command, real, fake):
        return "**differs**"
    return "refused (writes metadefs)" if command.writes_metadefs else "equal"


def write_evidence(runs: Mapping[str, Run], page: Path = PAGE) -> None:
    """Put the table into its page, and the outcomes of the real services into the record, if the runs are complete."""
    names = {sequence.name for sequence in SEQUENCES}
    if record.COMMON not in runs or any(names - set(each.real) for each in runs.values()):
        return
    text = page.read_text(encoding="utf-8")
    page.write_text(_TABLE.sub(lambda _: evidence(runs), text), encoding="utf-8")
    record.write({database: each.real for database, each in runs.items()})
