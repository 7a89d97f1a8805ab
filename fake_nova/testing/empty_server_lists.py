"""Why lists of servers were empty, and how to get a server into them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fake_nova.control.explanations import ExplainedServer
from fake_nova.control.types import JournalEntry
from fake_nova.support.messages import count_of
from fake_nova.testing.empty_lists import call_text, exclusion_lines, most_similar_name
from fake_nova.testing.evidence import SERVER_LIST_OPERATIONS, Evidence, Finding
from fake_nova.testing.request_lines import query_parameters, short_request

#: Parameters that a new server can satisfy by a field of the same name.
_FIELDS: Final = ("name", "status", "image", "flavor")

#: Parameters that select a page or an order.
_PAGE_PARAMETERS: Final = ("limit", "marker", "sort_key", "sort_dir")


def find_empty_server_lists(evidence: Evidence) -> Iterator[Finding]:
    """Yield the lists of servers that were empty when they were sent last, with the present reasons."""
    lists = [request for request in evidence.requests if request["operation"] in SERVER_LIST_OPERATIONS]
    for request in {(each["path"], each["query"]): each for each in lists}.values():
        if request["listed"] == 0 and "marker=" not in request["query"]:
            servers = evidence.explain_servers(request)
            if servers is not None:
                yield _empty_list(request, servers)


def _empty_list(request: JournalEntry, servers: list[ExplainedServer]) -> Finding:
    name = query_parameters(request).get("name", "")
    near_name = most_similar_name(name, servers)
    servers = sorted(servers, key=lambda server: (server["name"] != near_name, server["rule"] == "deleted"))
    state = f"none of {count_of(len(servers), 'server')} fits:" if servers else "the cloud has no servers"
    fact = f"{short_request(request)} was empty; {state}"
    if any(server["rule"] is None for server in servers):
        fact = f"{short_request(request)} was empty, but a server fits since then:"
    next_step = _next_step(request, servers, near_name)
    return Finding(request["number"], fact, next_step, tuple(exclusion_lines(servers)))


def _next_step(request: JournalEntry, servers: list[ExplainedServer], near_name: str) -> str:
    """Return the next step after an empty list.

    Args:
        request: its entry in the journal.
        servers: why each server is missing; the one that the client most likely wants comes first.
        near_name: the name of a server that is the most similar to that of the query, or "".
    """
    rules = {server["rule"] for server in servers}
    if None in rules:
        return "send it again"
    if "page_limit" in rules:
        return "ask for a limit above 0"
    parameters = query_parameters(request)
    fields = {name: text for name, text in parameters.items() if name in _FIELDS}
    if "status" in fields:
        fields["status"] = fields["status"].upper()
    is_complete = all(name in (*_FIELDS, *_PAGE_PARAMETERS) for name in parameters)
    addition = "add a server that fits"
    if is_complete:
        addition += f": {call_text('servers.add', **fields)}"
    if near_name not in ("", parameters.get("name", "")):
        return f"ask for name={near_name}, or {addition}"
    first_server = servers[0] if servers else None
    if first_server is not None and first_server["rule"] == "status" and is_complete:
        change = call_text("servers.change", first_server["id"], status=fields["status"])
        return f"let the server fit: {change}"
    return f"{addition}; or change the query, or a server so that it fits"
