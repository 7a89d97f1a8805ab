"""The tokens that a cloud has issued."""

from __future__ import annotations

import heapq
import hmac
import secrets
import sys
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Final, NamedTuple

from fake_nova.cloud.clock import Clock
from fake_nova.cloud.credentials import ApplicationCredential
from fake_nova.cloud.directory import Directory, Project, User
from fake_nova.cloud.people import Domain
from fake_nova.images.database import Database
from fake_nova.images.model import Caller

#: The role of users whose token X-Service-Token may hold. It grants nothing on images (measured).
SERVICE_ROLE: Final = "service"


class Token(NamedTuple):
    """An issued token. Its text is not stored.

    Attributes:
        user: the user that it was issued to.
        project: the project that it is scoped to, or None.
        issued_at: aware, in UTC.
        expires_at: aware, in UTC.
        system: whether it is scoped to the whole system.
        methods: the methods by which the user authenticated, sorted.
        audit_ids: its own audit id, then that of the first token of its chain, if that is another.
        credential: the application credential by which the user authenticated, or None.
        domain: the domain that it is scoped to, or None.
        origin: what the URLs of its catalog begin with; "" if it comes from no log-in, or is very long.
    """

    user: User
    project: Project | None
    issued_at: datetime
    expires_at: datetime
    system: bool = False
    methods: tuple[str, ...] = ("password",)
    audit_ids: tuple[str, ...] = ()
    credential: ApplicationCredential | None = None
    domain: Domain | None = None
    origin: str = ""

    @property
    def roles(self) -> frozenset[str]:
        """The roles that the token grants, with those that they imply; none without a scope."""
        if self.credential is not None:
            return frozenset(self.credential.roles)
        if self.project is None and self.domain is None and not self.system:
            return frozenset()
        return self.user.grant(self.project, self.domain).all_roles

    def caller_of(self, database: Database) -> Caller:
        """Return the caller of a request with this token, to a cloud on *database*.

        The policies of Nova and Glance are for projects: a token for the system or a domain permits nothing
        (Nova 34.0.0 and Glance 33.0.0, measured).
        """
        if self.system or self.domain is not None:
            return Caller(None, frozenset(), database, reads_all="admin" in self.roles)
        project_id = None if self.project is None else self.project.id
        return Caller(project_id, self.roles - {SERVICE_ROLE}, database)


#: The maximum number of tokens of one cloud. If there are more, those that expire first are removed.
MAX_TOKENS: Final = 32_768


#: The maximum length of an origin that a token remembers; the name of a host has 253 characters at most.
_MAX_ORIGIN_CHARS: Final = 300

#: How long after its end a token can still be shown (Keystone 30.0.0's default of ``allow_expired_window``).
EXPIRED_WINDOW: Final = timedelta(days=2)


class _Present:
    """The entries of a directory that are enabled, by their ids."""

    def __init__(self, directory: Directory) -> None:
        self._users: Final = {
            user.id: user for user in directory.users if user.enabled and user.domain.enabled
        }
        self._projects: Final = {
            project.id: project
            for project in directory.projects
            if project.enabled and project.domain.enabled
        }
        self._domains: Final = {domain.id: domain for domain in directory.domains if domain.enabled}
        self._ids: Final = {
            *self._projects,
            *self._domains,
            *(credential.id for credential in directory.credentials),
        }

    def token_for(self, token: Token) -> Token | None:
        """Return a token as it is now; None if it lost its basis."""
        user = self._users.get(token.user.id)
        references = (token.project, token.domain, token.credential)
        if user is None or any(each is not None and each.id not in self._ids for each in references):
            return None
        if user is token.user:
            return token
        if user.password != token.user.password:
            return None
        project = None if token.project is None else self._projects[token.project.id]
        domain = None if token.domain is None else self._domains[token.domain.id]
        new_token = token._replace(user=user, project=project, domain=domain)
        return new_token if new_token.roles or not token.roles else None


class Tokens:
    """The tokens of one cloud.

    They are stored by digest. So neither the time of a lookup nor a memory dump reveals a token.

    Args:
        clock: the clock by which tokens expire.
        lifetime: how long a token is valid, unless it is created from another token.
    """

    def __init__(self, clock: Clock, lifetime: timedelta) -> None:
        self._clock: Final = clock
        self._lifetime: Final = lifetime
        self._by_digest: Final[dict[bytes, Token]] = {}
        self._by_expiry: Final[list[tuple[datetime, bytes]]] = []
        self._credentials_by_digest: Final[dict[bytes, str]] = {}
        self._lock: Final = Lock()

    def __bool__(self) -> bool:
        """Return whether any token is stored."""
        return bool(self._by_digest)

    def issue(
        self,
        user: User,
        project: Project | None,
        *,
        system: bool = False,
        method: str = "password",
        parent: Token | None = None,
        credential: ApplicationCredential | None = None,
        domain: Domain | None = None,
        origin: str = "",
    ) -> tuple[str, Token]:
        """Issue a new token.

        Args:
            user: the user that it is for.
            project: the project that it is scoped to, or None.
            system: whether it is scoped to the whole system.
            method: the method by which the user authenticated.
            parent: the token that it is created from, or None. Both expire at the same time.
            credential: the application credential that authenticated, or None; its end is the token's end.
            domain: the domain that it is scoped to, or None.
            origin: what the URLs of its catalog begin with.

        Returns:
            The text of the token, and the token.
        """
        text = _sign("gAAAAA" + secrets.token_urlsafe(96))
        now = self._clock.now()
        chain = () if parent is None else parent.audit_ids[-1:]
        latest = now + self._lifetime if parent is None else parent.expires_at
        token = Token(
            user=user,
            project=project,
            system=system,
            methods=_methods_of(method, parent),
            audit_ids=(secrets.token_urlsafe(16), *chain),
            issued_at=now,
            expires_at=_end_of(credential, latest),
            credential=credential,
            domain=domain,
            origin=_short_origin(origin),
        )
        self._store(digest_of(text), token)
        return text, token

    def _store(self, digest: bytes, token: Token) -> None:
        with self._lock:
            self._forget_expired(token.issued_at)
            self._by_digest[digest] = token
            heapq.heappush(self._by_expiry, (token.expires_at, digest))

    def _forget_expired(self, now: datetime) -> None:
        """Remove tokens after their window. If there are too many, also remove those that expire first."""
        expiry_heap, end = self._by_expiry, now - EXPIRED_WINDOW
        while expiry_heap and (expiry_heap[0][0] <= end or len(self._by_digest) >= MAX_TOKENS):
            self._by_digest.pop(heapq.heappop(expiry_heap)[1], None)
        if len(expiry_heap) >= 2 * MAX_TOKENS:  # at least half of them are revoked
            expiry_heap[:] = [entry for entry in expiry_heap if entry[1] in self._by_digest]
            heapq.heapify(expiry_heap)

    def follow(self, directory: Directory) -> None:
        """Give each token the present roles of its user, and revoke those that lost their basis.

        That is a user, project, domain or application credential that no longer exists, or the last role in
        the scope.
        """
        present = _Present(directory)
        with self._lock:
            for digest, token in list(self._by_digest.items()):
                if (new_token := present.token_for(token)) is None:
                    del self._by_digest[digest]
                    self._remember_credential(digest, token)
                else:
                    self._by_digest[digest] = new_token

    def _remember_credential(self, digest: bytes, token: Token) -> None:
        if token.credential is not None:
            self._credentials_by_digest[digest] = token.credential.id
        while len(self._credentials_by_digest) > MAX_TOKENS:
            self._credentials_by_digest.pop(next(iter(self._credentials_by_digest)))

    def lost_credential(self, text: str) -> str | None:
        """Return the id of the deleted application credential that a token was issued for, or None."""
        return self._credentials_by_digest.get(digest_of(text)) if self._credentials_by_digest else None

    def find(self, text: str) -> Token | None:
        """Return the token with this text; or None if it is unknown, revoked or expired."""
        return self.find_by_digest(digest_of(text))

    def find_by_digest(self, digest: bytes, *, allow_expired: bool = False) -> Token | None:
        """Return the token with this digest; None as for `find`.

        Args:
            digest: the digest of its text.
            allow_expired: whether to return also a token that expired less than `EXPIRED_WINDOW` ago.
        """
        token = self._by_digest.get(digest)
        if token is None:
            return None
        window = EXPIRED_WINDOW if allow_expired else timedelta()
        return token if token.expires_at + window > self._clock.now() else None

    def revoke(self, text: str, *, with_chain: bool = True) -> None:
        """Revoke the token with this text, if there is one.

        A chain has one first token, which all others name. So a token from the middle of a chain takes no
        other with it (Keystone 30.0.0, measured).

        Args:
            text: the text of the token.
            with_chain: whether to revoke also the tokens of the chain that this token is the first of.
        """
        with self._lock:
            token = self._by_digest.pop(digest_of(text), None)
            if token is None or not with_chain:
                return
            chain = [
                digest for digest, other in self._by_digest.items() if other.audit_ids[1:] == token.audit_ids
            ]
            for digest in chain:
                del self._by_digest[digest]


def _methods_of(method: str, parent: Token | None) -> tuple[str, ...]:
    """Return a method and those of the parent, sorted."""
    return tuple(sorted({method} if parent is None else {method, *parent.methods}))


def _short_origin(origin: str) -> str:
    """Return the one text of an origin, or "" for one that is too long to remember."""
    return sys.intern(origin) if len(origin) <= _MAX_ORIGIN_CHARS else ""


def _end_of(credential: ApplicationCredential | None, latest: datetime) -> datetime:
    """Return the time at which a token of a credential expires: *latest*, or the end of the credential."""
    if credential is None or credential.expires_at is None:
        return latest
    return min(latest, credential.expires_at)


#: The key that signs tokens, so that this process recognizes its own.
_SIGNING_KEY: Final = secrets.token_bytes(32)

#: The length of a signature, in characters.
_SIGNATURE_LENGTH: Final = 32


def was_issued_here(text: str) -> bool:
    """Return whether this process issued *text* as a token; it may have expired or been revoked."""
    return text == _sign(text[:-_SIGNATURE_LENGTH])


def _sign(text: str) -> str:
    signature = hmac.digest(_SIGNING_KEY, text.encode("utf-8", "surrogatepass"), "sha256")
    return text + signature.hex()[:_SIGNATURE_LENGTH]


def digest_of(text: str) -> bytes:
    """Return the digest by which the token with this text is stored."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
