"""Keystone v2.0, as clients of that age speak it; the recorded service has dropped it."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.keystone import render
from fake_nova.apis.keystone.authentication import log_in
from fake_nova.apis.keystone.errors import expecting
from fake_nova.apis.keystone.links import root
from fake_nova.apis.keystone.tables import CATALOGUE, DOMAIN, REGION, made_id
from fake_nova.apis.keystone.views import body_of, caller_of, missing_page
from fake_nova.cloud.directory import Project
from fake_nova.cloud.tokens import Token
from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call


def version(call: Call) -> Answer:
    """Show what v2.0 is."""
    if not call.dialect.identity_v2:
        return missing_page()
    return nova_errors.document({"version": render.version_2(root(call))})


def tenants(call: Call) -> Answer:
    """List the projects that the caller's token may be scoped to, as v2.0 calls them."""
    if not call.dialect.identity_v2:
        return missing_page()
    return nova_errors.document({"tenants": [_tenant(caller_of(call).user.project)], "tenants_links": []})


def _tenant(project: Project) -> dict[str, Any]:
    return {"id": project.id, "name": project.name, "description": "", "enabled": True}


def issue(call: Call) -> Answer:
    """Issue a token; unlike v3's, its text is in the body."""
    if not call.dialect.identity_v2:
        return missing_page()
    text, token = log_in(call.emulator, _as_v3(body_of(call).get("auth")))
    return nova_errors.document({"access": _access(text, token, call.origin)})


def _as_v3(auth: Any) -> Any:
    """Say what a v2.0 client says of itself as a v3 client would."""
    if not isinstance(auth, dict):
        raise expecting("auth", "request body")
    domain = {"id": DOMAIN["id"]}
    identity: dict[str, Any]
    if isinstance(auth.get("token"), dict):
        identity = {"methods": ["token"], "token": auth["token"]}
    elif isinstance(auth.get("passwordCredentials"), dict):
        given = auth["passwordCredentials"]
        user = {"name": given.get("username"), "domain": domain, "password": given.get("password")}
        if "userId" in given:
            user = {"id": given["userId"], "password": given.get("password")}
        identity = {"methods": ["password"], "password": {"user": user}}
    else:
        raise expecting("passwordCredentials or token", "auth")
    said: dict[str, Any] = {"identity": identity}
    if auth.get("tenantId"):
        said["scope"] = {"project": {"id": auth["tenantId"]}}
    elif auth.get("tenantName"):
        said["scope"] = {"project": {"name": auth["tenantName"], "domain": domain}}
    return said


def _access(text: str, token: Token, origin: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": text,
        "expires": render.moment(token.expires_at)[:-8] + "Z",
        "issued_at": render.moment(token.issued_at),
        "audit_ids": list(token.audit_ids),
    }
    roles = render.role_names(token)
    if token.project is not None:
        shown["tenant"] = _tenant(token.project)
    return {
        "token": shown,
        "user": {
            "id": token.user.id,
            "name": token.user.name,
            "username": token.user.name,
            "roles": [{"name": role} for role in roles],
            "roles_links": [],
        },
        "metadata": {"is_admin": 0, "roles": [made_id("role", role) for role in roles]},
        "serviceCatalog": _catalogue(origin) if token.project is not None else [],
    }


def _catalogue(origin: str) -> list[dict[str, Any]]:
    services = []
    for entry in CATALOGUE:
        path = "/identity/v2.0" if entry.type == "identity" else entry.path
        urls = dict.fromkeys(("publicURL", "internalURL", "adminURL"), origin + path)
        endpoints = [{"id": made_id("endpoint", entry.type), "region": REGION, **urls}]
        services.append(
            {"type": entry.type, "name": entry.name, "endpoints": endpoints, "endpoints_links": []}
        )
    return services
