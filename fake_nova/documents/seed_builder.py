"""The builder that combines fixture documents into a seed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from fake_nova.cloud import progress_bar
from fake_nova.cloud.clock import ClockMode, ClockStart
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.faults import Fault, operation_problem
from fake_nova.cloud.plans import BUILT_IN_PLANS, Assignment, Plan, PlanProgress, PlanState
from fake_nova.cloud.seed import Seed
from fake_nova.cloud.servers import Server
from fake_nova.documents import image as image_documents
from fake_nova.documents.faker_images import generate_images
from fake_nova.documents.fault import build_fault
from fake_nova.documents.plan import build_assignments
from fake_nova.documents.server import build_server
from fake_nova.documents.validation import DocumentPath, Problem, abbreviate, join_names
from fake_nova.documents.yaml_reader import FixtureError, SourcePositions
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus

_NAMESPACE: Final = UUID("3f5d3c5e-2a52-5f6b-8d3f-0f9d6e1c9b42")


class SourceFile(NamedTuple):
    """One fixture document.

    Attributes:
        name: its name in error messages.
        raw: the parsed content, unchecked.
        positions: finds the line and column of a path.
        values: the checked content, in the domain's types.
    """

    name: str
    raw: Any
    positions: SourcePositions
    values: Mapping[str, Any] = MappingProxyType({})

    def locate(self, path: DocumentPath | None) -> str:
        """Return name, line and column of *path*, such as ``a.yaml:3:5``; only the name if *path* is None."""
        return self.name if path is None else "{}:{}:{}".format(self.name, *self.positions.find(path))

    def error(self, path: DocumentPath, message: str) -> str:
        """Return an error line with the position of *path* and *message*."""
        return f"{self.locate(path)}: {Problem(path, message)}"


class SeedBuilder:
    """Combines documents into a seed, and checks references between them: projects, plans and ids.

    Args:
        sources: the documents.
        existing_directory: existing projects and users, in addition to those of the documents.
        now: the creation time of images and servers that have none.
        operations: valid operation names for faults; empty disables the check.
    """

    def __init__(
        self,
        sources: Sequence[SourceFile],
        existing_directory: Directory,
        now: datetime,
        operations: Collection[str],
    ) -> None:
        self._sources: Final = sources
        self._now: Final = now
        self._operations: Final = operations
        self._errors: Final[list[str]] = []
        self._content_counts: Final[Counter[tuple[str, str]]] = Counter()
        self._plans: Final[dict[str, Plan]] = dict(BUILT_IN_PLANS)
        self._progress: Final[dict[str, PlanProgress]] = {}
        self._images: Final[dict[str, Image]] = {}
        # Image id -> its path. Finding the line and column parses the whole file again, so it waits.
        self._id_locations: Final[dict[str, tuple[SourceFile, DocumentPath | None]]] = {}
        self._directory = self._read_projects(existing_directory)

    def build(self) -> Seed:
        """Build the seed.

        Raises:
            FixtureError: if a reference or id is invalid; it lists all problems.
        """
        self._directory = self._read_users()
        plan_state, faults, servers = self._read_plans(), self._read_faults(), self._read_servers()
        for source, path, values in self._entries("images"):
            self._add_image(source, path, values)
        for source, path, values in self._entries("generate"):
            self._add_faker_images(source, path, values)
        if self._errors:
            raise FixtureError(self._errors)
        clocks = [source.values["clock"] for source in self._sources if "clock" in source.values]
        settings = [source.values["settings"] for source in self._sources if "settings" in source.values]
        return Seed(
            self._directory,
            tuple(self._images.values()),
            plan_state._replace(progress=MappingProxyType(self._progress)),
            ClockStart(clocks[-1].get("mode", ClockMode.FROZEN), clocks[-1].get("now")) if clocks else None,
            faults,
            settings[0] if settings else {},
            servers,
        )

    def _entries(self, key: str) -> Iterator[tuple[SourceFile, DocumentPath, dict[str, Any]]]:
        """Yield each entry of list *key* in all documents: its document, its path and its values."""
        for source in self._sources:
            for index, values in enumerate(source.values.get(key, ())):
                yield source, (key, index), values

    def _add_error(self, source: SourceFile, path: DocumentPath, message: str) -> None:
        self._errors.append(source.error(path, message))

    def _read_projects(self, existing_directory: Directory) -> Directory:
        """Return a directory of the documents' projects, with the existing users.

        It includes the existing projects if there are existing users, or if no document has ``projects``.
        """
        projects: dict[str, Project] = {}
        projects_by_name: dict[str, Project] = {}
        for source, path, values in self._entries("projects"):
            project = Project(values["id"], values["name"])
            project_with_id = projects.setdefault(project.id, project)
            project_with_name = projects_by_name.setdefault(project.name, project)
            if project_with_id != project or project_with_name != project:
                problem = f"id or name already in use (got {abbreviate(project.name)})"
                self._add_error(
                    source, path, f"{problem}; expected an id and a name that no other project has"
                )
        if existing_directory.users or not any("projects" in source.values for source in self._sources):
            projects = {
                **projects,
                **{
                    existing_project.id: existing_project
                    for existing_project in existing_directory.projects
                    if existing_project.id not in projects
                },
            }
        return Directory(projects.values(), existing_directory.users)

    def _read_users(self) -> Directory:
        users = {user.name: user for user in self._directory.users}
        for source, path, values in self._entries("users"):
            project = self._find_project(source, (*path, "project"), values["project"])
            if project is None:
                continue
            user = User(
                values["name"], values["password"], project, frozenset(values.get("roles", ("member",)))
            )
            if users.setdefault(user.name, user) != user:
                problem = f"name already in use (got {abbreviate(user.name)})"
                self._add_error(source, (*path, "name"), f"{problem}; expected a name that no other user has")
        return Directory(self._directory.projects, users.values())

    def _find_project(self, source: SourceFile, path: DocumentPath, name: str) -> Project | None:
        project = self._directory.project(name)
        if project is None:
            project_labels = [f"{project.id} ({project.name})" for project in self._directory.projects]
            self._add_error(
                source,
                path,
                f"unknown project (got {abbreviate(name)}); expected one of: {join_names(project_labels)}",
            )
        return project

    def _resolve_owner(self, source: SourceFile, path: DocumentPath, values: Mapping[str, Any]) -> str:
        project = self._find_project(source, (*path, "owner"), values["owner"]) if "owner" in values else None
        return (project or self._directory.first_project).id

    def _read_plans(self) -> PlanState:
        default: str | None = None
        for source in self._sources:
            self._plans.update(source.values.get("plans", {}))
        for source in self._sources:
            default = source.values.get("default_plan", default)
            if source.values.get("default_plan") is not None:
                self._find_plan(source, ("default_plan",), source.values["default_plan"])
        plan_assignments: list[Assignment] = []
        for source, path, values in self._entries("assign_plans"):
            self._find_plan(source, (*path, "plan"), values["plan"])
            plan_assignments.extend(build_assignments((values,), self._directory))
        return PlanState(MappingProxyType(self._plans), default, tuple(plan_assignments))

    def _find_plan(self, source: SourceFile, path: DocumentPath, name: str) -> Plan | None:
        if name not in self._plans:
            self._add_error(
                source,
                path,
                f"unknown plan (got {abbreviate(name)}); expected one of: {join_names(self._plans)}",
            )
        return self._plans.get(name)

    def _read_faults(self) -> tuple[Fault, ...]:
        for source, path, values in self._entries("faults"):
            match = values.get("match", {})
            problem = operation_problem(match, self._operations) if self._operations else None
            if problem is not None:
                self._add_error(source, (*path, "match", "operation"), problem)
        return tuple(build_fault(values) for _, _, values in self._entries("faults"))

    def _read_servers(self) -> tuple[Server, ...]:
        servers: dict[str, Server] = {}
        for source, path, values in self._entries("servers"):
            server_id = self._entry_id(source, path, values)
            owner = self._resolve_owner(source, path, values)
            if server_id in servers:
                self._add_error(
                    source,
                    (*path, "id"),
                    f'id already in use (got "{server_id}"); expected an id that comes once',
                )
            servers[server_id] = build_server(values, server_id=server_id, owner=owner, now=self._now)
        return tuple(servers.values())

    def _entry_id(self, source: SourceFile, path: DocumentPath, values: Mapping[str, Any]) -> str:
        """Return an entry's id; the default is derived from its content and a counter of equal entries."""
        if "id" in values:
            return str(values["id"])
        key, index = path
        content = json.dumps(source.raw[key][index], sort_keys=True, ensure_ascii=False)
        self._content_counts[str(key), content] += 1
        return str(uuid5(_NAMESPACE, f"{content}#{self._content_counts[str(key), content]}"))

    def _add_image(self, source: SourceFile, path: DocumentPath, values: dict[str, Any]) -> None:
        image_id = self._entry_id(source, path, values)
        owner = self._resolve_owner(source, path, values)
        plan = values.pop("plan", None)
        if (
            plan is not None and values.get("status") is not ImageStatus.DELETED
        ):  # exports of older versions may contain both
            steps = plan.get("steps") or self._find_plan(source, (*path, "plan"), plan["name"])
            if steps is not None:
                self._progress[image_id] = PlanProgress(**{**plan, "steps": steps})
                values["status"] = steps[0].status
        if image_id in self._images:
            first_source, first_path = self._id_locations[image_id]
            location = first_source.locate(first_path)
            problem = (
                f'id already in use (got "{image_id}", first at {location}); expected an id that comes once'
            )
            self._add_error(source, (*path, "id"), problem)
            return
        self._id_locations[image_id] = source, (*path, "id") if "id" in values else None
        self._images[image_id] = image_documents.build_image(
            {**values, "owner": owner}, image_id=image_id, owner=owner, now=self._now
        )

    def _add_faker_images(self, source: SourceFile, path: DocumentPath, values: Mapping[str, Any]) -> None:
        """Add the images that an entry of ``generate`` asks for."""
        template, count, seed = values.get("template", {}), values["count"], values.get("seed", 0)
        owner = self._resolve_owner(source, (*path, "template"), template)
        images = generate_images(count, seed, {**template, "owner": owner}, owner)
        location = source, None
        for image in progress_bar.with_progress_bar(images, count, "making images"):
            if image.id in self._images:
                problem = f"its images exist already (got seed {seed})"
                self._add_error(source, path, f"{problem}; expected another seed")
                return
            self._images[image.id] = image
            self._id_locations[image.id] = location
