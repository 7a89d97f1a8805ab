"""Secrets in paths and queries never reach the journal or the log."""

from __future__ import annotations

import logging

import pytest

from tests.conftest import Cloud

SECRET = "gAAAAAsecret"


@pytest.mark.parametrize(
    ("path", "masked_path"),
    [
        (f"/identity/v2.0/tokens/{SECRET}", "/identity/v2.0/tokens/***"),
        (f"/identity/v2.0/tokens/{SECRET}/endpoints", "/identity/v2.0/tokens/***/endpoints"),
        (f"/v2.1/images?token={SECRET}&limit=1", "/v2.1/images?token=***&limit=1"),
        (f"/v2.1/images?limit=1&X-Auth-Token={SECRET}", "/v2.1/images?limit=1&X-Auth-Token=***"),
        (f"/image/v2/images?admin_password={SECRET}", "/image/v2/images?admin_password=***"),
        (f"/image/v2/images?apikey={SECRET};x=1", "/image/v2/images?apikey=***;x=1"),
        (f"/v2.1/images?adminPass={SECRET}", "/v2.1/images?adminPass=***"),
        (f"/v2.1/images?pass={SECRET}&pw={SECRET}&compass=n", "/v2.1/images?pass=***&pw=***&compass=n"),
        (f"/v2.1/images?to%6ben={SECRET}&limit=1", "/v2.1/images?to%6ben=***&limit=1"),
        (f"/v2.1/images?limit=1;%70w={SECRET};x=%61", "/v2.1/images?limit=1;%70w=***;x=%61"),
        (f"/v2.1/images?%50ASS={SECRET}&com%70ass=n%20", "/v2.1/images?%50ASS=***&com%70ass=n%20"),
    ],
)
def test_a_secret_is_masked_in_journal_access_log_and_hints(
    path: str, masked_path: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for form in ("text", "json"):
        cloud = Cloud(access_log=form)
        cloud.ask("GET", path)
        (entry,) = cloud.get("/_admin/requests")["requests"]
        assert f"{entry['path']}?{entry['query']}".rstrip("?") == masked_path
    assert caplog.records
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "key", ["adminPass", "apiKey", "api_key", "private_key", "passphrase", "pw", "token"]
)
@pytest.mark.parametrize("value", [SECRET, {"inner": SECRET}, [SECRET, [SECRET]]])
def test_a_secret_of_any_type_in_a_body_is_masked(cloud: Cloud, key: str, value: object) -> None:
    server = "/v2.1/servers/9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f/action"
    cloud.ask("POST", server, json={"createImage": {"name": "n", "metadata": {"a": "b"}, key: value}})
    (entry,) = cloud.get("/_admin/requests")["requests"]
    assert SECRET not in entry["body"]
    assert '"a": "b"' in entry["body"]
