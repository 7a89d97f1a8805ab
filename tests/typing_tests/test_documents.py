"""Documents of images, plans, faults and requests: what goes in, and the types of what comes out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, assert_type
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from fake_nova import FakeNova
from fake_nova.control.compute_types import StoredFlavor, StoredKeyPair, StoredQuotas
from fake_nova.control.types import (
    ClockMode,
    DiskFormat,
    FaultFields,
    ImageFields,
    ImageMember,
    ImageStatus,
    JournalEntry,
    NewImage,
    PlanStep,
    RequestMatch,
    StoredAssignment,
    StoredFault,
    StoredImage,
    StoredPlans,
    Visibility,
)

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"


def nightly(number: int) -> NewImage:
    """Return the document of an image, as a helper of a user's suite does."""
    return {"name": f"nightly-{number}", "status": "saving", "properties": {"os_distro": "arch"}}


def test_valid_images_are_accepted(nova: FakeNova) -> None:
    now = datetime(2031, 5, 6, tzinfo=UTC)
    nova.images.add(
        name=None, owner=None, size=None, disk_format=None, checksum=None, virtual_size=None, created_at=now
    )
    nova.images.add(name="x", size=5, created_at="2014-02-10T17:05:01Z", plan="slow", tags=("a", "b"))
    nova.images.add(properties={"hw_cores": "4"}, members=[{"member": "a" * 32, "status": "accepted"}])
    nova.images.add_all([{"name": "a", "updated_at": now}, {"plan": "slow", "min_ram": 5}])
    nova.images.generate(2, seed=3, status="queued", owner="demo")
    nova.images.change(CIRROS, status="killed", name=None)
    nova.images.set_status(CIRROS, "active")
    nova.plans.define("own", [{"status": "queued", "looks": 1}, {"status": "killed"}])
    nova.plans.assign("own", name="nightly-*", properties={"os_distro": "*"}, tags=["x"])


def test_flavors_key_pairs_and_quotas_have_types(nova: FakeNova) -> None:
    nova.flavors.add(name="gpu", ram=64, rxtx_factor=1, extra_specs={"a": "b"}, description=None)
    assert_type(nova.flavors.change("gpu", is_public=False), StoredFlavor)
    nova.flavors.add_all([{"name": "a", "vcpus": 2}, {**nova.flavors.all()[0], "id": "b"}])
    nova.keypairs.add(name="laptop", type="ssh", created_at=datetime(2031, 5, 6, tzinfo=UTC))
    assert_type(nova.keypairs.change("laptop", fingerprint="a:b"), StoredKeyPair)
    assert_type(nova.quotas.change(nova.project_id, cores=-1), StoredQuotas)


def test_images_as_stored_can_be_added_again(nova: FakeNova) -> None:
    images = nova.images.all()
    nova.reset("empty")
    nova.images.add_all(images[1:])
    nova.images.add(**images[0])
    assert nova.images.all() == images


def test_the_values_of_returned_documents_have_their_types(nova: FakeNova) -> None:
    image = nova.images.get(CIRROS)
    size: int | None = image["size"]
    words: list[str] = [
        image["status"],
        image["visibility"],
        *image["tags"],
        image["properties"]["os_distro"],
    ]
    fault = nova.faults.add(status=503, times=2)
    triggered: int = fault["met"] + fault.get("times", 0)
    steps = nova.plans.all()["plans"]["slow"]
    assert (size, words, triggered) == (21430272, ["active", "public", "cirros"], 2)
    assert [step["status"] for step in steps][-1] == "active"


def test_valid_faults_matches_and_options_are_accepted(nova: FakeNova) -> None:
    nova.faults.add(operation="images.*", header={"name": "web-*"}, status=503, retry_after=1, delay=1, nth=2)
    nova.faults.add(method="GET", connection="cut", probability=0.5, seconds=2.5, owner="me")
    nova.faults.add(path="/never", body="empty", times=2)
    nova.requests.expect(0, status="5*", method="P*")
    nova.requests.expect(0, status=404, project="", operation="images.*")
    with nova.scope(dialect="nova", auth_strategy="keystone") as scope:
        assert scope.clock.mode() == "real"


def test_an_image_from_a_helper(nova: FakeNova) -> None:
    image = nova.images.add(**nightly(1))
    assert_type(image, StoredImage)
    assert_type(nova.images.add_all([nightly(2), nightly(3)]), list[StoredImage])
    assert_type(nova.images.generate(2, status="queued"), list[StoredImage])
    assert_type(nova.images.all(), list[StoredImage])
    changes: ImageFields = {"status": "killed", "name": None}
    assert_type(nova.images.change(image["id"], **changes), StoredImage)
    assert_type(nova.images.set_status(image["id"], "active"), StoredImage)
    assert_type(nova.images.begin(image["id"], "slow"), StoredImage)
    assert_type(nova.images.history(image["id"]), list[dict[str, Any]])
    nova.images.forget(image["id"])


def test_the_fields_of_a_stored_image(nova: FakeNova) -> None:
    image = assert_type(nova.images.get(CIRROS), StoredImage)
    assert_type(image["id"], str)
    assert_type(image["name"], str | None)
    assert_type(image["status"], ImageStatus)
    assert_type(image["visibility"], Visibility)
    assert_type(image["disk_format"], DiskFormat | None)
    assert_type(image["size"], int | None)
    assert_type(image["protected"], bool)
    assert_type(image["created_at"], str)
    assert_type(image["tags"], list[str])
    assert_type(image["members"], list[ImageMember])
    assert_type(image["properties"], dict[str, str])


def test_a_plan_and_its_steps(nova: FakeNova) -> None:
    steps: list[PlanStep] = [{"status": "saving", "seconds": 2.5}, {"status": "active"}]
    nova.plans.define("own", steps)
    nova.plans.use("own")
    nova.plans.use(None)
    nova.plans.assign("own", name="nightly-*")
    plans = assert_type(nova.plans.all(), StoredPlans)
    assert_type(plans["default"], str | None)
    assert_type(plans["plans"]["own"], list[PlanStep])
    assert_type(plans["assign"], list[StoredAssignment])
    assert_type(plans["plans"]["own"][0]["status"], ImageStatus)
    assert plans["assign"][0]["plan"] == "own"


def test_a_fault_and_its_counts(nova: FakeNova) -> None:
    fields: FaultFields = {"operation": "images.*", "connection": "cut", "times": 2, "owner": "me"}
    fault = assert_type(nova.faults.add(**fields), StoredFault)
    assert_type(fault["id"], str)
    assert_type(fault["met"], int)
    assert_type(fault["until"], str | None)
    assert_type(fault["in_force"], bool)
    assert_type(nova.faults.all(), list[StoredFault])
    nova.faults.remove(fault["id"])
    nova.faults.clear(owner="me")


def test_the_requests_of_clients(nova: FakeNova) -> None:
    urlopen(f"{nova.compute_url}/images").close()
    match: RequestMatch = {"operation": "images.list", "status": 200}
    assert_type(nova.requests.count(**match), int)
    nova.requests.expect(1, **match)
    entry = assert_type(nova.requests.wait(timeout=5, **match), JournalEntry)
    assert_type(nova.requests.all(**match), list[JournalEntry])
    assert_type(entry["path"], str)
    assert_type(entry["status"], int | None)
    assert_type(entry["listed"], int | None)
    assert_type(entry["milliseconds"], float | None)
    assert_type(entry["user_agent"], str | None)
    nova.requests.clear()


def test_a_fault_that_a_client_meets(nova: FakeNova) -> None:
    nova.faults.add(status=503, retry_after=1, times=1)
    with pytest.raises(HTTPError) as error_info:
        urlopen(f"{nova.compute_url}/images")
    error_info.value.close()
    assert_type(nova.faults.all()[0].get("times"), int | None)


def test_the_clock(nova: FakeNova) -> None:
    nova.clock.freeze(datetime(2031, 5, 6, tzinfo=UTC))
    nova.clock.advance(2.5)
    assert_type(nova.clock.now(), datetime)
    assert_type(nova.clock.mode(), ClockMode)
