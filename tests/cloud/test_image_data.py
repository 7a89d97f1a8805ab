"""The limit of all image data together."""

from __future__ import annotations

import pytest

from fake_nova.cloud.image_data import ImageDataStore
from fake_nova.errors import StorageFull
from tests.conftest import Cloud

#: How many pieces of data fit if each is as large as one image may be.
PIECES = 16


def pieces(first: int, count: int) -> list[bytes]:
    return [bytes((number,)) * 10 for number in range(first, first + count)]


def test_data_in_use_is_kept_up_to_sixteen_times_the_image_size() -> None:
    data = ImageDataStore(10)
    digests = [data.put(content, list) for content in pieces(0, PIECES)]
    with pytest.raises(StorageFull):
        data.put(b"one more", lambda: digests)
    assert [data.by_hash.get(digest) for digest in digests] == pieces(0, PIECES)


def test_when_space_is_short_only_data_in_use_is_kept() -> None:
    data = ImageDataStore(10)
    digests = [data.put(content, list) for content in pieces(0, PIECES)]
    new = data.put(b"one more", lambda: digests[:2])
    assert [data.by_hash.get(digest) is not None for digest in (*digests, new)] == [
        *(True, True),
        *(False,) * (PIECES - 2),
        True,
    ]


def test_equal_data_is_stored_once() -> None:
    data = ImageDataStore(10)
    for _ in range(PIECES + 1):
        digest = data.put(b"x" * 10, list)
    for content in pieces(0, PIECES - 1):
        data.put(content, lambda: [digest])
    assert data.by_hash.get(digest) == b"x" * 10


def test_staged_data_is_limited_too_and_dropping_it_frees_space() -> None:
    data = ImageDataStore(10)
    names = [str(number) for number in range(PIECES)]
    for name in names:
        data.staged.put(name, b"x" * 10, lambda: names)
        data.staged.put(name, b"y" * 10, lambda: names)  # replaces the first
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
def test_uploads_fail_with_storage_full_until_an_image_is_deleted(upload_method: str) -> None:
    cloud = Cloud(max_image_size=1)

    def put(content: bytes) -> tuple[str, int, str]:
        new = {"name": "x", "disk_format": "raw", "container_format": "bare"}
        path = f"/image/v2/images/{cloud.ask('POST', '/image/v2/images', json=new).get_json()['id']}"
        kind = {"Content-Type": "application/octet-stream"}
        response = cloud.ask("PUT", f"{path}/{upload_method}", data=content, headers=kind)
        return path, response.status_code, response.text

    responses = [put(bytes((number,))) for number in range(PIECES + 1)]
    assert [status for _, status, _ in responses] == [204] * PIECES + [413]
    assert "Image storage media is full" in responses[-1][2]
    assert cloud.ask("DELETE", responses[0][0]).status_code == 204
    assert put(b"x")[1] == 204


def test_staged_data_survives_a_replacement_that_does_not_fit() -> None:
    data = ImageDataStore(max_image_size=1)
    for number in range(16):
        data.staged.put(f"image{number}", b"x", lambda: [f"image{number}" for number in range(16)])
    with pytest.raises(StorageFull):
        data.staged.put("image0", b"xx", lambda: [f"image{number}" for number in range(16)])
    assert data.staged.get("image0") == b"x"
