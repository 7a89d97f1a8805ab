"""Views that take, compare and restore snapshots."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.admin import body
from fake_nova.apis.admin.comparison import compare
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.schemas import SnapshotSchema
from fake_nova.cloud.cloud import SEED_SNAPSHOT, Snapshot
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: The maximum number of snapshots of a cloud.
MAX_SNAPSHOTS = 1_000


def _serialize_snapshot(name: str, snapshot: Snapshot) -> dict[str, Any]:
    taken_at = timestamps.isoformat_exact(snapshot.taken_at) if snapshot.taken_at is not None else None
    counts = {"images": len(snapshot.store_state.by_key), "servers": len(snapshot.compute.servers.by_key)}
    return {"name": name, "at": taken_at, **counts}


def index(context: Context) -> Response:
    """List the snapshots. The first is the initial state."""
    snapshots = {SEED_SNAPSHOT: context.cloud.snapshot(SEED_SNAPSHOT), **context.cloud.snapshots}
    rows = [_serialize_snapshot(name, snapshot) for name, snapshot in snapshots.items()]
    return json_response({"snapshots": rows})


def take(context: Context) -> Response:
    """Take a snapshot. It replaces a snapshot of the same name."""
    name = body.load_wrapped(SnapshotSchema(), body.parse_json_or_form(context))
    if name == SEED_SNAPSHOT:
        raise Refusal(400, f'name: reserved for the initial state (got "{name}"); expected another name')
    snapshots = context.cloud.snapshots
    if name not in snapshots and len(snapshots) >= MAX_SNAPSHOTS:
        raise Refusal(409, f"snapshots: too many; expected at most {MAX_SNAPSHOTS}: delete one first")
    snapshot = context.cloud.take_snapshot()
    snapshots[name] = snapshot
    return json_response(_serialize_snapshot(name, snapshot), 201)


def delete(context: Context) -> Response:
    """Delete a snapshot."""
    name = context.path_params["name"]
    if name == SEED_SNAPSHOT:
        raise Refusal(
            400, f'name: the initial state cannot be deleted (got "{name}"); expected another snapshot'
        )
    context.cloud.delete_snapshot(name)
    return Response(204)


def restore(context: Context) -> Response:
    """Restore a snapshot."""
    snapshot = context.cloud.snapshot(context.path_params["name"])
    context.cloud.restore(snapshot)
    return json_response(_serialize_snapshot(context.path_params["name"], snapshot))


def changes(context: Context) -> Response:
    """List the images added, changed and removed since a snapshot, until now or until the snapshot ``to``.

    ``servers``, ``flavors`` and ``keypairs`` list the same of these, if something differs.
    """
    cloud = context.cloud
    start = cloud.snapshot(context.path_params["name"])
    end_name = body.query_params(context.request).get("to")
    end = cloud.take_snapshot() if end_name is None else cloud.snapshot(end_name)
    return json_response(compare(cloud, start, end))
