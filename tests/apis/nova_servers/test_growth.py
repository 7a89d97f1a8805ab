"""What requests for servers leave in the process: no more after the second of equal requests than after the first."""

from __future__ import annotations

from typing import Any, Final

import pytest

from fake_nova.apis.nova_common import requests as nova_requests
from fake_nova.wire import json_schema
from tests.conftest import Cloud

WEB: Final = "/v2.1/servers/9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"
IMAGE: Final = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
LATEST: Final = {"OpenStack-API-Version": "compute 2.104"}

SERVER: Final = {"name": "new", "imageRef": IMAGE, "flavorRef": "2", "networks": "none"}

#: Method, path and body of requests with a schema.
REQUESTS: Final[tuple[tuple[str, str, Any], ...]] = (
    ("GET", "/v2.1/servers?limit=1", None),
    ("GET", "/v2.1/servers/detail?name=web&status=ACTIVE", None),
    ("POST", "/v2.1/servers", {"server": SERVER}),
    ("PUT", WEB, {"server": {"name": "renamed"}}),
    ("POST", f"{WEB}/action", {"lock": {"locked_reason": "x"}}),
    ("POST", f"{WEB}/action", {"createImage": {"name": "x"}}),
    ("POST", f"{WEB}/action", {"reboot": {"type": "SOFT"}}),
    ("POST", f"{WEB}/metadata", {"metadata": {"a": "b"}}),
    ("POST", "/v2.1/os-keypairs", {"keypair": {"name": "x", "type": "ssh"}}),
    ("GET", "/v2.1/os-services?binary=nova-compute", None),
    ("GET", "/v2.1/os-aggregates?x=1", None),
    ("GET", "/v2.1/limits?tenant_id=x", None),
    ("GET", "/v2.1/flavors?limit=1", None),
    ("GET", "/v2.1/os-keypairs?limit=1", None),
)


@pytest.mark.parametrize(("method", "url", "body"), REQUESTS)
def test_equal_requests_keep_one_validator(cloud: Cloud, method: str, url: str, body: Any) -> None:
    options = {} if body is None else {"json": body}
    cloud.ask(method, url, headers=LATEST, **options)
    before = len(json_schema._VALIDATORS), len(nova_requests._CHECKED_QUERIES)
    cloud.ask(method, url, headers=LATEST, **options)
    assert (len(json_schema._VALIDATORS), len(nova_requests._CHECKED_QUERIES)) == before


def test_a_bounded_number_of_validators_and_queries_is_kept(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_schema, "_MAX_VALIDATORS", 20)
    monkeypatch.setattr(nova_requests, "_MAX_CHECKED_QUERIES", 5)
    for number in range(30):
        response = cloud.ask("GET", f"/v2.1/servers?limit={number}")
        assert len(response.json["servers"]) == min(number, 1)
        body = {"metadata": {f"k{number}": "v"}}
        assert cloud.ask("POST", f"{WEB}/metadata", json=body).status_code == 200
    assert len(nova_requests._CHECKED_QUERIES) <= 5
