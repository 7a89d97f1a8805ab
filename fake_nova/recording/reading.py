"""Requests that every part of a record needs: checked responses and pages."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from fake_nova.errors import CloudFailure
from fake_nova.support.messages import quote_python

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud, CloudResponse


def refusal(response: CloudResponse, expectation: str) -> CloudFailure:
    """Return the error about a response with an unexpected status.

    Args:
        response: the response.
        expectation: what was expected instead.
    """
    text = " ".join(response.body[:400].decode("utf-8", "replace").split())
    problem = f"status {response.status} (got {quote_python(text)})"
    return CloudFailure(f"{response.url}: {problem}; expected {expectation}")


def read_json(cloud: Cloud, service: str, path: str) -> Any:
    """Return the JSON of a response.

    Raises:
        CloudFailure: if its status is not 200, or it is not JSON.
    """
    response = cloud.get(service, path)
    if response.status != 200:
        raise refusal(response, "200")
    return response.json()


#: Key of a list -> the keys that each of its entries has.
_ENTRY_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "images": frozenset(("id", "name", "status")),
    "members": frozenset(("member_id",)),
    "roles": frozenset(("id", "name")),
    "role_inferences": frozenset(("prior_role", "implies")),
    "role_assignments": frozenset(("role", "scope")),
    "projects": frozenset(("id", "name")),
    "users": frozenset(("id", "name")),
    "domains": frozenset(("id", "name")),
    "servers": frozenset(("id", "name", "created")),
    "flavors": frozenset(("id", "name", "ram", "vcpus", "disk")),
    "keypairs": frozenset(("keypair",)),
}


def read_list(document: Any, key: str, url: str) -> list[Any]:
    """Return the list at a key of a document.

    Raises:
        CloudFailure: if there is none, or if its entries lack something.
    """
    entries = document.get(key) if isinstance(document, dict) else None
    needed_keys = _ENTRY_KEYS[key]
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and needed_keys <= entry.keys() for entry in entries
    ):
        raise CloudFailure(
            f"{url}: no list {key!r} of {', '.join(sorted(needed_keys))} in the response; "
            "expected the JSON of an OpenStack service"
        )
    return entries


def walk(
    cloud: Cloud,
    service: str,
    path: str,
    key: str,
    params: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
    end_statuses: Container[int] = (),
) -> Iterator[list[Any]]:
    """Yield the pages of a list, following the links of Glance or Nova to the end.

    Only the query of a link counts, because a link may name a host or a prefix that the caller cannot reach.

    Args:
        cloud: the cloud.
        service: the service.
        path: the path of the list.
        key: the key of the list in the response.
        params: the parameters of the first page.
        headers: headers besides the token.
        end_statuses: statuses of a first page with which the list has no pages.

    Raises:
        CloudFailure: if a page cannot be read, or if a link leads back to an earlier page.
    """
    query = urlencode(params)
    queries = set()
    while query not in queries:
        queries.add(query)
        response = cloud.get(service, f"{path}?{query}", headers)
        if len(queries) == 1 and response.status in end_statuses:
            return
        if response.status != 200:
            raise refusal(response, "200")
        document = response.json()
        yield read_list(document, key, f"{path}?{query}")
        link = document.get("next") or _nova_link(document.get(f"{key}_links"))
        if not isinstance(link, str):
            return
        query = urlsplit(link).query
    raise CloudFailure(f"{path}?{query}: the link to the next page leads back; expected a later page")


def _nova_link(links: object) -> object:
    if not isinstance(links, list):
        return None
    return next((link.get("href") for link in links if link.get("rel") == "next"), None)
