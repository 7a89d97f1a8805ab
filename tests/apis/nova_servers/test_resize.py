"""Servers are resized, and the resize is confirmed or reverted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apis.nova_servers.steps import SERVERS, WEB, act, advance, capture, set_plan, show, state
from tests.conftest import Cloud


def resize(cloud: Cloud, flavor: Any = "3") -> None:
    cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"flavor": "m1.small"})
    response = act(cloud, WEB, "resize", {"flavorRef": flavor})
    assert (response.status_code, response.data) == (202, b""), response.text


def flavor_of(cloud: Cloud) -> str:
    return str(show(cloud)["flavor"]["id"])


def problem(response: Any) -> tuple[int, str]:
    """Return the status and the message of an error."""
    (error,) = response.get_json().values()
    return response.status_code, error["message"]


def test_a_server_shows_its_new_flavor_when_the_resize_is_finished(frozen_cloud: Cloud) -> None:
    resize(frozen_cloud)
    seen = []
    for seconds in (0, 2, 5):
        advance(frozen_cloud, seconds)
        seen.append((*state(frozen_cloud, WEB), flavor_of(frozen_cloud)))
    assert seen == [
        ("RESIZE", "resize_prep", "2"),
        ("RESIZE", "resize_migrating", "2"),
        ("VERIFY_RESIZE", None, "3"),
    ]


@pytest.mark.parametrize("status", ["ACTIVE", "SHUTOFF"])
@pytest.mark.parametrize(
    ("action", "meanwhile", "flavor"),
    [
        ("confirmResize", ("VERIFY_RESIZE", None), "3"),
        ("revertResize", ("REVERT_RESIZE", "resize_reverting"), "2"),
    ],
)
def test_a_resize_is_confirmed_or_reverted(
    frozen_cloud: Cloud, status: str, action: str, meanwhile: Any, flavor: str
) -> None:
    frozen_cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"status": status})
    resize(frozen_cloud)
    advance(frozen_cloud)
    assert state(frozen_cloud, WEB) == ("VERIFY_RESIZE", None)
    assert act(frozen_cloud, WEB, action).status_code == 202
    assert state(frozen_cloud, WEB) == meanwhile
    advance(frozen_cloud)
    assert (*state(frozen_cloud, WEB), flavor_of(frozen_cloud)) == (status, None, flavor)


@pytest.mark.parametrize("action", ["confirmResize", "revertResize"])
def test_a_resize_is_confirmed_only_once(frozen_cloud: Cloud, action: str) -> None:
    resize(frozen_cloud)
    advance(frozen_cloud)
    act(frozen_cloud, WEB, "confirmResize")
    assert problem(act(frozen_cloud, WEB, action)) == (400, "Instance has not been resized.")
    advance(frozen_cloud)
    message = f"Cannot '{action}' instance {WEB} while it is in vm_state active"
    assert problem(act(frozen_cloud, WEB, action)) == (409, message)


@pytest.mark.parametrize("action", ["confirmResize", "revertResize"])
def test_a_server_of_a_fixture_needs_its_old_flavor(frozen_cloud: Cloud, action: str) -> None:
    frozen_cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"status": "VERIFY_RESIZE"})
    assert problem(act(frozen_cloud, WEB, action)) == (400, "Instance has not been resized.")
    frozen_cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"old_flavor": "m1.tiny"})
    assert act(frozen_cloud, WEB, action).status_code == 202


@pytest.mark.parametrize(
    ("flavor", "status", "message"),
    [
        ("99", 400, "Flavor 99 could not be found."),
        ("m1.large", 400, "Flavor m1.large could not be found."),
        ("2", 400, "When resizing, instances must change flavor!"),
        (2, 400, "When resizing, instances must change flavor!"),
        (
            "1",
            400,
            "Flavor's disk is smaller than the minimum size specified in image metadata. Flavor disk is "
            "1073741824 bytes, minimum size is 21474836480 bytes.",
        ),
        (
            "zero",
            400,
            "Server disk was unable to be resized because: Resize to zero disk flavor is not allowed.",
        ),
        (
            "huge",
            403,
            "Quota exceeded for cores, ram: Requested 99, 997952, but already used 1, 2048 of 20, 51200 "
            "cores, ram",
        ),
    ],
)
def test_a_flavor_that_does_not_fit_is_refused(flavor: Any, status: int, message: str) -> None:
    cloud = Cloud(private=True)
    flavors: list[dict[str, Any]] = [
        {"id": "1", "name": "small disk", "ram": 2048, "vcpus": 1, "disk": 1},
        {"id": "2", "name": "m1.small", "ram": 2048, "vcpus": 1, "disk": 20},
        {"id": "zero", "name": "zero", "ram": 4096, "vcpus": 1, "disk": 0},
        {"id": "huge", "name": "huge", "ram": 1_000_000, "vcpus": 100, "disk": 100},
    ]
    cloud.ask("POST", "/_admin/fixtures", json={"flavors": flavors})
    cloud.ask("PATCH", f"/_admin/servers/{WEB}", json={"flavor": "2"})
    assert problem(act(cloud, WEB, "resize", {"flavorRef": flavor})) == (status, message)
    assert state(cloud, WEB) == ("ACTIVE", None)


def test_a_resize_that_fails_leaves_the_old_flavor(frozen_cloud: Cloud) -> None:
    set_plan(frozen_cloud, "fails")
    resize(frozen_cloud)
    advance(frozen_cloud)
    assert (*state(frozen_cloud, WEB), flavor_of(frozen_cloud)) == ("ERROR", None, "2")
    assert "new_flavor" not in frozen_cloud.get(f"/_admin/servers/{WEB}")


def test_a_resized_server_can_be_deleted(frozen_cloud: Cloud) -> None:
    resize(frozen_cloud)
    advance(frozen_cloud, 3)
    assert frozen_cloud.ask("DELETE", f"{SERVERS}/{WEB}").status_code == 204
    advance(frozen_cloud)
    (server,) = frozen_cloud.get(f"{SERVERS}/detail?changes-since=2029-12-31")["servers"]
    assert server["status"] == "DELETED"


def test_a_server_goes_back_to_the_flavor_that_it_was_created_with(frozen_cloud: Cloud) -> None:
    resize(frozen_cloud)
    advance(frozen_cloud)
    act(frozen_cloud, WEB, "confirmResize")
    advance(frozen_cloud)
    image = frozen_cloud.get(f"/image/v2/images/{capture(frozen_cloud)}")
    assert image["min_disk"] == 20
    advance(frozen_cloud)
    resize_back = act(frozen_cloud, WEB, "resize", {"flavorRef": "2"})
    assert resize_back.status_code == 202, resize_back.text


def test_a_rebuild_needs_the_disk_of_the_present_flavor_from_then_on(frozen_cloud: Cloud) -> None:
    resize(frozen_cloud)
    advance(frozen_cloud)
    act(frozen_cloud, WEB, "confirmResize")
    advance(frozen_cloud)
    act(frozen_cloud, WEB, "rebuild", {"imageRef": show(frozen_cloud)["image"]["id"]})
    advance(frozen_cloud)
    sizes = "Flavor disk is 21474836480 bytes, minimum size is 42949672960 bytes."
    assert problem(act(frozen_cloud, WEB, "resize", {"flavorRef": "2"}))[1].endswith(sizes)
