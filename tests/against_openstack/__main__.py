"""The command: ``scripts/test-against-openstack``. It fails with 1 for differences, with 3 if nothing can be installed."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from tests.against_openstack import fake_service, installation, mariadb, record_check, services, verify_check
from tests.against_openstack.accepted import load_accepted
from tests.against_openstack.asking import Side
from tests.against_openstack.comparison import compare
from tests.against_openstack.grammar import draw_case
from tests.against_openstack.report import (
    answer_line,
    case_lines,
    evidence,
    failure_lines,
    finding_lines,
    table_lines,
    write_evidence,
)
from tests.against_openstack.run import SEED, Plan, Tally, run
from tests.commands import live

CANNOT_INSTALL: Final = 3


def say(*lines: str) -> None:
    """Print lines at once."""
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def warn(text: str) -> None:
    """Print a warning that nobody overlooks."""
    say("", "!" * 100, f"WARNING: {text}", "!" * 100, "")


def parse_options() -> argparse.Namespace:
    """Return the options of the command."""
    parser = argparse.ArgumentParser(prog="scripts/test-against-openstack", description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="draw other requests")
    parser.add_argument(
        "--requests", type=int, default=2000, help="requests in each group and on each database"
    )
    parser.add_argument("--database", choices=services.DATABASES, action="append", help="only this one")
    parser.add_argument(
        "--minutes", type=float, default=15, help="time for asking, on all databases together"
    )
    parser.add_argument(
        "--case", type=int, action="append", help="ask only this case, and print whole answers"
    )
    parser.add_argument(
        "--only", choices=("requests", "commands"), help="compare only requests, or commands of clients"
    )
    parser.add_argument("--ansible", type=Path, help="folder of an environment with Ansible")
    parser.add_argument("--docs", action="store_true", help="write the counts into the documentation")
    return parser.parse_args()


def install(databases: list[str]) -> tuple[Path, dict[str, str]]:
    """Install the services; without MariaDB take it from the databases, loudly. Return the folder and the versions.

    Raises:
        InstallationError: if nothing can be compared.
    """
    start = time.monotonic()
    environment = installation.install()
    versions = installation.locked_versions()
    if "mariadb" in databases:
        try:
            versions["MariaDB"] = mariadb.install()
        except installation.InstallationError as error:
            warn(f"MariaDB is not compared: {error}")
            databases.remove("mariadb")
    if not databases:
        raise installation.InstallationError("no database is left")
    say(f"installed in {time.monotonic() - start:.0f} s")
    return environment, versions


def print_case(real: Side, fake: Side, seed: int, number: int) -> None:
    """Ask one case again, and print all of it, and whether the answers are equal."""
    case = draw_case(seed, number)
    outcome = compare(real, fake, case)
    say(f"case {number}: {'different' if outcome.differences else 'equal'}", *case_lines(case))
    for each in outcome.differences:
        say(f"  step {each.step}: {each.kind}")
        say(f"    real: {answer_line(each.real, 10_000)}", f"    fake: {answer_line(each.fake, 10_000)}")


class Comparison(NamedTuple):
    """What comes out on one database.

    Attributes:
        tally: of the random requests; None if none are asked.
        commands: of the clients; None if none run.
    """

    tally: Tally | None
    commands: live.Run | None


def compare_on(database: str, environment: Path, options: argparse.Namespace, minutes: float) -> Comparison:
    """Compare on one database, and print what comes out."""
    start = time.monotonic()
    with ExitStack() as stack:
        addresses = stack.enter_context(services.running(database, environment))
        fake = stack.enter_context(fake_service.running(database))
        real = Side(addresses._asdict())
        say(f"{database}: started in {time.monotonic() - start:.0f} s")
        if options.case:
            for side in (real, fake):
                side.log_in()
            for number in options.case:
                print_case(real, fake, options.seed, number)
            return Comparison(None, None)
        start = time.monotonic()
        stack.callback(real.close)
        commands = tally = None
        if options.only != "requests":
            commands = live.compare(real.urls, fake.urls, options.ansible)
            say(*live.finding_lines(database, commands))
        if options.only != "commands":
            seconds = minutes * 60 - (time.monotonic() - start)
            plan = Plan(database, options.seed, options.requests, seconds, load_accepted())
            tally = run(real, fake, plan)
            tally.verification_problems += verify_check.check(addresses, database)
            say(
                f"{database}: asked in {time.monotonic() - start:.0f} s with --seed {options.seed}",
                *finding_lines(tally),
            )
    return Comparison(tally, commands)


def main() -> int:
    """Run the comparison, and return the exit code."""
    options = parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # so that the services end too
    databases = list(dict.fromkeys(options.database or services.DATABASES))
    try:
        environment, versions = install(databases)
        comparisons = {
            name: compare_on(name, environment, options, options.minutes / len(databases))
            for name in databases
        }
        record_problems = [
            f"{name}: {line}"
            for name in databases
            for line in (
                [] if options.case or options.only == "commands" else record_check.check_on(name, environment)
            )
        ]
    except installation.InstallationError as error:
        warn(f"fake_nova is not compared with the real services: {error}")
        return CANNOT_INSTALL
    tallies = {name: each.tally for name, each in comparisons.items() if each.tally is not None}
    commands = {name: each.commands for name, each in comparisons.items() if each.commands is not None}
    failures = [line for name, tally in tallies.items() for line in failure_lines(name, tally)]
    failures += [line for name, each in commands.items() for line in live.failure_lines(name, each)]
    failures += record_problems
    for name, tally in tallies.items():
        say("", *table_lines(name, tally))
    if options.docs and tallies:
        write_evidence(evidence(tallies, versions, datetime.now(UTC).date()))
    if options.docs and commands:
        live.write_evidence(commands)
    say(*failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
