"""The availability zones of a cloud, as entries of a fixture."""

from __future__ import annotations

from typing import Any

from fake_nova.cloud.zones import BUILT_IN_ZONES, INTERNAL_ZONE_NAME
from fake_nova.documents.zone import build_zone
from fake_nova.recording.nova_requests import NovaRequests

Entry = dict[str, Any]


def read_zones(nova: NovaRequests) -> list[Entry]:
    """Return the zones as entries of a fixture, with their hosts if the user sees them.

    A cloud whose only zone is the built-in one has no entry.

    Args:
        nova: asks the compute service.

    Raises:
        CloudFailure: if Nova fails, or cannot be reached.
    """
    document = nova.get("/os-availability-zone/detail") or nova.get("/os-availability-zone") or {}
    rows = document.get("availabilityZoneInfo", ())
    entries = [_entry(row) for row in rows if row["zoneName"] != INTERNAL_ZONE_NAME]
    return [] if tuple(map(build_zone, entries)) == BUILT_IN_ZONES else entries


def _entry(row: Entry) -> Entry:
    entry: Entry = {"name": row["zoneName"]}
    if not row["zoneState"]["available"]:
        entry["available"] = False
    if row.get("hosts"):
        entry["hosts"] = list(row["hosts"])
    return entry
