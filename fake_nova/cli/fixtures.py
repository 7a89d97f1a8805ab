"""The commands about fixture files: check them, and print their JSON Schema."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from fake_nova import apis
from fake_nova.cli.output import echo
from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.seed import Seed
from fake_nova.documents import fixture_files, json_schema
from fake_nova.errors import ConfigurationError, FixtureError
from fake_nova.settings import SETTINGS, Settings
from fake_nova.support.messages import count_of


def load_seed(paths: Sequence[str], database: str | None, operations: Collection[str] = ()) -> Seed:
    """Load fixture files, as of now; see `fixture_files.load_files`."""
    rules = None if database is None else Settings(database=database).database_rules
    return fixture_files.load_files(paths, SystemClock().now(), operations, rules)


def _check(options: argparse.Namespace) -> int:
    if not options.paths:
        raise ConfigurationError(
            "PATH: none given; expected a file, a folder or the name of a bundled fixture"
        )
    database_setting = next(setting for setting in SETTINGS if setting.name == "database")
    database = options.database
    if database is not None:
        database_setting.parse_text(database, database_setting.option)
    if options.each:
        seeds = _load_each(options.paths, database)
        lines = [f"{path}: {_summarize(seed)}" for path, seed in zip(options.paths, seeds, strict=True)]
    else:
        lines = [_summarize(load_seed(options.paths, database, apis.router().operations))]
    for line in lines:
        echo(line)
    return 0


def _load_each(paths: Sequence[str], database: str | None) -> list[Seed]:
    """Load fixture files, each as a cloud of its own.

    Raises:
        FixtureError: if some are invalid, with the problems of all of them.
    """
    seeds = []
    errors: list[str] = []
    for path in paths:
        try:
            seeds.append(load_seed((path,), database, apis.router().operations))
        except FixtureError as error:
            errors += error.lines
    if errors:
        raise FixtureError(errors)
    return seeds


def _summarize(seed: Seed) -> str:
    directory = seed.directory
    counts = {"image": len(seed.images), "project": len(directory.projects), "user": len(directory.users)}
    compute = seed.compute
    extra_counts = {
        "server": len(compute.servers),
        "flavor": len(compute.flavors),
        "key pair": len(compute.keypairs),
    }
    counts |= {noun: number for noun, number in extra_counts.items() if number}
    return ", ".join(count_of(number, noun) for noun, number in counts.items())


def _print_schema(_: argparse.Namespace) -> int:
    echo(json.dumps(json_schema.fixture_schema(), indent=2))
    return 0


#: Name of a command -> the function that runs it and returns the exit code.
COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "check": _check,
    "schema": _print_schema,
}
