"""Coverage by the admin API: when it is counted, for whom, and what it reports."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from fake_nova.control import AdminError, Control
from fake_nova.testing.fake_nova import FakeNova
from tests.conftest import Cloud


@pytest.fixture
def nova() -> Iterator[FakeNova]:
    with FakeNova() as server:
        yield server


def get(url: str, token: str = "") -> int:
    """Send a GET request, and return its status."""
    try:
        with urlopen(Request(url, headers={"X-Auth-Token": token})) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


def met(nova: Control, operation: str) -> set[str]:
    outcomes = nova.coverage()["operations"][operation]["outcomes"]
    return {outcome["outcome"] for outcome in outcomes if outcome["count"]}


def test_nothing_is_counted_unless_somebody_wants_it(nova: FakeNova) -> None:
    get(f"{nova.compute_url}/images")
    with pytest.raises(AdminError, match="coverage: not counted; expected PUT /_admin/coverage") as info:
        nova.coverage()
    assert info.value.status == 409
    nova.start_coverage()
    assert nova.coverage()["operations"] == {}


def test_each_response_is_counted_from_the_start(nova: FakeNova) -> None:
    nova.start_coverage()
    for _ in range(3):
        get(f"{nova.compute_url}/images?limit=4")
    report = nova.coverage()
    assert report["operations"]["images.list"]["requests"] == 3
    (page,) = (
        outcome
        for outcome in report["operations"]["images.list"]["outcomes"]
        if outcome["outcome"] == "several pages"
    )
    assert page == {"outcome": "several pages", "count": 0, "line": "fake_nova.images.generate(5)"}
    assert "images.detail" in report["never_called"]
    assert "images.list" not in report["never_called"]


def test_a_new_start_counts_from_zero_and_a_stop_drops_the_counts(nova: FakeNova) -> None:
    nova.start_coverage()
    get(f"{nova.compute_url}/images")
    nova.start_coverage()
    assert nova.coverage()["operations"] == {}
    nova.stop_coverage()
    with pytest.raises(AdminError, match="not counted"):
        nova.coverage()


def test_the_counts_outlive_resets_and_the_journal(nova: FakeNova) -> None:
    nova.start_coverage()
    get(f"{nova.compute_url}/images")
    nova.reset()
    nova.load("images: []", replace=True)
    nova.requests.clear()
    get(f"{nova.compute_url}/images")
    assert met(nova, "images.list") == {"a list of one page", "an empty list"}


def test_a_scope_counts_for_itself(nova: FakeNova) -> None:
    scope, other = Control(nova.url).scope(), Control(nova.url).scope()
    scope.start_coverage()
    get(f"{scope.compute_url}/images")
    get(f"{other.compute_url}/images/nope")
    assert list(scope.coverage()["operations"]) == ["images.list"]
    for control in (nova, other):
        with pytest.raises(AdminError, match="not counted"):
            control.coverage()


def test_a_scope_that_is_opened_later_counts_with_the_shared_cloud(nova: FakeNova) -> None:
    nova.start_coverage()
    with Control(nova.url).scope() as scope:
        get(f"{scope.compute_url}/images/nope")
    assert met(nova, "images.show") == {"404 itemNotFound"}


def test_a_request_that_is_refused_before_its_route_counts_for_its_operation() -> None:
    with FakeNova(auth_strategy="keystone") as nova:
        nova.start_coverage()
        get(f"{nova.compute_url}/images/nope")
        assert met(nova, "images.show") == {"401 Unauthorized"}


def test_a_real_token_that_expires_counts() -> None:
    cloud = Cloud(private=True, auth_strategy="keystone")
    cloud.ask("PUT", "/_admin/coverage")
    url, token = "/v2.1/images/ee10f19c-503c-44af-af2f-73d5e42f7a17", cloud.token("demo")
    statuses = [cloud.ask("GET", url, headers={"X-Auth-Token": token}).status_code]
    cloud.ask("PUT", "/_admin/clock", json={"advance": 100_000})
    statuses.append(cloud.ask("GET", url, headers={"X-Auth-Token": token}).status_code)
    assert statuses == [200, 401]
    outcomes = cloud.get("/_admin/coverage")["operations"]["images.show"]["outcomes"]
    assert {outcome["outcome"] for outcome in outcomes if outcome["count"]} == {
        "200 OK",
        "401 Unauthorized",
        "401 after a success",
        "the token expires",
    }


def test_all_images_and_servers_can_be_changed_at_once_except_deleted_ones(nova: FakeNova) -> None:
    nova.images.set_status("golden", "deleted")
    assert {image["status"] for image in nova.images.change_all(status="killed")} == {"killed"}
    assert sorted(image["status"] for image in nova.images.all()) == ["deleted", *["killed"] * 5]
    assert [server["status"] for server in nova.servers.change_all(status="ERROR")] == ["ERROR"]


def test_an_exchange_of_no_json_and_odd_requests_are_counted_without_harm(nova: FakeNova) -> None:
    nova.start_coverage()
    for query in ("limit=²", "limit=99999999999999999999", "limit=0", "marker=nope", "%ff"):
        get(f"{nova.compute_url}/images?{query}".encode().decode("ascii", "ignore"))
    get(f"{nova.url}/v2.1/nowhere/else")
    get(f"{nova.url}/image/v2/images/%ff%00")
    assert set(nova.coverage()["operations"]) == {"images.list", "glance.images.show"}
