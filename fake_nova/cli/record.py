"""The command that records a real cloud as a fixture file."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from fake_nova.cli.output import echo
from fake_nova.errors import ConfigurationError
from fake_nova.recording import Pacing, Recording, RecordOptions, connect, record
from fake_nova.recording.fixture_writer import FixtureFile
from fake_nova.recording.header import header_lines
from fake_nova.recording.options import KINDS, parse_option
from fake_nova.support import progress_bar
from fake_nova.support.messages import count_of

#: The maximum number of passwords, and of notes, that are printed.
_MAX_LINES: Final = 20

#: Key of a fixture -> what one of its entries is called in the report.
_NOUNS: Final = {
    "images": "image",
    "projects": "project",
    "users": "user",
    "servers": "server",
    "flavors": "flavor",
    "keypairs": "key pair",
}


def _record(options: argparse.Namespace) -> int:
    """Record a cloud, write the file, and return the exit code."""
    if options.output is None:
        raise ConfigurationError("--output: none given; expected the file to write, such as cloud.yaml")
    values = {name: parse_option(name, getattr(options, name)) for name in KINDS}
    rate = values.pop("rate")
    file = FixtureFile(options.output)
    cloud = connect(options.cloud, Pacing() if rate is None else Pacing(rate=rate))
    with progress_bar.counting_bar("reading images") as on_progress:
        settings = RecordOptions(
            **values,
            members=options.members,
            servers=options.servers,
            anonymize=options.anonymize,
            on_progress=on_progress,
        )
        recording = record(cloud, settings)
    file.write(header_lines(cloud, settings), recording.document)
    for line in _report(options.output, recording):
        echo(line)
    return 0


def _report(path: str, recording: Recording) -> list[str]:
    """Return the lines that say what is recorded, what is replaced, and how to log in."""
    document = recording.document
    counts = ", ".join(count_of(len(document[key]), noun) for key, noun in _NOUNS.items() if key in document)
    replaced_texts = ", ".join(f"{kind} ({number})" for kind, number in recording.counts.items())
    passwords = [f"password of {name}: {password}" for name, password in recording.passwords.items()]
    return [
        f"{path}: {counts} (dialect {document['dialect']}, database {document['database']})",
        f"replaced or removed: {replaced_texts or 'nothing'}",
        *_first(passwords, "the file has all passwords"),
        *_first([f"not recorded: {note}" for note in recording.notes], "the images are the same otherwise"),
        f"try    fake-nova serve --auth-strategy keystone --fixtures {path}",
    ]


def _first(lines: list[str], rest: str) -> Iterable[str]:
    """Return the first lines, and if there are more, how many."""
    if len(lines) <= _MAX_LINES:
        return lines
    return [*lines[:_MAX_LINES], f"and {len(lines) - _MAX_LINES} more: {rest}"]


#: Name of a command -> the function that runs it and returns the exit code.
COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {"record": _record}
