"""What a table of commands consists of."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Final, NamedTuple

#: The programs, the longer command line first: ``glance`` has commands of one word, ``openstack`` of several.
PROGRAMS: Final = ("openstack", "glance", "ansible")

_WORD: Final = re.compile(r"[a-z][a-z-]*")


class Command(NamedTuple):
    """One command line.

    Attributes:
        line: the command line. ``{NAME}`` is an id that an earlier command of the sequence keeps; ``{keystone}``,
            ``{glance}`` and ``{nova}`` are the URLs of the services.
        user: the user of the cloud who runs it.
        keeps: the name of the first id in its output that no fixture has, for later lines.
        until: a text; the command is repeated until its output has it.
        input: what it reads; None for a terminal at which nobody types.
        ignores: what of its output is not compared, as a pattern: what depends on the machine, or on which of two threads
            is faster.
        has_order: whether the lines of its output have an order; Keystone lists roles and assignments without one.
        writes_metadefs: whether it writes metadata definitions, which fake_nova refuses with a 403.
    """

    line: str
    user: str = "alice"
    keeps: str = ""
    until: str = ""
    input: str | None = None
    ignores: str = ""
    has_order: bool = True
    writes_metadefs: bool = False


class Sequence(NamedTuple):
    """Commands that run in order. The last ones delete what the first ones create.

    Attributes:
        name: what the sequence is about.
        commands: its commands.
    """

    name: str
    commands: tuple[Command, ...]

    @property
    def needs_ansible(self) -> bool:
        """Whether its commands are Ansible's, which has an environment of its own."""
        return any(command.line.startswith("ansible ") for command in self.commands)


def commands(user: str, *lines: str) -> tuple[Command, ...]:
    """Return commands of one user, without more to say about them."""
    return tuple(Command(line, user) for line in lines)


def sequence(name: str, *parts: Command | tuple[Command, ...]) -> Sequence:
    """Return a sequence of single commands and of several."""
    return Sequence(name, tuple(_flatten(parts)))


def _flatten(parts: tuple[Command | tuple[Command, ...], ...]) -> Iterator[Command]:
    for part in parts:
        if isinstance(part, Command):
            yield part
        else:
            yield from part


def matches(line: str, name: str) -> bool:
    """Return whether a command line runs the command of a name, such as ``openstack image add project``."""
    words = shlex.split(line)
    return words[: len(name.split())] == name.split()
