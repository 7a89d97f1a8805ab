"""Key pairs of users, of which the service keeps the public half."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from threading import Lock
from typing import Any, Final, NamedTuple

from fake_nova.cloud.public_keys import certificate_fingerprint_of, is_certificate, public_key_fingerprint_of
from fake_nova.images.database import Database

#: The type of key pairs whose public key is a certificate.
X509: Final = "x509"


class KeyPair(NamedTuple):
    """A key pair.

    Attributes:
        user_id: the id of the user who owns it.
        name: its name, unique for the user.
        public_key: the public key, in the format of OpenSSH.
        created_at: aware, in UTC.
        type: ``ssh`` or ``x509``.
        own_fingerprint: the fingerprint; "" for the one of the public key.
    """

    user_id: str
    name: str
    public_key: str
    created_at: datetime
    type: str = "ssh"
    own_fingerprint: str = ""


def fingerprint_of(keypair: KeyPair) -> str:
    """Return the fingerprint of a key pair: its own, or that of its certificate or of its public key.

    Raises:
        ValueError: if it has none.
    """
    if keypair.own_fingerprint:
        return keypair.own_fingerprint
    if keypair.type == X509 and is_certificate(keypair.public_key):
        return certificate_fingerprint_of(keypair.public_key)
    return public_key_fingerprint_of(keypair.public_key)


def has_fingerprint(keypair: KeyPair) -> bool:
    """Return whether a key pair has a fingerprint: one of its own, or that of its public key."""
    try:
        return bool(fingerprint_of(keypair))
    except ValueError:
        return False


class KeyPairs:
    """The key pairs of one cloud.

    Args:
        keypairs: those to start with.
        database: the database that compares their names.
    """

    def __init__(self, keypairs: Iterable[KeyPair], database: Database) -> None:
        self._database: Final = database
        self._lock: Final = Lock()
        self._by_key: dict[tuple[str, str], KeyPair] = {}
        for keypair in keypairs:
            self._by_key.setdefault(self._key(keypair.user_id, keypair.name), self._as_stored(keypair))

    def _as_stored(self, keypair: KeyPair) -> KeyPair:
        return keypair._replace(created_at=self._database.stored_time(keypair.created_at))

    def _key(self, user_id: str, name: str) -> tuple[str, str]:
        return user_id, self._database.equality_key(name)

    def of_user(self, user_id: str) -> list[KeyPair]:
        """Return the key pairs of a user, sorted by name."""
        keypairs = [each for each in self.all() if each.user_id == user_id]
        return sorted(keypairs, key=lambda each: self._database.order_key(each.name))

    def all(self) -> tuple[KeyPair, ...]:
        """Return all key pairs, in the order in which they were added."""
        return tuple(self._by_key.values())

    def get(self, user_id: str, name: str) -> KeyPair | None:
        """Return the key pair of a user with a name, or None."""
        return self._by_key.get(self._key(user_id, name))

    def add(self, *keypairs: KeyPair) -> bool:
        """Add key pairs, all or none, and return whether their names were free."""
        additions = {
            self._key(keypair.user_id, keypair.name): self._as_stored(keypair) for keypair in keypairs
        }
        with self._lock:
            if len(additions) < len(keypairs) or additions.keys() & self._by_key.keys():
                return False
            self._by_key = {**self._by_key, **additions}
            return True

    def replace(self, keypair: KeyPair, **changes: Any) -> KeyPair:
        """Return a new version of a key pair, in its place, with *changes* to fields other than its name."""
        changed_keypair = self._as_stored(keypair._replace(**changes))
        with self._lock:
            self._by_key = {**self._by_key, self._key(keypair.user_id, keypair.name): changed_keypair}
        return changed_keypair

    def remove(self, user_id: str, name: str) -> bool:
        """Remove a key pair, and return whether there was one."""
        key = self._key(user_id, name)
        with self._lock:
            if key not in self._by_key:
                return False
            self._by_key = {each: keypair for each, keypair in self._by_key.items() if each != key}
            return True
