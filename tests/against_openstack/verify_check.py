"""Runs ``fake-nova verify`` against the real services: with the right database, with the wrong one, and interrupted.

``python -m tests.against_openstack.verify_check --database sqlite`` starts the services, checks, and ends them.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from contextlib import suppress
from random import Random
from typing import Final

from fake_nova.recording import Pacing, connect
from fake_nova.verification.run import Options, verify
from fake_nova.verification.write_rules import PREFIX
from tests.against_openstack import compute_content, installation, mariadb, record_check, services, values
from tests.verification.database_rows import DATABASE_ROWS, ODD_NAME_ROWS

#: The owner of most images, and who sees everything.
USERS: Final = ("alice", "admin")

#: The settings of a fake that is like the services, but for the database.
SETTINGS: Final = {"import_methods": "glance-direct,web-download"}

#: How often the writes are interrupted, and the seconds within which that happens.
INTERRUPTIONS: Final = 10
_LONGEST: Final = 8

#: The writes alone, in a process of its own, which says when they begin.
_WRITES: Final = """
from datetime import UTC, datetime
from fake_nova.recording import Pacing, connect
from fake_nova.verification.cloud_side import CloudSide
from fake_nova.verification.writing import verify_writes
cloud = Asker(CloudSide(connect(None, Pacing(rate=1000))), datetime.now(UTC))
verify_writes(cloud, lambda _: cloud, lambda: print("step", flush=True))
"""


def log_in(addresses: services.Addresses, name: str) -> None:
    """Set the variables of a user."""
    user = values.users()[name]
    os.environ.update(
        OS_AUTH_URL=f"{addresses.keystone}/v3",
        OS_USER_ID=user["id"],
        OS_PASSWORD=user["password"],
        OS_PROJECT_ID=user["project"],
    )


def check(addresses: services.Addresses, database: str, has_odd_names: bool = False) -> list[str]:
    """Return what is wrong, line by line.

    Args:
        addresses: the services.
        database: their database.
        has_odd_names: whether names are blank, or differ only in capitals, accents or blanks.
    """
    users = {name: values.users()[name] for name in ("admin", "bob", "alice")}
    tokens = {
        name: record_check.log_in(addresses.keystone, user["id"], user["password"], user["project"])
        for name, user in users.items()
    }
    compute_content.fill(addresses.nova, tokens, has_servers=False)
    expected_rows = DATABASE_ROWS | (ODD_NAME_ROWS if has_odd_names else frozenset())
    problems: list[str] = []
    for name in USERS:
        log_in(addresses, name)
        report = verify(
            connect(None, Pacing(rate=1000)),
            Options(SETTINGS | {"database": database}, writes=name == "alice"),
        )
        for result in report.differences:
            problems.append(f"{name}: {result.service}: {result.rule}: {result.differences[0].question}")
        problems += [f"{name}: not removed: {leftover}" for leftover in report.leftovers]
    log_in(addresses, "alice")
    (other_database,) = set(services.DATABASES) - {database}
    report = verify(
        connect(None, Pacing(rate=1000)), Options(SETTINGS | {"database": other_database}, writes=True)
    )
    rows = {(result.service, result.rule) for result in report.differences}
    problems += [f"{row}: differs with {other_database}" for row in sorted(rows - expected_rows)]
    problems += [f"{row}: the same with {other_database}" for row in sorted(expected_rows - rows)]
    problems += [
        f"{result.service}: {result.rule}: agrees with {result.remedy!r}"
        for result in report.differences
        if result.remedy != f"--database {database}"
    ]
    sys.stdout.write(f"{database}: {len(problems)} problems before the interruptions\n")
    sys.stdout.flush()
    return problems + interrupt(addresses)


def interrupt(addresses: services.Addresses) -> list[str]:
    """Interrupt the writes at random moments, and return the images that are left."""
    random = Random(1)
    left_over: list[str] = []
    for number in range(INTERRUPTIONS):
        log_in(addresses, "alice")
        command = [sys.executable, "-c", _WRITES]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        with suppress(subprocess.TimeoutExpired):
            process.wait(random.uniform(0, _LONGEST))
        process.send_signal(random.choice((signal.SIGINT, signal.SIGTERM)))
        process.communicate()
        log_in(addresses, "admin")
        response = connect(None, Pacing(rate=1000)).get("image", "/images?limit=1000")
        names = [str(image["name"]) for image in response.json()["images"]]
        left_over += [f"interruption {number}: {name} is left" for name in names if name.startswith(PREFIX)]
    return left_over


def main() -> int:
    """Run the check on the databases of the options, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=services.DATABASES, action="append")
    problems: list[str] = []
    for database in parser.parse_args().database or services.DATABASES:
        environment = installation.install()
        if database == "mariadb":
            mariadb.install()
        with services.running(database, environment, record_check.more_images()) as addresses:
            problems += [f"{database}: {line}" for line in check(addresses, database, True)]
    sys.stdout.write("".join(f"{line}\n" for line in problems) or "verify: no difference\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
