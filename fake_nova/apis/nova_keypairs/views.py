"""The views of key pairs."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from secrets import token_bytes
from typing import Any, Final

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.paging import after_marker, next_url, parse_limit
from fake_nova.apis.nova_common.policies import forbidden_error
from fake_nova.apis.nova_common.requests import (
    NovaQuery,
    is_legacy,
    json_response,
    minor_version,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.validation import (
    LIMIT,
    RELAXED_NAME,
    STRICT_NAME,
    TEXT,
    check_body,
    check_storable,
)
from fake_nova.cloud.keypairs import X509, KeyPair, fingerprint_of
from fake_nova.cloud.public_keys import certificate_fingerprint_of, check_public_key
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

Document = dict[str, Any]

#: The first minor versions with a change: the type of a key, the user of another one, pages, names with
#: ``@`` and ``.``, and no more keys that Nova creates.
_TYPE_SINCE: Final = 2
_USER_SINCE: Final = 10
_PAGES_SINCE: Final = 35
_STRICT_SINCE: Final = 75
_IMPORT_ONLY_SINCE: Final = 92

#: The number of random bytes in a key that the service creates.
_KEY_BYTES: Final = 32


@cache
def _user_schema(minor: int) -> Schema:
    return query_schema(minor, _STRICT_SINCE, {"user_id": TEXT} if minor >= _USER_SINCE else {})


@cache
def _list_schema(minor: int) -> Schema:
    properties = dict(_user_schema(minor)["properties"])
    if minor >= _PAGES_SINCE:
        properties |= {"limit": LIMIT, "marker": TEXT}
    return query_schema(minor, _STRICT_SINCE, properties)


def _name_schema(minor: int, is_legacy_request: bool) -> Schema:
    if is_legacy_request:
        return RELAXED_NAME
    letters = r"^[_\- a-zA-Z0-9]+$" if minor < _IMPORT_ONLY_SINCE else r"^[_\-\@\. a-zA-Z0-9]+$"
    return {"allOf": [STRICT_NAME, {"type": "string", "minLength": 1, "maxLength": 255, "pattern": letters}]}


@cache
def _create_schema(minor: int, is_legacy_request: bool) -> Schema:
    properties: dict[str, Mapping[str, Any]] = {
        "name": _name_schema(minor, is_legacy_request),
        "public_key": {"type": "string"},
    }
    if minor >= _TYPE_SINCE:
        properties["type"] = {"type": "string", "enum": ["ssh", "x509"]}
    if minor >= _USER_SINCE:
        properties["user_id"] = {"type": "string"}
    keypair = {
        "type": "object",
        "properties": properties,
        "required": ["name"] if minor < _IMPORT_ONLY_SINCE else ["name", "public_key"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"keypair": keypair},
        "required": ["keypair"],
        "additionalProperties": False,
    }


def index(context: Context) -> Response:
    """List the key pairs of a user."""
    minor = minor_version(context)
    query = read_query(context, _list_schema(minor), legacy_too=True)
    user_id = _user_id(context, query.values.get("user_id", [None])[0], "index")
    keypairs = context.cloud.keypairs.of_user(user_id)
    if minor < _PAGES_SINCE:
        return json_response(context, 200, {"keypairs": [_summary(keypair, minor) for keypair in keypairs]})
    return _page_response(context, query, keypairs)


def _page_response(context: Context, query: NovaQuery, keypairs: list[KeyPair]) -> Response:
    marker = query.last.get("marker")
    remaining_keypairs = after_marker(keypairs, marker, lambda keypair: keypair.name)
    if remaining_keypairs is None:
        raise NovaError(400, f"Marker {marker} could not be found.")
    page = remaining_keypairs[: parse_limit(query)]
    body: Document = {"keypairs": [_summary(keypair, query.minor) for keypair in page]}
    link_builder = links.link_builder(context, query.url_query)
    url = next_url(query, link_builder, "os-keypairs", [keypair.name for keypair in page])
    if url is not None:
        body["keypairs_links"] = [{"rel": "next", "href": url}]
    return json_response(context, 200, body)


def show(context: Context) -> Response:
    """Show one key pair."""
    user_id = _requested_user_id(context, "show")
    keypair = context.cloud.keypairs.get(user_id, _name(context))
    if keypair is None:
        raise _not_found_error(context, user_id)
    numbers = {each: number for number, each in enumerate(context.cloud.keypairs.all(), 1)}
    body = {
        "name": keypair.name,
        "public_key": keypair.public_key,
        "fingerprint": _fingerprint(keypair),
        "user_id": user_id,
        "created_at": timestamps.isoformat_microseconds(keypair.created_at),
        "deleted": False,
        "deleted_at": None,
        "id": numbers[keypair],
        "updated_at": None,
    }
    return json_response(context, 200, {"keypair": _with_type(body, keypair, minor_version(context))})


def create(context: Context) -> Response:
    """Import a public key, or create a key pair. A private key is random bytes, which open nothing."""
    minor = minor_version(context)
    if context.json_body is None:
        raise NovaError(400, "None is not of type 'object'")
    check_body(context.json_body, _create_schema(minor, is_legacy(context)), is_legacy(context))
    check_storable(context.json_body)
    params = context.json_body["keypair"]
    user_id = _user_id(context, params.get("user_id"), "create")
    limit = context.cloud.quotas_of(context.caller.project_id).key_pairs
    if 0 <= limit <= len(context.cloud.keypairs.of_user(user_id)):
        raise NovaError(403, "Quota exceeded, too many key pairs.")
    key_type = params.get("type", "ssh")
    private_key = None
    public_key = params.get("public_key")
    if public_key is None:
        secret = b64encode(token_bytes(_KEY_BYTES)).decode()
        private_key = f"-----BEGIN RSA PRIVATE KEY-----\n{secret}\n-----END RSA PRIVATE KEY-----\n"
        public_key = _new_public_key(key_type)
    keypair = KeyPair(user_id, params["name"].strip(), public_key, context.cloud.clock.now(), key_type)
    if private_key is None:
        _check_import(keypair)
    fingerprint = _fingerprint(keypair)
    if not context.cloud.keypairs.add(keypair):
        raise NovaError(409, f"Key pair '{keypair.name}' already exists.")
    body = {"name": keypair.name, "public_key": public_key, "fingerprint": fingerprint, "user_id": user_id}
    if private_key is not None:
        body["private_key"] = private_key
    status = 201 if minor >= _TYPE_SINCE else 200
    return json_response(context, status, {"keypair": _with_type(body, keypair, minor)})


def _new_public_key(key_type: str) -> str:
    """Return random bytes as a public key, or as a certificate."""
    if key_type == X509:
        sequence = bytes((0x30, _KEY_BYTES)) + token_bytes(_KEY_BYTES)
        return f"-----BEGIN CERTIFICATE-----\n{b64encode(sequence).decode()}\n-----END CERTIFICATE-----\n"
    return f"ssh-rsa {b64encode(token_bytes(_KEY_BYTES)).decode()} Generated-by-Nova"


def delete(context: Context) -> Response:
    """Delete one key pair."""
    user_id = _requested_user_id(context, "delete")
    if not context.cloud.keypairs.remove(user_id, _name(context)):
        raise _not_found_error(context, user_id)
    return Response(204 if minor_version(context) >= _TYPE_SINCE else 202, (content_type_header(context),))


def _name(context: Context) -> str:
    return context.path_params["keypair_name"]  # as bytes in Latin-1: Nova decodes no UTF-8 in paths


def _requested_user_id(context: Context, rule: str) -> str:
    """Return the user whose key pair a request names."""
    query = read_query(context, _user_schema(minor_version(context)), legacy_too=True)
    return _user_id(context, query.values.get("user_id", [None])[0], rule)


def _user_id(context: Context, requested_id: str | None, rule: str) -> str:
    """Return the requested user, or the caller; NovaError 403 if the caller may not act for that user."""
    own_id = _caller_id(context)
    if requested_id and requested_id != own_id and not context.caller.is_admin:
        raise forbidden_error(f"os-keypairs:{rule}")
    return requested_id or own_id


def _caller_id(context: Context) -> str:
    """Return the id of the user who sends a request; without a token, that of the default user, or ""."""
    if context.token is not None:
        return context.token.user.id
    user = context.cloud.default_user
    return "" if user is None else user.id


def _not_found_error(context: Context, user_id: str) -> NovaError:
    return NovaError(404, f"Keypair {_name(context)} not found for user {user_id}")


def _with_type(body: Document, keypair: KeyPair, minor: int) -> Document:
    return {**body, "type": keypair.type} if minor >= _TYPE_SINCE else body


def _summary(keypair: KeyPair, minor: int) -> Document:
    body = {"name": keypair.name, "public_key": keypair.public_key, "fingerprint": _fingerprint(keypair)}
    return {"keypair": _with_type(body, keypair, minor)}


def _fingerprint(keypair: KeyPair) -> str:
    """Return the fingerprint of a key pair; NovaError 400 if its public key has none."""
    try:
        return fingerprint_of(keypair)
    except ValueError as error:
        raise _bad_key_error(keypair, error) from None


def _check_import(keypair: KeyPair) -> None:
    """Raise a 400 if the public key of a key pair is invalid."""
    check = certificate_fingerprint_of if keypair.type == X509 else check_public_key
    try:
        check(keypair.public_key)
    except ValueError as error:
        raise _bad_key_error(keypair, error) from None


def _bad_key_error(keypair: KeyPair, error: ValueError) -> NovaError:
    problem = "failed to generate fingerprint"
    if keypair.type == X509:
        problem = f"failed to generate X509 fingerprint. Error message: {error}"
    return NovaError(400, f"Keypair data is invalid: {problem}")
