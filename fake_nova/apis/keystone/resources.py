"""The objects of the identity service as rows: what is listed and looked up, and how."""

from __future__ import annotations

from typing import Final

from fake_nova.apis.keystone import queries, render, service_catalog
from fake_nova.apis.keystone.collections import Collection
from fake_nova.apis.keystone.policies import Target
from fake_nova.apis.keystone.project_filters import (
    PROJECT_FILTERS,
    JsonObject,
    attribute,
    column,
    expiry,
    federated,
)
from fake_nova.wire.context import Context


def _users(context: Context) -> list[JsonObject]:
    return [render.serialize_user(user) for user in context.cloud.directory.users]


def _projects(context: Context) -> list[JsonObject]:
    """Return the projects, and the domains, which Keystone stores among them."""
    projects = [render.serialize_project(project) for project in context.cloud.directory.projects]
    domains = [render.serialize_domain_as_project(domain) for domain in context.cloud.directory.domains]
    return [*projects, *domains]


def _domains(context: Context) -> list[JsonObject]:
    return [render.serialize_domain(domain) for domain in context.cloud.directory.domains]


def _roles(context: Context) -> list[JsonObject]:
    return [render.serialize_role(role) for role in context.cloud.directory.roles]


def _services(context: Context) -> list[JsonObject]:
    return [render.serialize_service(entry) for entry in service_catalog.services(context.cloud.settings)]


def _endpoints(context: Context) -> list[JsonObject]:
    services = service_catalog.services(context.cloud.settings)
    endpoints = (each for service in services for each in service_catalog.endpoints_of(context, service))
    return [render.serialize_endpoint(endpoint) for endpoint in endpoints]


def _regions(context: Context) -> list[JsonObject]:
    names = service_catalog.regions(context.cloud.settings)
    return [{"id": name, "description": "", "parent_region_id": None} for name in names]


USERS: Final = Collection(
    *("users", "user", _users, queries.USERS),
    filters={
        **dict.fromkeys(("domain_id", "enabled", "name"), column),
        **dict.fromkeys(("idp_id", "protocol_id", "unique_id"), federated),
        "password_expires_at": expiry,
    },
    has_pages=True,
    reads_one_more=True,
    domain_key="domain_id",
    target_of=lambda user: Target(user_id=user["id"], domain_id=user["domain_id"]),
)
#: Nobody can create a group here. Clients look one up to name it in a filter, or before they create it.
GROUPS: Final = Collection(
    *("groups", "group", lambda _: [], queries.GROUPS),
    filters=dict.fromkeys(("domain_id", "name"), column),
    has_pages=True,
    reads_one_more=True,
    domain_key="domain_id",
)
DOMAINS: Final = Collection(
    *("domains", "domain", _domains, queries.DOMAINS),
    filters=dict.fromkeys(("name", "enabled"), column),
    has_pages=True,
    compares_ids=False,
    domain_key="id",
    marker_items=_projects,
    target_of=lambda domain: Target(domain_id=domain["id"]),
)
PROJECTS: Final = Collection(
    *("projects", "project", _projects, queries.PROJECTS),
    filters=PROJECT_FILTERS,
    default_filters=(("is_domain", "0"),),
    has_pages=True,
    domain_key="domain_id",
    target_of=lambda project: Target(project_id=project["id"], domain_id=project["domain_id"]),
)
ROLES: Final = Collection(
    *("roles", "role", _roles, queries.ROLES),
    filters=dict.fromkeys(("name", "domain_id"), column),
    is_found_first=True,
)
SERVICES: Final = Collection(
    *("services", "service", _services, queries.SERVICES), filters={"type": column, "name": attribute}
)
ENDPOINTS: Final = Collection(
    *("endpoints", "endpoint", _endpoints, queries.ENDPOINTS),
    filters=dict.fromkeys(("interface", "service_id", "region_id"), column),
)
REGIONS: Final = Collection(
    *("regions", "region", _regions, queries.REGIONS), filters={"parent_region_id": column}
)
