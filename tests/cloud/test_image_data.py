"""The data of images: how much there may be of it in all."""

from __future__ import annotations

import pytest

from fake_nova.cloud.image_data import ImageDataStore, StorageFull
from tests.conftest import Cloud

#: So many pieces of data fit, each of which is as large as one image may be.
PIECES = 16


def pieces(first: int, count: int) -> list[bytes]:
    return [bytes((number,)) * 10 for number in range(first, first + count)]


def test_sixteen_times_what_one_image_may_have_is_kept_while_it_is_in_use() -> None:
    data = ImageDataStore(10)
    digests = [data.put(content, list) for content in pieces(0, PIECES)]
    with pytest.raises(StorageFull):
        data.put(b"one more", lambda: digests)
    assert [data.by_hash.get(digest) for digest in digests] == pieces(0, PIECES)


def test_where_room_is_short_what_is_in_use_is_kept_and_nothing_else() -> None:
    data = ImageDataStore(10)
    digests = [data.put(content, list) for content in pieces(0, PIECES)]
    new = data.put(b"one more", lambda: digests[:2])
    assert [data.by_hash.get(digest) is not None for digest in (*digests, new)] == [
        *(True, True),
        *(False,) * (PIECES - 2),
        True,
    ]


def test_the_same_data_takes_room_once() -> None:
    data = ImageDataStore(10)
    for _ in range(PIECES + 1):
        digest = data.put(b"x" * 10, list)
    for content in pieces(0, PIECES - 1):
        data.put(content, lambda: [digest])
    assert data.by_hash.get(digest) == b"x" * 10


def test_what_is_laid_aside_is_bounded_too_and_makes_room_when_it_is_forgotten() -> None:
    data = ImageDataStore(10)
    names = [str(number) for number in range(PIECES)]
    for name in names:
        data.staged.put(name, b"x" * 10, lambda: names)
        data.staged.put(name, b"y" * 10, lambda: names)  # instead of the first
    with pytest.raises(StorageFull):
        data.staged.put("more", b"x", lambda: names)
    data.staged.drop("0")
    data.staged.drop("0")
    data.staged.put("more", b"x" * 10, lambda: names)
    with pytest.raises(StorageFull):
        data.staged.put("even more", b"x", lambda: [*names, "more"])
    assert data.staged.get("0") is None
    assert data.staged.get("1") == b"y" * 10


@pytest.mark.parametrize("upload_method", ["file", "stage"])
def test_a_client_is_told_that_the_storage_is_full_until_an_image_is_deleted(upload_method: str) -> None:
    cloud = Cloud(max_image_size=1)

    def put(content: bytes) -> tuple[str, int, str]:
        new = {"name": "x", "disk_format": "raw", "container_format": "bare"}
        path = f"/image/v2/images/{cloud.ask('POST', '/image/v2/images', json=new).get_json()['id']}"
        kind = {"Content-Type": "application/octet-stream"}
        answer = cloud.ask("PUT", f"{path}/{upload_method}", data=content, headers=kind)
        return path, answer.status_code, answer.text

    answers = [put(bytes((number,))) for number in range(PIECES + 1)]
    assert [status for _, status, _ in answers] == [204] * PIECES + [413]
    assert "Image storage media is full" in answers[-1][2]
    assert cloud.ask("DELETE", answers[0][0]).status_code == 204
    assert put(b"x")[1] == 204


def test_what_is_laid_aside_stays_where_what_should_take_its_place_has_no_room() -> None:
    data = ImageDataStore(max_image_size=1)
    for number in range(16):
        data.staged.put(f"image{number}", b"x", lambda: [f"image{number}" for number in range(16)])
    with pytest.raises(StorageFull):
        data.staged.put("image0", b"xx", lambda: [f"image{number}" for number in range(16)])
    assert data.staged.get("image0") == b"x"
