"""The builder that combines fixture documents into a seed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from fake_nova.cloud.clock import ClockMode, ClockStart
from fake_nova.cloud.compute import ComputeState
from fake_nova.cloud.directory import Directory, Project
from fake_nova.cloud.faults import Fault, operation_problem
from fake_nova.cloud.plans import BUILT_IN_PLANS, Plan, PlanProgress, PlanState
from fake_nova.cloud.seed import Seed
from fake_nova.documents.capture import build_capture
from fake_nova.documents.compute_builder import ComputeBuilder
from fake_nova.documents.directory import unknown_project_problem
from fake_nova.documents.directory_builder import DirectoryBuilder
from fake_nova.documents.entries import Entry
from fake_nova.documents.equal_texts import equal_texts
from fake_nova.documents.faker_images import generate_images
from fake_nova.documents.fault import build_fault
from fake_nova.documents.image import build_image
from fake_nova.documents.plan import build_assignments
from fake_nova.documents.source_file import SourceFile
from fake_nova.documents.validation import DocumentPath, Problem, join_names
from fake_nova.errors import FixtureError
from fake_nova.images.database import Database
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.support import progress_bar
from fake_nova.support.messages import quote_json

_NAMESPACE: Final = UUID("3f5d3c5e-2a52-5f6b-8d3f-0f9d6e1c9b42")


class _Error(NamedTuple):
    """A problem of one document."""

    source: SourceFile
    problem: Problem


class SeedBuilder:
    """Combines documents into a seed, and checks references between them: projects, plans and ids.

    Args:
        sources: the documents.
        existing_directory: existing projects and users, in addition to those of the documents.
        now: the creation time of images and servers that have none.
        operations: valid operation names for faults; empty disables the check.
        database: the database on which the ids, keys and members of images must differ.
        is_incomplete: whether there are documents that cannot be read. They may contain what others refer to.
        present: the flavors and zones of the cloud to which the documents are added; None for a new cloud.
    """

    def __init__(
        self,
        sources: Sequence[SourceFile],
        existing_directory: Directory,
        now: datetime,
        operations: Collection[str],
        *,
        database: Database,
        is_incomplete: bool = False,
        present: ComputeState | None = None,
    ) -> None:
        self._sources: Final = sources
        self._now: Final = now
        self._operations: Final = operations
        self._database: Final = database
        self._is_incomplete: Final = is_incomplete
        self._present: Final = present
        self._errors: Final = [_Error(source, problem) for source in sources for problem in source.problems]
        self._knows_all_projects: Final = not (is_incomplete or self._may_lack("projects"))
        self._knows_all_plans: Final = not (is_incomplete or self._may_lack("plans"))
        self._content_counts: Final[Counter[tuple[str, str]]] = Counter()
        self._plans: Final[dict[str, Plan]] = dict(BUILT_IN_PLANS)
        self._progress: Final[dict[str, PlanProgress]] = {}
        self._images: Final[dict[str, Image]] = {}
        # The database's key of an image's id -> its path. Finding line and column parses the whole file
        # again, so an error does it.
        self._id_locations: Final[dict[str, tuple[SourceFile, DocumentPath | None]]] = {}
        self._people: Final = DirectoryBuilder(
            self._entries, self._add_error, existing_directory, is_incomplete or self._may_lack("roles")
        )
        self._directory = self._people.read_projects()

    def build(self) -> Seed:
        """Build the seed.

        Raises:
            FixtureError: if a document, a reference or an id is invalid; it lists all problems, in order.
        """
        self._directory = self._people.read_users(self._find_project)
        self._directory = self._people.read_credentials(self._find_project)
        plan_state = self._read_plans()
        faults = self._read_faults()
        compute = ComputeBuilder(
            self._entries,
            self._add_error,
            directory=self._directory,
            find_project=self._find_project,
            entry_id=self._entry_id,
            read_progress=self._read_progress,
            now=self._now,
            may_lack=lambda key: self._is_incomplete or self._may_lack(key),
            present=self._present,
        ).build()
        for entry in self._entries("images"):
            self._add_image(entry)
        for entry in self._entries("generate"):
            self._add_faker_images(entry)
        self._raise_errors()
        clocks = [source.values["clock"] for source in self._sources if "clock" in source.values]
        clock: ClockStart | None = None
        if clocks:
            clock = ClockStart(clocks[-1].get("mode", ClockMode.FROZEN), clocks[-1].get("now"))
        settings = (source.values["settings"] for source in self._sources if "settings" in source.values)
        return Seed(
            directory=self._directory,
            images=tuple(self._images.values()),
            plan_state=plan_state._replace(progress=self._progress),
            clock=clock,
            faults=faults,
            settings=next(settings, {}),  # the first one counts
            compute=compute,
        )

    def _may_lack(self, key: str) -> bool:
        """Return whether entries of *key* were left out: invalid ones, or those of a misspelt key."""
        return any(
            path[:1] == (key,) or (len(path) == 1 and message.startswith("unknown key"))
            for _, (path, message) in self._errors
        )

    def _raise_errors(self) -> None:
        if self._errors:
            numbers = {id(source): number for number, source in enumerate(self._sources)}
            self._errors.sort(
                key=lambda error: (numbers[id(error.source)], error.source.positions.find(error.problem.path))
            )
            raise FixtureError([source.error(*problem) for source, problem in self._errors])

    def _entries(self, key: str) -> Iterator[Entry]:
        """Yield each entry of list *key* in all documents."""
        for source in self._sources:
            for index, values in enumerate(source.values.get(key, ())):
                yield Entry(source, (key, index), values)

    def _add_error(self, entry: Entry, message: str, *keys: str | int) -> None:
        """Add an error about an entry, or about the value at *keys* in it."""
        self._errors.append(_Error(entry.source, Problem((*entry.path, *keys), message)))

    def _find_project(self, entry: Entry, key: str) -> Project | None:
        """Return the project whose id or name is at *key*. Add an error if there is no such project."""
        name = entry.values.get(key)
        project = self._directory.project(name) if name is not None else None
        if project is None and name is not None and self._knows_all_projects:
            self._add_error(entry, unknown_project_problem(name, self._directory), key)
        return project

    def _resolve_owner(self, entry: Entry) -> str:
        """Return the project id of an entry's owner; by default that of the first project."""
        project = self._find_project(entry, "owner") if "owner" in entry.values else None
        return (project or self._directory.first_project).id

    def _resolve_image_owner(self, entry: Entry) -> str | None:
        """Return the project id of an image's owner; None if the document says that it has none.

        In an export, the owner may be an unknown project: a client of the image service may name any.
        """
        if "owner" not in entry.values:
            return self._directory.first_project.id
        owner: str | None = entry.values["owner"]
        is_export = "settings" in entry.source.values
        if owner is None or (is_export and self._directory.project(owner) is None):
            return owner
        return self._resolve_owner(entry)

    def _read_plans(self) -> PlanState:
        for source in self._sources:
            self._plans.update(source.values.get("plans", {}))
        default, server_default = map(self._default_plan, ("default_plan", "default_server_plan"))
        assignments = list(self._entries("assign_plans"))
        for entry in assignments:
            self._find_plan(entry, "plan")
        valid_documents = [entry.values for entry in assignments if entry.is_valid]
        rules = build_assignments(valid_documents, self._directory)
        return PlanState(self._plans, default, rules, default_server_plan=server_default)

    def _default_plan(self, key: str) -> str | None:
        """Return the name at a key of the documents; the last one counts."""
        default: str | None = None
        for source in self._sources:
            default = source.values.get(key, default)
            if source.values.get(key) is not None:
                self._find_plan(Entry(source, (), source.values), key)
        return default

    def _find_plan(self, entry: Entry, key: str, name: str | None = None) -> Plan | None:
        """Return the plan of this name, or of the name at *key*. Add an error if there is no such plan."""
        name = name or entry.values.get(key)
        if name is not None and name not in self._plans and self._knows_all_plans:
            message = f"unknown plan (got {quote_json(name)}); expected one of: {join_names(self._plans)}"
            self._add_error(entry, message, key)
        return self._plans.get(name or "")

    def _read_faults(self) -> tuple[Fault, ...]:
        entries = list(self._entries("faults"))
        if self._operations:
            for entry in entries:
                problem = operation_problem(entry.values.get("match", {}), self._operations)
                if problem is not None:
                    self._add_error(entry, problem, "match", "operation")
        return tuple(build_fault(entry.values) for entry in entries if entry.is_valid)

    def _entry_id(self, entry: Entry) -> str:
        """Return an entry's id; the default is derived from its content and a counter of equal entries.

        Without an id, an invalid entry gets a placeholder.
        """
        if "id" in entry.values:
            return str(entry.values["id"])
        if not entry.is_valid:
            return f"{entry.source.name}: {entry.path}"
        key, index = entry.path
        content = json.dumps(entry.source.raw[key][index], sort_keys=True, ensure_ascii=False)
        self._content_counts[str(key), content] += 1
        return str(uuid5(_NAMESPACE, f"{content}#{self._content_counts[str(key), content]}"))

    def _add_image(self, entry: Entry) -> None:
        image_id = self._entry_id(entry)
        values = {**entry.values, "owner": self._resolve_image_owner(entry)}
        plan = values.pop("plan", None)
        # Exports of older versions may contain plans of deleted images.
        if plan is not None and values.get("status") is not ImageStatus.DELETED:
            progress = self._read_progress(entry, plan)
            if progress is not None:
                self._progress[image_id] = progress
                values["status"] = progress.steps[0].status
        id_key = self._database.equality_key(image_id)
        if id_key in self._id_locations:
            first_source, first_path = self._id_locations[id_key]
            message = (
                f'id already in use (got "{image_id}", first at {first_source.locate(first_path)}); '
                "expected an id that comes once"
            )
            self._add_error(entry, message, "id")
            return
        path = (*entry.path, "id") if "id" in values else None
        self._id_locations[id_key] = entry.source, path
        if entry.is_valid:
            self._errors.extend(
                _Error(entry.source, Problem((*entry.path, *problem.path), problem.message))
                for problem in equal_texts(values, self._database)
            )
            owner = values["owner"]
            self._images[image_id] = build_image(values, image_id=image_id, owner=owner, now=self._now)

    def _read_progress(self, entry: Entry, plan: Mapping[str, Any]) -> PlanProgress | None:
        """Return the progress of an image or server; None if its plan is unknown or its entry is invalid."""
        steps = plan.get("steps") or self._find_plan(entry, "plan", plan.get("name"))
        if steps is None or not entry.is_valid:
            return None
        values = {key: value for key, value in plan.items() if key != "work"}
        if "capture" in plan:
            values["capture"] = build_capture(plan["capture"])
        return PlanProgress(**{**values, "steps": steps})

    def _add_faker_images(self, entry: Entry) -> None:
        """Add the images that an entry of ``generate`` asks for."""
        values = entry.values
        template = values.get("template", {})
        template_entry = Entry(entry.source, (*entry.path, "template"), template)
        if not entry.is_valid:
            self._find_project(template_entry, "owner")
            return
        count = values["count"]
        seed = values.get("seed", 0)
        owner = self._resolve_image_owner(template_entry)
        images = generate_images(count, seed, {**template, "owner": owner}, owner)
        location = entry.source, None
        for image in progress_bar.with_progress_bar(images, count, "making images"):
            if image.id in self._images:
                self._add_error(entry, f"its images exist already (got seed {seed}); expected another seed")
                return
            self._images[image.id] = image
            self._id_locations[image.id] = location
