"""The views of extensions."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.requests import check_no_query, is_legacy, json_response
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: What all extensions have.
_COMMON: Final = {
    "links": [],
    "namespace": "http://docs.openstack.org/compute/ext/fake_xml",
    "updated": "2014-12-03T00:00:00Z",
}


#: The extension that only /v2 has: its alias, name and description.
_LEGACY_ROW: Final = (
    *("OS-EXT-VIF-NET", "ExtendedVIFNet", "Adds network id parameter to the virtual interface list."),
)


@cache
def _extensions(is_legacy: bool) -> dict[str, dict[str, Any]]:
    """Return alias -> extension, in order. The file has alias, name and description of each."""
    rows = json.loads(Path(__file__).with_name("extensions.json").read_text("utf-8"))
    if is_legacy:
        rows = sorted((*rows, list(_LEGACY_ROW)))
    extensions = {
        alias: {"alias": alias, "name": name, "description": description, **_COMMON}
        for alias, name, description in rows
    }
    return {alias: dict(sorted(extension.items())) for alias, extension in extensions.items()}


def index(context: Context) -> Response:
    """List the extensions."""
    check_no_query(context)
    return json_response(context, 200, {"extensions": list(_extensions(is_legacy(context)).values())})


def show(context: Context) -> Response:
    """Show one extension."""
    check_no_query(context)
    extension = _extensions(is_legacy(context)).get(context.path_params["alias"])
    if extension is None:
        raise NovaError(404, NOT_FOUND_MESSAGE)
    return json_response(context, 200, {"extension": extension})
