"""Keystone's API v2.0, for old clients; Keystone 30.0.0 no longer has it."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.keystone import render, service_catalog
from fake_nova.apis.keystone.authentication import log_in
from fake_nova.apis.keystone.checks import get_body, get_caller_token
from fake_nova.apis.keystone.errors import missing_attribute
from fake_nova.apis.keystone.links import base_url
from fake_nova.apis.keystone.views import error_page
from fake_nova.cloud.directory import Project
from fake_nova.cloud.people import DEFAULT_DOMAIN
from fake_nova.cloud.roles import stable_id
from fake_nova.cloud.tokens import Token
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def version(context: Context) -> Response:
    """Show version v2.0."""
    if not context.cloud.dialect.has_identity_v2:
        return _removed_version(context)
    return json_response({"version": render.serialize_version_2(base_url(context))})


def _removed_version(context: Context) -> Response:
    """Respond as Keystone without this version does."""
    context.trace.reason = "Keystone no longer has API v2.0; use /identity/v3, or dialect huaweicloud."
    return error_page(404)


def tenants(context: Context) -> Response:
    """List the projects of the caller, which v2.0 calls tenants."""
    if not context.cloud.dialect.has_identity_v2:
        return _removed_version(context)
    tenants = list(map(_tenant, get_caller_token(context).user.projects))
    return json_response({"tenants": tenants, "tenants_links": []})


def _tenant(project: Project) -> dict[str, Any]:
    return {"id": project.id, "name": project.name, "description": "", "enabled": True}


def issue(context: Context) -> Response:
    """Issue a token. Unlike in v3, its id is in the body."""
    if not context.cloud.dialect.has_identity_v2:
        return _removed_version(context)
    auth = _to_v3_auth(get_body(context).get("auth"))
    token_id, token = log_in(context.emulator, auth, context.request.origin)
    return json_response({"access": _serialize_access(context, token_id, token)})


def _to_v3_auth(auth: Any) -> Any:
    """Return the ``auth`` of v3 for one of v2.0."""
    if not isinstance(auth, dict):
        raise missing_attribute("auth", "request body")
    domain = {"id": DEFAULT_DOMAIN.id}
    identity: dict[str, Any]
    if isinstance(auth.get("token"), dict):
        identity = {"methods": ["token"], "token": auth["token"]}
    elif isinstance(auth.get("passwordCredentials"), dict):
        credentials = auth["passwordCredentials"]
        user = {"name": credentials.get("username"), "domain": domain}
        if "userId" in credentials:
            user = {"id": credentials["userId"]}
        user["password"] = credentials.get("password")
        identity = {"methods": ["password"], "password": {"user": user}}
    else:
        raise missing_attribute("passwordCredentials or token", "auth")
    v3_auth: dict[str, Any] = {"identity": identity}
    if auth.get("tenantId"):
        v3_auth["scope"] = {"project": {"id": auth["tenantId"]}}
    elif auth.get("tenantName"):
        v3_auth["scope"] = {"project": {"name": auth["tenantName"], "domain": domain}}
    return v3_auth


def _serialize_access(context: Context, token_id: str, token: Token) -> dict[str, Any]:
    token_body: dict[str, Any] = {
        "id": token_id,
        "expires": render.format_time(token.expires_at)[:-8] + "Z",
        "issued_at": render.format_time(token.issued_at),
        "audit_ids": list(token.audit_ids),
    }
    roles = sorted(token.roles)
    catalog: list[dict[str, Any]] = []
    if token.project is not None:
        token_body["tenant"] = _tenant(token.project)
        catalog = _serialize_catalog(context, token.project.id)
    user = {"id": token.user.id, "name": token.user.name, "username": token.user.name}
    return {
        "token": token_body,
        "user": {**user, "roles": [{"name": role} for role in roles], "roles_links": []},
        "metadata": {"is_admin": 0, "roles": [stable_id("role", role) for role in roles]},
        "serviceCatalog": catalog,
    }


def _serialize_catalog(context: Context, project_id: str) -> list[dict[str, Any]]:
    services = []
    for entry in service_catalog.services(context.cloud.settings):
        url = service_catalog.version_2_url(context, entry, project_id)
        urls = dict.fromkeys(("publicURL", "internalURL", "adminURL"), url)
        endpoint_id = stable_id("endpoint", entry.type)
        regions = service_catalog.regions(context.cloud.settings)
        endpoints = [{"id": endpoint_id, "region": region, **urls} for region in regions]
        service = {"type": entry.type, "name": entry.name}
        services.append({**service, "endpoints": endpoints, "endpoints_links": []})
    return services
