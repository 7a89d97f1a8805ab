"""The clock of a cloud: frozen, advanced and released."""

from __future__ import annotations

from typing import Any

import pytest

from fake_nova.images import timestamps
from tests.conftest import Cloud

IMAGE = "70a599e0-31e7-49b7-b260-868f441e862b"


def set_clock(cloud: Cloud, **settings: Any) -> Any:
    response = cloud.ask("PUT", "/_admin/clock", json=settings)
    assert response.status_code == 200, response.text
    return response.get_json()


def test_a_frozen_clock_gives_every_change_the_same_time(cloud: Cloud) -> None:
    assert set_clock(cloud, mode="frozen", now="2031-05-06T07:08:09Z") == {
        "mode": "frozen",
        "now": "2031-05-06T07:08:09Z",
    }
    cloud.ask("PUT", f"/_admin/images/{IMAGE}/status", json={"status": "queued"})
    assert cloud.get(f"/v2.1/images/{IMAGE}")["image"]["updated"] == "2031-05-06T07:08:09Z"
    assert set_clock(cloud, advance=90.5)["now"] == "2031-05-06T07:09:39.500000Z"
    cloud.ask("PUT", f"/_admin/images/{IMAGE}/status", json={"status": "active"})
    assert cloud.get(f"/v2.1/images/{IMAGE}")["image"]["updated"] == "2031-05-06T07:09:39Z"


def test_setting_only_a_time_freezes_the_clock(cloud: Cloud) -> None:
    assert set_clock(cloud, now="2031-05-06T07:08:09Z")["mode"] == "frozen"


def test_a_real_clock_can_be_advanced_and_released(cloud: Cloud) -> None:
    before = cloud.emulator.clock.now()
    ahead = timestamps.parse(set_clock(cloud, advance=3600)["now"])
    assert 3600 <= (ahead - before).total_seconds() < 3660
    real_time = timestamps.parse(set_clock(cloud, mode="real")["now"])
    assert 0 <= (real_time - before).total_seconds() < 60


def test_a_reset_releases_the_clock(cloud: Cloud) -> None:
    set_clock(cloud, mode="frozen", now="2031-05-06T07:08:09Z")
    cloud.ask("POST", "/_admin/reset")
    assert cloud.get("/_admin/clock")["mode"] == "real"


def test_tokens_expire_by_the_clock() -> None:
    cloud = Cloud(auth_strategy="keystone")
    token = {"X-Auth-Token": cloud.token("demo")}
    set_clock(cloud, advance=3599)
    assert cloud.ask("GET", "/v2.1/images", headers=token).status_code == 200
    set_clock(cloud, advance=1)
    assert cloud.ask("GET", "/v2.1/images", headers=token).status_code == 401


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "slow"}, 'mode: invalid value (got "slow"); expected real, frozen, auto'),
        (
            {"now": "soon"},
            'now: invalid value (got "soon"); expected an ISO 8601 time such as 2014-02-10T17:05:01Z, from the year 1000 to 8999',
        ),
        (
            {"now": "9999-12-31T23:59:59Z"},
            'now: invalid value (got "9999-12-31T23:59:59Z"); expected an ISO 8601 time such as 2014-02-10T17:05:01Z, from the year 1000 to 8999',
        ),
        ({"advance": -1}, "advance: invalid value (got -1); expected seconds from 0 to 1000000000"),
        (
            {"now": "8999-12-30T00:00:00Z", "advance": 90000},
            "advance: too far (got 90000 seconds); expected a time up to 8999-12-31",
        ),
    ],
)
def test_an_invalid_clock_setting_is_refused_by_field(cloud: Cloud, settings: Any, message: str) -> None:
    response = cloud.ask("PUT", "/_admin/clock", json=settings)
    assert (response.status_code, response.get_json()["badRequest"]["message"]) == (400, message)
    assert cloud.get("/_admin/clock")["mode"] == "real"


@pytest.mark.parametrize("mode", ["real", "auto", "frozen"])
def test_advancing_the_clock_stops_before_the_last_year(cloud: Cloud, mode: str) -> None:
    set_clock(cloud, mode=mode, now="8980-01-01T00:00:00Z")
    response = cloud.ask("PUT", "/_admin/clock", json={"advance": 10**9})
    assert response.status_code == 400
    assert cloud.get("/_admin/clock")["now"].startswith("8980-01-01")
    assert cloud.ask("GET", "/v2.1/images").status_code == 200


def test_a_request_in_the_last_year_does_not_advance_an_auto_clock_further(cloud: Cloud) -> None:
    set_clock(cloud, mode="auto", now="8999-12-30T23:59:59Z")
    cloud.ask("PUT", f"/_admin/images/{IMAGE}/plan", json={"plan": "slow"})
    for _ in range(3):
        cloud.get(f"/v2.1/images/{IMAGE}")
    assert cloud.get("/_admin/clock")["now"].startswith("8999-12-31T00:00:00")
