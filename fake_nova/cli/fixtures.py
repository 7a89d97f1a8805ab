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
from fake_nova.support.messages import count_of


def load_seed(paths: Sequence[str], operations: Collection[str] = ()) -> Seed:
    """Load fixture files, as of now; see `fixture_files.load_files`."""
    return fixture_files.load_files(paths, SystemClock().now(), operations)


def _check(options: argparse.Namespace) -> int:
    if not options.paths:
        raise ConfigurationError(
            "PATH: none given; expected a file, a folder or the name of a bundled fixture"
        )
    errors: list[str] = []
    lines = []
    for paths in [(path,) for path in options.paths] if options.each else [options.paths]:
        try:
            seed = load_seed(paths, apis.router().operations)
        except FixtureError as error:
            errors += error.lines
            continue
        users, projects = seed.directory.users, seed.directory.projects
        counts = {"image": len(seed.images), "project": len(projects), "user": len(users)}
        text = ", ".join(count_of(number, noun) for noun, number in counts.items())
        lines.append(f"{paths[0]}: {text}" if options.each else text)
    if errors:
        raise FixtureError(errors)
    for line in lines:
        echo(line)
    return 0


def _print_schema(_: argparse.Namespace) -> int:
    echo(json.dumps(json_schema.fixture_schema(), indent=2))
    return 0


#: Name of a command -> the function that runs it and returns the exit code.
COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {
    "check": _check,
    "schema": _print_schema,
}
