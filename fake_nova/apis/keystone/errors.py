"""What the identity service refuses, in its own words."""

from __future__ import annotations

from typing import Final

from fake_nova.errors import FakeNovaError
from fake_nova.wire import bodies
from fake_nova.wire.api import Refusal
from fake_nova.wire.call import Answer, Call

UNAUTHORIZED = "The request you have made requires authentication."


class KeystoneError(FakeNovaError):
    """A refusal: status and message."""

    def __init__(self, status: int, message: str, why: str = "") -> None:
        super().__init__(status, message)
        self.status: Final = status
        self.message: Final = message
        self.why = why


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


def refusal(call: Call, asked: Refusal) -> Answer:
    """Word an error that a fault asks for."""
    message = UNAUTHORIZED if asked.status == 401 else asked.message
    return worded(call, KeystoneError(asked.status, message))


def worded(call: Call, error: KeystoneError) -> Answer:
    """Return the error as the wire has it."""
    body = {"code": error.status, "message": error.message, "title": bodies.phrase(error.status)}
    answer = Answer(error.status, bodies.JSON_HEADERS, bodies.dumps({"error": body}))
    if error.status != 401:
        return answer
    return answer.with_headers(("WWW-Authenticate", f'Keystone uri="{call.origin}/identity/v3"'))
