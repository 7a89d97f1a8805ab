"""Roles of users in projects, in domains and in the system (Keystone 30.0.0, measured)."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple, TypeVar

from fake_nova.apis.keystone import policies
from fake_nova.apis.keystone.checks import get_caller_token
from fake_nova.apis.keystone.collections import list_response, path_parameter, with_link
from fake_nova.apis.keystone.errors import KeystoneError
from fake_nova.apis.keystone.policies import Target
from fake_nova.apis.keystone.render import serialize_role
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.people import Domain, Grant, Project, User
from fake_nova.cloud.roles import Role
from fake_nova.images.database import Database
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


class _Subject(NamedTuple):
    """The objects that a path names.

    Attributes:
        user: the user.
        role: the role; None for a list.
        project: the project, or None.
        domain: the domain, or None. Without a project and a domain it is the system.
    """

    user: User
    role: Role | None
    project: Project | None
    domain: Domain | None

    @property
    def grant(self) -> Grant:
        """The roles of the user there."""
        return self.user.grant(self.project, self.domain)


def _read_subject(context: Context, action: str) -> _Subject:
    """Return the objects that the path names.

    An unknown one is a 404 before the policy is checked. The first unknown one counts: the domain, then role,
    user and project (Keystone 30.0.0, source).

    Raises:
        KeystoneError: 401 without a valid token; 403 if the policy forbids it; 404 for an unknown object.
    """
    caller = get_caller_token(context)
    names = context.path_params
    directory = context.cloud.directory
    domain = _find(context, "domain", directory.find_domain) if "domain_id" in names else None
    role = _find(context, "role", directory.find_role) if "role_id" in names else None
    user = _find(context, "user", directory.find_user)
    project = _find(context, "project", directory.find_project) if "project_id" in names else None
    subject = _Subject(user, role, project, domain)
    if project is None and domain is None:
        policies.require(f"identity:{_SYSTEM_ACTIONS[action]}", caller)
        return subject
    domains = {subject.user.domain, subject.domain or getattr(subject.project, "domain", None)}
    domain_id = subject.user.domain.id if len(domains) == 1 else None
    policies.require(f"identity:{action}", caller, Target(domain_id=domain_id))
    return subject


#: Policy of a role in a project or a domain -> that of a role in the system.
_SYSTEM_ACTIONS = {
    "list_grants": "list_system_grants_for_user",
    "check_grant": "check_system_grant_for_user",
    "create_grant": "create_system_grant_for_user",
    "revoke_grant": "revoke_system_grant_for_user",
}


Entry = TypeVar("Entry", User, Role, Project, Domain)


def _find(context: Context, kind: str, find: Callable[[str, str, Database], Entry | None]) -> Entry:
    """Return what the path names.

    Args:
        context: the context of the request.
        kind: what it is, such as ``user``; its path parameter is ``user_id``.
        find: returns the entry whose field equals a text on a database, or None.

    Raises:
        KeystoneError: 404 if there is no such entry.
    """
    text = path_parameter(context, f"{kind}_id")
    entry = find("id", text, context.emulator.database)
    if entry is None:
        raise KeystoneError(404, f"Could not find {kind}: {text}.")
    return entry


def list_all(context: Context) -> Response:
    """List the roles that a user was assigned in one place."""
    subject = _read_subject(context, "list_grants")
    roles = [role for role in context.cloud.directory.roles if role.name in subject.grant.roles]
    items = [
        with_link(context, "roles", serialize_role(role)) for role in sorted(roles, key=attrgetter("id"))
    ]
    return list_response(context, "roles", items)


def check(context: Context) -> Response:
    """Respond 204 if a user was assigned a role."""
    _require_assigned(context, _read_subject(context, "check_grant"))
    return Response(204)


def _require_assigned(context: Context, subject: _Subject) -> None:
    """Raise a 404 if the user was not assigned the role; it names the ids as the path has them."""
    if subject.role is not None and subject.role.name not in subject.grant.roles:
        ids = {name: path_parameter(context, name) for name in context.path_params}
        parts = f"role: {ids['role_id']}, user or group: {ids['user_id']}"
        scope_id = ids.get("project_id") or ids.get("domain_id") or "system"
        place = f"project, domain, or system: {scope_id}"
        raise KeystoneError(404, f"Could not find role assignment with {parts}, {place}.")


def assign(context: Context) -> Response:
    """Assign a role to a user, in addition to those it has."""
    subject = _read_subject(context, "create_grant")
    _change(context, subject, is_assigned=True)
    return Response(204)


def revoke(context: Context) -> Response:
    """Take a role from a user. Tokens that have no other role end."""
    subject = _read_subject(context, "revoke_grant")
    _require_assigned(context, subject)
    _change(context, subject, is_assigned=False)
    return Response(204)


def _change(context: Context, subject: _Subject, *, is_assigned: bool) -> None:
    names = {subject.role.name} if subject.role is not None else set()

    def changed_user(directory: Directory, user: User) -> User:
        old_roles = user.grant(subject.project, subject.domain).roles
        roles = old_roles | names if is_assigned else old_roles - names
        return user.with_grant(directory.grant(roles, subject.project, subject.domain))

    def with_change(directory: Directory) -> Directory:
        user_id = subject.user.id
        users = [changed_user(directory, each) if each.id == user_id else each for each in directory.users]
        return directory.replace(users=users)

    context.emulator.change_directory(with_change)
