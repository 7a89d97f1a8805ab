"""The addresses in an answer, built from the address that the client used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fake_nova.dialects import DIALECTS
from fake_nova.wire import checks, query_string
from fake_nova.wire.call import Address, Call, origin_of

Link = dict[str, str]

IMAGE_TYPE: Final = "application/vnd.openstack.image"


@dataclass(frozen=True, slots=True, eq=False)
class Urls:
    """What all links of one answer have in common; two that are alike are mostly the same object.

    Attributes:
        root: scheme, host, port and mount, without a slash at the end.
        version: the version in the request's URL, ``v2`` or ``v2.1``.
        project: ``/`` and the project id where the request's URL has it in it, else nothing.
        dialect: the name of the dialect.
        is_long: nothing is to be remembered for these URLs, so that caches are bounded in bytes.
    """

    root: str
    version: str
    project: str
    dialect: str
    is_long: bool

    def collection(self, name: str) -> str:
        """Return the URL of a collection, such as ``images/detail``."""
        return f"{self.root}/{self.version}{self.project}/{name}"

    def resource(self, collection: str, resource_id: str) -> list[Link]:
        """Return the self link, with the version, and the bookmark link, without one."""
        path = f"{self.project}/{collection}/{resource_id.strip('/')}"
        return [
            {"rel": "self", "href": f"{self.root}/{self.version}{path}"},
            {"rel": "bookmark", "href": f"{self.root}{path}"},
        ]

    def image(self, image_id: str) -> list[Link]:
        """Return an image's links: self, bookmark and alternate."""
        alternate = DIALECTS[self.dialect].alternate.format(
            root=self.root, project=self.project, image_id=image_id
        )
        return [
            *self.resource("images", image_id),
            {"rel": "alternate", "type": IMAGE_TYPE, "href": alternate},
        ]


def urls(call: Call) -> Urls:
    """Return what the links of the answer to *call* have in common.

    A link has the project id where the request's whole URL has it anywhere (Nova 34.0.0 looks no closer).
    """
    address, path, query = call.address, call.path, call.query_string
    length = len(address[1]) + len(path) + len(query)
    read = _remembered if length <= query_string.LONGEST_REMEMBERED else _read
    return read(address, path, query, call.caller.project_id, call.cloud.settings.dialect)


def _read(address: Address, path: str, query: str, project: str | None, dialect: str) -> Urls:
    origin = origin_of(*address)
    asked = f"{origin}{path}?{query}"
    version = "v2" if checks.is_legacy_path(path) else "v2.1"
    in_url = f"/{project}" if project and project in asked else ""
    is_long = len(origin) + len(in_url) > query_string.LONGEST_REMEMBERED
    return (Urls if is_long else _urls)(origin, version, in_url, dialect, is_long)


_remembered: Final = lru_cache(maxsize=512)(_read)
_urls: Final = lru_cache(maxsize=512)(Urls)
