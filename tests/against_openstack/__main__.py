"""The command: ``scripts/test-against-openstack``. It fails with 1 for differences, with 3 if nothing can be installed."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

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


def compare_on(database: str, environment: Path, options: argparse.Namespace, minutes: float) -> Tally | None:
    """Compare on one database, and print what comes out; None if only single cases are asked."""
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
            return None
        start = time.monotonic()
        stack.callback(real.close)
        plan = Plan(database, options.seed, options.requests, minutes * 60, load_accepted())
        tally = run(real, fake, plan)
        tally.verification_problems += verify_check.check(addresses, database)
    say(
        f"{database}: asked in {time.monotonic() - start:.0f} s with --seed {options.seed}",
        *finding_lines(tally),
    )
    return tally


def main() -> int:
    """Run the comparison, and return the exit code."""
    options = parse_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))  # so that the services end too
    databases = list(dict.fromkeys(options.database or services.DATABASES))
    try:
        environment, versions = install(databases)
        tallies = {
            name: compare_on(name, environment, options, options.minutes / len(databases))
            for name in databases
        }
        record_problems = [
            f"{name}: {line}"
            for name in databases
            for line in ([] if options.case else record_check.check_on(name, environment))
        ]
    except installation.InstallationError as error:
        warn(f"fake_nova is not compared with the real services: {error}")
        return CANNOT_INSTALL
    full_runs = {name: tally for name, tally in tallies.items() if tally is not None}
    failures = [line for name, tally in full_runs.items() for line in failure_lines(name, tally)]
    failures += record_problems
    for name, tally in full_runs.items():
        say("", *table_lines(name, tally))
    if options.docs and full_runs:
        write_evidence(evidence(full_runs, versions, datetime.now(UTC).date()))
    say(*failures)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
