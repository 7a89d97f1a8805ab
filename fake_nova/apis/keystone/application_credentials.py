"""Application credentials and access rules of users (Keystone 30.0.0, measured)."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, Final
from uuid import uuid4

from fake_nova.apis.keystone import policies, queries, render
from fake_nova.apis.keystone.bodies import resource_response
from fake_nova.apis.keystone.checks import get_body, get_caller_token
from fake_nova.apis.keystone.collections import list_response, path_parameter, with_link
from fake_nova.apis.keystone.errors import KeystoneError, forbidden, malformed
from fake_nova.apis.keystone.policies import Target
from fake_nova.apis.keystone.project_filters import JsonObject, column, select
from fake_nova.cloud.credentials import AccessRule, ApplicationCredential
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.roles import with_implied
from fake_nova.cloud.tokens import Token
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

_TEXT: Final = {"type": "string"}
_TEXT_OR_NULL: Final = {"type": ["string", "null"]}

_ACCESS_RULE: Final = {
    "type": "object",
    "properties": {
        "id": queries.ID,
        "path": {"type": "string", "minLength": 0, "maxLength": 225, "pattern": r"^/\.*"},
        "service": queries.ID,
        "method": {"type": "string", "enum": ["DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"]},
    },
}
_ROLE: Final = {
    "type": "object",
    "properties": {"id": queries.ID, "name": queries.NAME},
    "minProperties": 1,
    "maxProperties": 1,
    "additionalProperties": False,
}

#: The JSON Schema of the body that creates an application credential, in Keystone's order.
_CREATE_SCHEMA: Final[Schema] = {
    "type": "object",
    "properties": {
        "application_credential": {
            "type": "object",
            "properties": {
                "id": _TEXT,
                "secret": _TEXT_OR_NULL,
                "name": queries.NAME,
                "description": _TEXT_OR_NULL,
                "expires_at": _TEXT_OR_NULL,
                "project_id": _TEXT,
                "access_rules": {"type": "array", "items": _ACCESS_RULE},
                "unrestricted": {"type": ["boolean", "null"]},
                "system": _TEXT_OR_NULL,
                "roles": {"type": "array", "items": _ROLE},
            },
            "additionalProperties": False,
            "required": ["name"],
        }
    },
    "required": ["application_credential"],
    "additionalProperties": False,
}

_KEY: Final = "application_credentials"

#: The action that a 403 names if the token of a restricted credential manages credentials.
_RESTRICTED: Final = (
    "Using method 'application_credential' is not allowed for managing additional application credentials."
)


def create(context: Context) -> Response:
    """Create an application credential for the caller, in the project of the caller's token."""
    body = get_body(context)
    queries.check_body(body, _CREATE_SCHEMA)
    caller = get_caller_token(context)
    user_id = path_parameter(context, "user_id")
    policies.require("identity:create_application_credential", caller, Target(user_id=user_id))
    _require_unrestricted(caller)
    values = body["application_credential"]
    roles = _read_roles(values.get("roles"), caller, context.cloud.directory)
    expires_at = _read_expiry(values.get("expires_at"), context.cloud.clock.now())
    directory = context.cloud.directory
    new_rules = values.get("access_rules")
    credential = ApplicationCredential(
        id=uuid4().hex,
        name=values["name"],
        secret=values.get("secret") or _random_secret(),
        user_id=user_id,
        project_id=None if caller.project is None else caller.project.id,
        roles=roles,
        description=values.get("description"),
        expires_at=expires_at,
        unrestricted=values.get("unrestricted"),
        access_rules=_read_rules(new_rules, user_id, directory) if new_rules else None,
        system=values.get("system"),
    )
    context.emulator.change_directory(lambda present: _with_credential(context, present, credential))
    return resource_response(
        {"application_credential": {**_show(context, credential), "secret": credential.secret}}, 201
    )


def _with_credential(context: Context, directory: Directory, credential: ApplicationCredential) -> Directory:
    """Return a directory with a new credential; raise a 409 if the user has one with this name."""
    database = context.emulator.database
    if any(
        database.are_equal(each.name, credential.name)
        for each in directory.credentials_of(credential.user_id)
    ):
        conflict = "Conflict occurred attempting to store application_credential"
        raise KeystoneError(409, f"{conflict} - Duplicate entry found with name {credential.name}.")
    return directory.extended(credentials=[credential], access_rules=credential.access_rules or ())


def _require_unrestricted(caller: Token) -> None:
    if caller.credential is not None and not caller.credential.unrestricted:
        raise forbidden(_RESTRICTED)


def _read_roles(
    references: Iterable[Mapping[str, str]] | None, caller: Token, directory: Directory
) -> tuple[str, ...]:
    """Return the names of the roles of a new credential: the caller's, or some of them.

    Raises:
        KeystoneError: 404 for an unknown name of a role; 400 for a role that the caller does not have.
    """
    names: list[str] = []
    for reference in references or ():
        key, text = next(iter(reference.items()))
        name = next((role.name for role in directory.roles if getattr(role, key) == text), None)
        if name is None and key == "name":
            raise KeystoneError(404, f"Role {text} is not defined")
        names.append(name or "")
    roles = with_implied(names, directory.roles) if references else caller.roles
    if not roles <= caller.roles:
        detail = "Cannot create an application credential with unassigned role"
        raise KeystoneError(400, f"Invalid application credential: {detail}")
    return tuple(sorted(roles))


def _read_expiry(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        expires_at = timestamps.parse(text if text.endswith("Z") else f"{text}Z")
    except ValueError:
        raise malformed("Timestamp not in expected format.") from None
    if expires_at < now:
        raise malformed("The 'expires_at' must not be before now.")
    return expires_at


def _read_rules(
    documents: Iterable[Mapping[str, str]], user_id: str, directory: Directory
) -> tuple[AccessRule, ...]:
    """Return the access rules of a new credential; a rule like one that the user has is that one.

    Raises:
        KeystoneError: 400 for an unknown id, or a rule without a part; the real service responds 500.
    """
    rules: list[AccessRule] = []
    for document in documents:
        parts = tuple(document.get(key) for key in ("service", "path", "method"))
        own_rules = (rule for rule in directory.access_rules if rule.user_id == user_id)
        rule = next((each for each in own_rules if each.id == document.get("id") or each[2:] == parts), None)
        if rule is None and ("id" in document or None in parts):
            problem = (
                f"invalid access rule (got {dict(document)}); expected service, path and method, or an id"
            )
            raise KeystoneError(400, problem, "Keystone 30.0.0 fails here with a 500.")
        rules.append(rule or AccessRule(uuid4().hex, user_id, *map(str, parts)))
    return tuple(rules)


def _random_secret() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(64)).rstrip(b"=").decode("ascii")


def _show(context: Context, credential: ApplicationCredential) -> JsonObject:
    roles = context.cloud.directory.roles_by_name
    return with_link(context, _KEY, render.serialize_credential(credential, roles))


def list_all(context: Context) -> Response:
    """List the application credentials of a user."""
    if "limit" in context.query_params:
        message = "limit: not supported for application credentials"
        raise KeystoneError(400, message, "Keystone 30.0.0 fails here with a 500.")
    user_id = path_parameter(context, "user_id")
    policies.require(
        "identity:list_application_credentials", get_caller_token(context), Target(user_id=user_id)
    )
    credentials = context.cloud.directory.credentials_of(user_id)
    if context.emulator.database.compares_exactly:
        credentials.sort(key=attrgetter("name"))  # SQLite reads them from an index of the names
    roles = context.cloud.directory.roles_by_name
    items = [render.serialize_credential(each, roles) for each in credentials]
    params = ((name, text) for name, values in context.query_params.items() for text in values)
    items = select(items, params, {"name": column}, context.emulator.database)
    return list_response(context, _KEY, [with_link(context, _KEY, item) for item in items])


def _find(context: Context, action: str) -> ApplicationCredential:
    """Return the credential that the path names. The policy looks at its user, and not at the path's.

    Raises:
        KeystoneError: 401 without a valid token; 403 if the policy forbids it; 404 for an unknown id.
    """
    caller = get_caller_token(context)
    credential_id = path_parameter(context, "application_credential_id")
    credential = context.cloud.directory.find_credential(credential_id, context.emulator.database)
    user_id = path_parameter(context, "user_id") if credential is None else credential.user_id
    policies.require(f"identity:{action}_application_credential", caller, Target(user_id=user_id))
    if action == "delete":
        _require_unrestricted(caller)
    if credential is None:
        raise KeystoneError(404, f"Could not find Application Credential: {credential_id}.")
    return credential


def show(context: Context) -> Response:
    """Show an application credential, without its secret."""
    return resource_response({"application_credential": _show(context, _find(context, "get"))})


def delete(context: Context) -> Response:
    """Delete an application credential; its tokens end."""
    credential_id = _find(context, "delete").id
    context.emulator.change_directory(
        lambda present: present.replace(
            credentials=[each for each in present.credentials if each.id != credential_id]
        )
    )
    return Response(204)


def _own_rules(context: Context, action: str) -> list[AccessRule]:
    """Return the access rules of the user that the path names; KeystoneError 401 or 403 as for `_find`."""
    caller = get_caller_token(context)
    user = context.cloud.directory.find_user(
        "id", path_parameter(context, "user_id"), context.emulator.database
    )
    user_id = None if user is None else user.id
    policies.require(f"identity:{action}", caller, Target(user_id=user_id))
    return [rule for rule in context.cloud.directory.access_rules if rule.user_id == user_id]


def _find_rule(context: Context, action: str) -> AccessRule:
    rule_id = path_parameter(context, "access_rule_id")
    rule = next((each for each in _own_rules(context, action) if each.id == rule_id), None)
    if rule is None:
        raise KeystoneError(404, f"Could not find Access Rule: {rule_id}.")
    return rule


def _show_rule(context: Context, rule: AccessRule) -> dict[str, Any]:
    return with_link(context, "access_rules", render.serialize_access_rule(rule))


def list_rules(context: Context) -> Response:
    """List the access rules of a user's application credentials."""
    rules = [_show_rule(context, rule) for rule in _own_rules(context, "list_access_rules")]
    params = ((name, text) for name, values in context.query_params.items() for text in values)
    filters = dict.fromkeys(("service", "path", "method"), column)
    return list_response(context, "access_rules", select(rules, params, filters, context.emulator.database))


def show_rule(context: Context) -> Response:
    """Show an access rule."""
    return resource_response({"access_rule": _show_rule(context, _find_rule(context, "get_access_rule"))})


def delete_rule(context: Context) -> Response:
    """Delete an access rule that no application credential has."""
    rule = _find_rule(context, "delete_access_rule")
    if any(rule in (each.access_rules or ()) for each in context.cloud.directory.credentials):
        raise KeystoneError(403, "May not delete access rule in use")
    context.emulator.change_directory(
        lambda present: present.replace(access_rules=[each for each in present.access_rules if each != rule])
    )
    return Response(204)
