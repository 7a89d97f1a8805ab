"""Schema and serialization of captures: the servers that images are being created from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fake_nova.cloud.captures import KINDS, Capture
from fake_nova.documents.fields import StrictList, count_field, enum_field, text_field, uuid_field
from fake_nova.documents.schema import StrictSchema


class CaptureSchema(StrictSchema):
    """The schema of the server that an image is being created from."""

    server = uuid_field("the id of a server")
    kind = enum_field(KINDS)
    rotation = count_field(minimum=0)
    roles = StrictList(text_field(255, 1), "names of roles")


def build_capture(values: Mapping[str, Any]) -> Capture:
    """Return the capture that a loaded document describes."""
    fields = {name: value for name, value in values.items() if name != "server"}
    if "roles" in fields:
        fields["roles"] = frozenset(fields["roles"])
    return Capture(values.get("server", ""), **fields)


def serialize_capture(capture: Capture) -> dict[str, Any]:
    """Return the document of a capture."""
    document: dict[str, Any] = {"server": capture.server_id, "kind": capture.kind}
    if capture.rotation is not None:
        document["rotation"] = min(capture.rotation, 10**9)
        document["roles"] = sorted(capture.roles)
    return document
