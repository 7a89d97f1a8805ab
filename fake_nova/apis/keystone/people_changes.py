"""Creating and deleting users, projects and roles (Keystone 30.0.0, measured).

They belong to the server: an export has them, and a reset of the shared cloud undoes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import uuid4

from fake_nova.apis.keystone import policies, queries
from fake_nova.apis.keystone.checks import get_body, get_caller_token
from fake_nova.apis.keystone.collections import find_permitted, member_response
from fake_nova.apis.keystone.errors import KeystoneError, missing_attribute
from fake_nova.apis.keystone.policies import Target
from fake_nova.apis.keystone.project_filters import is_true
from fake_nova.apis.keystone.render import serialize_project, serialize_role, serialize_user
from fake_nova.apis.keystone.resources import PROJECTS, ROLES, USERS
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.directory_changes import without_domain
from fake_nova.cloud.people import DEFAULT_DOMAIN, Domain, Project, User
from fake_nova.cloud.roles import Role
from fake_nova.cloud.tokens import Token
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

TEXT_OR_NULL: Final = {"type": ["string", "null"]}
_ID_OR_NULL: Final = {**queries.ID, "type": ["string", "null"]}
TAG: Final = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^,/]*$"}


def member_schema(member: str, properties: Mapping[str, Any], *, required: bool = True) -> Schema:
    """Return the JSON Schema of a body that creates one object."""
    inner = {"type": "object", "properties": properties, "required": ["name"]}
    body = {"type": "object", "properties": {member: inner}}
    return {**body, **({"required": [member]} if required else {}), "additionalProperties": False}


def update_schema(member: str, properties: Mapping[str, Any]) -> Schema:
    """Return the JSON Schema of a body that changes one object."""
    inner = {"type": "object", "properties": properties, "minProperties": 1}
    body = {"type": "object", "properties": {member: inner}}
    return {**body, "required": [member], "additionalProperties": False}


_USER_SCHEMA: Final = member_schema(
    "user",
    {
        "domain_id": queries.ID,
        "default_project_id": TEXT_OR_NULL,
        "description": TEXT_OR_NULL,
        "enabled": queries.BOOLEAN,
        "name": queries.NAME,
        "password": TEXT_OR_NULL,
    },
)
_PROJECT_SCHEMA: Final = member_schema(
    "project",
    {
        "description": TEXT_OR_NULL,
        "domain_id": _ID_OR_NULL,
        "enabled": queries.BOOLEAN,
        "is_domain": queries.BOOLEAN,
        "parent_id": _ID_OR_NULL,
        "name": queries.SHORT_NAME,
        "tags": {"type": "array", "items": TAG, "maxItems": 80, "uniqueItems": True},
    },
    required=False,
)
_ROLE_SCHEMA: Final = member_schema(
    "role", {"name": queries.NAME, "description": TEXT_OR_NULL, "domain_id": _ID_OR_NULL}
)

#: The attributes of a user that Keystone itself reads; it stores and shows all others.
USER_ATTRIBUTES: Final = ("id", "name", "password", "domain_id", "enabled", "options", "links")


def is_enabled(values: Mapping[str, Any]) -> bool:
    """Return whether a body enables its object; without the attribute it does."""
    return is_true(str(values.get("enabled", True)))


def check_name(context: Context, name: str) -> None:
    """Raise a 400 for a name that the database cannot store; the real service responds 500."""
    if not context.emulator.database.compares_exactly and any(character > "\uffff" for character in name):
        message = f"Invalid input for field/attribute name. Value: {name}. MariaDB cannot store it."
        raise KeystoneError(400, message, "Keystone 30.0.0 fails here with a 500.")


def is_used(context: Context, name: str, names: Iterable[str]) -> bool:
    """Return whether a name equals one of others, as the database compares."""
    return any(context.emulator.database.are_equal(name, other) for other in names)


def duplicate(kind: str, name: str, where: str = "") -> KeystoneError:
    """Return the 409 for a name that another object has."""
    conflict = f"Conflict occurred attempting to store {kind} - Duplicate entry found with name {name}"
    return KeystoneError(409, f"{conflict}{where}.")


def _domain_of(context: Context, values: Mapping[str, Any], caller: Token, status: int) -> Domain:
    """Return the domain of a new user or project: by default the caller's, if the token is for a domain.

    Raises:
        KeystoneError: with *status* for an unknown id.
    """
    domain_id = values.get("domain_id")
    if not domain_id:
        return caller.domain or DEFAULT_DOMAIN
    domain = context.cloud.directory.find_domain("id", domain_id, context.emulator.database)
    if domain is None:
        raise KeystoneError(status, f"Could not find domain: {domain_id}.")
    return domain


def create_user(context: Context) -> Response:
    """Create a user."""
    body = get_body(context)
    queries.check_body(body, _USER_SCHEMA)
    caller = get_caller_token(context)
    values = body["user"]
    policies.require("identity:create_user", caller, Target(domain_id=values.get("domain_id")))
    domain = _domain_of(context, values, caller, status=404)
    default_project = values.get("default_project_id")
    if default_project in [each.id for each in context.cloud.directory.domains]:
        message = f"User's default project ID cannot be a domain ID: {default_project}"
        raise KeystoneError(400, message)
    name = values["name"].strip()
    check_name(context, name)
    details = {key: value for key, value in values.items() if key not in USER_ATTRIBUTES}
    user = User(
        name,
        values.get("password") or None,
        domain=domain,
        own_id=uuid4().hex,
        enabled=is_enabled(values),
        details=tuple((key, json.dumps(value)) for key, value in details.items()),
    )

    def with_user(directory: Directory) -> Directory:
        others = context.cloud.directory.users
        if is_used(context, name, [each.name for each in others if each.domain.id == domain.id]):
            raise duplicate("user", name, f" at domain ID {domain.id}")
        return directory.extended(users=[user])

    context.emulator.change_directory(with_user)
    return member_response(context, USERS, serialize_user(user), 201)


def delete_user(context: Context) -> Response:
    """Delete a user, with its roles, application credentials and tokens."""
    user_id = find_permitted(context, USERS, "identity:delete_user")["id"]
    context.emulator.change_directory(
        lambda directory: directory.replace(
            users=[each for each in directory.users if each.id != user_id],
            credentials=[each for each in directory.credentials if each.user_id != user_id],
            access_rules=[each for each in directory.access_rules if each.user_id != user_id],
        )
    )
    return Response(204)


def create_project(context: Context) -> Response:
    """Create a project in a domain, or below another project."""
    body = get_body(context)
    queries.check_body(body, _PROJECT_SCHEMA)
    caller = get_caller_token(context)
    values = body.get("project", {})  # the schema lets it be missing; the real service then fails with a 500
    policies.require("identity:create_project", caller, Target(domain_id=values.get("domain_id")))
    domain = _domain_of(context, values, caller, status=400)
    parent_id = values.get("parent_id")
    if parent_id is not None and parent_id != domain.id:
        parent = context.cloud.directory.find_project("id", parent_id, context.emulator.database)
        if parent is None:
            raise KeystoneError(400, f"Could not find project: {parent_id}.")
        domain = parent.domain
    if "name" not in values:
        raise missing_attribute("project", "request body")
    name = values["name"].strip()
    check_name(context, name)
    project = Project(
        uuid4().hex,
        name,
        domain,
        description=values.get("description") or "",
        parent_id=None if parent_id == domain.id else parent_id,
        tags=tuple(values.get("tags", ())),
        enabled=is_enabled(values),
    )

    def with_project(directory: Directory) -> Directory:
        others = context.cloud.directory.projects
        if is_used(context, name, [each.name for each in others if each.domain.id == domain.id]):
            problem = (
                "it is not permitted to have two projects with either the same name or same id in the same"
            )
            conflict = f"Conflict occurred attempting to store project - {problem} domain"
            raise KeystoneError(409, f"{conflict}: name is {name}, project id {project.id}.")
        return directory.extended(projects=[project])

    context.emulator.change_directory(with_project)
    return member_response(context, PROJECTS, serialize_project(project), 201)


def delete_project(context: Context) -> Response:
    """Delete a project, with the roles and application credentials in it. Its images stay."""
    item = find_permitted(context, PROJECTS, "identity:delete_project")
    project_id = item["id"]
    if item["is_domain"] and item["enabled"]:
        raise KeystoneError(403, "Cannot delete a domain that is enabled, please disable it first.")
    if item["is_domain"]:
        context.emulator.change_directory(lambda directory: without_domain(directory, project_id))
        return Response(204)
    if any(each.parent_id == project_id for each in context.cloud.directory.projects):
        reason = (
            "it is not a leaf in the hierarchy. Use the cascade option if you want to delete a whole subtree."
        )
        raise KeystoneError(403, f"Cannot delete the project {project_id} since {reason}")

    def without_project(directory: Directory) -> Directory:
        return directory.replace(
            projects=[each for each in directory.projects if each.id != project_id],
            users=[_without_project(user, project_id) for user in directory.users],
            credentials=[each for each in directory.credentials if each.project_id != project_id],
        )

    context.emulator.change_directory(without_project)
    return Response(204)


def _without_project(user: User, project_id: str) -> User:
    grants = (each for each in user.grants if each.project is None or each.project.id != project_id)
    return user._replace(grants=tuple(grants))


def create_role(context: Context) -> Response:
    """Create a role, which implies no other."""
    body = get_body(context)
    queries.check_body(body, _ROLE_SCHEMA)
    policies.require("identity:create_role", get_caller_token(context))
    values = body["role"]
    role = Role(values["name"], description=values.get("description"), own_id=uuid4().hex)

    def with_role(directory: Directory) -> Directory:
        if is_used(context, role.name, directory.roles_by_name):
            raise duplicate("role", role.name)
        return directory.extended(roles=[role])

    context.emulator.change_directory(with_role)
    return member_response(context, ROLES, serialize_role(role), 201)


def delete_role(context: Context) -> Response:
    """Delete a role, and take it from all users."""
    name = find_permitted(context, ROLES, "identity:delete_role")["name"]

    def without_role(directory: Directory) -> Directory:
        roles = [role for role in directory.roles if role.name != name]
        directory = directory.replace(roles=roles)
        return directory.replace(users=[_without_role(directory, user, name) for user in directory.users])

    context.emulator.change_directory(without_role)
    return Response(204)


def _without_role(directory: Directory, user: User, name: str) -> User:
    for grant in user.grants:
        user = user.with_grant(directory.grant(grant.roles - {name}, grant.project, grant.domain))
    return user
