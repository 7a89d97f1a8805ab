"""Tokens, projects and versions as Keystone writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fake_nova.apis.keystone import service_catalog
from fake_nova.apis.keystone.service_catalog import Endpoint
from fake_nova.apis.keystone.tables import CatalogEntry
from fake_nova.cloud.credentials import AccessRule, ApplicationCredential
from fake_nova.cloud.people import Domain, Project, User
from fake_nova.cloud.roles import Role, stable_id
from fake_nova.cloud.tokens import Token
from fake_nova.wire.context import Context

JsonObject = dict[str, Any]


def format_time(time: datetime) -> str:
    """Return a time in Keystone's format, which always has six digits of a fraction."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def serialize_version(base_url: str) -> JsonObject:
    """Return the version document of v3."""
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{base_url}/v3/"}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }


def serialize_version_2(base_url: str) -> JsonObject:
    """Return the version document of v2.0."""
    media_type = "application/vnd.openstack.identity-v2.0+json"
    return {
        "id": "v2.0",
        "status": "deprecated",
        "updated": "2016-08-04T00:00:00Z",
        "links": [
            {"rel": "self", "href": f"{base_url}/v2.0/"},
            {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
        ],
        "media-types": [{"base": "application/json", "type": media_type}],
    }


def serialize_catalog(context: Context, project: Project | None) -> list[JsonObject]:
    """Return the service catalog of a token, for a project or for none.

    Without a project it lacks the endpoints whose URL needs one (Keystone 30.0.0).
    """
    project_id = None if project is None else project.id
    catalog = []
    for service in service_catalog.services(context.cloud.settings):
        endpoints = []
        for endpoint in service_catalog.endpoints_of(context, service):
            url = endpoint.url_for(project_id)
            if url is not None:
                region = endpoint.region
                head = {"id": endpoint.id, "interface": endpoint.interface, "region_id": region}
                endpoints.append({**head, "url": url, "region": region})
        service_id = stable_id("service", service.type)
        catalog.append({"endpoints": endpoints, "id": service_id, "type": service.type, "name": service.name})
    return catalog


def serialize_service(entry: CatalogEntry) -> JsonObject:
    """Return a service as it is listed."""
    return {"name": entry.name, "id": stable_id("service", entry.type), "type": entry.type, "enabled": True}


def serialize_endpoint(endpoint: Endpoint) -> JsonObject:
    """Return an endpoint as it is listed."""
    return {
        "id": endpoint.id,
        "interface": endpoint.interface,
        "region_id": endpoint.region,
        "service_id": stable_id("service", endpoint.service.type),
        "url": endpoint.url,
        "enabled": True,
        "region": endpoint.region,
    }


def serialize_role(role: Role) -> JsonObject:
    """Return a role."""
    head = {"id": role.id, "name": role.name, "domain_id": None}
    return {**head, "description": role.description, "options": {}}


def serialize_access_rule(rule: AccessRule) -> JsonObject:
    """Return an access rule of an application credential."""
    return {"id": rule.id, "service": rule.service, "path": rule.path, "method": rule.method}


def serialize_credential(credential: ApplicationCredential, roles: Mapping[str, Role]) -> JsonObject:
    """Return an application credential, without the secret. A time has no zone here.

    Args:
        credential: the credential.
        roles: name -> role.
    """
    expires_at = credential.expires_at
    rules = credential.access_rules
    item = {
        "id": credential.id,
        "name": credential.name,
        "description": credential.description,
        "user_id": credential.user_id,
        "project_id": credential.project_id,
        "system": credential.system,
        "expires_at": None if expires_at is None else format_time(expires_at).removesuffix("Z"),
        "unrestricted": credential.unrestricted,
        "roles": [serialize_role(roles[name]) for name in credential.roles if name in roles],
    }
    return item if rules is None else {**item, "access_rules": list(map(serialize_access_rule, rules))}


def _credential_of_token(credential: ApplicationCredential) -> JsonObject:
    item = {"id": credential.id, "name": credential.name, "restricted": not credential.unrestricted}
    rules = credential.access_rules
    return item if rules is None else {**item, "access_rules": list(map(serialize_access_rule, rules))}


def serialize_user(user: User) -> JsonObject:
    """Return a user, without the password."""
    return {
        "id": user.id,
        "name": user.name,
        "domain_id": user.domain.id,
        "enabled": user.enabled,
        "password_expires_at": None,
        "options": {},
        **{name: json.loads(text) for name, text in user.details},
    }


def _reference(entity: Project | User) -> JsonObject:
    domain = {"id": entity.domain.id, "name": entity.domain.name}
    return {"domain": domain, "id": entity.id, "name": entity.name}


def serialize_token(context: Context, token: Token, with_catalog: bool) -> JsonObject:
    """Return the body of a response with a token; an unscoped token has neither roles nor catalog.

    Args:
        context: the context of the request.
        token: the token.
        with_catalog: whether to show the service catalog.
    """
    body: JsonObject = {
        "methods": list(token.methods),
        "user": {**_reference(token.user), "password_expires_at": None},
        "audit_ids": list(token.audit_ids),
        "expires_at": format_time(token.expires_at),
        "issued_at": format_time(token.issued_at),
    }
    if token.credential is not None:
        body["application_credential"] = _credential_of_token(token.credential)
    if token.project is None and token.domain is None and not token.system:
        return {"token": body}
    if token.project is not None:
        body["project"] = _reference(token.project)
        body["is_domain"] = False
    elif token.domain is not None:
        body["domain"] = {"id": token.domain.id, "name": token.domain.name}
    else:
        body["system"] = {"all": True}
    roles = context.cloud.directory.roles_by_name
    body["roles"] = [{"id": roles[name].id, "name": name} for name in sorted(token.roles) if name in roles]
    if with_catalog:
        body["catalog"] = serialize_catalog(context, token.project)
    return {"token": body}


def serialize_project(project: Project) -> JsonObject:
    """Return a project with all its fields."""
    default_description = "Bootstrap project for initializing the cloud." if project.name == "admin" else ""
    return {
        "id": project.id,
        "name": project.name,
        "domain_id": project.domain.id,
        "description": project.description or default_description,
        "enabled": project.enabled,
        "parent_id": project.parent_id or project.domain.id,
        "is_domain": False,
        "tags": list(project.tags),
        "options": {},
    }


def serialize_domain(domain: Domain) -> JsonObject:
    """Return a domain."""
    fields = {"description": domain.description, "enabled": domain.enabled, "tags": [], "options": {}}
    return {"id": domain.id, "name": domain.name, **fields}


def serialize_domain_as_project(domain: Domain) -> JsonObject:
    """Return a domain as Keystone lists it among the projects."""
    return {
        **serialize_project(Project(domain.id, domain.name)),
        **serialize_domain(domain),
        "domain_id": None,
        "parent_id": None,
        "is_domain": True,
    }
