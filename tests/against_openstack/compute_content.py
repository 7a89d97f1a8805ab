"""Puts flavors, key pairs, quotas and servers into the real Nova, by its API.

Without a compute service, servers stay in BUILD.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.request import Request, urlopen

from fake_nova.documents.flavor import public_key_for
from tests.against_openstack.waiting import wait_for_next_second

_ALICE: Final = "9c53a566cb3443ab910cf0daebca90c4"

_FLAVORS: Final[tuple[dict[str, Any], ...]] = (
    {"id": "1", "name": "small", "ram": 512, "vcpus": 1, "disk": 1},
    {"id": "7", "name": "Large", "ram": 8192, "vcpus": 4, "disk": 80, "swap": 64, "rxtx_factor": 2.5},
    {"id": "hidden", "name": "hidden", "ram": 77, "vcpus": 1, "disk": 2, "os-flavor-access:is_public": False},
)

#: User -> the key pairs.
_KEYPAIRS: Final = {"alice": ("laptop", "second_key"), "bob": ("laptop",)}

#: User -> the servers: without the networks, and with an image that is active and small.
_SERVERS: Final[Mapping[str, tuple[dict[str, Any], ...]]] = {
    "alice": (
        {"name": "web", "metadata": {"contact": "alice@zebrafish.test"}, "key_name": "laptop"},
        {"name": "Database", "flavorRef": "7", "tags": ["red", "Blue"], "description": "of alice-project"},
    ),
    "bob": ({"name": "bob's", "accessIPv4": "10.1.2.3", "config_drive": True},),
}

_IMAGE: Final = "20000000-0000-4000-8000-000000000010"


def fill(nova: str, tokens: Mapping[str, str], *, has_servers: bool) -> None:
    """Create everything.

    Args:
        nova: the URL of Nova, without a version.
        tokens: user -> token.
        has_servers: whether to create servers, too, which Nova shows only if there is a network service.
    """

    def send(method: str, user: str, path: str, body: Any, version: str = "2.1") -> None:
        headers = {
            "X-Auth-Token": tokens[user],
            "Content-Type": "application/json",
            "OpenStack-API-Version": f"compute {version}",
        }
        request = Request(f"{nova}/v2.1{path}", json.dumps(body).encode(), headers, method=method)
        urlopen(request, timeout=60).close()

    for flavor in _FLAVORS:
        send("POST", "admin", "/flavors", {"flavor": flavor})
    specs = {"hw:cpu_policy": "dedicated", "aggregate:alice-project": "true"}
    send("POST", "admin", "/flavors/7/os-extra_specs", {"extra_specs": specs})
    send("PUT", "admin", "/flavors/7", {"flavor": {"description": "for alice-project"}}, "2.55")
    send("PUT", "admin", f"/os-quota-sets/{_ALICE}", {"quota_set": {"instances": 20, "metadata_items": 7}})
    for user, names in _KEYPAIRS.items():
        for name in names:
            keypair = {"name": name, "public_key": public_key_for(user, name)}
            send("POST", user, "/os-keypairs", {"keypair": keypair})
    for user, servers in _SERVERS.items() if has_servers else ():
        for server in servers:
            whole_server = {"imageRef": _IMAGE, "flavorRef": "1", "networks": "none", **server}
            send("POST", user, "/servers", {"server": whole_server}, "2.90")
            # Servers that wait for a cell have no order of their own within a second.
            wait_for_next_second()
