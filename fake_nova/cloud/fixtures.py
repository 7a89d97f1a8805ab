"""Fixture files: YAML into a seed, or everything that is wrong with it, each with its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from fake_nova.cloud import documents, fields, progress
from fake_nova.cloud.behaviours import (
    AssignmentDocument,
    ClockStart,
    ClockStartDocument,
    FaultDocument,
    PlansField,
    SeededImageDocument,
    assignments,
    made_fault,
)
from fake_nova.cloud.clock import ClockMode
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.documents import CloudDocument
from fake_nova.cloud.faults import MOST_IN_FORCE, Fault, unknown_operation
from fake_nova.cloud.fields import Exactly, list_of, mapping
from fake_nova.cloud.lifecycle import PLANS, Assignment, Plan, Progress, Schedule
from fake_nova.cloud.made import made_images
from fake_nova.cloud.problems import DocumentError, DocumentPath, Problem, shown, some_of
from fake_nova.cloud.servers import Server, ServerDocument, made_server
from fake_nova.cloud.text import FixtureError, Places, parsed
from fake_nova.dialect import DIALECTS
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.settings import AUTH_STRATEGIES

#: The files that ship with the package.
SHIPPED: Final = Path(__file__).parent.parent / "fixtures"

_SUFFIXES: Final = (".yaml", ".yml", ".json")
_NAMESPACE: Final = UUID("3f5d3c5e-2a52-5f6b-8d3f-0f9d6e1c9b42")


class Seed(NamedTuple):
    """What a cloud starts with, and goes back to.

    Attributes:
        settings: by name, of a file that says in what state a cloud was.
    """

    directory: Directory
    images: tuple[Image, ...]
    schedule: Schedule = Schedule()
    clock: ClockStart | None = None
    faults: tuple[Fault, ...] = ()
    settings: Mapping[str, str] = MappingProxyType({})
    servers: tuple[Server, ...] = ()


class StateSettingsDocument(fields.Document):
    """The settings that a cloud had whose state a file tells."""

    dialect = Exactly((str,), " or ".join(DIALECTS), lambda name: name in DIALECTS)
    auth_strategy = Exactly((str,), " or ".join(AUTH_STRATEGIES), lambda name: name in AUTH_STRATEGIES)


class FixtureDocument(CloudDocument):
    """A fixture file: what a cloud holds, and how it behaves."""

    images = list_of(SeededImageDocument, "images")
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


class _Source(NamedTuple):
    """One document, and where to find a place in it."""

    name: str
    values: dict[str, Any]
    raw: Mapping[str, Any]
    place: Callable[[DocumentPath], str]

    def where(self) -> str:
        """Return the name, as the place of what has no line of its own."""
        return self.name


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
    sources: list[_Source] = []
    for path in find_files(paths):
        try:
            sources.append(_read(str(path), path.read_bytes()))
        except OSError as error:
            lines.append(f"{path}: cannot be read: {error.strerror}")
        except FixtureError as error:
            lines.extend(error.lines)
    if lines:
        raise FixtureError(lines)
    return _seed(sources, Directory(), now, operations)


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
    return _seed([_read(name, content)], directory, now, operations)


def _read(name: str, content: bytes) -> _Source:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FixtureError(
            [f"{name}:{line}: byte 0x{content[error.start]:02x} is not text; allowed: YAML in UTF-8"]
        ) from error
    raw = parsed(name, text)

    places = Places(text)

    def place(path: DocumentPath) -> str:
        line, column = places.of(path)
        return f"{name}:{line}:{column}"

    if raw is None:
        raise FixtureError([f"{name}:1: the file is empty; allowed: {', '.join(FixtureDocument().fields)}"])
    try:
        values = fields.load(FixtureDocument(), raw)
    except DocumentError as error:
        raise FixtureError(_ordered(error.problems, place)) from error
    return _Source(name, values, raw, place)


def _ordered(problems: list[Problem], place: Callable[[DocumentPath], str]) -> list[str]:
    located = [(place(problem.path), problem) for problem in problems]
    located.sort(key=lambda pair: [int(part) for part in pair[0].rsplit(":", 2)[1:]])
    return [f"{where}: {problem}" for where, problem in located]


def _seed(sources: Sequence[_Source], known: Directory, now: datetime, operations: Collection[str]) -> Seed:
    """Put documents together; what one says of another's projects and ids is checked here."""
    lines: list[str] = []
    directory = _directory(sources, known, lines)
    schedule = _schedule(sources, directory, lines)
    faults = _faults(sources, operations, lines)
    servers = _servers(sources, directory, now, lines)
    started: dict[str, Progress] = {}
    images: dict[str, Image] = {}
    places: dict[str, Callable[[], str]] = {}  # to find a place reads the whole file again
    seen: dict[str, int] = {}
    for source in sources:
        for index, values in enumerate(source.values.get("images", ())):
            path: DocumentPath = ("images", index)
            image_id = values.get("id") or _derived_id(source.raw["images"][index], seen)
            owner = _owner(values, directory, source, path, lines)
            if values.get("status") is ImageStatus.DELETED:
                values.pop("plan", None)  # an export of an older version may have both
            if "plan" in values:
                under_way = _progress(values.pop("plan"), schedule, source, (*path, "plan"), lines)
                if under_way is not None:
                    started[image_id] = under_way
                    values["status"] = under_way.steps[0].status
            if image_id in images:
                taken = (
                    f'"{image_id}" is already taken at {places[image_id]()}; allowed: an id that comes once'
                )
                lines.append(f"{source.place((*path, 'id'))}: {Problem((*path, 'id'), taken)}")
                continue
            images[image_id] = documents.new_image(
                {**values, "owner": owner}, image_id=image_id, owner=owner, now=now
            )
            places[image_id] = partial(source.place, (*path, "id")) if "id" in values else source.where
        for index, values in enumerate(source.values.get("generate", ())):
            path = ("generate", index)
            for image in _generated(values, directory, source, path, lines):
                if image.id in images:
                    lines.append(
                        f"{source.place(path)}: generate[{index}]: seed {values.get('seed', 0)} makes images "
                        "that are already there; allowed: another seed"
                    )
                    break
                images[image.id] = image
                places[image.id] = source.where
    if lines:
        raise FixtureError(lines)
    clock = next((s.values["clock"] for s in reversed(sources) if "clock" in s.values), None)
    return Seed(
        directory,
        tuple(images.values()),
        schedule._replace(progress=MappingProxyType(started)),
        ClockStart(clock.get("mode", ClockMode.FROZEN), clock.get("now")) if clock is not None else None,
        faults,
        next((source.values["settings"] for source in sources if "settings" in source.values), {}),
        servers,
    )


def _servers(
    sources: Sequence[_Source], directory: Directory, now: datetime, lines: list[str]
) -> tuple[Server, ...]:
    made: dict[str, Server] = {}
    seen: dict[str, int] = {}
    for source in sources:
        for index, values in enumerate(source.values.get("servers", ())):
            path: DocumentPath = ("servers", index)
            server_id = values.get("id") or _derived_id(source.raw["servers"][index], seen)
            owner = _owner(values, directory, source, path, lines)
            if server_id in made:
                taken = Problem(
                    (*path, "id"), f'"{server_id}" is already taken; allowed: an id that comes once'
                )
                lines.append(f"{source.place((*path, 'id'))}: {taken}")
            made[server_id] = made_server(values, server_id=server_id, owner=owner, now=now)
    return tuple(made.values())


def _faults(sources: Sequence[_Source], operations: Collection[str], lines: list[str]) -> tuple[Fault, ...]:
    made = []
    for source in sources:
        for index, values in enumerate(source.values.get("faults", ())):
            problem = unknown_operation(values.get("match", {}), operations) if operations else None
            if problem is not None:
                path = ("faults", index, "match", "operation")
                lines.append(f"{source.place(path)}: {Problem(path, problem)}")
            made.append(made_fault(values))
    return tuple(made)


def _schedule(sources: Sequence[_Source], directory: Directory, lines: list[str]) -> Schedule:
    """Put the plans of all documents together; an assignment of an unknown one is a problem."""
    plans = dict(PLANS)
    for source in sources:
        plans.update(source.values.get("plans", {}))
    default: str | None = None
    assigned: list[Assignment] = []
    for source in sources:
        default = source.values.get("default_plan", default)
        named: list[tuple[DocumentPath, str | None]] = [
            (("default_plan",), source.values.get("default_plan")),
            *(
                (("assign_plans", index, "plan"), one["plan"])
                for index, one in enumerate(source.values.get("assign_plans", ()))
            ),
        ]
        lines.extend(
            _unknown_plan(source, path, name, plans)
            for path, name in named
            if name is not None and name not in plans
        )
        assigned.extend(assignments(source.values.get("assign_plans", ()), directory))
    return Schedule(MappingProxyType(plans), default, tuple(assigned))


def _unknown_plan(source: _Source, path: DocumentPath, name: str, plans: Mapping[str, Plan]) -> str:
    problem = Problem(path, f"{shown(name)} is no plan; allowed: {some_of(plans)}")
    return f"{source.place(path)}: {problem}"


def _progress(
    values: Mapping[str, Any], schedule: Schedule, source: _Source, path: DocumentPath, lines: list[str]
) -> Progress | None:
    steps = values.get("steps") or schedule.plans.get(values["name"])
    if steps is None:
        lines.append(_unknown_plan(source, path, values["name"], schedule.plans))
        return None
    return Progress(values["name"], steps, values.get("elapsed", 0), values.get("looks", 0))


def _directory(sources: Sequence[_Source], known: Directory, lines: list[str]) -> Directory:
    projects: dict[str, Project] = {}
    names: dict[str, Project] = {}
    for source in sources:
        for index, values in enumerate(source.values.get("projects", ())):
            project = Project(values["id"], values["name"])
            same_id, same_name = (
                projects.setdefault(project.id, project),
                names.setdefault(project.name, project),
            )
            if same_id != project or same_name != project:
                lines.append(
                    f"{source.place(('projects', index))}: projects[{index}]: the id or name of "
                    f"{shown(project.name)} is already another project's; allowed: one that is free"
                )
    if not any("projects" in source.values for source in sources):
        projects = {project.id: project for project in known.projects}
    directory = Directory(
        (*projects.values(), *(p for p in known.projects if known.users and p.id not in projects))
    )
    users: dict[str, User] = {user.name: user for user in known.users}
    for source in sources:
        for index, values in enumerate(source.values.get("users", ())):
            path: DocumentPath = ("users", index)
            home = directory.project(values["project"])
            if home is None:
                lines.append(_unknown_project(source, (*path, "project"), values["project"], directory))
                continue
            user = User(values["name"], values["password"], home, frozenset(values.get("roles", ("member",))))
            if users.setdefault(user.name, user) != user:
                problem = f"{shown(user.name)} is already another user's; allowed: a name that is free"
                lines.append(f"{source.place((*path, 'name'))}: {Problem((*path, 'name'), problem)}")
    return Directory(directory.projects, users.values())


def _owner(
    values: Mapping[str, Any], directory: Directory, source: _Source, path: DocumentPath, lines: list[str]
) -> str:
    if "owner" not in values:
        return directory.first_project.id
    project = directory.project(values["owner"])
    if project is None:
        lines.append(_unknown_project(source, (*path, "owner"), values["owner"], directory))
        return directory.first_project.id
    return project.id


def _unknown_project(source: _Source, path: DocumentPath, value: str, directory: Directory) -> str:
    known = [f"{project.id} ({project.name})" for project in directory.projects]
    problem = Problem(path, f"{shown(value)} is not a project; allowed: {some_of(known)}")
    return f"{source.place(path)}: {problem}"


def _generated(
    values: Mapping[str, Any], directory: Directory, source: _Source, path: DocumentPath, lines: list[str]
) -> Iterator[Image]:
    template = values.get("template", {})
    owner = _owner(template, directory, source, (*path, "template"), lines)
    count = values["count"]
    made = made_images(count, values.get("seed", 0), {**template, "owner": owner}, owner)
    return progress.over(made, count, "making images")


def _derived_id(raw: object, seen: dict[str, int]) -> str:
    """Derive an id from an image's content; the second of two equal ones gets another."""
    content = json.dumps(raw, sort_keys=True, ensure_ascii=False)
    seen[content] = seen.get(content, 0) + 1
    return str(uuid5(_NAMESPACE, f"{content}#{seen[content]}"))
