"""Tokens, projects and versions as Keystone writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from fake_nova.apis.keystone.tables import CATALOG, DOMAIN, IMPLIED_ROLES, INTERFACES, REGION, CatalogEntry
from fake_nova.cloud.credentials import AccessRule, ApplicationCredential
from fake_nova.cloud.directory import Project, User
from fake_nova.cloud.tokens import Token

JsonObject = dict[str, Any]

_NAMESPACE: Final = UUID("b1c66f0c-9f5c-5d2e-8f0a-5c2b8f7e6d41")


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


def serialize_catalog(origin: str) -> list[JsonObject]:
    """Return the service catalog; *origin* is the address that the client used."""
    services = []
    for entry in CATALOG:
        endpoints = [_serialize_endpoint(entry.type, name, origin + entry.path) for name in INTERFACES]
        service_id = stable_id("service", entry.type)
        services.append({"endpoints": endpoints, "id": service_id, "type": entry.type, "name": entry.name})
    return services


def _serialize_endpoint(service_type: str, interface: str, url: str) -> JsonObject:
    endpoint_id = stable_id("endpoint", service_type, interface)
    return {"id": endpoint_id, "interface": interface, "region_id": REGION, "url": url, "region": REGION}


def serialize_service(entry: CatalogEntry) -> JsonObject:
    """Return a service as it is listed."""
    return {"name": entry.name, "id": stable_id("service", entry.type), "type": entry.type, "enabled": True}


def serialize_endpoint(entry: CatalogEntry, interface: str, origin: str) -> JsonObject:
    """Return an endpoint as it is listed; *origin* is the address that the client used."""
    return {
        "id": stable_id("endpoint", entry.type, interface),
        "interface": interface,
        "region_id": REGION,
        "service_id": stable_id("service", entry.type),
        "url": origin + entry.path,
        "enabled": True,
        "region": REGION,
    }


def serialize_role(name: str) -> JsonObject:
    """Return a role."""
    role_id = stable_id("role", name)
    return {"id": role_id, "name": name, "domain_id": None, "description": None, "options": {}}


def serialize_access_rule(rule: AccessRule) -> JsonObject:
    """Return an access rule of an application credential."""
    return {"id": rule.id, "service": rule.service, "path": rule.path, "method": rule.method}


def serialize_credential(credential: ApplicationCredential) -> JsonObject:
    """Return an application credential, without the secret. A time has no zone here."""
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
        "roles": [serialize_role(name) for name in credential.roles],
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
        "domain_id": DOMAIN["id"],
        "enabled": True,
        "password_expires_at": None,
        "options": {},
    }


def role_names(token: Token) -> list[str]:
    """Return the names of a token's roles, including implied ones."""
    return sorted({implied_role for role in token.roles for implied_role in IMPLIED_ROLES[role]})


def _in_domain(entity: Project | User) -> JsonObject:
    return {"domain": DOMAIN, "id": entity.id, "name": entity.name}


def serialize_token(token: Token, origin: str, with_catalog: bool) -> JsonObject:
    """Return the body of a response with a token; an unscoped token has neither roles nor catalog."""
    body: JsonObject = {
        "methods": list(token.methods),
        "user": {**_in_domain(token.user), "password_expires_at": None},
        "audit_ids": list(token.audit_ids),
        "expires_at": format_time(token.expires_at),
        "issued_at": format_time(token.issued_at),
    }
    if token.credential is not None:
        body["application_credential"] = _credential_of_token(token.credential)
    if token.project is None and not token.system:
        return {"token": body}
    if token.project is not None:
        body["project"] = _in_domain(token.project)
        body["is_domain"] = False
    else:
        body["system"] = {"all": True}
    body["roles"] = [{"id": stable_id("role", name), "name": name} for name in role_names(token)]
    if with_catalog:
        body["catalog"] = serialize_catalog(origin)
    return {"token": body}


def serialize_project(project: Project) -> JsonObject:
    """Return a project with all its fields."""
    description = "Bootstrap project for initializing the cloud." if project.name == "admin" else ""
    return {
        "id": project.id,
        "name": project.name,
        "domain_id": DOMAIN["id"],
        "description": description,
        "enabled": True,
        "parent_id": DOMAIN["id"],
        "is_domain": False,
        "tags": [],
        "options": {},
    }


def serialize_domain() -> JsonObject:
    """Return the default domain."""
    fields = {"description": "The default domain", "enabled": True, "tags": [], "options": {}}
    return {**DOMAIN, **fields}


def serialize_domain_as_project() -> JsonObject:
    """Return the default domain as Keystone lists it among the projects."""
    return {
        **serialize_project(Project(DOMAIN["id"], DOMAIN["name"])),
        **serialize_domain(),
        "domain_id": None,
        "parent_id": None,
        "is_domain": True,
    }


def stable_id(*parts: str) -> str:
    """Return an id of 32 hexadecimal digits; the same *parts* always give the same id."""
    return uuid5(_NAMESPACE, "/".join(parts)).hex
