"""Lists and look-ups of one kind of object: the query, the policy, the filters and the page.

Keystone checks the query first, then the token, the policy, and the limit (Keystone 30.0.0, measured).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from fake_nova.apis.keystone import policies, queries
from fake_nova.apis.keystone.bodies import resource_response
from fake_nova.apis.keystone.checks import get_caller_token
from fake_nova.apis.keystone.errors import KeystoneError
from fake_nova.apis.keystone.links import base_url
from fake_nova.apis.keystone.policies import Target
from fake_nova.apis.keystone.project_filters import (
    Filters,
    JsonObject,
    check_expiries,
    is_filter,
    is_filter_of_keystone,
    lists_federated_users,
    select,
)
from fake_nova.apis.keystone.project_tags import TAG_FILTERS, ids_by_tags
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

#: The largest page (``max_db_limit`` in Keystone's configuration).
MAX_LIMIT: Final = 1000


def _no_target(_: JsonObject) -> Target:
    return Target()


@dataclass(frozen=True)
class Collection:
    """One kind of object.

    Attributes:
        key: the key of a list in a response.
        member: the key of one object in a response.
        items: returns all objects, as they are shown but for their links.
        schema: the JSON Schema of a list's query.
        filters: the filters of a list.
        default_filters: name and value of filters that apply unless the query has them.
        has_pages: whether a list can begin after a marker, and a full page has a next link.
        reads_one_more: whether a list without a filter is read with one object more than the limit.
        compares_ids: whether the database compares the id of a look-up; else it is compared exactly.
        target_of: returns the target of a look-up for its policy.
        domain_key: the field that is the domain's id; a token for a domain lists only its objects.
        is_found_first: whether an unknown id is a 404 before the policy is checked.
        marker_items: returns the objects that a marker may name; None for those of ``items``.
    """

    key: str
    member: str
    items: Callable[[Context], list[JsonObject]]
    schema: Schema
    filters: Filters
    default_filters: tuple[tuple[str, str], ...] = ()
    has_pages: bool = False
    reads_one_more: bool = False
    compares_ids: bool = True
    target_of: Callable[[JsonObject], Target] = _no_target
    domain_key: str = ""
    is_found_first: bool = False
    marker_items: Callable[[Context], list[JsonObject]] | None = None


def show(context: Context, collection: Collection) -> Response:
    """Show one object."""
    item = find_permitted(context, collection, f"identity:get_{collection.member}")
    return member_response(context, collection, item)


def find_permitted(context: Context, collection: Collection, action: str) -> JsonObject:
    """Return the object that the path names.

    Raises:
        KeystoneError: 401 without a valid token; 403 if the policy forbids it; 404 for an unknown id.
    """
    caller = get_caller_token(context)
    item_id = path_parameter(context, f"{collection.member}_id")
    item = find(context, collection, item_id)
    not_found = KeystoneError(404, f"Could not find {collection.member}: {item_id}.")
    if item is None and collection.is_found_first:
        raise not_found
    policies.require(action, caller, Target() if item is None else collection.target_of(item))
    if item is None:
        raise not_found
    return item


def path_parameter(context: Context, name: str) -> str:
    """Return a segment of the path as text."""
    return context.path_params[name].encode("latin-1", "replace").decode("utf-8", "replace")


def find(context: Context, collection: Collection, item_id: str) -> JsonObject | None:
    """Return the object with an id, or None."""
    items = collection.items(context)
    exact_match = next((item for item in items if item["id"] == item_id), None)
    if exact_match is not None or not collection.compares_ids:
        return exact_match
    are_equal = context.emulator.database.are_equal
    return next((item for item in items if are_equal(item["id"], item_id)), None)


def member_response(
    context: Context, collection: Collection, item: JsonObject, status: int = 200
) -> Response:
    """Return the response with one object."""
    return resource_response({collection.member: with_link(context, collection.key, item)}, status)


def with_link(context: Context, key: str, item: JsonObject) -> JsonObject:
    """Return an object with the link to itself."""
    return {**item, "links": {"self": f"{base_url(context)}/v3/{key}/{item['id']}"}}


def list_all(context: Context, collection: Collection) -> Response:
    """List the objects that match the query."""
    params = queries.read_query(context, collection.schema)
    caller = get_caller_token(context)
    domain_id = None if caller.domain is None else caller.domain.id
    policies.require(_list_action(collection, params), caller, Target(domain_id=domain_id))
    limit = _read_limit(params)
    items = collection.items(context)
    if domain_id is not None and collection.domain_key:
        items = [item for item in items if item[collection.domain_key] == domain_id]
    defaults = [each for each in collection.default_filters if each[0] not in params]
    items = select(items, defaults, collection.filters, context.emulator.database)
    if collection.has_pages:
        return _paged_response(context, collection, items, params, limit)
    items = select(items, _pairs(context), collection.filters, context.emulator.database)
    if not context.emulator.database.compares_exactly:
        items.sort(key=itemgetter("id"))  # MariaDB keeps a table by id, SQLite in the order of creation
    if limit == -1 and not any(is_filter(name, collection.filters) for name in context.query_params):
        items = items[:1]  # Keystone reads one more than the limit, which is 0
    return page_response(context, collection, items, params, limit)


def _list_action(collection: Collection, params: dict[str, str]) -> str:
    if collection.key == "roles" and "domain_id" in params:
        return "identity:list_domain_roles"
    return f"identity:list_{collection.key}"


def select_items(context: Context, items: list[JsonObject], filters: Filters) -> list[JsonObject]:
    """Return the items that match the query, by id."""
    selection = select(items, _pairs(context), filters, context.emulator.database)
    return sorted(selection, key=itemgetter("id"))


def _pairs(context: Context) -> list[tuple[str, str]]:
    """Return name and value of each parameter of the query."""
    return [(name, text) for name, values in context.query_params.items() for text in values]


def _read_limit(params: dict[str, str]) -> int | None:
    """Return the limit of a query, or None. The real service responds 500 to an invalid one."""
    text = params.get("limit")
    if not text:
        return None
    try:
        return min(int(text), MAX_LIMIT)
    except ValueError:
        message = f"Invalid input for field/attribute limit. Value: {text}. {text!r} is not of type 'integer'"
        raise KeystoneError(400, message, "Keystone 30.0.0 fails here with a 500.") from None


def _paged_response(
    context: Context,
    collection: Collection,
    items: list[JsonObject],
    params: dict[str, str],
    limit: int | None,
) -> Response:
    """Return a page that the database has cut, after the marker. Keystone's own filters come after that.

    A full page is taken for one that others follow. Only users without a filter are read one more
    (`keystone.common.driver_hints.truncated`).
    """
    filters, database = collection.filters, context.emulator.database
    query = _pairs(context)
    check_expiries(query, filters)
    if lists_federated_users(query, filters):
        return _with_next_link(context, collection, _Page([], limit is not None and limit < 0), params, limit)
    late_filters = [pair for pair in query if is_filter_of_keystone(pair[0], filters)]
    items = select(items, [pair for pair in query if pair not in late_filters], filters, database)
    items.sort(key=itemgetter("id"))
    if params.get("marker"):
        items = _after_marker(context, items, collection, params["marker"])
    has_filter = any(is_filter(name, filters) for name, _ in query)
    is_full = False
    if limit is not None and collection.reads_one_more and not has_filter:
        is_full = len(items) > limit
        items = items[:limit]
    elif limit is not None:
        items = items[:limit] if limit > 0 else items
        is_full = len(items) >= limit
    items = _with_tags(context, collection, items, params)
    page = _Page(select(items, late_filters, filters, database), is_full)
    return _with_next_link(context, collection, page, params, limit)


class _Page(NamedTuple):
    """The objects of a page, and whether there may be more."""

    items: list[JsonObject]
    is_full: bool


def page_response(
    context: Context,
    collection: Collection,
    items: list[JsonObject],
    params: dict[str, str],
    limit: int | None,
) -> Response:
    """Return the first *limit* objects of a list."""
    page = _Page(items[:limit], limit is not None and len(items) > limit)
    return _with_next_link(context, collection, page, params, limit)


def _with_next_link(
    context: Context, collection: Collection, page: _Page, params: dict[str, str], limit: int | None
) -> Response:
    items = [with_link(context, collection.key, item) for item in page.items]
    next_link = None
    if page.is_full and items:
        args = {**params, "marker": items[-1]["id"], "limit": limit}
        next_link = f"{_path_url(context)}?{urlencode(args)}"
    return list_response(context, collection.key, items, next_link=next_link, is_truncated=page.is_full)


def _with_tags(
    context: Context, collection: Collection, items: list[JsonObject], params: dict[str, str]
) -> list[JsonObject]:
    """Return the projects that have the tags of a query; all if it names none."""
    query: dict[str, str] = {name: params[name] for name in TAG_FILTERS if name in params}
    if collection.key != "projects" or not query:
        return items
    tags_by_id = {item["id"]: item["tags"] for item in collection.items(context)}
    ids = ids_by_tags(tags_by_id, query, context.emulator.database)
    return [item for item in items if item["id"] in ids]


def _after_marker(
    context: Context, items: list[JsonObject], collection: Collection, marker: str
) -> list[JsonObject]:
    """Return the items after the object with an id, which need not be one of them."""
    are_equal = context.emulator.database.are_equal
    candidates = (collection.marker_items or collection.items)(context)
    marker_id = next((item["id"] for item in candidates if are_equal(item["id"], marker)), None)
    if marker_id is None:
        raise KeystoneError(404, f"Marker {marker} could not be found.")
    return [item for item in items if item["id"] > marker_id]


def _path_url(context: Context) -> str:
    return base_url(context) + context.request.path.removeprefix("/identity").rstrip("/")


def list_response(
    context: Context,
    key: str,
    items: list[JsonObject],
    *,
    next_link: str | None = None,
    is_truncated: bool = False,
) -> Response:
    """Return the response with a list.

    Args:
        context: the context of the request.
        key: the key of the list.
        items: the objects, with their links.
        next_link: the URL of the next page, or None.
        is_truncated: whether there may be more objects.
    """
    query = f"?{context.request.query_string}" if context.request.query_string else ""
    links = {"next": next_link, "self": f"{_path_url(context)}{query}", "previous": None}
    body: dict[str, Any] = {key: items, "links": links}
    if is_truncated:
        body["truncated"] = True
    return resource_response(body)
