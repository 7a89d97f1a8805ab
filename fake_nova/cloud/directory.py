"""The projects and users of an emulated cloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeVar
from uuid import UUID, uuid5

from fake_nova.cloud.credentials import AccessRule, ApplicationCredential
from fake_nova.images.database import Database

_NAMESPACE: Final = UUID("7c1c1c5e-6f0e-5f0c-9d0c-5b6f3f1f7a11")


class Project(NamedTuple):
    """A project, which owns images."""

    id: str
    name: str


class User(NamedTuple):
    """A user who can log in, and the roles that the user has in one project."""

    name: str
    password: str
    project: Project
    roles: frozenset[str]

    @property
    def id(self) -> str:
        """An id of 32 hexadecimal digits; a name always gives the same id."""
        return uuid5(_NAMESPACE, self.name).hex

    def client_variables(self, url: str) -> dict[str, str]:
        """Return the OS_* environment variables with which a client logs in as this user.

        Args:
            url: the URL of the server, without a slash at the end.

        Returns:
            Variable -> value.
        """
        return {
            "OS_AUTH_URL": f"{url}/identity/v3",
            "OS_USERNAME": self.name,
            "OS_PASSWORD": self.password,
            "OS_USER_DOMAIN_ID": "default",
            "OS_PROJECT_NAME": self.project.name,
            "OS_PROJECT_DOMAIN_ID": "default",
            "OS_IDENTITY_API_VERSION": "3",
            "OS_REGION_NAME": "RegionOne",
        }

    def __repr__(self) -> str:
        return f"User(name={self.name!r}, project={self.project.name!r})"  # without the password


def anonymous_client_variables(project_id: str, url: str) -> dict[str, str]:
    """Return the OS_* environment variables of a client without a token, which ``noauth`` accepts.

    Args:
        project_id: the project whose images the client sees.
        url: the URL of the server, without a slash at the end.
    """
    return {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": f"{url}/v2.1/{project_id}"}


#: The project of a cloud if its fixtures name no project.
DEFAULT_PROJECT: Final = Project("9c53a566cb3443ab910cf0daebca90c4", "demo")


Entry = TypeVar("Entry", Project, User, ApplicationCredential)


def _first_equal(entries: Iterable[Entry], key: str, text: str, database: Database) -> Entry | None:
    if database.compares_exactly:
        return None
    return next((entry for entry in entries if database.are_equal(getattr(entry, key), text)), None)


class Directory:
    """The projects, users and application credentials of a cloud; immutable.

    Args:
        projects: the projects, the default project first; without any, `DEFAULT_PROJECT`.
        users: the users.
        credentials: the application credentials, in the order in which they were created.
        access_rules: the access rules of the users, also those that no credential has any longer.
    """

    def __init__(
        self,
        projects: Iterable[Project] = (),
        users: Iterable[User] = (),
        credentials: Iterable[ApplicationCredential] = (),
        access_rules: Iterable[AccessRule] = (),
    ) -> None:
        self.projects: Final = tuple(projects) or (DEFAULT_PROJECT,)
        self.users: Final = tuple(users)
        self.credentials: Final = tuple(credentials)
        self.access_rules: Final = tuple(access_rules)

    def replace(self, **changes: Iterable[Any]) -> Directory:
        """Return a copy with other *changes*: projects, users, credentials or access_rules."""
        return Directory(**{**self.parts(), **changes})

    def parts(self) -> dict[str, tuple[Any, ...]]:
        """Return name -> the entries of each part."""
        names = ("projects", "users", "credentials", "access_rules")
        return {name: getattr(self, name) for name in names}

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
    def _users_by_name(self) -> dict[str, User]:
        return {user.name: user for user in reversed(self.users)}

    @cached_property
    def _users_by_id(self) -> dict[str, User]:
        return {user.id: user for user in reversed(self.users)}

    def find_project(self, key: str, text: str, database: Database) -> Project | None:
        """Return the project whose field *key*, ``id`` or ``name``, equals a text on *database*, or None."""
        exact_match = (self._projects_by_id if key == "id" else self._projects_by_name).get(text)
        return exact_match or _first_equal(self.projects, key, text, database)

    def find_user(self, key: str, text: str, database: Database) -> User | None:
        """Return the user whose field *key*, ``id`` or ``name``, equals a text on *database*, or None."""
        exact_match = (self._users_by_id if key == "id" else self._users_by_name).get(text)
        return exact_match or _first_equal(self.users, key, text, database)

    def find_credential(self, credential_id: str, database: Database) -> ApplicationCredential | None:
        """Return the application credential whose id equals a text on *database*, or None."""
        exact_match = next((each for each in self.credentials if each.id == credential_id), None)
        return exact_match or _first_equal(self.credentials, "id", credential_id, database)

    def credentials_of(self, user_id: str) -> list[ApplicationCredential]:
        """Return the application credentials of the user with an id."""
        return [each for each in self.credentials if each.user_id == user_id]

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
        """Return a directory with projects, users, credentials or access rules added.

        An entry whose id, or for a user whose name, is in use is not added.
        """
        changes = {}
        for name, part in self.parts().items():
            key = attrgetter("name" if name == "users" else "id")
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

    def user(self, name: str) -> User | None:
        """Return the user with this name, or None."""
        return self._users_by_name.get(name)
