"""Changing users, projects and roles (Keystone 30.0.0, measured)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fake_nova.apis.keystone import queries
from fake_nova.apis.keystone.checks import get_body
from fake_nova.apis.keystone.collections import find_permitted, member_response, path_parameter
from fake_nova.apis.keystone.domain_changes import change_domain
from fake_nova.apis.keystone.errors import KeystoneError
from fake_nova.apis.keystone.people_changes import (
    TAG,
    TEXT_OR_NULL,
    USER_ATTRIBUTES,
    check_name,
    duplicate,
    is_enabled,
    is_used,
    update_schema,
)
from fake_nova.apis.keystone.render import (
    serialize_domain_as_project,
    serialize_project,
    serialize_role,
    serialize_user,
)
from fake_nova.apis.keystone.resources import PROJECTS, ROLES, USERS
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.directory_changes import with_changed_project, with_changed_role, with_changed_user
from fake_nova.cloud.people import Project, User
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

_USER_SCHEMA: Final = update_schema(
    "user",
    {
        "default_project_id": TEXT_OR_NULL,
        "description": TEXT_OR_NULL,
        "domain_id": queries.ID,
        "enabled": queries.BOOLEAN,
        "name": queries.NAME,
        "password": TEXT_OR_NULL,
    },
)
_PROJECT_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "project": {
            "type": "object",
            "properties": {
                "description": TEXT_OR_NULL,
                "enabled": queries.BOOLEAN,
                "name": queries.SHORT_NAME,
                "tags": {"type": "array", "items": TAG, "maxItems": 80, "uniqueItems": True},
            },
        }
    },
    "additionalProperties": False,
}
_ROLE_SCHEMA: Final = update_schema("role", {"name": queries.NAME, "description": TEXT_OR_NULL})


def _require_same_id(context: Context, values: Mapping[str, Any], member: str) -> None:
    """Raise a 400 if a body has another id than the path."""
    if values.get("id") not in (None, path_parameter(context, f"{member}_id")):
        raise KeystoneError(400, "Cannot change ID")


def _require_same_domain(values: Mapping[str, Any], domain_id: str | None) -> None:
    if values.get("domain_id", domain_id) != domain_id:
        raise KeystoneError(400, "Cannot change Domain ID")


def update_user(context: Context) -> Response:
    """Change a user. A new password, or being disabled, ends its tokens."""
    body = get_body(context)
    queries.check_body(body, _USER_SCHEMA)
    item = find_permitted(context, USERS, "identity:update_user")
    values = body["user"]
    _require_same_id(context, values, "user")
    _require_same_domain(values, item["domain_id"])
    default_project = values.get("default_project_id")
    directory = context.cloud.directory
    if default_project in [each.id for each in directory.domains]:
        raise KeystoneError(400, f"User's default project ID cannot be a domain ID: {default_project}")
    name = values.get("name", item["name"]).strip()
    check_name(context, name)

    def with_change(directory: Directory) -> Directory:
        others = [user for user in directory.users if user.id != item["id"]]
        if is_used(context, name, [each.name for each in others if each.domain.id == item["domain_id"]]):
            raise duplicate("user", name)
        (user,) = (each for each in directory.users if each.id == item["id"])
        return with_changed_user(directory, _changed_user(user, name, values))

    context.emulator.change_directory(with_change)
    user = context.cloud.directory.find_user("id", item["id"], context.emulator.database)
    document = serialize_user(user) if user is not None else item
    extra = {key: document[key] for key in document if key not in _NOT_EXTRA}
    return member_response(context, USERS, {**document, "extra": extra})


#: The attributes of a user that Keystone keeps in columns of their own.
_NOT_EXTRA: Final = (*USER_ATTRIBUTES, "default_project_id", "password_expires_at")


def _changed_user(user: User, name: str, values: Mapping[str, Any]) -> User:
    details = dict(user.details)
    details |= {key: json.dumps(value) for key, value in values.items() if key not in USER_ATTRIBUTES}
    user = user._replace(name=name, own_id=user.id, details=tuple(details.items()))
    if "enabled" in values:
        user = user._replace(enabled=is_enabled(values))
    return user._replace(password=values["password"] or None) if "password" in values else user


def update_project(context: Context) -> Response:
    """Change a project, or the domain with this id. Being disabled ends its tokens."""
    body = get_body(context)
    queries.check_body(body, _PROJECT_SCHEMA)
    item = find_permitted(context, PROJECTS, "identity:update_project")
    values = body.get("project", {})
    _require_same_id(context, values, "project")
    _require_same_domain(values, item["domain_id"])
    if values.get("parent_id", item["parent_id"]) != item["parent_id"]:
        raise KeystoneError(403, "Update of `parent_id` is not allowed.")
    if values.get("is_domain", item["is_domain"]) != item["is_domain"]:
        raise KeystoneError(400, "Update of `is_domain` is not allowed.")
    if item["is_domain"]:
        document = serialize_domain_as_project(change_domain(context, item["id"], values))
        return member_response(context, PROJECTS, {**document, "extra": {}})
    check_name(context, values.get("name", ""))
    new_projects: list[Project] = []

    def with_change(directory: Directory) -> Directory:
        project = directory.project_by_id(item["id"])
        if project is None:
            raise KeystoneError(404, f"Could not find project: {item['id']}.")
        new_projects.append(_changed_project(context, directory, project, values))
        return with_changed_project(directory, new_projects[0])

    context.emulator.change_directory(with_change)
    document = serialize_project(new_projects[0])
    tags = values.get("tags", document["tags"])
    return member_response(context, PROJECTS, {**document, "tags": tags, "extra": {}})


def _changed_project(
    context: Context, directory: Directory, project: Project, values: Mapping[str, Any]
) -> Project:
    name = values.get("name", project.name).strip()
    others = [each for each in directory.projects if each.id != project.id]
    if is_used(context, name, [each.name for each in others if each.domain.id == project.domain.id]):
        conflict = duplicate("project", name)
        raise KeystoneError(409, conflict.message, "Keystone 30.0.0 fails here with a 500.")
    enabled = is_enabled(values) if "enabled" in values else project.enabled
    if project.enabled and not enabled and _has_enabled_child(directory, project.id):
        problem = "since its subtree contains enabled projects."
        raise KeystoneError(403, f"Cannot disable project {project.id} {problem}")
    if enabled and not project.enabled and _has_disabled_parent(directory, project):
        problem = "since it has disabled parents"
        raise KeystoneError(403, f"Cannot enable project {project.id} {problem}")
    return project._replace(
        name=name,
        description=values.get("description", project.description) or "",
        tags=tuple(sorted(values.get("tags", project.tags))),  # as the table of tags is read
        enabled=enabled,
    )


def _has_enabled_child(directory: Directory, project_id: str) -> bool:
    children = [each for each in directory.projects if each.parent_id == project_id]
    return any(child.enabled or _has_enabled_child(directory, child.id) for child in children)


def _has_disabled_parent(directory: Directory, project: Project) -> bool:
    parent = directory.project_by_id(project.parent_id or "")
    if parent is None:
        return not project.domain.enabled
    return not parent.enabled or _has_disabled_parent(directory, parent)


def update_role(context: Context) -> Response:
    """Change the name or the description of a role."""
    body = get_body(context)
    queries.check_body(body, _ROLE_SCHEMA)
    item = find_permitted(context, ROLES, "identity:update_role")
    values = body["role"]
    _require_same_id(context, values, "role")
    if values.get("domain_id") is not None:
        raise KeystoneError(400, "Update of `domain_id` is not allowed.")
    name = values.get("name", item["name"])
    if is_used(context, name, [each.name for each in context.cloud.directory.roles if each.id != item["id"]]):
        raise duplicate("role", name)
    role = context.cloud.directory.roles_by_name[item["name"]]
    description = values.get("description", role.description)
    role = role._replace(name=name, description=description, own_id=role.id)
    context.emulator.change_directory(lambda directory: with_changed_role(directory, item["name"], role))
    return member_response(context, ROLES, serialize_role(role))
