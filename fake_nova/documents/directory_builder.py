"""The builder that combines the domains, projects, users and roles of fixture documents into a directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from fake_nova.cloud.credentials import AccessRule, ApplicationCredential
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.people import DEFAULT_DOMAIN, Domain, Grant, Project, User
from fake_nova.cloud.roles import Role, stable_id, with_implied
from fake_nova.documents.entries import Entry
from fake_nova.documents.validation import join_names
from fake_nova.support.messages import quote_json

#: Returns the project whose id or name is at a key of an entry; it adds an error if there is none.
FindProject = Callable[[Entry, str], Project | None]

#: The keys that say where a user has roles.
_GRANT_KEYS: Final = ("project", "projects", "domains", "system_roles")


class DirectoryBuilder:
    """Combines documents into a directory, and checks their references.

    Args:
        entries: returns the entries of a list in all documents.
        add_error: adds an error about the value at some keys of an entry.
        existing: the directory that the documents add to.
        may_lack_roles: whether entries of ``roles`` are missing, so that unknown ones are no errors.
    """

    def __init__(
        self,
        entries: Callable[[str], Iterator[Entry]],
        add_error: Callable[..., None],
        existing: Directory,
        may_lack_roles: bool,
    ) -> None:
        self._entries: Final = entries
        self._add_error: Final = add_error
        self._may_lack_roles: Final = may_lack_roles
        self._directory = existing

    def read_projects(self) -> Directory:
        """Return a directory of the documents' projects, domains and roles, with the existing users.

        It includes the existing projects if there are existing users, or if no document has ``projects``.
        """
        existing = self._directory
        domains = [self._domain(entry) for entry in self._entries("domains") if entry.is_valid]
        self._directory = existing.extended(domains=domains).replace(roles=self._roles())
        projects: dict[str, Project] = {}
        by_name: dict[tuple[str, str], Project] = {}
        for entry in self._entries("projects"):
            domain = self._find_domain(entry)
            if not entry.is_valid or domain is None:
                continue
            project = _project(entry.values, domain)
            same_id = projects.setdefault(project.id, project)
            same_name = by_name.setdefault((domain.id, project.name), project)
            if not same_id == same_name == project:
                problem = f"id or name already in use (got {quote_json(project.name)})"
                self._add_error(entry, f"{problem}; expected an id and a name that no other project has")
        if existing.users or not projects:
            for project in existing.projects:
                projects.setdefault(project.id, project)
        self._directory = self._directory.replace(projects=projects.values())
        return self._directory

    def _domain(self, entry: Entry) -> Domain:
        return Domain(**{"id": stable_id("domain", entry.values["name"]), **entry.values})

    def _roles(self) -> list[Role]:
        roles = {role.name: role for role in self._directory.roles}
        for entry in self._entries("roles"):
            if entry.is_valid:
                values = dict(entry.values)
                implies = tuple(values.pop("implies", ()))
                role_id = values.pop("id", "")
                role = Role(**values, implies=implies, own_id=role_id)
                roles[role.name] = role if role_id != role.id or role_id else role._replace(own_id="")
        return list(roles.values())

    def _find_domain(self, entry: Entry) -> Domain | None:
        """Return the domain whose id or name is at ``domain``, or the default one; None after an error."""
        text = entry.values.get("domain", DEFAULT_DOMAIN.id)
        domains = self._directory.domains
        for field in ("id", "name"):
            domain = next((each for each in domains if getattr(each, field) == text), None)
            if domain is not None:
                return domain
        labels = join_names([f"{domain.id} ({domain.name})" for domain in domains])
        problem = f"unknown domain (got {quote_json(text)})"
        self._add_error(entry, f"{problem}; expected one of: {labels}", "domain")
        return None

    def read_users(self, find_project: FindProject) -> Directory:
        """Return the directory with the documents' users added."""
        users = {(user.domain.id, user.name): user for user in self._directory.users}
        for entry in self._entries("users"):
            user = self._user(entry, find_project)
            if user is not None and users.setdefault((user.domain.id, user.name), user) != user:
                message = f"name already in use (got {quote_json(user.name)}); expected a name of its own"
                self._add_error(entry, message, "name")
        self._directory = self._directory.replace(users=users.values())
        return self._directory

    def _user(self, entry: Entry, find_project: FindProject) -> User | None:
        """Return the user of an entry; None if the entry is invalid."""
        values = entry.values
        if not any(key in values for key in _GRANT_KEYS) and entry.is_valid:
            self._add_error(entry, "missing; expected text of 1 to 64 characters", "project")
            return None
        domain = self._find_domain(entry)
        grants = [grant for grant in self._grants(entry, find_project) if grant is not None]
        if not entry.is_valid or domain is None or (not grants and "project" in values):
            return None
        return User(
            name=values["name"],
            password=values["password"],
            grants=tuple(grants),
            domain=domain,
            own_id=values.get("id", ""),
            enabled=values.get("enabled", True),
            details=tuple((name, json.dumps(value)) for name, value in values.get("details", {}).items()),
        )

    def _grants(self, entry: Entry, find_project: FindProject) -> Iterator[Grant | None]:
        """Yield the roles of a user, scope by scope; None for a scope that is unknown."""
        values = entry.values
        if "project" in values:
            project = find_project(entry, "project")
            roles = self._known_roles(entry, values.get("roles", ("member",)), "roles")
            yield None if project is None else self._directory.grant(roles, project)
        for index, each in enumerate(values.get("projects", ())):
            inner = Entry(entry.source, (*entry.path, "projects", index), each)
            project = find_project(inner, "project")
            roles = self._known_roles(inner, each.get("roles", ()), "roles")
            yield None if project is None else self._directory.grant(roles, project)
        for index, each in enumerate(values.get("domains", ())):
            inner = Entry(entry.source, (*entry.path, "domains", index), each)
            domain = self._find_domain(inner)
            roles = self._known_roles(inner, each.get("roles", ()), "roles")
            yield None if domain is None else self._directory.grant(roles, domain=domain)
        is_admin = "admin" in values.get("roles", ())
        default_roles = ("admin",) if is_admin else ()
        system_roles = self._known_roles(entry, values.get("system_roles", default_roles), "system_roles")
        yield self._directory.grant(system_roles) if system_roles else None

    def _known_roles(self, entry: Entry, names: Iterable[str], key: str) -> list[str]:
        """Return the names that are roles; add an error for each other name."""
        known_names = []
        for index, name in enumerate(names):
            if name in self._directory.roles_by_name:
                known_names.append(name)
            elif not self._may_lack_roles:
                labels = join_names(self._directory.roles_by_name)
                problem = f"unknown role (got {quote_json(name)}); expected one of: {labels}"
                self._add_error(entry, problem, key, index)
        return known_names

    def read_credentials(self, find_project: FindProject) -> Directory:
        """Return the directory with the documents' application credentials added."""
        for entry in self._entries("application_credentials"):
            user = self._find_user(entry)
            project = find_project(entry, "project") if entry.values.get("project") is not None else None
            if not entry.is_valid or user is None:
                continue
            if "project" not in entry.values:
                project = user.project
            credential = self._credential(entry, user, project)
            if any(each.id == credential.id for each in self._directory.credentials):
                problem = f"already in use (got {quote_json(credential.name)})"
                self._add_error(
                    entry, f"{problem}; expected a name that no other credential of the user has", "name"
                )
            self._directory = self._directory.extended(
                credentials=[credential], access_rules=credential.access_rules or ()
            )
        return self._directory

    def _find_user(self, entry: Entry) -> User | None:
        """Return the user whose name or id is at ``user``; add an error if there is none."""
        text = entry.values.get("user")
        users = self._directory.users
        user = self._directory.user(text or "") or next((each for each in users if each.id == text), None)
        if user is None and text is not None:
            labels = join_names([each.name for each in users])
            self._add_error(
                entry, f"unknown user (got {quote_json(text)}); expected one of: {labels}", "user"
            )
        return user

    def _credential(self, entry: Entry, user: User, project: Project | None) -> ApplicationCredential:
        values = entry.values
        credential_id = values.get("id") or stable_id("application_credential", user.id, values["name"])
        granted = frozenset() if project is None else user.grant(project).all_roles
        roles = self._known_roles(entry, values.get("roles", sorted(granted)), "roles")
        if not set(roles) <= granted:
            problem = f"roles that the user does not have (got {', '.join(roles)})"
            self._add_error(entry, f"{problem}; expected some of: {', '.join(sorted(granted))}", "roles")
        rules = values.get("access_rules")
        return ApplicationCredential(
            id=credential_id,
            name=values["name"],
            secret=values["secret"],
            user_id=user.id,
            project_id=None if project is None else project.id,
            roles=tuple(sorted(with_implied(roles, self._directory.roles))),
            description=values.get("description"),
            expires_at=values.get("expires_at"),
            unrestricted=values.get("unrestricted"),
            access_rules=None if rules is None else tuple(_access_rule(rule, user.id) for rule in rules),
        )


def _project(values: Mapping[str, Any], domain: Domain) -> Project:
    return Project(
        id=values["id"],
        name=values["name"],
        domain=domain,
        description=values.get("description", ""),
        parent_id=values.get("parent"),
        tags=tuple(values.get("tags", ())),
        enabled=values.get("enabled", True),
    )


def _access_rule(values: Mapping[str, Any], user_id: str) -> AccessRule:
    default_id = stable_id("access_rule", user_id, values["service"], values["path"], values["method"])
    rule_id = values.get("id", default_id)
    return AccessRule(rule_id, user_id, values["service"], values["path"], values["method"])
