"""The entries of a record that a fixture can hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from marshmallow import Schema

from fake_nova.documents import schema
from fake_nova.documents.flavor import FlavorSchema, KeyPairSchema, QuotasSchema
from fake_nova.documents.plan import FixtureImageSchema
from fake_nova.documents.server import ServerSchema
from fake_nova.documents.validation import DocumentError
from fake_nova.documents.zone import ZoneSchema

Entry = dict[str, Any]


class _Kind(NamedTuple):
    """A kind of entries.

    Attributes:
        noun: what one of them is called.
        schema_type: the class of their schema.
        label: the key that a note names an entry by.
        necessary_keys: the keys without which an entry is not the same.
    """

    noun: str
    schema_type: type[Schema]
    label: str
    necessary_keys: frozenset[str]


_IMAGE_KEYS: Final = frozenset(("id", "status", "created_at", "updated_at", "visibility", "owner"))
_SERVER_KEYS: Final = frozenset(("id", "status", "vm_state", "created_at", "updated_at", "owner", "flavor"))

#: Key of a fixture -> the kind of its entries.
_KINDS: Final[Mapping[str, _Kind]] = {
    "images": _Kind("image", FixtureImageSchema, "id", _IMAGE_KEYS),
    "servers": _Kind("server", ServerSchema, "id", _SERVER_KEYS),
    "flavors": _Kind("flavor", FlavorSchema, "id", frozenset(("id", "name"))),
    "keypairs": _Kind("key pair", KeyPairSchema, "name", frozenset(("name",))),
    "availability_zones": _Kind("availability zone", ZoneSchema, "name", frozenset(("name",))),
    "quotas": _Kind("quotas of", QuotasSchema, "project", frozenset(("project",))),
}


def loadable_entries(key: str, entries: Iterable[Entry], notes: list[str]) -> list[Entry]:
    """Return the entries that a fixture can hold, and note what is left out.

    Args:
        key: the key of the fixture, such as ``images``.
        entries: the entries.
        notes: gets a line for each attribute or entry that is left out.
    """
    kind = _KINDS[key]
    kind_schema = kind.schema_type()
    checked_entries = (_loadable(entry, kind, kind_schema, notes) for entry in entries)
    return [entry for entry in checked_entries if entry is not None]


def _loadable(entry: Entry, kind: _Kind, kind_schema: Schema, notes: list[str]) -> Entry | None:
    """Return an entry without the attributes that no fixture holds; None if it cannot be held at all."""
    try:
        schema.load(kind_schema, entry)
    except DocumentError as error:
        for problem in error.problems:
            notes.append(f"{kind.noun} {entry.get(kind.label)}: {problem}")
        names = {str(problem.path[0]) for problem in error.problems if problem.path}
        if names & kind.necessary_keys:
            return None
        return {name: value for name, value in entry.items() if name not in names}
    return entry
