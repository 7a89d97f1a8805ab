"""Why a list lacks servers: the first parameter that excludes each, found by lists with that one alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from fake_nova.cloud import server_states
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Caller
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The codes of the rules that exclude servers. The last two exclude them only from the page.
ServerExclusionRule = Literal[
    "deleted", "never_listed", "not_visible", "status", "condition", "before_marker", "page_limit"
]

#: The operations that list servers.
OPERATIONS: Final = ("servers.list", "servers.detail")

#: Parameters that select a page, an order or a project, and no servers by themselves.
_PAGE_PARAMETERS: Final = ("limit", "marker", "sort_key", "sort_dir")

#: Parameters that every list with another parameter needs too, because they widen the list.
_SCOPE_PARAMETERS: Final = ("all_tenants", "deleted")

#: Parameters with which a list has deleted servers.
_PARAMETERS_OF_DELETED: Final = ("changes-since", "changes-before", "deleted")


def _addresses(server: Server) -> str:
    return ", ".join(each.address for addresses in server.addresses.values() for each in addresses)


#: Parameter -> what a server has in its place: the words, and the function that reads the value.
_ACTUAL: Final[Mapping[str, tuple[str, Callable[[Server], Any]]]] = {
    "name": ("name", lambda server: server.name),
    "status": ("status", lambda server: server.status),
    "image": ("image", lambda server: server.image),
    "flavor": ("flavor", lambda server: server.flavor.id),
    "changes-since": ("updated_at", lambda server: server.updated_at),
    "changes-before": ("updated_at", lambda server: server.updated_at),
    "ip": ("addresses are", _addresses),
    "ip6": ("addresses are", _addresses),
    "tags": ("tags are", lambda server: ", ".join(server.tags)),
    "tags-any": ("tags are", lambda server: ", ".join(server.tags)),
    "not-tags": ("tags are", lambda server: ", ".join(server.tags)),
    "locked": ("locked", lambda server: server.locked_by is not None),
    "host": ("host", lambda server: server.host),
    "project_id": ("owner", lambda server: server.owner),
    "tenant_id": ("owner", lambda server: server.owner),
}


class _Exclusion(NamedTuple):
    """Why a server is not in a list, or not on its page."""

    rule: ServerExclusionRule
    reason: str


def explain_list(list_request: Context, query: str, send: Callable[[str], Response]) -> dict[str, Any]:
    """Return the keys ``listed`` and ``servers`` of an explanation; none of them if the list is an error.

    Args:
        list_request: the context of the list.
        query: its query.
        send: returns the response to the list with another query.
    """
    response = send(query)
    if response.status != 200:
        return {}
    explainer = _Explainer(list_request.caller, parse_qsl(query, keep_blank_values=True), send)
    page_ids = {server["id"] for server in json.loads(response.body)["servers"]}
    servers = []
    for server in list_request.cloud.servers.all():
        exclusion = None if server.id in page_ids else explainer.explain(server)
        row = {"id": server.id, "name": server.name, "dropped": None, "rule": None}
        if exclusion is not None:
            row |= {"dropped": exclusion.reason, "rule": exclusion.rule}
        servers.append(row)
    return {"listed": len(page_ids), "servers": servers}


class _Explainer:
    """Finds the parameter that excludes a server.

    Args:
        caller: the sender of the list.
        parameters: the parameters of its query, in order.
        send: returns the response to the list with another query.
    """

    def __init__(
        self, caller: Caller, parameters: list[tuple[str, str]], send: Callable[[str], Response]
    ) -> None:
        self._caller: Final = caller
        self._send: Final = send
        self._parameters: Final = parameters
        self._scope: Final = [pair for pair in parameters if pair[0] in _SCOPE_PARAMETERS]
        self._ids: Final[dict[tuple[tuple[str, str], ...], set[str]]] = {}
        self._filters: Final = dict.fromkeys(
            name for name, _ in parameters if name not in (*_PAGE_PARAMETERS, *_SCOPE_PARAMETERS)
        )

    def explain(self, server: Server) -> _Exclusion:
        """Return the first rule that excludes a server which is not on the page."""
        names = {name for name, _ in self._parameters}
        has_deleted = any(name in names for name in _PARAMETERS_OF_DELETED)
        if server.is_deleted and not has_deleted:
            return _Exclusion("deleted", "it is deleted")
        if server.vm_state == server_states.VM_SOFT_DELETED and not has_deleted:
            return _Exclusion("never_listed", "lists contain SOFT_DELETED servers only with changes-since")
        changes = [pair for pair in self._parameters if pair[0] in _PARAMETERS_OF_DELETED]
        if server.id not in self._listed_ids([("changes-since", "1970-01-01T00:00:00Z"), *self._scope]):
            return _Exclusion("not_visible", self._owner_reason(server))
        for name in self._filters:
            pairs = [pair for pair in self._parameters if pair[0] == name]
            if server.id not in self._listed_ids([*pairs, *changes, *self._scope]):
                rule: ServerExclusionRule = "status" if name == "status" else "condition"
                return _Exclusion(rule, _reason(server, name, [value for _, value in pairs]))
        return self._paging(server)

    def _owner_reason(self, server: Server) -> str:
        own_id = self._caller.project_id
        reason = f"it belongs to project {server.owner}; the caller's project is {own_id}"
        if server.owner == own_id:
            return "no list without other parameters contains it"
        has_all = self._caller.is_admin and not self._scope
        return f"{reason}; all_tenants=1 lists those of all projects" if has_all else reason

    def _paging(self, server: Server) -> _Exclusion:
        marker = dict(self._parameters).get("marker", "")
        without_marker = [pair for pair in self._parameters if pair[0] not in ("marker", "limit")]
        if marker and server.id not in self._listed_ids([*without_marker, ("marker", marker)]):
            return _Exclusion("before_marker", f"it sorts before the marker {marker}, or is the marker")
        limit = dict(self._parameters).get("limit", "1000")
        return _Exclusion("page_limit", f"the page ends before it: limit {limit}")

    def _listed_ids(self, parameters: list[tuple[str, str]]) -> set[str]:
        """Return the ids on all pages of a list; none if its response is an error."""
        key = tuple(dict.fromkeys(parameters))
        if key not in self._ids:
            ids: set[str] = set()
            query = urlencode(key, quote_via=quote_plus)
            while True:
                response = self._send(query)
                document = json.loads(response.body) if response.status == 200 else {"servers": []}
                ids |= {server["id"] for server in document["servers"]}
                links = document.get("servers_links")
                if not links:
                    break
                query = urlsplit(links[0]["href"]).query
            self._ids[key] = ids
        return self._ids[key]


def _reason(server: Server, name: str, values: list[str]) -> str:
    """Return what a server has, and what a parameter asks for."""
    query = " or ".join(f"{name}={value}" for value in values)
    if name not in _ACTUAL:
        return f"asked for {query}"
    words, read = _ACTUAL[name]
    value = read(server)
    if value in (None, ""):
        value = "not set"
    verb = "" if words.endswith(" are") else " is"
    text = f'"{value}"' if isinstance(value, str) and value != "not set" else str(value)
    return f"{words}{verb} {text}; asked for {query}"
