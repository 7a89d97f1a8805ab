"""Projects and users: who there is in an emulated cloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("7c1c1c5e-6f0e-5f0c-9d0c-5b6f3f1f7a11")


class Project(NamedTuple):
    """A project, which owns images."""

    id: str
    name: str


class User(NamedTuple):
    """Somebody who may log in, and the roles held in one project."""

    name: str
    password: str
    project: Project
    roles: frozenset[str]

    @property
    def id(self) -> str:
        """A 32-digit id, the same for the same name every time."""
        return uuid5(_NAMESPACE, self.name).hex

    def client_variables(self, url: str) -> dict[str, str]:
        """Return the OS_* variables that let a client of the server at *url* log in as this user."""
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
        return f"User(name={self.name!r}, project={self.project.name!r})"  # never the password


#: The project of a cloud whose fixtures name none.
DEFAULT_PROJECT: Final = Project("9c53a566cb3443ab910cf0daebca90c4", "demo")


class Directory:
    """The projects and users of a cloud, immutable."""

    def __init__(self, projects: Iterable[Project] = (), users: Iterable[User] = ()) -> None:
        self.projects: Final = tuple(projects) or (DEFAULT_PROJECT,)
        self.users: Final = tuple(users)

    @property
    def first_project(self) -> Project:
        """The project that owns what names no owner."""
        return self.projects[0]

    @cached_property
    def _projects_by_key(self) -> dict[str, Project]:
        """Every project by its id and its name; an id goes before a name, the first one before others."""
        by_name = {project.name: project for project in reversed(self.projects)}
        return {**by_name, **{project.id: project for project in reversed(self.projects)}}

    @cached_property
    def _users_by_name(self) -> dict[str, User]:
        return {user.name: user for user in reversed(self.users)}

    @cached_property
    def _users_by_id(self) -> dict[str, User]:
        return {user.id: user for user in reversed(self.users)}

    def project(self, id_or_name: str) -> Project | None:
        """Return the project of this id, else of this name, else None."""
        return self._projects_by_key.get(id_or_name)

    def resolve_owner(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return *values* with a project's id where its name stood as ``owner``.

        An owner that is nobody here stays: noauth knows any project.
        """
        project = self.project(values.get("owner", ""))
        return {**values, "owner": project.id} if project is not None else dict(values)

    def extended(self, projects: Iterable[Project], users: Iterable[User]) -> Directory:
        """Return a directory that also has *projects* and *users*, but for ids and names that are taken."""
        ids, names = {project.id for project in self.projects}, {user.name for user in self.users}
        return Directory(
            (*self.projects, *(project for project in projects if project.id not in ids)),
            (*self.users, *(user for user in users if user.name not in names)),
        )

    def user_by_id(self, user_id: str) -> User | None:
        """Return the user of this id, or None."""
        return self._users_by_id.get(user_id)

    def user(self, name: str) -> User | None:
        """Return the user of this name, or None."""
        return self._users_by_name.get(name)
