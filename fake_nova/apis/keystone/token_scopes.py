"""The scope of a new token: what a log-in asks for, and whether the user has a role there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from fake_nova.apis.keystone.errors import missing_attribute, unauthorized
from fake_nova.apis.keystone.tables import SCOPE_KINDS
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.people import Domain, Project, User
from fake_nova.support.messages import quote_json

JsonMapping = Mapping[str, Any]


class TokenScope(NamedTuple):
    """The scope of a new token: a project, the system, a domain, or nothing."""

    project: Project | None = None
    system: bool = False
    domain: Domain | None = None


def parse_scope(emulator: Emulator, scope: Any) -> TokenScope:
    """Return the scope that a log-in asks for.

    Raises:
        KeystoneError: 400 if it is malformed; 401 for an unknown project or domain, or a trust.
    """
    if isinstance(scope, str):
        scope = {scope: {}} if scope == "unscoped" else {}
    if sum(kind in scope for kind in SCOPE_KINDS) != 1:
        raise missing_attribute("system, project, domain, OS-TRUST:trust or unscoped", "scope")
    if "unscoped" in scope:
        return TokenScope()
    if "system" in scope:
        return TokenScope(system=True)
    if "domain" in scope:
        return TokenScope(domain=find_domain(emulator, scope["domain"], "scope"))
    if "project" in scope:
        return TokenScope(project=_find_project(emulator, scope["project"]))
    if not scope["OS-TRUST:trust"].get("id"):
        raise missing_attribute("trust_id", "trust")
    raise unauthorized("Trusts are not supported.")


def _find_project(emulator: Emulator, reference: JsonMapping) -> Project:
    """Return the project with an id, or with a name in a domain; KeystoneError if there is none."""
    key = "name" if reference.get("name") else "id"
    domain: Domain | None = None
    if key == "name":
        if "domain" not in reference:
            raise missing_attribute("domain", "project")
        domain = find_domain(emulator, reference["domain"], "project")
    value, directory = reference.get(key), emulator.cloud.directory
    project = directory.find_project(key, value or "", emulator.database, domain)
    if project is None or not (project.enabled and project.domain.enabled):
        raise unauthorized(not_found_reason("project", key, value, directory.projects))
    return project


def not_found_reason(kind: str, key: str, value: object, candidates: Sequence[Project | User]) -> str:
    """Return the explanation of a 401 for an unknown project or user."""
    first_values = ", ".join(quote_json(getattr(candidate, key)) for candidate in candidates[:10]) or "none"
    more = f" and {len(candidates) - 10} more" if len(candidates) > 10 else ""
    return f"No {kind} has the {key} {quote_json(value)}; existing {kind}s: {first_values}{more}."


def find_domain(emulator: Emulator, reference: JsonMapping, kind: str) -> Domain:
    """Return the domain that a client names; KeystoneError 401 if there is none, or it is disabled.

    The database compares names, but not ids.
    """
    key = "name" if reference.get("name") else "id"
    directory, text = emulator.cloud.directory, reference.get(key)
    domain = directory.find_domain(key, text or "", emulator.database)
    if domain is None or not domain.enabled:
        valid = ", ".join(quote_json(getattr(each, key)) for each in directory.domains[:10])
        raise unauthorized(f"The {kind}'s domain has the {key} {quote_json(text)}; existing ones: {valid}.")
    return domain


def require_role(user: User, scope: TokenScope) -> None:
    """Raise a 401 if *user* has no role in *scope*."""
    elsewhere = ", ".join(project.name for project in user.projects[:10]) or "no project"
    place = ""
    if scope.project is not None:
        place = f"project {scope.project.name}"
    elif scope.domain is not None:
        place = f"domain {scope.domain.name}"
    if place and not user.grant(scope.project, scope.domain).roles:
        raise unauthorized(f"User {user.name} has no role in {place}, only in {elsewhere}.")
    if scope.system and not user.grant().roles:
        raise unauthorized(f"User {user.name} has no role in the system; an admin has one.")
