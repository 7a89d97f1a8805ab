"""Directories in which one entry is another one, wherever it stands."""

from __future__ import annotations

from collections.abc import Callable

from fake_nova.cloud.directory import Directory
from fake_nova.cloud.people import Domain, Grant, Project, User
from fake_nova.cloud.roles import Role


def with_changed_user(directory: Directory, user: User) -> Directory:
    """Return a directory in which this user takes the place of the one with its id."""
    return directory.replace(users=[user if each.id == user.id else each for each in directory.users])


def with_changed_project(directory: Directory, project: Project) -> Directory:
    """Return a directory in which this project takes the place of the one with its id, also in grants."""

    def new_version(other: Project | None) -> Project | None:
        return project if other is not None and other.id == project.id else other

    projects = [new_version(each) or each for each in directory.projects]
    return _with_grants(
        directory.replace(projects=projects), lambda grant: grant._replace(project=new_version(grant.project))
    )


def with_changed_domain(directory: Directory, domain: Domain) -> Directory:
    """Return a directory in which this domain takes the place of the one with its id, wherever it stands."""

    def is_in_domain(entity: Project | User) -> bool:
        return entity.domain.id == domain.id

    projects = [each._replace(domain=domain) if is_in_domain(each) else each for each in directory.projects]
    users = [each._replace(domain=domain) if is_in_domain(each) else each for each in directory.users]
    domains = [domain if each.id == domain.id else each for each in directory.domains]
    projects_by_id = {project.id: project for project in projects}

    def new_version(grant: Grant) -> Grant:
        new_domain = domain if grant.domain is not None and grant.domain.id == domain.id else grant.domain
        project = None if grant.project is None else projects_by_id.get(grant.project.id, grant.project)
        return grant._replace(domain=new_domain, project=project)

    return _with_grants(directory.replace(projects=projects, users=users, domains=domains), new_version)


def with_changed_role(directory: Directory, name: str, role: Role) -> Directory:
    """Return a directory in which this role takes the place of the one with a name, also in what names it."""

    def new_names(names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(role.name if each == name else each for each in names)

    roles = [role if each.name == name else each for each in directory.roles]
    directory = directory.replace(
        roles=[each._replace(implies=new_names(each.implies)) for each in roles],
        credentials=[each._replace(roles=new_names(each.roles)) for each in directory.credentials],
    )
    return _with_grants(
        directory, lambda grant: directory.grant(new_names(tuple(grant.roles)), grant.project, grant.domain)
    )


def without_domain(directory: Directory, domain_id: str) -> Directory:
    """Return a directory without a domain, its projects, its users, and the roles and credentials there."""
    projects = [each for each in directory.projects if each.domain.id != domain_id]
    project_ids = {None, *(project.id for project in projects)}
    users = [each for each in directory.users if each.domain.id != domain_id]
    user_ids = {user.id for user in users}

    def is_left(grant: Grant) -> bool:
        has_domain = grant.domain is not None and grant.domain.id == domain_id
        return not has_domain and (None if grant.project is None else grant.project.id) in project_ids

    return directory.replace(
        domains=[each for each in directory.domains if each.id != domain_id],
        projects=projects,
        users=[user._replace(grants=tuple(filter(is_left, user.grants))) for user in users],
        credentials=[
            each
            for each in directory.credentials
            if each.user_id in user_ids and each.project_id in project_ids
        ],
        access_rules=[each for each in directory.access_rules if each.user_id in user_ids],
    )


def _with_grants(directory: Directory, change: Callable[[Grant], Grant]) -> Directory:
    """Return a directory with changed grants; a user without a change stays the same object."""
    users = []
    for user in directory.users:
        grants = tuple(map(change, user.grants))
        users.append(user if grants == user.grants else user._replace(grants=grants))
    return directory.replace(users=users)
