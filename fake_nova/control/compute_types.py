"""The keywords of flavors, key pairs and quotas, and the documents of them, for type checkers.

`tests/control/test_types.py` compares each with the schema that checks the value at run time.
"""

from __future__ import annotations

from typing import Literal, NotRequired, Required, TypedDict

from fake_nova.control.types import Time

KeyPairType = Literal["ssh", "x509"]


class FlavorFields(TypedDict, total=False):
    """The fields of a flavor."""

    id: str
    name: str
    ram: int
    vcpus: int
    disk: int
    ephemeral: int
    swap: int
    rxtx_factor: float
    is_public: bool
    description: str | None
    extra_specs: dict[str, str]
    access: list[str] | tuple[str, ...]


class StoredFlavor(TypedDict):
    """A flavor as the emulator returns it: a dictionary that `Flavors.add_all` accepts again."""

    id: str
    name: str
    ram: int
    vcpus: int
    disk: int
    ephemeral: int
    swap: int
    rxtx_factor: float
    is_public: bool
    description: str | None
    extra_specs: dict[str, str]
    access: list[str]


class KeyPairChanges(TypedDict, total=False):
    """The fields of a key pair that can change."""

    public_key: str
    type: KeyPairType
    fingerprint: str
    created_at: Time


class KeyPairFields(KeyPairChanges, total=False):
    """The fields of a key pair."""

    name: Required[str]
    user: str


class StoredKeyPair(TypedDict):
    """A key pair as the emulator returns it: a dictionary that `KeyPairs.add_all` accepts again."""

    name: str
    user: str
    public_key: str
    type: KeyPairType
    created_at: str
    fingerprint: NotRequired[str]


class QuotaLimits(TypedDict, total=False):
    """The limits of a project; -1 is no limit."""

    instances: int
    cores: int
    ram: int
    metadata_items: int
    injected_files: int
    injected_file_content_bytes: int
    injected_file_path_bytes: int
    key_pairs: int
    server_groups: int
    server_group_members: int


class StoredQuotas(TypedDict):
    """The limits of a project as the emulator returns them."""

    project: str
    instances: int
    cores: int
    ram: int
    metadata_items: int
    injected_files: int
    injected_file_content_bytes: int
    injected_file_path_bytes: int
    key_pairs: int
    server_groups: int
    server_group_members: int
