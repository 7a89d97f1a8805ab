"""Tokens that were handed out, and whose they are."""

from __future__ import annotations

import heapq
import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Final, NamedTuple

from fake_nova.cloud.clock import Clock
from fake_nova.cloud.directory import Project, User
from fake_nova.images.model import Caller


class Token(NamedTuple):
    """What a token stands for; the text of the token itself is not kept.

    Attributes:
        user: who it was handed out to.
        project: what it is scoped to, or None.
        system: whether it is scoped to the whole system.
        methods: how the user proved who it is.
        audit_ids: the token's own, and that of the one it was made from.
    """

    user: User
    project: Project | None
    issued_at: datetime
    expires_at: datetime
    system: bool = False
    methods: tuple[str, ...] = ("password",)
    audit_ids: tuple[str, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles that it gives; none without a scope."""
        return self.user.roles if self.project is not None or self.system else frozenset()

    @property
    def caller(self) -> Caller:
        """Who a request with this token comes from."""
        return Caller(self.project.id if self.project is not None else None, self.roles)


#: The most tokens of one cloud that are good at the same time; then the one that expires first is forgotten.
MAX_TOKENS: Final = 32_768


class Tokens:
    """The tokens of one cloud.

    They are kept by their digest, so neither a look-up's time nor a memory dump tells anything of a token.

    Args:
        clock: what tells when one expires.
        lifetime: how long a token is good, unless it is made from another.
    """

    def __init__(self, clock: Clock, lifetime: timedelta) -> None:
        self._clock: Final = clock
        self._lifetime: Final = lifetime
        self._by_digest: Final[dict[bytes, Token]] = {}
        self._by_expiry: Final[list[tuple[datetime, bytes]]] = []
        self._lock: Final = Lock()

    def issue(
        self,
        user: User,
        project: Project | None,
        *,
        system: bool = False,
        method: str = "password",
        parent: Token | None = None,
    ) -> tuple[str, Token]:
        """Hand out a new token, and return its text and what it stands for.

        Args:
            user: whom it is for.
            project: what it is scoped to, or None for nothing.
            system: whether it is scoped to the whole system.
            method: how the user proved who it is.
            parent: the token that it is made from; it expires with that one.
        """
        text = _sign("gAAAAA" + secrets.token_urlsafe(96))
        now = self._clock.now()
        token = Token(
            user=user,
            project=project,
            system=system,
            methods=tuple(sorted({method, *(parent.methods if parent is not None else ())})),
            audit_ids=(secrets.token_urlsafe(16), *(parent.audit_ids[-1:] if parent is not None else ())),
            issued_at=now,
            expires_at=parent.expires_at if parent is not None else now + self._lifetime,
        )
        with self._lock:
            self._forget_expired(now)
            digest = digest_of(text)
            self._by_digest[digest] = token
            heapq.heappush(self._by_expiry, (token.expires_at, digest))
        return text, token

    def _forget_expired(self, now: datetime) -> None:
        """Forget the tokens that have expired, and the next one if there are too many."""
        expiry_heap = self._by_expiry
        while expiry_heap and (expiry_heap[0][0] <= now or len(self._by_digest) >= MAX_TOKENS):
            self._by_digest.pop(heapq.heappop(expiry_heap)[1], None)
        if len(expiry_heap) >= 2 * MAX_TOKENS:  # half of them are revoked
            expiry_heap[:] = [entry for entry in expiry_heap if entry[1] in self._by_digest]
            heapq.heapify(expiry_heap)

    def find(self, text: str) -> Token | None:
        """Return what *text* stands for, or None: never handed out, revoked or expired."""
        return self.find_by_digest(digest_of(text))

    def find_by_digest(self, digest: bytes) -> Token | None:
        """Return what the text of this digest stands for, as `find` does."""
        token = self._by_digest.get(digest)
        if token is None or token.expires_at <= self._clock.now():
            return None
        return token

    def revoke(self, text: str) -> None:
        """Make *text* worthless from now on; one that already is stays so."""
        self._by_digest.pop(digest_of(text), None)


#: What tells the texts of tokens that this process made from others.
_SIGNING_KEY: Final = secrets.token_bytes(32)

#: Characters that a seal has.
_SIGNATURE_LENGTH: Final = 32


def was_issued_here(text: str) -> bool:
    """Whether *text* was handed out as a token at any time, so that it may have expired or been revoked."""
    return text == _sign(text[:-_SIGNATURE_LENGTH])


def _sign(text: str) -> str:
    signature = hmac.digest(_SIGNING_KEY, text.encode("utf-8", "surrogatepass"), "sha256")
    return text + signature.hex()[:_SIGNATURE_LENGTH]


def digest_of(text: str) -> bytes:
    """Return the digest that a token is kept by."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
