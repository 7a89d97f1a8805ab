"""Errors in Keystone's format, with its messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fake_nova.apis.keystone.bodies import error_json_response
from fake_nova.apis.keystone.links import base_url
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.tokens import was_issued_here
from fake_nova.errors import BodyTooLarge, FakeNovaError, Invalid
from fake_nova.wire import checks, hints
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response, reason_phrase
from fake_nova.wire.service import InjectedError

UNAUTHORIZED = "The request you have made requires authentication."

#: The action that a 403 names if a login exchanges a token of the system for one of a project or a domain.
RESCOPING_SYSTEM_TOKEN = (
    "Using a system-scoped token to create a project-scoped or domain-scoped token is not allowed."  # noqa: S105  # a sentence
)

#: The action that a 403 names if a login exchanges the token of an application credential.
DELEGATED_TOKEN = "Using a delegated token to create another token is not allowed."  # noqa: S105  # a sentence


@dataclass(eq=False)
class KeystoneError(FakeNovaError):
    """An error response of Keystone.

    Attributes:
        status: the HTTP status.
        message: Keystone's message.
        reason: an explanation for the hint header; empty if the message is enough.
        identity: the field ``identity`` of the body, which tells how to log in; None if it has none.
    """

    status: int
    message: str
    reason: str = ""
    identity: Mapping[str, Any] | None = None


def unauthorized(reason: str) -> KeystoneError:
    """Return the 401; it is the same for a wrong password, user, domain, project and token."""
    return KeystoneError(401, UNAUTHORIZED, reason)


#: The end of the message of most errors 400.
_MALFORMED = (
    "The server could not comply with the request since it is either malformed or otherwise incorrect. "
    "The client is assumed to be in error."
)


def malformed(problem: str) -> KeystoneError:
    """Return the 400 for a malformed part of a request."""
    return KeystoneError(400, f"{problem} {_MALFORMED}")


def missing_attribute(attribute: str, target: str) -> KeystoneError:
    """Return the 400 for a missing attribute."""
    return malformed(f"Expecting to find {attribute} in {target}.")


def forbidden(action: str) -> KeystoneError:
    """Return the 403 for an action that the caller's roles do not permit; *action* is a policy name or ""."""
    suffix = f": {action}" if action else ""
    return KeystoneError(403, f"You are not authorized to perform the requested action{suffix}.")


def token_not_found(token_id: str) -> KeystoneError:
    """Return the 404 for a token that is missing, foreign, expired or revoked."""
    if not token_id:
        return KeystoneError(404, "No token in the request", hints.NO_TOKEN_HINT + ".")
    if not was_issued_here(token_id):
        return KeystoneError(404, "Could not recognize Fernet token", hints.BAD_TOKEN_HINT)
    return KeystoneError(404, "Failed to validate token", hints.BAD_TOKEN_HINT)


def lost_credential(emulator: Emulator, token_id: str) -> KeystoneError | None:
    """Return the 404 for a token whose application credential was deleted (Keystone 30.0.0, measured)."""
    ids = (cloud.tokens.lost_credential(token_id) for cloud in emulator.clouds().values())
    credential_id = next(filter(None, ids), None)
    if credential_id is None:
        return None
    return KeystoneError(404, f"Could not find Application Credential: {credential_id}.")


def middleware_response(context: Context, error: KeystoneError) -> Response:
    """Return the response for an error with the caller's token, which a middleware writes (measured)."""
    body = {"code": error.status, "title": reason_phrase(error.status), "message": error.message}
    where = [("WWW-Authenticate", f'Keystone uri="{base_url(context)}"')] if error.status == 401 else []
    return json_response({"error": body}, error.status, *where)


def render_injected_error(context: Context, injected_error: InjectedError) -> Response:
    """Render the error of a fault as Keystone does."""
    message = UNAUTHORIZED if injected_error.status == 401 else injected_error.message
    return error_response(context, KeystoneError(injected_error.status, message))


def error_response(context: Context, error: KeystoneError) -> Response:
    """Return the response for an error; a 401 names the URL to log in at."""
    identity = {} if error.identity is None else {"identity": error.identity}
    body = {"code": error.status, "message": error.message, "title": reason_phrase(error.status), **identity}
    where = [("WWW-Authenticate", f'Keystone uri="{base_url(context)}/v3"')] if error.status == 401 else []
    return error_json_response({"error": body}, error.status, *where)


def render_error(context: Context, error: Exception) -> Response | None:
    """Render an error as Keystone does; None for an error that it cannot render."""
    if isinstance(error, BodyTooLarge):
        return checks.too_large_response(context)
    if isinstance(error, Invalid):
        error = KeystoneError(400, error.message)
    return error_response(context, error) if isinstance(error, KeystoneError) else None
