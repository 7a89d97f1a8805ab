"""Secrets in paths and queries are in no journal and no log."""

from __future__ import annotations

import logging

import pytest

from tests.conftest import Cloud

SECRET = "gAAAAAsecret"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/identity/v2.0/tokens/{SECRET}", "/identity/v2.0/tokens/***"),
        (f"/identity/v2.0/tokens/{SECRET}/endpoints", "/identity/v2.0/tokens/***/endpoints"),
        (f"/v2.1/images?token={SECRET}&limit=1", "/v2.1/images?token=***&limit=1"),
        (f"/v2.1/images?limit=1&X-Auth-Token={SECRET}", "/v2.1/images?limit=1&X-Auth-Token=***"),
        (f"/image/v2/images?admin_password={SECRET}", "/image/v2/images?admin_password=***"),
        (f"/image/v2/images?apikey={SECRET};x=1", "/image/v2/images?apikey=***;x=1"),
    ],
)
def test_a_secret_is_masked_in_journal_access_log_and_hints(
    path: str, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for form in ("text", "json"):
        cloud = Cloud(access_log=form)
        cloud.ask("GET", path)
        (entry,) = cloud.get("/_admin/requests")["requests"]
        assert f"{entry['path']}?{entry['query']}".rstrip("?") == shown
    assert caplog.records
    assert SECRET not in caplog.text
