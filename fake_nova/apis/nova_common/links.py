"""The links in a response, built from the address that the client used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_plus, urlencode

from fake_nova.apis.nova_common import checks as nova_checks
from fake_nova.dialects import DIALECTS
from fake_nova.support.caching import cached_if_all_short
from fake_nova.wire import endpoints, query_string
from fake_nova.wire.context import Context
from fake_nova.wire.request import Address, build_base_url

Link = dict[str, str]

IMAGE_MEDIA_TYPE: Final = "application/vnd.openstack.image"


@dataclass(frozen=True, slots=True, eq=False)
class LinkBuilder:
    """Builds the links of one response. Equal builders are the same object while they are cached.

    Attributes:
        base_url: scheme, host, port, mount and prefix, without a slash at the end.
        version: the version in the URL of the request, ``v2`` or ``v2.1``.
        project_prefix: ``/`` and the project id if the URL of the request contains it, else "".
        dialect: the name of the dialect.
        image_url: the URL of the image service; "" if it is *base_url* and the service's own path.
    """

    base_url: str
    version: str
    project_prefix: str
    dialect: str
    image_url: str = ""

    @property
    def is_too_long_to_cache(self) -> bool:
        """Whether the URLs are too long for caches, which are bounded in bytes."""
        return len(self.base_url) + len(self.project_prefix) > query_string.MAX_CACHED_CHARS

    def collection_url(self, name: str) -> str:
        """Return the URL of a collection, such as ``images/detail``."""
        return f"{self.base_url}/{self.version}{self.project_prefix}/{name}"

    def resource_links(self, collection: str, resource_id: str) -> list[Link]:
        """Return the self link, with the version, and the bookmark link, without it."""
        path = f"{self.project_prefix}/{collection}/{resource_id.strip('/')}"
        return [
            {"rel": "self", "href": f"{self.base_url}/{self.version}{path}"},
            {"rel": "bookmark", "href": f"{self.base_url}{path}"},
        ]

    def image_links(self, image_id: str) -> list[Link]:
        """Return the links of an image: self, bookmark and alternate."""
        template = DIALECTS[self.dialect].alternate_link_template
        image_url = self.image_url or f"{self.base_url}/image"
        href = template.format(
            root=self.base_url, image_url=image_url, project=self.project_prefix, image_id=image_id
        )
        alternate = {"rel": "alternate", "type": IMAGE_MEDIA_TYPE, "href": href}
        return [*self.resource_links("images", image_id), alternate]


def link_builder(context: Context, query: str | None = None) -> LinkBuilder:
    """Return the builder of the links in the response to *context*.

    Nova 34.0.0 looks for the project id anywhere in the URL, so an id in the query gets into the links, too.

    Args:
        context: the context of the request.
        query: the query after Nova dropped unknown parameters; None if it dropped none.
    """
    request = context.request
    if query is None:
        query = request.query_string
    project_id = context.caller.project_id
    settings = context.cloud.settings
    builder = _build(request.address, request.path, query, project_id, settings.dialect)
    if not settings.prefix:
        return builder
    image_url = endpoints.service_url(context, "image")
    texts = builder.base_url, builder.version, builder.project_prefix, builder.dialect
    return _shared_link_builder(*texts, image_url)


@cached_if_all_short(
    maxsize=512,
    max_chars=query_string.MAX_CACHED_CHARS,
    count_chars=lambda address, path, query, *_: len(address[1]) + len(path) + len(query),
)
def _build(address: Address, path: str, query: str, project_id: str | None, dialect: str) -> LinkBuilder:
    base_url = build_base_url(*address)
    version = "v2" if nova_checks.is_legacy_path(path) else "v2.1"
    project_prefix = f"/{project_id}" if project_id and project_id in f"{base_url}{path}?{query}" else ""
    return _shared_link_builder(base_url, version, project_prefix, dialect, "")


@cached_if_all_short(
    maxsize=512,
    max_chars=query_string.MAX_CACHED_CHARS,
    count_chars=lambda base_url, _, project_prefix, *__: len(base_url) + len(project_prefix),
)
def _shared_link_builder(
    base_url: str, version: str, project_prefix: str, dialect: str, image_url: str
) -> LinkBuilder:
    """Return the same builder for the same URLs, so that caches can use it as a key."""
    return LinkBuilder(base_url, version, project_prefix, dialect, image_url)


def next_link(collection: str, link_params: query_string.Pairs, marker: str) -> str:
    """Return the link to the page of a list after the image or server *marker*.

    Nova 34.0.0 sorts the parameters and keeps the greatest value of a repeated one. The marker takes its
    sorted place if the request had one; otherwise it comes last (measured).
    """
    before, after = _query_around_marker(link_params)
    return f"{collection}?{before}{quote_plus(marker)}{after}"


@cached_if_all_short(
    maxsize=512,
    max_chars=query_string.MAX_CACHED_CHARS,
    count_chars=lambda link_params: sum(len(name) + len(value) for name, value in link_params),
)
def _query_around_marker(link_params: query_string.Pairs) -> tuple[str, str]:
    """Return the parts of a next link's query before and after the value of its marker."""
    names = list(dict((*link_params, ("marker", ""))))
    position = names.index("marker")
    parameters = [urlencode({name: value}) for name, value in dict(link_params).items() if name != "marker"]
    before = "".join(f"{parameter}&" for parameter in parameters[:position])
    return f"{before}marker=", "".join(f"&{parameter}" for parameter in parameters[position:])
