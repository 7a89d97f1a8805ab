"""Compares servers, flavors, key pairs, limits and quotas of the real Nova with those of its record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

_ALICE: Final = "9c53a566cb3443ab910cf0daebca90c4"

#: Lists and single things -> the microversions in which they are compared.
PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "/servers": ("2.1", "2.100"),
    "/servers/detail": ("2.1", "2.3", "2.46", "2.47", "2.73", "2.96"),
    "/servers/detail?all_tenants=1&limit=1": ("2.1", "2.96"),
    "/servers?sort_key=display_name&sort_dir=asc": ("2.1",),
    "/flavors/detail": ("2.1", "2.55", "2.61", "2.75", "2.102"),
    "/flavors?is_public=none&limit=1": ("2.1",),
    "/os-keypairs": ("2.1", "2.2", "2.35"),
    "/os-keypairs/laptop": ("2.1", "2.92"),
    "/limits": ("2.1", "2.36", "2.57"),
    f"/os-quota-sets/{_ALICE}": ("2.1", "2.36", "2.57"),
}

#: Keys that differ: those that no fixture holds, and the time of the last change, which a server that waits for its
#: scheduling gets anew from each request. Without a scheduler, servers are in no cell, and use up no limits.
_IGNORED_KEYS: Final = frozenset(
    (
        *("updated", "total", "OS-EXT-SRV-ATTR:instance_name", "OS-EXT-SRV-ATTR:root_device_name"),
        *("OS-EXT-SRV-ATTR:hypervisor_hostname", "OS-EXT-SRV-ATTR:launch_index", "hostId"),
        *("totalRAMUsed", "totalCoresUsed", "totalInstancesUsed", "OS-EXT-SRV-ATTR:user_data"),
    )
)

#: Keys that an anonymized record makes up.
_MADE_UP_KEYS: Final = frozenset(("public_key", "fingerprint"))


class Side(NamedTuple):
    """One side.

    Attributes:
        url: the URL of Nova, with the version.
        base: the beginning of its links.
        tokens: user -> token.
        rename: what to do with texts before they are compared, and with paths before they are sent.
    """

    url: str
    base: str
    tokens: Mapping[str, str]
    rename: Callable[[str], str] = str


def _pages(side: Side, path: str, version: str, user: str) -> Iterator[tuple[int, Any]]:
    """Yield status and body of each page."""
    headers = {"X-Auth-Token": side.tokens[user], "OpenStack-API-Version": f"compute {version}"}
    url: str | None = side.url + path
    while url is not None:
        try:
            with urlopen(Request(url, headers=headers), timeout=60) as response:
                status, document = response.status, json.loads(response.read())
        except HTTPError as error:
            status, document = error.code, json.loads(error.read())
        yield status, json.loads(side.rename(json.dumps(document).replace(side.base, "NOVA/")))
        links = [link for key, each in document.items() if key.endswith("_links") for link in each]
        url = f"{side.url}{path.partition('?')[0]}?{urlsplit(links[0]['href']).query}" if links else None


def _without(document: Any, keys: frozenset[str]) -> Any:
    """Return a document without some keys, and with lists of key pairs in one order."""
    if isinstance(document, dict):
        return {name: _without(value, keys) for name, value in document.items() if name not in keys}
    if isinstance(document, list | tuple):
        items = [_without(item, keys) for item in document]
        return sorted(items, key=json.dumps) if any("keypair" in str(item) for item in items) else items
    return document


def differences(real: Side, fake: Side, is_anonymized: bool) -> list[str]:
    """Return a line for each answer of the real Nova that the fake does not give.

    Args:
        real: the real Nova; its texts are renamed as the record is.
        fake: the fake.
        is_anonymized: whether public keys are made up.
    """
    keys = _IGNORED_KEYS | _MADE_UP_KEYS if is_anonymized else _IGNORED_KEYS
    lines = []
    for user in real.tokens:
        for path, versions in PATHS.items():
            for version in versions:
                answers = [
                    _without([*_pages(side, each, version, user)], keys)
                    for side, each in ((real, path), (fake, real.rename(path)))
                ]
                if answers[0] != answers[1]:
                    lines.append(f"{user}: GET {path} in {version}: real {answers[0]}, fake {answers[1]}")
    return lines
