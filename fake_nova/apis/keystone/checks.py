"""The cloud, the body and the tokens of a request, and the headers of every response."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from fake_nova.apis.keystone import errors
from fake_nova.apis.keystone.authentication import parse_claim
from fake_nova.apis.keystone.errors import render_error
from fake_nova.apis.keystone.project_filters import is_true
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.tokens import Token
from fake_nova.errors import BodyTimeout, BodyTooLarge, FakeNovaError, Invalid
from fake_nova.wire import checks, error_responses, hints, json_body
from fake_nova.wire.access_rules import permit
from fake_nova.wire.context import Context
from fake_nova.wire.request import Request
from fake_nova.wire.response import Headers, Response


def checks_health(context: Context) -> bool:
    """Return whether the path begins with ``healthcheck``, which is not Keystone's own application."""
    return context.request.path.split("/", 3)[2:3] == ["healthcheck"]


def response_headers(context: Context, response: Response) -> Headers:
    """Return the headers of every response; unlike Nova's it has one request id."""
    if response is checks.PREFLIGHT_RESPONSE:
        return ()
    id_header = ("x-openstack-request-id", context.request.request_id)
    return (id_header,) if checks_health(context) else (("Vary", "X-Auth-Token"), id_header)


def parse_json_body(context: Context) -> Response | None:
    """Parse the body. Return 400 if it is not a JSON object; for OPTIONS, an empty 200 instead."""
    if checks_health(context):
        return None
    try:
        context.sensitive_body = _parse_body(context.request)
    except (errors.KeystoneError, BodyTooLarge, Invalid) as error:
        is_preflight = context.request.method == "OPTIONS"
        return checks.PREFLIGHT_RESPONSE if is_preflight else render_error(context, error)
    except BodyTimeout:
        return error_responses.body_timeout_response()
    return None


def check_caller_token(context: Context) -> Response | None:
    """Return a 404 for a token whose application credential was deleted, and a 401 if its rules refuse it."""
    text = context.request.token
    if not text:
        return None
    match = context.emulator.find_token(text)
    if match is None:
        error = errors.lost_credential(context.emulator, text)
        return None if error is None else errors.middleware_response(context, error)
    if permit(match.token, context.request, context.service.name):
        return None
    context.trace.reason = hints.ACCESS_RULES_HINT
    return errors.middleware_response(context, errors.unauthorized(hints.ACCESS_RULES_HINT))


def resolve_cloud(emulator: Emulator, request: Request, _: str) -> tuple[Cloud, None]:
    """Return the cloud of the request's token, else of the user who logs in, else the shared one."""
    token_match = emulator.find_token(request.token) if request.token else None
    if token_match is not None:
        return token_match.cloud, None
    if request.method == "POST":
        with suppress(FakeNovaError):  # `parse_json_body` renders the error
            return _cloud_of_login(emulator, request), None
    return emulator.cloud, None


def _cloud_of_login(emulator: Emulator, request: Request) -> Cloud:
    """Return the cloud of the token in a log-in, else of its user, else the shared one."""
    claim = parse_claim(_parse_body(request).get("auth"), v2=request.path.startswith("/identity/v2"))
    token_match = emulator.find_token(claim.token) if claim.token is not None else None
    if token_match is not None:
        return token_match.cloud
    user_id = claim.user_id
    if claim.credential_id is not None:
        credential = emulator.cloud.directory.find_credential(claim.credential_id, emulator.database)
        user_id = None if credential is None else credential.user_id
    scope = emulator.scope_of_user(claim.name, user_id)
    return emulator.cloud if scope is None else emulator.cloud_for_project(scope.project.id)


def get_body(context: Context) -> dict[str, Any]:
    """Return the parsed body of a request; an empty dict if it has none."""
    return context.sensitive_body or {}


def _parse_body(request: Request) -> dict[str, Any]:
    """Return the parsed body of a request; an empty dict if it has none.

    Raises:
        KeystoneError: 400 for another media type, or if the body is not a JSON object.
        BodyTooLarge, BodyTimeout, Invalid: if the body cannot be read.
    """
    content = request.read_body(checks.MAX_BODY_BYTES)
    if not content:
        return {}
    media_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type not in ("", "application/json") and not media_type.endswith("+json"):
        raise errors.missing_attribute("application/json", "Content-Type header")
    try:
        body = json_body.parse(_to_utf8(content))
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise errors.missing_attribute("valid JSON", "request body")
    return body


def _to_utf8(content: bytes) -> bytes:
    """Return JSON in UTF-8, without a byte order mark. Keystone reads UTF-16 and UTF-32 too (measured)."""
    encoding = json.detect_encoding(content)
    return content if encoding == "utf-8" else content.decode(encoding).encode()


def get_caller_token(context: Context) -> Token:
    """Return the caller's token; KeystoneError 401 if it is missing, unknown, expired or revoked."""
    text = context.request.token or ""
    match = context.emulator.find_token(text)
    if match is None:
        hint = hints.BAD_TOKEN_HINT if text else f"{hints.NO_TOKEN_HINT}."
        raise errors.unauthorized(hint)
    return match.token


def require_subject_token(context: Context, action: str) -> tuple[str, Cloud, Token]:
    """Return the token of X-Subject-Token, with its id and cloud.

    The query ``allow_expired=1`` lets the token be one that expired less than two days ago (Keystone 30.0.0,
    measured).

    Raises:
        KeystoneError: 401 if the caller's token is invalid; 404 if the subject is invalid; 403 if the caller
            is not an admin, and the subject is missing or another user's.
    """
    caller = get_caller_token(context)
    token_id = context.request.header("X-Subject-Token")
    if token_id is None and "admin" not in caller.roles:
        raise errors.forbidden(action)
    value = context.query_params.get("allow_expired", [""])[0]
    allow_expired = is_true(value, default=False)
    match = context.emulator.find_token(token_id, allow_expired=allow_expired) if token_id else None
    if token_id is None or match is None:
        raise errors.lost_credential(context.emulator, token_id or "") or errors.token_not_found(
            token_id or ""
        )
    cloud, token = match
    if not _shows_access_rules(context, token):
        raise errors.token_not_found(token_id)
    if token.user != caller.user and "admin" not in caller.roles:
        raise errors.forbidden(action)
    return token_id, cloud, token


def _shows_access_rules(context: Context, token: Token) -> bool:
    """Return whether a token may be shown: one with access rules only to a service that knows them.

    Keystone's middleware says so in a header. Such a token cannot be revoked (Keystone 30.0.0, measured).
    """
    if token.credential is None or token.credential.access_rules is None:
        return True
    if context.request.method == "DELETE":
        return False
    try:
        return float(context.request.header("OpenStack-Identity-Access-Rules") or 0) >= 1
    except ValueError:
        return False
