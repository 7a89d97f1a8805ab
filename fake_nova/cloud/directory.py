"""The projects and users of an emulated cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, TypeVar

from fake_nova.cloud.credentials import AccessRule, ApplicationCredential
from fake_nova.cloud.people import DEFAULT_DOMAIN, Domain, Grant, Project, User, anonymous_client_variables
from fake_nova.cloud.roles import BUILT_IN_ROLES, ImpliedRole, Role, implied_by, with_implied
from fake_nova.images.database import Database

__all__ = ("DEFAULT_PROJECT", "Directory", "Project", "User", "anonymous_client_variables")

#: The project of a cloud if its fixtures name no project.
DEFAULT_PROJECT: Final = Project("9c53a566cb3443ab910cf0daebca90c4", "demo")


Entry = TypeVar("Entry", Project, User, Domain, Role, ApplicationCredential)


def _first_equal(entries: Iterable[Entry], key: str, text: str, database: Database) -> Entry | None:
    if database.compares_exactly:
        return None
    return next((entry for entry in entries if database.are_equal(getattr(entry, key), text)), None)


#: Part of a directory -> the key that no two of its entries share.
_KEYS: Final[Mapping[str, Callable[[Any], object]]] = {
    "projects": attrgetter("id"),
    "users": lambda user: (user.domain.id, user.name),
    "domains": attrgetter("id"),
    "roles": attrgetter("name"),
    "credentials": attrgetter("id"),
    "access_rules": attrgetter("id"),
}


class Directory:
    """The domains, projects, users, roles and application credentials of a cloud; immutable.

    Args:
        projects: the projects, the default project first; without any, `DEFAULT_PROJECT`.
        users: the users.
        domains: the domains besides `DEFAULT_DOMAIN`.
        roles: the roles; without any, `BUILT_IN_ROLES`.
        credentials: the application credentials, in the order in which they were created.
        access_rules: the access rules of the users, also those that no credential has any longer.
    """

    def __init__(
        self,
        projects: Iterable[Project] = (),
        users: Iterable[User] = (),
        *,
        domains: Iterable[Domain] = (),
        roles: Iterable[Role] = (),
        credentials: Iterable[ApplicationCredential] = (),
        access_rules: Iterable[AccessRule] = (),
    ) -> None:
        self.projects: Final = tuple(projects) or (DEFAULT_PROJECT,)
        self.users: Final = tuple(users)
        self.domains: Final = tuple(dict.fromkeys((DEFAULT_DOMAIN, *domains)))
        self.roles: Final = tuple(roles) or BUILT_IN_ROLES
        self.credentials: Final = tuple(credentials)
        self.access_rules: Final = tuple(access_rules)

    def replace(self, **changes: Iterable[Any]) -> Directory:
        """Return a copy with other parts, such as other ``users``."""
        return Directory(**{**self.parts(), **changes})

    def parts(self) -> dict[str, tuple[Any, ...]]:
        """Return name -> the entries of each part."""
        return {name: getattr(self, name) for name in _KEYS}

    @property
    def first_user(self) -> User | None:
        """The first user who has a project and a password, to log in with; None if there is none."""
        return next((user for user in self.users if user.project is not None and user.password), None)

    @property
    def first_project(self) -> Project:
        """The first project; it owns images and servers that name no owner, unless the cloud has a scope."""
        return self.projects[0]

    @cached_property
    def _projects_by_id(self) -> dict[str, Project]:
        return {project.id: project for project in reversed(self.projects)}

    @cached_property
    def _projects_by_name(self) -> dict[str, Project]:
        return {project.name: project for project in reversed(self.projects)}

    @cached_property
    def _projects_by_domain(self) -> dict[tuple[str | None, str], Project]:
        """Domain id and name -> project; None in place of the domain id for all domains."""
        projects: dict[tuple[str | None, str], Project] = {}
        for project in reversed(self.projects):
            projects[None, project.name] = projects[project.domain.id, project.name] = project
        return projects

    @cached_property
    def _users_by_name(self) -> dict[tuple[str, str], User]:
        return {(user.domain.id, user.name): user for user in reversed(self.users)}

    @cached_property
    def _users_by_id(self) -> dict[str, User]:
        return {user.id: user for user in reversed(self.users)}

    @cached_property
    def _credentials_by_id(self) -> dict[str, ApplicationCredential]:
        return {credential.id: credential for credential in reversed(self.credentials)}

    @cached_property
    def _credentials_by_user(self) -> dict[str, list[ApplicationCredential]]:
        credentials: dict[str, list[ApplicationCredential]] = {}
        for credential in self.credentials:
            credentials.setdefault(credential.user_id, []).append(credential)
        return credentials

    @cached_property
    def roles_by_name(self) -> dict[str, Role]:
        """Name -> role."""
        return {role.name: role for role in self.roles}

    def implied_by(self, name: str) -> list[ImpliedRole]:
        """Return the roles that the role with a name implies."""
        return implied_by(name, self.roles_by_name)

    def grant(
        self, roles: Iterable[str], project: Project | None = None, domain: Domain | None = None
    ) -> Grant:
        """Return a grant of roles, with those that they imply, in a project, a domain or the system."""
        names = frozenset(roles)
        return Grant(names, with_implied(names, self.roles), project, domain)

    def find_project(
        self, key: str, text: str, database: Database, domain: Domain | None = None
    ) -> Project | None:
        """Return the project whose field *key* equals a text on *database*, or None.

        Args:
            key: ``id`` or ``name``.
            text: the text.
            database: the database.
            domain: the only domain to look in; None for all of them.
        """
        if key == "id":
            return self._projects_by_id.get(text) or _first_equal(self.projects, key, text, database)
        exact_match = self._projects_by_domain.get((None if domain is None else domain.id, text))
        candidates = (each for each in self.projects if domain in (None, each.domain))
        return exact_match or _first_equal(candidates, key, text, database)

    def find_user(
        self, key: str, text: str, database: Database, domain: Domain = DEFAULT_DOMAIN
    ) -> User | None:
        """Return the user whose field *key* equals a text on *database*, or None.

        Args:
            key: ``id`` or ``name``.
            text: the text.
            database: the database.
            domain: the domain to look in by name.
        """
        if key == "id":
            return self._users_by_id.get(text) or _first_equal(self.users, key, text, database)
        exact_match = self._users_by_name.get((domain.id, text))
        candidates = (user for user in self.users if user.domain.id == domain.id)
        return exact_match or _first_equal(candidates, key, text, database)

    def find_domain(self, key: str, text: str, database: Database) -> Domain | None:
        """Return the domain with an id, exactly, or with a name that equals a text on *database*, or None."""
        exact_match = next((domain for domain in self.domains if getattr(domain, key) == text), None)
        return exact_match if key == "id" else exact_match or _first_equal(self.domains, key, text, database)

    def find_role(self, key: str, text: str, database: Database) -> Role | None:
        """Return the role whose field *key*, ``id`` or ``name``, equals a text on *database*, or None."""
        exact_match = next((role for role in self.roles if getattr(role, key) == text), None)
        return exact_match or _first_equal(self.roles, key, text, database)

    def find_credential(self, credential_id: str, database: Database) -> ApplicationCredential | None:
        """Return the application credential whose id equals a text on *database*, or None."""
        exact_match = self._credentials_by_id.get(credential_id)
        return exact_match or _first_equal(self.credentials, "id", credential_id, database)

    def credentials_of(self, user_id: str) -> list[ApplicationCredential]:
        """Return the application credentials of the user with an id."""
        return list(self._credentials_by_user.get(user_id, ()))

    def project(self, id_or_name: str) -> Project | None:
        """Return the project with this id, or else with this name; None if there is none."""
        return self._projects_by_id.get(id_or_name) or self._projects_by_name.get(id_or_name)

    def project_by_id(self, project_id: str) -> Project | None:
        """Return the project with this id, or None."""
        return self._projects_by_id.get(project_id)

    def resolve_owner(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a copy of *values* whose ``owner``, if it is a project's id or name, is the project's id.

        An unknown owner stays, because noauth accepts any project.
        """
        project = self.project(values.get("owner", ""))
        return {**values, "owner": project.id} if project is not None else dict(values)

    def extended(self, **additions: Iterable[Any]) -> Directory:
        """Return a directory with entries added to some parts, except those whose key is in use."""
        changes = {}
        for name, part in self.parts().items():
            key = _KEYS[name]
            keys = set(map(key, part))
            changes[name] = (*part, *(entry for entry in additions.get(name, ()) if key(entry) not in keys))
        return self.replace(**changes)

    def extended_by(self, other: Directory, present: Directory | None = None) -> Directory:
        """Return a directory with the entries of *other* added, except those that *present* has."""
        ignored = {} if present is None else {name: set(part) for name, part in present.parts().items()}
        return self.extended(
            **{
                name: [entry for entry in part if entry not in ignored.get(name, ())]
                for name, part in other.parts().items()
            }
        )

    def includes(self, other: Directory) -> bool:
        """Return whether this directory has all entries of *other*, as the same objects."""
        parts = self.parts()
        return all(set(map(id, part)) <= set(map(id, parts[name])) for name, part in other.parts().items())

    def user(self, name_or_id: str) -> User | None:
        """Return the user with this name, of the default domain if there are several, or with this id."""
        default_user = self._users_by_name.get((DEFAULT_DOMAIN.id, name_or_id))
        user = default_user or next((user for user in self.users if user.name == name_or_id), None)
        return user or self._users_by_id.get(name_or_id)

    def reference_to(self, user: User) -> str:
        """Return the text by which `user` finds a user: the name, or the id if others have the name."""
        first_user = self.user(user.name)
        return user.name if first_user is not None and first_user.id == user.id else user.id
