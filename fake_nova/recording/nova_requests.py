"""Requests to the compute service in a microversion that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from fake_nova.errors import CloudFailure
from fake_nova.recording.reading import refusal, walk

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud

#: The newest microversion that is asked for. Flavors lose a field in 2.102.
_NEWEST: Final = (2, 100)

#: The microversion of a request without a header.
_OLDEST: Final = (2, 1)

#: The version in the URL of an endpoint.
_ENDPOINT: Final = re.compile(r"(.*/v2(?:\.\d+)?)(?:/.*)?")

_VERSION: Final = re.compile(r"(\d+)\.(\d+)")

#: Statuses of what the user may not see, or what this Nova does not have.
_INVISIBLE: Final = frozenset((400, 401, 403, 404))

_PAGE_SIZE: Final = 1000

Version = tuple[int, int]


class NovaRequests:
    """Asks the compute service of a cloud.

    Args:
        cloud: the cloud.

    Attributes:
        newest: the newest microversion that the service and this class have.

    Raises:
        CloudFailure: if the cloud has no compute service, or cannot be reached.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud: Final = cloud
        self.newest: Final = min(self._find_newest(), _NEWEST)

    def _find_newest(self) -> Version:
        """Return the newest microversion of the service; 2.1 if it has none, or if a proxy hides it."""
        endpoint = self._cloud.endpoint("compute")
        if endpoint is None:
            raise CloudFailure(
                f"{self._cloud.name}: no compute service in the catalog; expected one, or no --servers"
            )
        match = _ENDPOINT.fullmatch(endpoint)
        if match is None:
            return _OLDEST
        response = self._cloud.get("compute", f"{match[1]}/")
        if response.status != 200:
            return _OLDEST
        document = response.json()
        version = document.get("version") if isinstance(document, dict) else None
        text = version.get("version") if isinstance(version, dict) else None
        number = _VERSION.fullmatch(str(text))
        return _OLDEST if number is None else max((int(number[1]), int(number[2])), _OLDEST)

    def get(self, path: str, version: Version | None = None) -> Any:
        """Return the JSON of a response; None if the user may not see it, or if Nova does not have it.

        Args:
            path: the path below the endpoint.
            version: the microversion; None for the newest.

        Raises:
            CloudFailure: if Nova fails, or cannot be reached.
        """
        response = self._cloud.get("compute", path, self._headers(version))
        if response.status in _INVISIBLE:
            return None
        if response.status != 200:
            raise refusal(response, "200, or 403 for what the user may not see")
        return response.json()

    def pages(
        self, path: str, key: str, params: Mapping[str, str], version: Version | None = None
    ) -> Iterator[list[Any]]:
        """Yield the pages of a list; none if the user may not see it.

        Some clouds refuse a limit above their maximum. They get no limit, which means that maximum.

        Args:
            path: the path of the list.
            key: the key of the list in the response.
            params: its parameters.
            version: as for `get`.

        Raises:
            CloudFailure: if Nova fails, or cannot be reached.
        """
        for query in ({"limit": str(_PAGE_SIZE), **params}, params):
            headers = self._headers(version)
            pages = walk(self._cloud, "compute", path, key, query, headers=headers, end_statuses=_INVISIBLE)
            first_page = next(pages, None)
            if first_page is not None:
                yield first_page
                yield from pages
                return

    def _headers(self, version: Version | None) -> dict[str, str]:
        number = version or self.newest
        if number == _OLDEST:
            return {}
        text = f"{number[0]}.{number[1]}"
        return {"OpenStack-API-Version": f"compute {text}", "X-OpenStack-Nova-API-Version": text}
