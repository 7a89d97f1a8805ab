"""The part of the seed builder that reads servers, flavors, key pairs and quotas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from fake_nova.cloud.compute import ComputeSeed, ComputeState, Quotas
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.flavors import BUILT_IN_FLAVORS, DEFAULT_FLAVOR, Flavor, find_flavor
from fake_nova.cloud.keypairs import KeyPair
from fake_nova.cloud.people import Project
from fake_nova.cloud.plans import PlanProgress
from fake_nova.cloud.server_lifecycle import DEFAULT_WORK, WorkProgress, begin_server
from fake_nova.cloud.servers import Server
from fake_nova.cloud.zones import BUILT_IN_ZONES
from fake_nova.documents.directory import unknown_project_problem
from fake_nova.documents.entries import Entry
from fake_nova.documents.faker_servers import Origin, generate_servers
from fake_nova.documents.flavor import build_flavor, build_keypair, public_key_problem
from fake_nova.documents.server import FLAVOR_KEYS, build_server, states_conflict
from fake_nova.documents.validation import join_names
from fake_nova.documents.zone import read_zones
from fake_nova.support import progress_bar
from fake_nova.support.messages import quote_json


class ComputeBuilder:
    """Reads the servers, flavors, key pairs and quotas of documents.

    Args:
        entries: returns the entries of a list in all documents.
        add_error: adds an error about an entry, or about a key of it.
        directory: the projects and users.
        find_project: returns the project that a key of an entry names; it adds an error if there is none.
        entry_id: returns the id of an entry.
        read_progress: returns the progress of an entry with a plan; it adds an error if there is none.
        now: the creation time of what has none.
        may_lack: tells whether entries of a key were left out, so that references to them are no errors.
        present: what the cloud has to which the documents are added; None for a new cloud.
    """

    def __init__(
        self,
        entries: Callable[[str], Iterator[Entry]],
        add_error: Callable[..., None],
        *,
        directory: Directory,
        find_project: Callable[[Entry, str], Project | None],
        entry_id: Callable[[Entry], str],
        read_progress: Callable[[Entry, Mapping[str, Any]], PlanProgress | None],
        now: datetime,
        may_lack: Callable[[str], bool],
        present: ComputeState | None = None,
    ) -> None:
        self._entries: Final = entries
        self._add_error: Final = add_error
        self._directory: Final = directory
        self._find_project: Final = find_project
        self._entry_id: Final = entry_id
        self._read_progress: Final = read_progress
        self._works: Final[dict[str, WorkProgress]] = {}
        self._present_flavors: Final = () if present is None else present.own_flavors
        self._own_zones: Final = read_zones(entries("availability_zones"), add_error)
        present_zones = () if present is None else present.own_zones
        zones = {zone.name: zone for zone in (*present_zones, *self._own_zones)}
        self._zones: Final = tuple(zones.values()) or BUILT_IN_ZONES
        self._now: Final = now
        self._knows_all_projects: Final = not may_lack("projects")
        self._knows_all_users: Final = not (may_lack("users") or may_lack("projects"))
        self._knows_all_flavors: Final = not may_lack("flavors")

    def build(self) -> ComputeSeed:
        """Return what the documents contain."""
        flavors = self._read_flavors()
        servers = self._read_servers(flavors)
        for entry in self._entries("generate_servers"):
            self._add_faker_servers(entry, flavors, servers)
        keypairs, quotas = self._read_keypairs(), self._read_quotas()
        parts = tuple(flavors.values()), keypairs, quotas
        return ComputeSeed(tuple(servers.values()), *parts, self._works, self._own_zones)

    def _read_flavors(self) -> dict[str, Flavor]:
        flavors: dict[str, Flavor] = {}
        for entry in self._entries("flavors"):
            if not entry.is_valid:
                continue
            flavor = build_flavor({**entry.values, "access": self._projects_with_access(entry)})
            if flavors.setdefault(flavor.id, flavor) is not flavor:
                problem = f"id already in use (got {quote_json(flavor.id)}); expected an id that comes once"
                self._add_error(entry, problem)
        return flavors

    def _projects_with_access(self, entry: Entry) -> list[str]:
        """Return the ids of the projects that may use a flavor; an export may name projects that are gone."""
        ids = []
        for index, name in enumerate(entry.values.get("access", ())):
            project = self._directory.project(name)
            if project is None and "settings" not in entry.source.values and self._knows_all_projects:
                problem = unknown_project_problem(name, self._directory)
                self._add_error(entry, problem, "access", index)
            ids.append(name if project is None else project.id)
        return ids

    def _flavors_of(self, entry: Entry, flavors: dict[str, Flavor]) -> dict[str, Flavor]:
        """Return the flavors of a server; by default the first one, or ``m1.small`` if there is none."""
        default = next(iter((*self._present_flavors, *flavors.values())), DEFAULT_FLAVOR)
        return {"flavor": default, **self._own_flavors_of(entry, flavors)}

    def _own_flavors_of(self, entry: Entry, flavors: dict[str, Flavor]) -> dict[str, Flavor]:
        """Return the flavors that a server names."""
        keys = [key for key in FLAVOR_KEYS if entry.values.get(key) is not None]
        return {key: self._flavor_of(entry, key, flavors) for key in keys}

    def _flavor_of(self, entry: Entry, key: str, flavors: dict[str, Flavor]) -> Flavor:
        """Return the flavor at a key of a server."""
        reference = entry.values[key]
        if not isinstance(reference, str):
            return build_flavor(reference)
        known_flavors = (*flavors.values(), *self._present_flavors) or BUILT_IN_FLAVORS
        flavor = find_flavor(known_flavors, reference)
        if flavor is None and self._knows_all_flavors:
            names = join_names([flavor.name for flavor in known_flavors])
            problem = f"unknown flavor (got {quote_json(reference)}); expected one of: {names}"
            self._add_error(entry, problem, key)
        return flavor or DEFAULT_FLAVOR

    def _user_id_of(self, entry: Entry) -> str:
        """Return the id of the user that an entry names, or ""."""
        name = entry.values.get("user")
        if name is None:
            return ""
        user = self._directory.user(name)
        if user is None and self._knows_all_users:
            names = join_names([each.name for each in self._directory.users])
            self._add_error(entry, f"unknown user (got {quote_json(name)}); expected one of: {names}", "user")
        return "" if user is None else user.id

    def _read_servers(self, flavors: dict[str, Flavor]) -> dict[str, Server]:
        servers: dict[str, Server] = {}
        for entry in self._entries("servers"):
            server_id = self._entry_id(entry)
            project = self._find_project(entry, "owner") if "owner" in entry.values else None
            owner = (project or self._directory.first_project).id
            user_id, own_flavors = self._user_id_of(entry), self._flavors_of(entry, flavors)
            plan = entry.values.get("plan")
            progress = None if plan is None else self._read_progress(entry, plan)
            if server_id.lower() in servers:
                problem = f'id already in use (got "{server_id}"); expected an id that comes once'
                self._add_error(entry, problem, "id")
            elif entry.is_valid:
                conflict = states_conflict(entry.values)
                if conflict is not None:
                    self._add_error(entry, conflict, "status")
                    continue
                server = build_server(
                    entry.values,
                    server_id=server_id,
                    owner=owner,
                    user_id=user_id,
                    flavors=own_flavors,
                    now=self._now,
                    zones=self._zones,
                )
                if plan is not None and progress is not None:
                    self._works[server_id] = WorkProgress(plan.get("work", DEFAULT_WORK), progress)
                    server = begin_server(server, self._works[server_id], self._now, self._zones)
                servers[server_id.lower()] = server
        return servers

    def _add_faker_servers(
        self, entry: Entry, flavors: dict[str, Flavor], servers: dict[str, Server]
    ) -> None:
        """Add the servers that an entry of ``generate_servers`` asks for to *servers*."""
        template = entry.values.get("template", {})
        template_entry = Entry(entry.source, (*entry.path, "template"), template)
        project = self._find_project(template_entry, "owner") if "owner" in template else None
        origin = Origin(
            owner=(project or self._directory.first_project).id,
            user_id=self._user_id_of(template_entry),
            flavors=(*flavors.values(), *self._present_flavors) or BUILT_IN_FLAVORS,
            own_flavors=self._own_flavors_of(template_entry, flavors),
            zones=self._zones,
        )
        if not entry.is_valid:
            return
        conflict = states_conflict(template)
        if conflict is not None:
            self._add_error(template_entry, conflict, "status")
            return
        count, seed = entry.values["count"], entry.values.get("seed", 0)
        generator = generate_servers(count, seed, template, origin)
        for server in progress_bar.with_progress_bar(generator, count, "making servers"):
            if servers.setdefault(server.id, server) is not server:
                self._add_error(entry, f"its servers exist already (got seed {seed}); expected another seed")
                return

    def _read_keypairs(self) -> tuple[KeyPair, ...]:
        keypairs: dict[tuple[str, str], KeyPair] = {}
        for entry in self._entries("keypairs"):
            user_id = self._user_id_of(entry)
            if not entry.is_valid:
                continue
            if not user_id and self._directory.users:
                user_id = self._directory.users[0].id
            keypair = build_keypair(entry.values, user_id, self._now)
            key_problem = public_key_problem(keypair)
            if key_problem is not None:
                self._add_error(entry, key_problem, "public_key")
            if keypairs.setdefault((user_id, keypair.name), keypair) is not keypair:
                problem = f"already in use (got {quote_json(keypair.name)}); expected a name that comes once"
                self._add_error(entry, problem, "name")
        return tuple(keypairs.values())

    def _read_quotas(self) -> dict[str, Quotas]:
        quotas: dict[str, Quotas] = {}
        for entry in self._entries("quotas"):
            project = self._find_project(entry, "project")
            if project is not None and entry.is_valid:
                limits = {name: limit for name, limit in entry.values.items() if name != "project"}
                quotas[project.id] = Quotas(**limits)
        return quotas
