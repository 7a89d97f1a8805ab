"""Creating, changing and deleting domains (Keystone 30.0.0, measured)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID, uuid4

from fake_nova.apis.keystone import policies, queries
from fake_nova.apis.keystone.checks import get_body, get_caller_token
from fake_nova.apis.keystone.collections import find_permitted, member_response
from fake_nova.apis.keystone.errors import KeystoneError
from fake_nova.apis.keystone.people_changes import (
    TAG,
    TEXT_OR_NULL,
    check_name,
    is_enabled,
    is_used,
    member_schema,
    update_schema,
)
from fake_nova.apis.keystone.render import serialize_domain
from fake_nova.apis.keystone.resources import DOMAINS
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.directory_changes import with_changed_domain, without_domain
from fake_nova.cloud.people import DEFAULT_DOMAIN, Domain
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

_PROPERTIES: Final = {
    "description": TEXT_OR_NULL,
    "enabled": queries.BOOLEAN,
    "name": queries.SHORT_NAME,
    "tags": {"type": "array", "items": TAG, "maxItems": 80, "uniqueItems": True},
}
_CREATE_SCHEMA: Final = member_schema("domain", {"explicit_domain_id": queries.ID, **_PROPERTIES})
_UPDATE_SCHEMA: Final = update_schema("domain", _PROPERTIES)

#: Domains as a change looks for them: an unknown id is a 404 before the policy is checked.
_DOMAINS: Final = replace(DOMAINS, is_found_first=True)


def _require_unused_name(context: Context, directory: Directory, domain: Domain) -> None:
    others = [each.name for each in directory.domains if each.id != domain.id]
    if is_used(context, domain.name, others):
        raise _duplicate(domain)


def _duplicate(domain: Domain) -> KeystoneError:
    conflict = "Conflict occurred attempting to store project"
    problem = "it is not permitted to have two projects acting as domains with the same name"
    return KeystoneError(409, f"{conflict} - {problem}: {domain.name}.")


def create_domain(context: Context) -> Response:
    """Create a domain."""
    body = get_body(context)
    queries.check_body(body, _CREATE_SCHEMA)
    policies.require("identity:create_domain", get_caller_token(context))
    values = body["domain"]
    domain = Domain(
        _read_id(values.get("explicit_domain_id")),
        values["name"].strip(),
        description=values.get("description") or "",
        enabled=is_enabled(values),
    )
    check_name(context, domain.name)

    def with_domain(directory: Directory) -> Directory:
        _require_unused_name(context, directory, domain)
        if directory.find_domain("id", domain.id, context.emulator.database) is not None:
            raise _duplicate(domain)
        return directory.extended(domains=[domain])

    context.emulator.change_directory(with_domain)
    return member_response(context, DOMAINS, serialize_domain(domain), 201)


def _read_id(text: str | None) -> str:
    """Return the id that a client gives to a domain, or a new one.

    Raises:
        KeystoneError: 400 if it is not a UUID.
    """
    if text is None:
        return uuid4().hex
    try:
        UUID(text)
    except ValueError:
        raise KeystoneError(400, "Domain ID does not conform to required UUID format.") from None
    return text


def change_domain(context: Context, domain_id: str, values: Mapping[str, Any]) -> Domain:
    """Change the domain with an id, and return it. Being disabled ends the tokens of its users and projects.

    Raises:
        KeystoneError: 403 for the default domain, which fixtures cannot change; 409 for a name in use.
    """
    if domain_id == DEFAULT_DOMAIN.id:
        raise KeystoneError(403, f"The domain {DEFAULT_DOMAIN.name} cannot be changed here.")
    (domain,) = (each for each in context.cloud.directory.domains if each.id == domain_id)
    domain = domain._replace(
        name=values.get("name", domain.name).strip(),
        description=values.get("description", domain.description) or "",
        enabled=is_enabled(values) if "enabled" in values else domain.enabled,
    )
    check_name(context, domain.name)

    def with_change(directory: Directory) -> Directory:
        _require_unused_name(context, directory, domain)
        return with_changed_domain(directory, domain)

    context.emulator.change_directory(with_change)
    return domain


def update_domain(context: Context) -> Response:
    """Change a domain."""
    body = get_body(context)
    queries.check_body(body, _UPDATE_SCHEMA)
    item = find_permitted(context, _DOMAINS, "identity:update_domain")
    return member_response(
        context, DOMAINS, serialize_domain(change_domain(context, item["id"], body["domain"]))
    )


def delete_domain(context: Context) -> Response:
    """Delete a disabled domain, with its projects and users."""
    item = find_permitted(context, _DOMAINS, "identity:delete_domain")
    if item["enabled"]:
        raise KeystoneError(403, "Cannot delete a domain that is enabled, please disable it first.")
    context.emulator.change_directory(lambda directory: without_domain(directory, item["id"]))
    return Response(204)
