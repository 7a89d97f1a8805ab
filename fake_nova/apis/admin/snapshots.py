"""Snapshots: states of a cloud by name; what changed between them; and the cloud as a fixture file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import yaml

from fake_nova.apis.admin import body
from fake_nova.apis.admin.schemas import SnapshotDocument
from fake_nova.apis.admin.views import scope_of
from fake_nova.cloud.cloud import SEED, Snapshot
from fake_nova.documents import export as export_documents
from fake_nova.documents.image import image_document
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.wire import nova_errors, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.nova_errors import Refused

#: The most snapshots of a cloud.
MOST_SNAPSHOTS = 1_000

#: Format of an export -> its media type.
FORMATS: Final[Mapping[str, str]] = {"yaml": "application/yaml", "json": "application/json"}


def _shown(name: str, snapshot: Snapshot) -> dict[str, Any]:
    at = timestamps.exact(snapshot.at) if snapshot.at is not None else None
    return {"name": name, "at": at, "images": len(snapshot.state.by_id)}


def index(call: Call) -> Answer:
    """List the snapshots; the first is what the cloud began with."""
    named = {SEED: call.cloud.snapshot(SEED), **call.cloud.snapshots}
    return nova_errors.document({"snapshots": [_shown(name, snapshot) for name, snapshot in named.items()]})


def take(call: Call) -> Answer:
    """Give the present state a name; one that had it before is replaced."""
    name = body.loaded(SnapshotDocument(), body.json_or_form(call))["name"]
    if name == SEED:
        raise Refused(400, f'name: "{SEED}" is what the cloud began with; allowed: another name')
    if name not in call.cloud.snapshots and len(call.cloud.snapshots) >= MOST_SNAPSHOTS:
        raise Refused(409, f"snapshots: too many; expected at most {MOST_SNAPSHOTS}: delete one first")
    snapshot = call.cloud.snapshots[name] = call.cloud.present()
    return nova_errors.document(_shown(name, snapshot), 201)


def forget(call: Call) -> Answer:
    """Forget a snapshot."""
    call.cloud.snapshot(call.parts["name"])
    if call.cloud.snapshots.pop(call.parts["name"], None) is None:
        raise Refused(400, f'name: "{SEED}" is what the cloud began with, and stays')
    return Answer(204)


def restore(call: Call) -> Answer:
    """Go back to a snapshot."""
    snapshot = call.cloud.snapshot(call.parts["name"])
    call.cloud.go_back(snapshot)
    return nova_errors.document(_shown(call.parts["name"], snapshot))


def changes(call: Call) -> Answer:
    """Say what was added, changed and removed since a snapshot, or until the one that ``to`` names."""
    before = call.cloud.snapshot(call.parts["name"]).state
    other = dict(query_string.read(call.query_string)).get("to")
    after = call.cloud.images.state() if other is None else call.cloud.snapshot(other).state
    pairs = [(before.by_id.get(image_id), new) for image_id, new in before.changes_to(after).items()]
    differences = {new: _differences(old, new) for old, new in pairs if old is not None and new is not None}
    document = {
        "added": [image_document(new) for old, new in pairs if old is None and new is not None],
        "changed": [
            {"id": image.id, "name": image.name, "fields": fields}
            for image, fields in differences.items()
            if fields
        ],
        "removed": [image_document(old) for old, new in pairs if old is not None and new is None],
    }
    return nova_errors.document(document)


def _differences(old: Image, new: Image) -> dict[str, list[Any]]:
    before, after = image_document(old), image_document(new)
    return {name: [before[name], after[name]] for name in before if before[name] != after[name]}


def history(call: Call) -> Answer:
    """Show each version of an image: when it came about, and by which call or plan."""
    image_id = call.parts["image_id"]
    first = call.cloud.start.state.by_id.get(image_id)
    later = call.cloud.history.of(image_id)
    if first is None and not later:
        call.cloud.images.get(image_id)
    seeded = [] if first is None else [_version(None, {"seed": True}, first)]
    versions = [_version(timestamps.exact(at), dict(by), image) for _, image, at, by in later]
    return nova_errors.document({"versions": [*seeded, *versions]})


def _version(at: str | None, by: dict[str, Any], image: Image | None) -> dict[str, Any]:
    return {"at": at, "by": by, "image": None if image is None else image_document(image)}


def export(call: Call) -> Answer:
    """Write the cloud as a fixture file that starts another in the same state."""
    asked = dict(query_string.read(call.query_string)).get("format", "yaml")
    if asked not in FORMATS:
        raise Refused(400, f'query: format="{asked}" is not allowed; allowed: {", ".join(FORMATS)}')
    document = export_documents.document(call.cloud, call.emulator.people_of(scope_of(call)))
    text = json.dumps(document) if asked == "json" else yaml.safe_dump(document, sort_keys=False)
    return Answer(200, (("Content-Type", FORMATS[asked]),), text.encode())
