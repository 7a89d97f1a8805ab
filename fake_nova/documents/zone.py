"""The schema of availability zones, and their serialization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.cloud.zones import DEFAULT_ZONE_NAME, Zone, hosts_in
from fake_nova.documents.entries import Entry
from fake_nova.documents.fields import StrictList, boolean_field, text_field
from fake_nova.documents.schema import StrictSchema
from fake_nova.support.messages import quote_json


class ZoneSchema(StrictSchema):
    """The schema of an entry of ``availability_zones``."""

    name = text_field(255, 1, required=True)
    available = boolean_field()
    hosts = StrictList(text_field(255, 1), "names of hosts", unique_by=str)


def build_zone(values: Mapping[str, Any]) -> Zone:
    """Create a zone from a loaded document; without hosts, it has one that is named after the zone."""
    name = values["name"]
    default_host = DEFAULT_HOST if name == DEFAULT_ZONE_NAME else f"{name}-{DEFAULT_HOST}"
    hosts = tuple(values.get("hosts") or (default_host,))
    return Zone(name, hosts, values.get("available", True))


def read_zones(entries: Iterable[Entry], add_error: Callable[..., None]) -> tuple[Zone, ...]:
    """Return the zones of documents.

    Args:
        entries: the entries of ``availability_zones``.
        add_error: adds an error about a key of an entry: a name or a host that comes twice.
    """
    zones: dict[str, Zone] = {}
    for entry in entries:
        if not entry.is_valid:
            continue
        zone = build_zone(entry.values)
        for host in zone.hosts:
            if host in hosts_in(zones.values()):
                add_error(
                    entry, f"already in a zone (got {quote_json(host)}); expected a host of no other", "hosts"
                )
        if zones.setdefault(zone.name, zone) is not zone:
            problem = f"name already in use (got {quote_json(zone.name)}); expected a name that comes once"
            add_error(entry, problem, "name")
    return tuple(zones.values())


def serialize_zone(zone: Zone) -> dict[str, Any]:
    """Return the document of *zone*."""
    return {"name": zone.name, "available": zone.is_available, "hosts": list(zone.hosts)}
