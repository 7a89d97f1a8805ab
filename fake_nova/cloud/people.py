"""Domains, projects and users, and the roles that users have."""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID, uuid5

from fake_nova.cloud.roles import with_implied
from fake_nova.settings import Settings

_NAMESPACE: Final = UUID("7c1c1c5e-6f0e-5f0c-9d0c-5b6f3f1f7a11")


class Domain(NamedTuple):
    """A domain, which projects and users belong to.

    Attributes:
        id: its id. It is compared exactly on every database.
        name: its name.
        description: a description.
        enabled: whether its users can log in.
    """

    id: str
    name: str
    description: str = ""
    enabled: bool = True


#: The domain of ``keystone-manage bootstrap``.
DEFAULT_DOMAIN: Final = Domain("default", "Default", "The default domain")


class Project(NamedTuple):
    """A project, which owns images.

    Attributes:
        id: its id.
        name: its name.
        domain: the domain that it belongs to.
        description: a description.
        parent_id: the id of the project above it; None if that is the domain.
        tags: its tags.
        enabled: whether users can log in to it.
    """

    id: str
    name: str
    domain: Domain = DEFAULT_DOMAIN
    description: str = ""
    parent_id: str | None = None
    tags: tuple[str, ...] = ()
    enabled: bool = True


class Grant(NamedTuple):
    """The roles that a user has in one scope: a project, a domain, or the system.

    Attributes:
        roles: the names of the assigned roles.
        all_roles: these names, and those of the roles that they imply.
        project: the project, or None.
        domain: the domain, or None. Without a project and a domain, the scope is the system.
    """

    roles: frozenset[str]
    all_roles: frozenset[str]
    project: Project | None = None
    domain: Domain | None = None

    @property
    def is_system(self) -> bool:
        """Whether the scope is the system."""
        return self.project is None and self.domain is None


class User(NamedTuple):
    """A user who can log in.

    Attributes:
        name: the name.
        password: the password; None if there is none.
        grants: the roles, scope by scope.
        domain: the domain that the user belongs to.
        own_id: the id; "" for one that is derived from domain and name.
        enabled: whether the user can log in.
        details: name and JSON value of attributes that are stored and shown only.
    """

    name: str
    password: str | None
    grants: tuple[Grant, ...] = ()
    domain: Domain = DEFAULT_DOMAIN
    own_id: str = ""
    enabled: bool = True
    details: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """An id; without one of its own, 32 hexadecimal digits that are always the same for the same name."""
        if self.own_id:
            return self.own_id
        is_default = self.domain.id == DEFAULT_DOMAIN.id
        return uuid5(_NAMESPACE, self.name if is_default else f"{self.domain.id}/{self.name}").hex

    @property
    def project(self) -> Project | None:
        """The first project in which the user has a role, or None."""
        return next((grant.project for grant in self.grants if grant.project is not None), None)

    @property
    def projects(self) -> list[Project]:
        """The projects in which the user has a role."""
        return [grant.project for grant in self.grants if grant.project is not None]

    def grant(self, project: Project | None = None, domain: Domain | None = None) -> Grant:
        """Return the roles in a project, a domain or, without both, the system; empty if there are none."""
        for grant in self.grants:
            if (_id_of(grant.project), _id_of(grant.domain)) == (_id_of(project), _id_of(domain)):
                return grant
        return Grant(frozenset(), frozenset(), project, domain)

    def with_grant(self, grant: Grant) -> User:
        """Return the user with other roles in one scope; without a role, the scope is no longer listed."""
        old_grant = self.grant(grant.project, grant.domain)
        grants = [grant if each is old_grant else each for each in self.grants]
        if old_grant not in self.grants:
            grants.append(grant)
        return self._replace(grants=tuple(each for each in grants if each.roles))

    def client_variables(self, url: str, settings: Settings) -> dict[str, str]:
        """Return the OS_* environment variables with which a client logs in as this user.

        Args:
            url: the URL of the server, without a slash at the end.
            settings: the settings of the server, with its paths and regions.

        Returns:
            Variable -> value.
        """
        return {
            "OS_AUTH_URL": f"{url}{settings.service_paths['identity']}/v3",
            "OS_USERNAME": self.name,
            "OS_PASSWORD": self.password or "",
            "OS_USER_DOMAIN_ID": self.domain.id,
            **_project_variables(self.project),
            "OS_IDENTITY_API_VERSION": "3",
            "OS_REGION_NAME": settings.region[0],
        }

    def __repr__(self) -> str:
        return f"User(name={self.name!r}, id={self.id!r})"  # without the password


def _id_of(entity: Project | Domain | None) -> str | None:
    return None if entity is None else entity.id


def _project_variables(project: Project | None) -> dict[str, str]:
    if project is None:
        return {}
    return {"OS_PROJECT_NAME": project.name, "OS_PROJECT_DOMAIN_ID": project.domain.id}


def user_of_project(name: str, password: str, project: Project, *roles: str) -> User:
    """Return a user of the default domain with built-in roles in one project.

    An admin has the role in the system too, as ``keystone-manage bootstrap`` assigns it.
    """
    grants = [Grant(frozenset(roles), with_implied(roles), project)]
    if "admin" in roles:
        grants.append(Grant(frozenset(("admin",)), with_implied(("admin",))))
    return User(name, password, tuple(grants))


def anonymous_client_variables(project_id: str, url: str, settings: Settings) -> dict[str, str]:
    """Return the OS_* environment variables of a client without a token, which ``noauth`` accepts.

    Args:
        project_id: the project whose images the client sees.
        url: the URL of the server, without a slash at the end.
        settings: the settings of the server, with its paths.
    """
    compute_path = settings.service_paths["compute"]
    return {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": f"{url}{compute_path}/v2.1/{project_id}"}
