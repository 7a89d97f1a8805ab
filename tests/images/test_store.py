"""ImageStore gives the same results as a scan of a plain dict."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_nova.errors import Conflict, ImageNotFound, MarkerNotFound, MarkerNotVisible
from fake_nova.images.conditions import Condition, FieldCompares, FieldIsOneOf, PropertyEquals, TextIsOneOf
from fake_nova.images.database import DATABASES, MARIADB, SQLITE, Database
from fake_nova.images.model import Caller, Image, Member
from fake_nova.images.ordered_index import creation_position
from fake_nova.images.query import ImageQuery, SortKey
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility
from fake_nova.images.store import ImageStore
from fake_nova.images.store_state import StoreState

START = datetime(2024, 1, 1, tzinfo=UTC)
ADMIN = Caller("admin", frozenset(("admin",)))
ALICE = Caller("alice", frozenset(("member",)))


def position_of(target: Image) -> tuple[datetime, str]:
    return creation_position(target, MARIADB)


def image(number: int, **fields: Any) -> Image:
    moment = START + timedelta(seconds=number)
    return Image(
        **{"id": f"{number:036d}", "name": f"n{number}", "created_at": moment, "updated_at": moment, **fields}
    )


def names_of(store: ImageStore, **query: Any) -> list[str | None]:
    return [found_image.name for found_image in store.find(ImageQuery(**{"caller": ADMIN, **query}))]


#: The database of one example: the same wherever a strategy draws it.
DATABASE = st.shared(st.sampled_from(tuple(DATABASES.values())), key="database")
PROJECTS = st.sampled_from(("alice", "bob", "carol"))
NAMES = ("a", "A", "\u00e1", "b", "b ", "")
IMAGES = st.builds(
    image,
    st.integers(0, 30),
    name=st.none() | st.sampled_from(NAMES),
    status=st.sampled_from(ImageStatus),
    min_ram=st.integers(0, 2),
    size=st.none() | st.integers(1, 3),
    owner=st.none() | PROJECTS,
    visibility=st.sampled_from(Visibility),
    os_hidden=st.booleans(),
    tags=st.sampled_from(((), ("red",))),
    members=st.lists(st.builds(Member, PROJECTS, st.sampled_from(MemberStatus)), max_size=2).map(tuple),
    properties=st.dictionaries(st.sampled_from(("k", "l")), st.sampled_from(("v", "V", "w")), max_size=2),
    created_at=st.integers(0, 3).map(lambda second: START + timedelta(seconds=second)),
)
CONDITIONS: st.SearchStrategy[Condition] = st.one_of(
    st.builds(TextIsOneOf.of, st.just("name"), st.lists(st.sampled_from(NAMES), max_size=2), DATABASE),
    st.builds(
        TextIsOneOf.of, st.just("status"), st.lists(st.sampled_from(ImageStatus), max_size=2), DATABASE
    ),
    st.builds(FieldIsOneOf, st.just("min_ram"), st.frozensets(st.integers(0, 3), max_size=2)),
    st.builds(TextIsOneOf.of, st.just("owner"), st.lists(PROJECTS, max_size=1), DATABASE),
    st.builds(PropertyEquals.of, st.sampled_from(("k", "K", "l")), st.sampled_from(("v", "w")), DATABASE),
    st.builds(
        FieldCompares,
        st.just("updated_at"),
        st.sampled_from(("gte", "lt")),
        st.just(START + timedelta(seconds=9)),
    ),
)
QUERIES = st.builds(
    ImageQuery,
    caller=st.builds(
        Caller,
        st.none() | PROJECTS,
        st.sampled_from((frozenset(("admin",)), frozenset(("member",)))),
        DATABASE,
    ),
    conditions=st.lists(CONDITIONS, max_size=2).map(tuple),
    visibility=st.none() | st.sampled_from(("all", *Visibility)),
    member_status=st.sampled_from(("all", *MemberStatus)),
    os_hidden=st.booleans(),
    excluded_statuses=st.sampled_from((frozenset(), frozenset((ImageStatus.KILLED,)))),
    limit=st.none() | st.integers(0, 4),
    ascending=st.booleans(),
    marker=st.none(),
    order=st.just(()),
)
WRITES = st.lists(st.tuples(st.sampled_from(("put", "forget")), IMAGES), max_size=40)


@settings(max_examples=150, deadline=None)
@given(st.lists(IMAGES, max_size=20, unique_by=lambda candidate: candidate.id), WRITES, QUERIES)
def test_after_any_writes_a_list_equals_a_scan_of_all_images(
    seed: list[Image], writes: list[tuple[str, Image]], query: ImageQuery
) -> None:
    database = query.caller.database
    store = ImageStore(StoreState.from_images(seed, database))
    model = {target.id: target for target in seed}
    for operation, target in writes:
        if operation == "forget":
            if target.id in model:
                store.forget(target.id)
                del model[target.id]
        elif target.id in model:
            model[target.id] = store.update(target.id, lambda _, new=target: new)  # type: ignore[misc]  # a default binds it now
            assert model[target.id].replace(removed_keys=()).__getstate__() == target.__getstate__()
        else:
            store.add(target)
            model[target.id] = target
    expected = sorted(
        (target for target in model.values() if not target.is_deleted and query.matches(target)),
        key=lambda target: creation_position(target, database),
        reverse=not query.ascending,
    )
    assert list(store.find(query)) == expected[: query.limit]
    assert len(store) == len(model)
    assert set(store.all()) == set(model.values())


@settings(max_examples=30, deadline=None)
@given(
    st.lists(IMAGES, max_size=30, unique_by=lambda candidate: candidate.id), st.integers(1, 4), st.booleans()
)
def test_paging_by_marker_visits_every_image_once(seed: list[Image], limit: int, ascending: bool) -> None:
    store = ImageStore(StoreState.from_images(seed))
    images = store.find(ImageQuery(caller=ADMIN, ascending=ascending))
    visited: list[Image] = []
    marker = None
    while page := store.find(ImageQuery(caller=ADMIN, ascending=ascending, limit=limit, marker=marker)):
        visited.extend(page)
        marker = page[-1].id
    assert tuple(visited) == images


@pytest.mark.parametrize("seed", range(4))
def test_changes_since_equals_a_scan_in_a_large_store_with_writes(seed: int) -> None:
    random = Random(seed)
    moments = [START + timedelta(seconds=second) for second in range(100)]
    images = [image(number, updated_at=random.choice(moments[:50])) for number in range(900)]
    store = ImageStore(StoreState.from_images(images))
    for _ in range(60):
        target = random.choice(images)
        moment = random.choice(moments)
        store.update(target.id, lambda old, moment=moment: old.replace(updated_at=moment))  # type: ignore[misc]  # a default binds it now
        since = FieldCompares("updated_at", "gte", random.choice(moments))
        for ascending in (True, False):
            query = ImageQuery(caller=ADMIN, conditions=(since,), ascending=ascending, limit=30)
            expected = [
                candidate for candidate in store.all()[:: -1 if ascending else 1] if query.matches(candidate)
            ]
            assert list(store.find(query)) == expected[:30]


ORDERS = st.lists(
    st.builds(SortKey, st.sampled_from(("name", "status", "size", "updated_at")), st.booleans(), DATABASE),
    max_size=2,
    unique_by=lambda key: key.field,
).flatmap(
    lambda keys: DATABASE.map(
        lambda database: (*keys, SortKey("created_at", True, database), SortKey("id", False, database))
    )
)


def with_page_name(original: Image) -> Image:
    """Return an image without an empty name, because pages treat an empty name as no name."""
    return original.replace(name=original.name or None)


def with_page_size(original: Image, database: Database) -> Image:
    """Return an image with a size if the database is SQLite, whose pages stop at an image without one."""
    return original.replace(size=original.size or 1) if database is SQLITE else original


@settings(max_examples=60, deadline=None)
@given(
    st.lists(IMAGES.map(with_page_name), max_size=30, unique_by=lambda candidate: candidate.id),
    st.integers(1, 4),
    ORDERS,
)
def test_sorted_lists_are_in_order_and_their_pages_are_complete(
    seed: list[Image], limit: int, order: tuple[SortKey, ...]
) -> None:
    database = order[0].database
    admin = ADMIN._replace(database=database)
    store = ImageStore(StoreState.from_images((with_page_size(each, database) for each in seed), database))
    images = store.find(ImageQuery(caller=admin, order=order))
    assert set(images) == set(store.find(ImageQuery(caller=admin)))
    for earlier, later in pairwise(images):
        key = next(key for key in order if key.sort_value(earlier) != key.sort_value(later))
        assert (key.sort_value(earlier) > key.sort_value(later)) == key.descending
    visited: list[Image] = []
    marker = None
    while page := store.find(ImageQuery(caller=admin, order=order, limit=limit, marker=marker)):
        visited.extend(page)
        assert len(visited) <= len(images)
        marker = page[-1].id
    assert tuple(visited) == images


@pytest.mark.parametrize("database", [pytest.param(rules, id=name) for name, rules in DATABASES.items()])
def test_paging_a_sorted_list_treats_missing_values_as_the_lowest(database: Database) -> None:
    images = [image(0, name="", size=0), image(1, name=None, size=None), image(2, name="", size=5)]
    store = ImageStore(StoreState.from_images(images, database))

    def ids_after(marker: int, field: str) -> list[str]:
        order = tuple(SortKey(name, False, database) for name in (field, "created_at", "id"))
        query = ImageQuery(caller=ADMIN._replace(database=database), order=order, marker=images[marker].id)
        return [candidate.id for candidate in store.find(query)]

    _, second, third = (candidate.id for candidate in images)
    assert ids_after(0, "name") == [second, third]
    assert ids_after(1, "name") == [third]
    assert ids_after(2, "name") == []
    assert ids_after(0, "size") == [second, third]
    # SQLite takes no size for greater than any; MariaDB takes it for 0.
    assert ids_after(1, "size") == ([] if database is SQLITE else [third])


def test_a_large_store_lists_in_order_from_any_marker() -> None:
    store = ImageStore(StoreState.from_images(image(number) for number in range(3000)))
    store.add(*(image(number) for number in range(3000, 4500)))
    store.forget(image(4499).id)
    assert names_of(store, limit=2) == ["n4498", "n4497"]
    assert names_of(store, limit=2, marker=image(1024).id) == ["n1023", "n1022"]
    assert names_of(store, limit=2, marker=image(511).id, ascending=True) == ["n512", "n513"]
    assert names_of(store) == [f"n{number}" for number in range(4498, -1, -1)]


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("marker", [None, 100, 2000])
@pytest.mark.parametrize("minutes", [0, 700, 1500, 2999, 3000])
def test_images_updated_since_a_time_are_found_in_order(
    ascending: bool, marker: int | None, minutes: int
) -> None:
    """Updates follow the order of creation, except that every hundredth image was updated late."""
    late_time = START + timedelta(minutes=3000)
    store = ImageStore(
        StoreState.from_images(
            image(number, updated_at=late_time if number % 100 == 7 else START + timedelta(minutes=number))
            for number in range(3000)
        )
    )
    since = START + timedelta(minutes=minutes)
    for _ in range(2):
        query = ImageQuery(
            caller=ADMIN,
            conditions=(FieldCompares("updated_at", "gte", since),),
            marker=None if marker is None else image(marker).id,
            limit=40,
            ascending=ascending,
        )
        expected = [candidate for candidate in store.all() if candidate.updated_at >= since]
        expected.sort(key=position_of, reverse=not ascending)
        if marker is not None:
            start = position_of(image(marker))
            expected = [
                candidate
                for candidate in expected
                if (position_of(candidate) > start if ascending else position_of(candidate) < start)
            ]
        assert list(store.find(query)) == expected[:40]
        store.update(image(1600).id, lambda old: old.replace(updated_at=late_time))
        store.forget(image(10).id)
        store.add(image(10, updated_at=START))


def test_later_writes_do_not_change_an_old_state() -> None:
    store = ImageStore(StoreState.from_images([image(1), image(2)]))
    old_state = store.state
    store.add(image(3))
    store.update(image(1).id, lambda old: old.replace(name="new"))
    store.forget(image(2).id)
    assert names_of(store) == ["n3", "new"]
    assert names_of(ImageStore(old_state)) == ["n2", "n1"]


def test_adding_several_images_is_atomic() -> None:
    store = ImageStore(StoreState.from_images([image(1)]))
    before = store.state
    with pytest.raises(Conflict, match="already in use"):
        store.add(image(2), image(1))
    with pytest.raises(Conflict):
        store.add(image(3), image(3))
    assert names_of(store) == ["n1"]
    assert store.state is before


def test_an_update_that_raises_changes_nothing() -> None:
    store = ImageStore(StoreState.from_images([image(1)]))
    before = store.state

    def refuse(_: Image) -> Image:
        raise Conflict("no")

    with pytest.raises(Conflict):
        store.update(image(1).id, refuse)
    assert store.state is before
    store.add(image(2))  # the lock is released
    assert names_of(store) == ["n2", "n1"]


def test_an_update_that_returns_the_same_image_is_not_a_write() -> None:
    store = ImageStore(StoreState.from_images([image(1)]))
    before = store.state
    store.update(image(1).id, lambda old: old)
    assert store.state is before


def test_an_unknown_image_is_not_found() -> None:
    store = ImageStore(StoreState.from_images(()))
    for attempt in (store.get, store.forget, lambda key: store.update(key, lambda old: old)):
        with pytest.raises(ImageNotFound):
            attempt("nope")


def test_a_deleted_image_is_unlisted_and_a_marker_for_admins_only() -> None:
    images = [image(0), image(1, status=ImageStatus.DELETED), image(2)]
    store = ImageStore(StoreState.from_images(images))
    assert store.get(image(1).id).is_deleted
    assert names_of(store) == ["n2", "n0"]
    assert names_of(store, marker=image(1).id) == ["n0"]
    with pytest.raises(MarkerNotFound):
        names_of(store, marker=image(1).id, caller=ALICE)


def test_another_projects_private_image_is_not_a_valid_marker() -> None:
    store = ImageStore(StoreState.from_images([image(1, owner="bob", visibility=Visibility.PRIVATE)]))
    with pytest.raises(MarkerNotVisible):
        names_of(store, caller=ALICE, marker=image(1).id)
    assert names_of(store, marker=image(1).id) == []


def test_concurrent_writes_are_not_lost() -> None:
    store = ImageStore(StoreState.from_images([image(1)]))

    def count(_: int) -> None:
        for _ in range(200):
            store.update(image(1).id, lambda old: old.replace(min_ram=old.min_ram + 1))

    threads = [Thread(target=count, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get(image(1).id).min_ram == 800
    assert names_of(store, conditions=(FieldIsOneOf("min_ram", frozenset((800,))),)) == ["n1"]
