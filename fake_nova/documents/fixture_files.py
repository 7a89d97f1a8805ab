"""Fixture files: YAML into a seed, or everything that is wrong with it, each with its place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from fake_nova.cloud.directory import Directory
from fake_nova.cloud.faults import MOST_IN_FORCE
from fake_nova.cloud.seed import Seed
from fake_nova.dialects import DIALECTS
from fake_nova.documents import fields
from fake_nova.documents.clock import ClockStartDocument
from fake_nova.documents.fault import FaultDocument
from fake_nova.documents.fields import Exactly, list_of, mapping, word
from fake_nova.documents.image import GenerateDocument, ProjectDocument, UserDocument
from fake_nova.documents.plan import AssignmentDocument, PlansField, SeededImageDocument
from fake_nova.documents.seed_builder import SeedBuilder, Source
from fake_nova.documents.server import ServerDocument
from fake_nova.documents.validation import DocumentError
from fake_nova.documents.yaml_reader import FixtureError, Places, parsed
from fake_nova.settings import AUTH_STRATEGIES

#: The files that ship with the package.
SHIPPED: Final = Path(__file__).parent.parent / "fixtures"

_SUFFIXES: Final = (".yaml", ".yml", ".json")


class StateSettingsDocument(fields.Document):
    """The settings that a cloud had whose state a file tells."""

    dialect = word(DIALECTS, separator=" or ")
    auth_strategy = word(AUTH_STRATEGIES, separator=" or ")


class FixtureDocument(fields.Document):
    """A fixture file: what a cloud holds, and how it behaves."""

    projects = list_of(ProjectDocument, "mappings of id and name")
    users = list_of(UserDocument, "mappings of name, password, project and roles")
    images = list_of(SeededImageDocument, "images")
    generate = list_of(GenerateDocument, "mappings of count, seed and template")
    servers = list_of(ServerDocument, "servers")
    plans = PlansField()
    default_plan = Exactly((str, type(None)), "the name of a plan or null")
    assign_plans = list_of(AssignmentDocument, "mappings of match and plan")
    clock = mapping(ClockStartDocument)
    faults = list_of(FaultDocument, "faults", most=MOST_IN_FORCE)
    settings = mapping(StateSettingsDocument)


def shipped() -> list[str]:
    """Return the names of the fixtures that ship with the package."""
    return sorted(path.stem for path in SHIPPED.glob("*.yaml"))


def find_files(paths: Sequence[str]) -> list[Path]:
    """Return the files behind *paths*: files, folders (theirs in the order of their names) or shipped names.

    Raises:
        FixtureError: a path leads to no file.
    """
    files: list[Path] = []
    lines: list[str] = []
    for text in paths:
        path = Path(text)
        if not path.exists() and path.name == text and (SHIPPED / f"{text}.yaml").exists():
            files.append(SHIPPED / f"{text}.yaml")
        elif path.is_dir():
            found = sorted(entry for entry in path.iterdir() if entry.suffix in _SUFFIXES and entry.is_file())
            if not found:
                lines.append(f"{text}: the folder has no fixture file; allowed: {', '.join(_SUFFIXES)}")
            files.extend(found)
        elif path.is_file():
            files.append(path)
        else:
            lines.append(
                f"{text}: there is no such file or folder; allowed: a file, a folder, or one of the shipped "
                + ", ".join(shipped())
            )
    if lines:
        raise FixtureError(lines)
    return files


def load_files(paths: Sequence[str], now: datetime, operations: Collection[str] = ()) -> Seed:
    """Read the fixture files behind *paths* into one seed.

    Args:
        paths: files, folders, or names of shipped fixtures; several add up.
        now: the time of images that name none.
        operations: what faults can be for; none leaves that unchecked.

    Raises:
        FixtureError: with every problem of every file: file, line, column, key, value, what is allowed.
    """
    lines: list[str] = []
    sources: list[Source] = []
    for path in find_files(paths):
        try:
            sources.append(_read(str(path), path.read_bytes()))
        except OSError as error:
            lines.append(f"{path}: cannot be read: {error.strerror}")
        except FixtureError as error:
            lines.extend(error.lines)
    if lines:
        raise FixtureError(lines)
    return SeedBuilder(sources, Directory(), now, operations).seed()


def load_text(
    content: bytes, name: str, directory: Directory, now: datetime, operations: Collection[str] = ()
) -> Seed:
    """Read one fixture document that came over the wire.

    Args:
        content: YAML or JSON in UTF-8.
        name: what errors call it.
        directory: whom its images and users may belong to, beside the projects that it brings itself.
        now: the time of images that name none.
        operations: what faults can be for; none leaves that unchecked.

    Raises:
        FixtureError: with every problem.
    """
    return SeedBuilder([_read(name, content)], directory, now, operations).seed()


def _read(name: str, content: bytes) -> Source:
    """Read a document; FixtureError with every problem that it has by itself."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FixtureError(
            [f"{name}:{line}: byte 0x{content[error.start]:02x} is not text; allowed: YAML in UTF-8"]
        ) from error
    source = Source(name, parsed(name, text), Places(text))
    if source.raw is None:
        raise FixtureError([f"{name}:1: the file is empty; allowed: {', '.join(FixtureDocument().fields)}"])
    try:
        return source._replace(values=fields.load(FixtureDocument(), source.raw))
    except DocumentError as error:
        problems = sorted(error.problems, key=lambda problem: source.places.of(problem.path))
        raise FixtureError([source.error(*problem) for problem in problems]) from error
