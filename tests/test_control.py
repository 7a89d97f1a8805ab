"""The admin API from Python."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fake_nova.control import Admin, Refused
from fake_nova.testing import FakeNova


@pytest.fixture(scope="module")
def running() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as server:
        yield server


@pytest.fixture
def admin(running: FakeNova) -> Admin:
    running.reset()
    return running.admin


def test_images_are_added_changed_and_forgotten(admin: Admin) -> None:
    made = admin.add_image(name="a", size=5)
    assert admin.image(made["id"]) == made
    assert admin.change(made["id"], name="b", tags=["x"])["name"] == "b"
    assert admin.set_status(made["id"], "killed")["status"] == "killed"
    admin.forget(made["id"])
    with pytest.raises(Refused) as refused:
        admin.image(made["id"])
    assert refused.value.status == 404
    assert refused.value.message == f"no image has the id '{made['id']}'"


def test_several_are_added_all_or_none(admin: Admin) -> None:
    assert [image["name"] for image in admin.add_images([{"name": "a"}, {"name": "b"}])] == ["a", "b"]
    before = admin.images()
    with pytest.raises(Refused, match=r"images\[1\].size: -1 is not allowed; allowed: a whole number"):
        admin.add_images([{"name": "c"}, {"size": -1}])
    with pytest.raises(Refused, match=r"409: id: .* is already taken"):
        admin.add_images([{"name": "c"}, {"id": before[0]["id"]}])
    assert admin.images() == before


def test_made_up_images_follow_the_seed_and_the_template(admin: Admin) -> None:
    first = admin.generate(3, seed=9, status="queued")
    assert {image["status"] for image in first} == {"queued"}
    admin.reset()
    assert admin.generate(3, seed=9, status="queued") == first


def test_reset_goes_back_to_the_seed_or_to_nothing(admin: Admin) -> None:
    admin.reset("empty")
    assert admin.health()["images"] == 0
    admin.reset()
    assert admin.health()["images"] == 6
    with pytest.raises(Refused, match='to: "yesterday" is not allowed; allowed: seed, empty'):
        admin.reset("yesterday")


def test_a_fixture_document_is_taken_in() -> None:
    with FakeNova(fixtures=("default",)) as own:
        own.admin.load("images: [{name: more}]")
        assert own.admin.health()["images"] == 7
        own.admin.load("images: [{name: only}]", replace=True)
        own.admin.reset()
        assert [image["name"] for image in own.admin.images()] == ["only"]
