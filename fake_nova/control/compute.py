"""Flavors, key pairs and quotas of a cloud, as the admin API controls them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack, cast

from fake_nova.control.compute_types import (
    FlavorFields,
    KeyPairChanges,
    KeyPairFields,
    QuotaLimits,
    StoredFlavor,
    StoredKeyPair,
    StoredQuotas,
)
from fake_nova.control.resources import Resource
from fake_nova.control.transport import quote_segment

#: pytest shows the line of the caller instead of lines of this module.
__tracebackhide__ = True


class Flavors(Resource):
    """The flavors of a cloud, as documents with the keys of fixture files.

    Each *flavor* is the id of a flavor, or its name if that has no slash.
    """

    def add(self, **fields: Unpack[FlavorFields]) -> StoredFlavor:
        """Add one flavor, and return it as stored; defaults are those of fixture files."""
        return cast(StoredFlavor, self._admin.request_json("POST", "/flavors", fields))

    def add_all(self, flavors: Sequence[FlavorFields | StoredFlavor]) -> list[StoredFlavor]:
        """Add several flavors, all or none, and return them as stored."""
        return list(self._admin.request_json("POST", "/flavors", {"flavors": list(flavors)})["flavors"])

    def all(self) -> list[StoredFlavor]:
        """Return all flavors, also those that are not public."""
        return list(self._admin.request_json("GET", "/flavors")["flavors"])

    def get(self, flavor: str) -> StoredFlavor:
        """Return one flavor as stored."""
        return cast(StoredFlavor, self._admin.request_json("GET", f"/flavors/{quote_segment(flavor)}"))

    def change(self, flavor: str, **fields: Unpack[FlavorFields]) -> StoredFlavor:
        """Change fields of a flavor, and return it as stored. Servers keep the one that they have."""
        path = f"/flavors/{quote_segment(flavor)}"
        return cast(StoredFlavor, self._admin.request_json("PATCH", path, fields))

    def forget(self, flavor: str) -> None:
        """Remove a flavor. Servers keep theirs. A cloud always has at least one flavor.

        Raises:
            AdminError: if it is the last one.
        """
        self._admin.request_json("DELETE", f"/flavors/{quote_segment(flavor)}")


class KeyPairs(Resource):
    """The key pairs of a cloud, as documents with the keys of fixture files.

    Each *user* is the name or id of a user; None for the only user with a key pair of that name.
    """

    def add(self, **fields: Unpack[KeyPairFields]) -> StoredKeyPair:
        """Add one key pair, and return it as stored.

        Args:
            fields: the fields of the key pair. Without a ``public_key`` it gets a made-up one, and without a
                ``user`` it belongs to the user of `Control.login`.
        """
        return cast(StoredKeyPair, self._admin.request_json("POST", "/keypairs", fields))

    def add_all(self, keypairs: Sequence[KeyPairFields | StoredKeyPair]) -> list[StoredKeyPair]:
        """Add several key pairs, all or none, and return them as stored."""
        return list(self._admin.request_json("POST", "/keypairs", {"keypairs": list(keypairs)})["keypairs"])

    def all(self, user: str | None = None) -> list[StoredKeyPair]:
        """Return the key pairs of all users, or of one."""
        return list(self._admin.request_json("GET", "/keypairs", user=user)["keypairs"])

    def get(self, name: str, user: str | None = None) -> StoredKeyPair:
        """Return one key pair as stored."""
        path = f"/keypairs/{quote_segment(name)}"
        return cast(StoredKeyPair, self._admin.request_json("GET", path, user=user))

    def change(self, name: str, user: str | None = None, **fields: Unpack[KeyPairChanges]) -> StoredKeyPair:
        """Change fields of a key pair, and return it as stored; its name and its user stay."""
        path = f"/keypairs/{quote_segment(name)}"
        return cast(StoredKeyPair, self._admin.request_json("PATCH", path, fields, user=user))

    def forget(self, name: str, user: str | None = None) -> None:
        """Remove a key pair."""
        self._admin.request_json("DELETE", f"/keypairs/{quote_segment(name)}", user=user)


class Quotas(Resource):
    """The quotas of the projects of a cloud. Each *project* is the id or name of a project."""

    def all(self) -> list[StoredQuotas]:
        """Return the quotas of the projects that have their own."""
        return list(self._admin.request_json("GET", "/quotas")["quotas"])

    def get(self, project: str) -> StoredQuotas:
        """Return the limits of a project, its own or the default ones."""
        return cast(StoredQuotas, self._admin.request_json("GET", f"/quotas/{quote_segment(project)}"))

    def change(self, project: str, **limits: Unpack[QuotaLimits]) -> StoredQuotas:
        """Change limits of a project, and return all of them; -1 is no limit."""
        path = f"/quotas/{quote_segment(project)}"
        return cast(StoredQuotas, self._admin.request_json("PUT", path, limits))

    def forget(self, project: str) -> None:
        """Give a project the default limits again."""
        self._admin.request_json("DELETE", f"/quotas/{quote_segment(project)}")
