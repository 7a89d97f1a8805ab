"""The flavors that a user sees, as entries of a fixture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from fake_nova.recording.caller import CloudCaller
from fake_nova.recording.nova_requests import NovaRequests

Entry = dict[str, Any]

#: The first microversion in which a list of flavors shows extra specs.
_EXTRA_SPECS_SINCE: Final = (2, 61)

#: Key of a fixture -> the key of Nova's flavor.
_KEYS: Final[Mapping[str, str]] = {
    "id": "id",
    "name": "name",
    "ram": "ram",
    "vcpus": "vcpus",
    "disk": "disk",
    "ephemeral": "OS-FLV-EXT-DATA:ephemeral",
    "swap": "swap",
    "rxtx_factor": "rxtx_factor",
    "is_public": "os-flavor-access:is_public",
    "description": "description",
    "extra_specs": "extra_specs",
}

#: Key -> a value that is left out of a fixture, because it is the default. Nova writes no swap as "".
_DEFAULTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "ephemeral": (0,),
    "swap": (0, ""),
    "rxtx_factor": (1, ""),
    "is_public": (True,),
    "extra_specs": ({},),
}


def read_flavors(nova: NovaRequests, caller: CloudCaller) -> list[Entry]:
    """Return the flavors as entries of a fixture, in Nova's order; an admin's are all of them.

    Args:
        nova: asks the compute service.
        caller: who is logged in.

    Raises:
        CloudFailure: if Nova fails, or cannot be reached.
    """
    params = {"is_public": "None"} if caller.is_admin else {}
    entries = []
    for page in nova.pages("/flavors/detail", "flavors", params):
        for flavor in page:
            specs = {} if nova.newest >= _EXTRA_SPECS_SINCE else _read_specs(nova, flavor["id"])
            entry = flavor_entry({**specs, **flavor})
            entries.append({**entry, **_access(nova, caller, entry)})
    return entries


def _access(nova: NovaRequests, caller: CloudCaller, flavor: Entry) -> Entry:
    """Return the key with the projects that may use a flavor: all of them for an admin, else the own one."""
    if flavor.get("is_public", True):
        return {}
    project_ids = [caller.project_id]
    if caller.is_admin:
        document = nova.get(f"/flavors/{quote(flavor['id'], safe='')}/os-flavor-access")
        rows = document.get("flavor_access", ()) if isinstance(document, dict) else ()
        project_ids = [row["tenant_id"] for row in rows]
    project_ids = list(filter(None, project_ids))
    return {"access": project_ids} if project_ids else {}


def _read_specs(nova: NovaRequests, flavor_id: str) -> Entry:
    document = nova.get(f"/flavors/{flavor_id}/os-extra_specs")
    return document if isinstance(document, dict) else {}


def flavor_entry(flavor: Mapping[str, Any]) -> Entry:
    """Return a flavor of Nova, or the one in a server, as an entry of a fixture."""
    values = {key: flavor.get(name) for key, name in _KEYS.items()}
    values["ephemeral"] = values["ephemeral"] or flavor.get("ephemeral")
    return {
        key: value
        for key, value in values.items()
        if value is not None and value not in _DEFAULTS.get(key, ())
    }
