"""What the identity service refuses, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fake_nova.apis.keystone.links import base_url
from fake_nova.cloud.tokens import was_issued_here
from fake_nova.errors import FakeNovaError
from fake_nova.wire import hints
from fake_nova.wire.response import Response, json_response, reason_phrase
from fake_nova.wire.service import Context, InjectedError

UNAUTHORIZED = "The request you have made requires authentication."


@dataclass(eq=False)
class KeystoneError(FakeNovaError):
    """A refusal: status and message, why it is, and what a client is told of how it may log in."""

    status: int
    message: str
    reason: str = ""
    identity: Mapping[str, Any] | None = None


def unauthorized(reason: str) -> KeystoneError:
    """Return the one 401 that a wrong password, user, domain, project or token has in common."""
    return KeystoneError(401, UNAUTHORIZED, reason)


def missing_attribute(attribute: str, target: str) -> KeystoneError:
    """Return the 400 for something that is missing."""
    return KeystoneError(
        400,
        f"Expecting to find {attribute} in {target}. The server could not comply with the "
        f"request since it is "
        "either malformed or otherwise incorrect. The client is assumed to be in error.",
    )


def forbidden(action: str) -> KeystoneError:
    """Return the 403 for an action that the caller's roles do not allow."""
    suffix = f": {action}" if action else ""
    return KeystoneError(403, f"You are not authorized to perform the requested action{suffix}.")


def token_not_found(token_id: str) -> KeystoneError:
    """Return the 404 for a text that stands for no token: none, none of ours, or one that is over."""
    if not token_id:
        return KeystoneError(404, "No token in the request", hints.NO_TOKEN_HINT + ".")
    if not was_issued_here(token_id):
        return KeystoneError(404, "Could not recognize Fernet token", hints.BAD_TOKEN_HINT)
    return KeystoneError(404, "Failed to validate token", hints.BAD_TOKEN_HINT)


def render_injected_error(context: Context, injected_error: InjectedError) -> Response:
    """Word an error that a fault asks for."""
    message = UNAUTHORIZED if injected_error.status == 401 else injected_error.message
    return error_response(context, KeystoneError(injected_error.status, message))


def error_response(context: Context, error: KeystoneError) -> Response:
    """Return the error as the wire has it."""
    identity = {} if error.identity is None else {"identity": error.identity}
    body = {"code": error.status, "message": error.message, "title": reason_phrase(error.status), **identity}
    where = [("WWW-Authenticate", f'Keystone uri="{base_url(context)}/v3"')] if error.status == 401 else []
    return json_response({"error": body}, error.status, *where)
