"""What the identity service refuses, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fake_nova.apis.keystone.links import root
from fake_nova.cloud.tokens import is_sealed
from fake_nova.errors import FakeNovaError
from fake_nova.wire import hints, nova_errors
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.routing import Refusal

UNAUTHORIZED = "The request you have made requires authentication."


@dataclass(eq=False)
class KeystoneError(FakeNovaError):
    """A refusal: status and message, why it is, and what a client is told of how it may log in."""

    status: int
    message: str
    why: str = ""
    identity: Mapping[str, Any] | None = None


def unauthorized(why: str) -> KeystoneError:
    """Return the one 401 that a wrong password, user, domain, project or token has in common."""
    return KeystoneError(401, UNAUTHORIZED, why)


def expecting(what: str, where: str) -> KeystoneError:
    """Return the 400 for something that is missing."""
    return KeystoneError(
        400,
        f"Expecting to find {what} in {where}. The server could not comply with the request since it is "
        "either malformed or otherwise incorrect. The client is assumed to be in error.",
    )


def forbidden(action: str) -> KeystoneError:
    """Return the 403 for an action that the caller's roles do not allow."""
    what = f": {action}" if action else ""
    return KeystoneError(403, f"You are not authorized to perform the requested action{what}.")


def no_token(text: str) -> KeystoneError:
    """Return the 404 for a text that stands for no token: none, none of ours, or one that is over."""
    if not text:
        return KeystoneError(404, "No token in the request", hints.MISSING + ".")
    if not is_sealed(text):
        return KeystoneError(404, "Could not recognize Fernet token", hints.UNKNOWN)
    return KeystoneError(404, "Failed to validate token", hints.UNKNOWN)


def refusal(call: Call, asked: Refusal) -> Answer:
    """Word an error that a fault asks for."""
    message = UNAUTHORIZED if asked.status == 401 else asked.message
    return worded(call, KeystoneError(asked.status, message))


def worded(call: Call, error: KeystoneError) -> Answer:
    """Return the error as the wire has it."""
    identity = {} if error.identity is None else {"identity": error.identity}
    body = {
        "code": error.status,
        "message": error.message,
        "title": nova_errors.phrase(error.status),
        **identity,
    }
    where = [("WWW-Authenticate", f'Keystone uri="{root(call)}/v3"')] if error.status == 401 else []
    return nova_errors.document({"error": body}, error.status, *where)
