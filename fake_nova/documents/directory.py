"""The schemas of domains, projects, users, roles and application credentials, and their serialization."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fake_nova.cloud.credentials import AccessRule, ApplicationCredential
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.people import DEFAULT_DOMAIN, Domain, Project, User
from fake_nova.cloud.roles import BUILT_IN_ROLES, Role
from fake_nova.documents.fields import (
    StrictField,
    StrictList,
    boolean_field,
    enum_field,
    nested_list_field,
    text_field,
    time_field,
)
from fake_nova.documents.schema import StrictSchema
from fake_nova.documents.validation import join_names
from fake_nova.images import timestamps
from fake_nova.support.messages import quote_json

_ROLES: Final = "names of roles"


def _has_text_keys(value: Mapping[Any, Any]) -> bool:
    return all(isinstance(key, str) for key in value)


class DomainSchema(StrictSchema):
    """The schema of an entry of ``domains``."""

    id = text_field(64, 1)
    name = text_field(64, 1, required=True)
    description = text_field(255)
    enabled = boolean_field()


class RoleSchema(StrictSchema):
    """The schema of an entry of ``roles``."""

    id = text_field(64, 1)
    name = text_field(255, 1, required=True)
    implies = StrictList(text_field(255, 1), _ROLES)
    description = text_field(10**6, null=True)


class ProjectSchema(StrictSchema):
    """The schema of an entry of ``projects``."""

    id = text_field(64, 1, required=True)
    name = text_field(64, 1, required=True)
    domain = text_field(64, 1)
    description = text_field(10**6)
    parent = text_field(64, 1)
    tags = StrictList(text_field(255, 1), "texts", unique_by=str)
    enabled = boolean_field()


class ProjectGrantSchema(StrictSchema):
    """The schema of an entry of a user's ``projects``."""

    project = text_field(64, 1, required=True)
    roles = StrictList(text_field(255, 1), _ROLES, required=True)


class DomainGrantSchema(StrictSchema):
    """The schema of an entry of a user's ``domains``."""

    domain = text_field(64, 1, required=True)
    roles = StrictList(text_field(255, 1), _ROLES, required=True)


class UserSchema(StrictSchema):
    """The schema of an entry of ``users``."""

    id = text_field(64, 1)
    name = text_field(255, 1, required=True)
    password = text_field(4096, 1, required=True, null=True, secret=True)
    domain = text_field(64, 1)
    project = text_field(64, 1)
    roles = StrictList(text_field(255, 1), _ROLES)
    projects = nested_list_field(ProjectGrantSchema, "mappings of project and roles")
    domains = nested_list_field(DomainGrantSchema, "mappings of domain and roles")
    system_roles = StrictList(text_field(255, 1), _ROLES)
    enabled = boolean_field()
    details = StrictField((dict,), "a mapping of texts to JSON values", _has_text_keys)


class AccessRuleSchema(StrictSchema):
    """The schema of an entry of a credential's ``access_rules``."""

    id = text_field(64, 1)
    service = text_field(64, 1, required=True)
    path = text_field(225, 1, required=True)
    method = enum_field(("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"), required=True)


class CredentialSchema(StrictSchema):
    """The schema of an entry of ``application_credentials``."""

    id = text_field(64, 1)
    name = text_field(255, 1, required=True)
    secret = text_field(10**6, 1, required=True, secret=True)
    user = text_field(255, 1, required=True)
    project = text_field(64, 1, null=True)
    roles = StrictList(text_field(255, 1), _ROLES)
    description = text_field(10**6, null=True)
    expires_at = time_field()
    unrestricted = boolean_field()
    access_rules = nested_list_field(AccessRuleSchema, "mappings of service, path and method")


def serialize_directory(directory: Directory) -> dict[str, Any]:
    """Return the part of a fixture document that holds a directory. What is the default is left out."""
    document: dict[str, Any] = {
        "projects": [_serialize_project(project) for project in directory.projects],
        "users": [_serialize_user(_with_known_grants(user, directory)) for user in directory.users],
    }
    parts = {
        "domains": [_serialize_domain(each) for each in directory.domains if each != DEFAULT_DOMAIN],
        "roles": [_serialize_role(role) for role in directory.roles if role not in BUILT_IN_ROLES],
        "application_credentials": [
            _serialize_credential(each, user)
            for each in directory.credentials
            for user in directory.users
            if user.id == each.user_id
        ],
    }
    return document | {name: entries for name, entries in parts.items() if entries}


def _with_known_grants(user: User, directory: Directory) -> User:
    """Return a user without roles in projects that a reset has taken away."""
    places = (None, *directory.projects)
    return user._replace(grants=tuple(grant for grant in user.grants if grant.project in places))


def _without_defaults(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}


def _serialize_domain(domain: Domain) -> dict[str, Any]:
    return _without_defaults(domain._asdict(), Domain._field_defaults)


def _serialize_role(role: Role) -> dict[str, Any]:
    values = {"id": role.own_id, "name": role.name, "implies": list(role.implies)}
    defaults: dict[str, Any] = {"id": "", "implies": [], "description": None}
    return _without_defaults({**values, "description": role.description}, defaults)


def _serialize_project(project: Project) -> dict[str, Any]:
    values = {
        "id": project.id,
        "name": project.name,
        "domain": project.domain.id,
        "description": project.description,
        "parent": project.parent_id,
        "tags": list(project.tags),
        "enabled": project.enabled,
    }
    defaults: dict[str, Any] = {
        "domain": DEFAULT_DOMAIN.id,
        "description": "",
        "parent": None,
        "tags": [],
        "enabled": True,
    }
    return _without_defaults(values, defaults)


def _serialize_user(user: User) -> dict[str, Any]:
    """Return the document of a user: the short form for one project, and the rest only if there is more."""
    project = user.project
    values: dict[str, Any] = {
        "name": user.name,
        "password": user.password,
        "id": user.own_id,
        "domain": user.domain.id,
        "enabled": user.enabled,
        "details": {name: json.loads(text) for name, text in user.details},
    }
    defaults: dict[str, Any] = {"id": "", "domain": DEFAULT_DOMAIN.id, "enabled": True, "details": {}}
    document = _without_defaults(values, defaults)
    home_roles = sorted(user.grant(project).roles) if project is not None else []
    if project is not None:
        document |= {"project": project.id, "roles": home_roles}
    others = [grant for grant in user.grants if grant.project not in (None, project)]
    grants = [{"project": each.project.id, "roles": sorted(each.roles)} for each in others if each.project]
    if grants or project is None:
        document["projects"] = grants
    domains = [grant for grant in user.grants if grant.domain is not None]
    if domains:
        document["domains"] = [
            {"domain": each.domain.id, "roles": sorted(each.roles)} for each in domains if each.domain
        ]
    system_roles = sorted(user.grant().roles)
    if system_roles != (["admin"] if "admin" in home_roles else []):
        document["system_roles"] = system_roles
    return document


def _serialize_credential(credential: ApplicationCredential, user: User) -> dict[str, Any]:
    expires_at, rules = credential.expires_at, credential.access_rules
    values: dict[str, Any] = {
        "id": credential.id,
        "name": credential.name,
        "secret": credential.secret,
        "user": user.id,
        "project": credential.project_id,
        "roles": list(credential.roles),
        "description": credential.description,
        "unrestricted": credential.unrestricted,
    }
    document = _without_defaults(values, {"description": None, "unrestricted": None})
    if expires_at is not None:
        document["expires_at"] = timestamps.isoformat_exact(expires_at)
    if rules is not None:
        document["access_rules"] = list(map(_serialize_rule, rules))
    return document


def _serialize_rule(rule: AccessRule) -> dict[str, Any]:
    return {"id": rule.id, "service": rule.service, "path": rule.path, "method": rule.method}


def unknown_project_problem(name: str, directory: Directory) -> str:
    """Return the problem of a document that names a project which *directory* does not have."""
    labels = join_names([f"{project.id} ({project.name})" for project in directory.projects])
    return f"unknown project (got {quote_json(name)}); expected one of: {labels}"
