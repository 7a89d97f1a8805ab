"""Tokens that were handed out, and whose they are."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from fake_nova.cloud.clock import Clock
from fake_nova.cloud.directory import Project, User
from fake_nova.images.model import Caller


@dataclass(frozen=True, slots=True)
class Token:
    """What a token stands for; the text of the token itself is not kept."""

    user: User
    project: Project | None
    issued_at: datetime
    expires_at: datetime

    @property
    def caller(self) -> Caller:
        """Who a request with this token comes from."""
        if self.project is None:
            return Caller(None, frozenset())
        return Caller(self.project.id, self.user.roles)


class Tokens:
    """The tokens of one cloud.

    They are kept by their digest, so neither a look-up's time nor a memory dump tells anything of a token.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock: Final = clock
        self._by_digest: Final[dict[bytes, Token]] = {}

    def issue(self, user: User, project: Project | None, lifetime: timedelta = timedelta(hours=1)) -> str:
        """Hand out a new token for *user*, scoped to *project* or to none, and return its text."""
        text = "gAAAAA" + secrets.token_urlsafe(96)
        now = self._clock.now()
        self._by_digest[_digest(text)] = Token(user, project, now, now + lifetime)
        return text

    def find(self, text: str) -> Token | None:
        """Return what *text* stands for, or None: never handed out, revoked or expired."""
        token = self._by_digest.get(_digest(text))
        if token is None or token.expires_at <= self._clock.now():
            return None
        return token

    def revoke(self, text: str) -> None:
        """Make *text* worthless from now on; one that already is stays so."""
        self._by_digest.pop(_digest(text), None)


def _digest(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogateescape")).digest()
