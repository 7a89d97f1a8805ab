"""The views of flavors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.client_patterns import ClientPattern
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.flavors import may_use
from fake_nova.apis.nova_common.paging import after_marker, next_url, parse_limit, parse_word
from fake_nova.apis.nova_common.policies import ADMIN, READER, allows, require
from fake_nova.apis.nova_common.requests import (
    NovaQuery,
    check_no_query,
    json_response,
    minor_version,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.validation import LIMIT, TEXT, each_value
from fake_nova.cloud.flavors import Flavor
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

Document = dict[str, Any]

#: The first minor versions with a change.
_DESCRIPTION_SINCE: Final = 55
_EXTRA_SPECS_SINCE: Final = 61
_SWAP_NUMBER_SINCE: Final = 75
_STRICT_SINCE: Final = 75
_SHORT_SINCE: Final = 102

#: Sort key -> the value of a flavor that it sorts by.
_SORT_KEYS: Final[Mapping[str, Callable[[Flavor], Any]]] = {
    "created_at": lambda _: 0,
    "description": lambda flavor: flavor.description or "",
    "disabled": lambda _: 0,
    "ephemeral_gb": lambda flavor: flavor.ephemeral,
    "flavorid": lambda flavor: flavor.id,
    "id": lambda _: 0,
    "is_public": lambda flavor: flavor.is_public,
    "memory_mb": lambda flavor: flavor.ram,
    "name": lambda flavor: flavor.name.lower(),
    "root_gb": lambda flavor: flavor.disk,
    "rxtx_factor": lambda flavor: flavor.rxtx_factor,
    "swap": lambda flavor: flavor.swap,
    "updated_at": lambda _: 0,
    "vcpu_weight": lambda _: 0,
    "vcpus": lambda flavor: flavor.vcpus,
}

_SPECS_RULE: Final = "os-flavor-extra-specs"


class _Look(NamedTuple):
    """How a response shows flavors.

    Attributes:
        link_builder: builds their links.
        minor: the minor version of the request.
        has_specs: whether the extra specs are shown.
    """

    link_builder: links.LinkBuilder
    minor: int
    has_specs: bool

    @classmethod
    def of_request(cls, context: Context, url_query: str | None = None) -> _Look:
        """Return what a request asks for, and what its caller may see."""
        minor = minor_version(context)
        has_specs = minor >= _EXTRA_SPECS_SINCE and allows(context, READER, context.caller.project_id)
        return cls(links.link_builder(context, url_query), minor, has_specs)


LIST_PARAMETERS: Final = ("limit", "marker", "is_public", "minRam", "minDisk", "sort_key", "sort_dir", "name")


@cache
def _list_schema(minor: int) -> Schema:
    is_short = minor >= _SHORT_SINCE
    sort_keys = [key for key in _SORT_KEYS if not is_short or key != "rxtx_factor"]
    properties = {
        "limit": LIMIT,
        **dict.fromkeys(("marker", "is_public", "minRam", "minDisk"), TEXT),
        "sort_key": each_value({"type": "string", "enum": sort_keys}),
        "sort_dir": each_value({"type": "string", "enum": ["asc", "desc"]}),
    }
    if is_short:
        properties["name"] = TEXT
    return query_schema(minor, _STRICT_SINCE, properties)


def index(context: Context) -> Response:
    """List flavors with id, name and links."""
    return _page_response(context, "flavors", _summary)


def detail(context: Context) -> Response:
    """List flavors with all fields."""
    return _page_response(context, "flavors/detail", _document)


def show(context: Context) -> Response:
    """Show one flavor."""
    check_no_query(context)
    flavor = _visible_flavor(context)
    return json_response(context, 200, {"flavor": _document(flavor, _Look.of_request(context, url_query=""))})


def list_specs(context: Context) -> Response:
    """List the extra specs of a flavor."""
    check_no_query(context)
    require(context, f"{_SPECS_RULE}:index", READER, context.caller.project_id)
    return json_response(context, 200, {"extra_specs": _specs(_visible_flavor(context))})


def show_spec(context: Context) -> Response:
    """Show one extra spec of a flavor."""
    check_no_query(context)
    require(context, f"{_SPECS_RULE}:show", READER, context.caller.project_id)
    flavor, key = _visible_flavor(context), context.path_params["key"]
    if key not in flavor.extra_specs:
        raise NovaError(404, f"Flavor {flavor.id} has no extra specs with key {key}.")
    return json_response(context, 200, {key: flavor.extra_specs[key]})


def list_access(context: Context) -> Response:
    """List the projects that may use a flavor that is not public."""
    check_no_query(context)
    require(context, "os-flavor-access", ADMIN, None)
    flavor = _visible_flavor(context)
    if flavor.is_public:
        raise NovaError(404, "Access list not available for public flavors.")
    projects = [{"flavor_id": flavor.id, "tenant_id": project_id} for project_id in flavor.access]
    return json_response(context, 200, {"flavor_access": projects})


def _specs(flavor: Flavor) -> dict[str, str]:
    return dict(sorted(flavor.extra_specs.items()))


def _visible_flavor(context: Context) -> Flavor:
    """Return the flavor in the URL; NovaError 404 if it is unknown, or the caller may not see it."""
    flavor_id = context.path_params["flavor_id"]
    flavors = (flavor for flavor in context.cloud.compute.flavors if flavor.id == flavor_id)
    flavor = next(flavors, None)
    if flavor is None or not may_use(context, flavor):
        raise NovaError(404, f"Flavor {flavor_id} could not be found.")
    return flavor


def _summary(flavor: Flavor, look: _Look) -> Document:
    resource_links = look.link_builder.resource_links("flavors", flavor.id)
    body = {"id": flavor.id, "name": flavor.name, "links": resource_links}
    return {**body, "description": flavor.description} if look.minor >= _DESCRIPTION_SINCE else body


def _document(flavor: Flavor, look: _Look) -> Document:
    is_long = look.minor < _SHORT_SINCE
    swap: int | str = flavor.swap
    if flavor.swap == 0 and look.minor < _SWAP_NUMBER_SINCE:
        swap = ""
    return {
        "id": flavor.id,
        "name": flavor.name,
        "ram": flavor.ram,
        "disk": flavor.disk,
        "swap": swap,
        "OS-FLV-EXT-DATA:ephemeral": flavor.ephemeral,
        **({"OS-FLV-DISABLED:disabled": False} if is_long else {}),
        "vcpus": flavor.vcpus,
        "os-flavor-access:is_public": flavor.is_public,
        **({"rxtx_factor": flavor.rxtx_factor} if is_long else {}),
        "links": look.link_builder.resource_links("flavors", flavor.id),
        **({"description": flavor.description} if look.minor >= _DESCRIPTION_SINCE else {}),
        **({"extra_specs": _specs(flavor)} if look.has_specs else {}),
    }


def _minimum(query: NovaQuery, name: str) -> int:
    """Return the number that a parameter asks for at least; NovaError 400 if it is no number."""
    text = query.last.get(name, "0")
    try:
        return query_string.parse_int(text)
    except ValueError:
        raise NovaError(400, f"Invalid {name} filter [{text}]") from None


def _visibility(context: Context, query: NovaQuery) -> tuple[bool, ...]:
    """Return the values of ``is_public`` of the flavors to list, which only an admin may choose."""
    text = query.last.get("is_public")
    if text is None or not context.caller.is_admin:
        return (True,)
    if text.lower() == "none":
        return True, False
    try:
        return (parse_word(text),)
    except NovaError:
        raise NovaError(400, f"Invalid is_public filter [{text}]") from None


def _sorted_flavors(context: Context, query: NovaQuery) -> list[Flavor]:
    """Return the flavors that the caller may see, in the order of a query."""
    sort_key = query.last.get("sort_key") or "flavorid"
    flavors = [flavor for flavor in context.cloud.compute.flavors if may_use(context, flavor)]
    flavors.sort(key=_SORT_KEYS[sort_key], reverse=query.last.get("sort_dir") == "desc")
    return flavors


def _filter(context: Context, query: NovaQuery) -> Callable[[Flavor], bool]:
    """Return the condition that a query sets. A name is a regular expression of the database."""
    visibility, project_id = _visibility(context, query), context.caller.project_id
    ram, disk = _minimum(query, "minRam"), _minimum(query, "minDisk")
    name = query.last.get("name", "") if query.minor >= _SHORT_SINCE else ""
    pattern = ClientPattern(name, not context.cloud.database.compares_exactly) if name else None

    def matches(flavor: Flavor) -> bool:
        is_own = True in visibility and flavor.is_visible_to(project_id)
        is_large = flavor.ram >= ram and flavor.disk >= disk
        is_visible = is_own or flavor.is_public in visibility
        return is_visible and is_large and (pattern is None or pattern.is_in(flavor.name))

    return matches


def _page_response(
    context: Context, collection: str, serialize: Callable[[Flavor, _Look], Document]
) -> Response:
    query = read_query(context, _list_schema(minor_version(context)), legacy_too=True)
    marker, limit = query.last.get("marker"), parse_limit(query)
    matches = _filter(context, query)
    flavors = after_marker(_sorted_flavors(context, query), marker, lambda flavor: flavor.id)
    if flavors is None:
        raise NovaError(400, f"marker [{marker}] not found")
    page = list(filter(matches, flavors))[:limit]
    look = _Look.of_request(context, query.url_query)
    body: Document = {"flavors": [serialize(flavor, look) for flavor in page]}
    url = next_url(query, look.link_builder, collection, [flavor.id for flavor in page])
    if url is not None:
        body["flavors_links"] = [{"rel": "next", "href": url}]
    return json_response(context, 200, body)
