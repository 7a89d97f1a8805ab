"""Request bodies, read from the WSGI environments of several servers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from fake_nova.errors import BodyTimeout, BodyTooLarge, Invalid
from fake_nova.wire.request_body import content_length, read_body
from tests.conftest import Cloud

KEYSTONE_LIMIT = 114_688


def environ(content: bytes, length: object = None, terminated: bool = False) -> dict[str, Any]:
    variables: dict[str, Any] = {"wsgi.input": io.BytesIO(content), "wsgi.input_terminated": terminated}
    return variables if length is None else {**variables, "CONTENT_LENGTH": length}


@pytest.mark.parametrize("length", ["3", 3])
def test_a_body_ends_at_its_content_length(length: object) -> None:
    assert read_body(environ(b"abcdef", length), 10) == b"abc"


def test_a_chunked_body_is_read_to_its_end() -> None:
    content = b"x" * 200_000
    assert read_body(environ(content, terminated=True), len(content)) == content


def test_a_request_without_length_and_chunks_has_no_body() -> None:
    assert read_body(environ(b"next request"), 10) == b""


@pytest.mark.parametrize("terminated", [True, False])
def test_one_byte_too_many_is_too_large_with_and_without_a_length(terminated: bool) -> None:
    length = None if terminated else "11"
    with pytest.raises(BodyTooLarge):
        read_body(environ(b"x" * 11, length, terminated), 10)


@pytest.mark.parametrize("terminated", [True, False])
def test_a_body_that_ends_early_is_rejected(terminated: bool) -> None:
    with pytest.raises(Invalid):
        read_body(environ(b"abc", "10", terminated), 10)


@pytest.mark.parametrize("error", [TimeoutError, BlockingIOError])
def test_a_client_that_stalls_is_a_timeout(error: type[OSError]) -> None:
    class Stalled:
        def read(self, _: int) -> bytes:
            raise error

    with pytest.raises(BodyTimeout):
        read_body({"wsgi.input": Stalled(), "CONTENT_LENGTH": "10"}, 10)


@pytest.mark.parametrize(
    ("text", "length"), [(None, 0), ("", 0), ("abc", 0), ("-1", 0), ("٣", 0), (7, 7), ("9" * 30, 10**18)]
)
def test_an_invalid_content_length_counts_as_zero(text: object, length: int) -> None:
    assert content_length({"CONTENT_LENGTH": text} if text is not None else {}) == length


def chunked(cloud: Cloud, method: str, path: str, content: bytes, **headers: str) -> Any:
    """Send a body without a length, as servers pass on chunks."""
    return cloud.ask(
        method,
        path,
        input_stream=io.BytesIO(content),
        environ_overrides={"wsgi.input_terminated": True},
        headers=headers,
    )


@pytest.fixture
def small_cloud() -> Iterator[Cloud]:
    yield Cloud(max_image_size=10)


@pytest.mark.parametrize("upload_method", ["file", "stage"])
def test_data_over_the_limit_is_a_413_and_leaves_the_image_queued(
    small_cloud: Cloud, upload_method: str
) -> None:
    new = {"name": "x", "disk_format": "raw", "container_format": "bare"}
    image_id = small_cloud.ask("POST", "/image/v2/images", json=new).get_json()["id"]
    path = f"/image/v2/images/{image_id}"
    response = chunked(
        small_cloud,
        "PUT",
        f"{path}/{upload_method}",
        b"x" * 11,
        **{"Content-Type": "application/octet-stream"},
    )
    assert response.status_code == 413
    assert small_cloud.get(path)["status"] == "queued"
    response = chunked(
        small_cloud,
        "PUT",
        f"{path}/{upload_method}",
        b"x" * 10,
        **{"Content-Type": "application/octet-stream"},
    )
    assert response.status_code == 204


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/identity/v3/auth/tokens", KEYSTONE_LIMIT),
        ("/identity/v2.0/tokens", KEYSTONE_LIMIT),
        ("/image/v2/images", 256 * 1024),
        ("/_admin/images", 32 * 1024 * 1024),
        ("/_admin/fixtures", 32 * 1024 * 1024),
        ("/_admin/reset", 32 * 1024 * 1024),
    ],
)
def test_a_chunked_body_one_byte_over_the_limit_is_a_413(cloud: Cloud, path: str, limit: int) -> None:
    before = cloud.get("/_admin/images")
    assert chunked(cloud, "POST", path, b" " * (limit + 1)).status_code == 413
    assert cloud.get("/_admin/images") == before


@pytest.mark.parametrize("path", ["/", "/v2", "/v2.1/", "/nothing", "/v2.1/images"])
def test_a_content_length_over_the_limit_is_refused_before_the_body_arrives(cloud: Cloud, path: str) -> None:
    response = cloud.ask("POST", path, environ_overrides={"CONTENT_LENGTH": str(KEYSTONE_LIMIT + 1)})
    assert response.status_code == 413


class CutOff:
    """A body that breaks off: the stream raises, as every server's own stream does."""

    def __init__(self, error: type[Exception]) -> None:
        self._pieces = [b"{"]
        self._error = error

    def read(self, _: int) -> bytes:
        if self._pieces:
            return self._pieces.pop()
        raise self._error


PATHS = [
    ("POST", "/v2.1/servers/x/action"),
    ("POST", "/image/v2/images"),
    ("POST", "/identity/v3/auth/tokens"),
    ("POST", "/identity/v2.0/tokens"),
    ("POST", "/_admin/images"),
    ("POST", "/_admin/fixtures"),
    ("POST", "/_admin/reset"),
]


def cut_off(cloud: Cloud, method: str, path: str, error: type[Exception], **headers: str) -> Any:
    return cloud.ask(
        method, path, environ_overrides={"wsgi.input": CutOff(error), "CONTENT_LENGTH": "10"}, headers=headers
    )


@pytest.mark.parametrize("error", [OSError, ValueError, ConnectionResetError])
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_body_that_is_cut_off_is_a_400(
    cloud: Cloud, method: str, path: str, error: type[Exception]
) -> None:
    before = cloud.get("/_admin/images")
    assert cut_off(cloud, method, path, error).status_code == 400
    assert cloud.get("/_admin/images") == before


@pytest.mark.parametrize("error", [TimeoutError, BlockingIOError])
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_a_body_whose_rest_arrives_too_late_is_a_408(
    cloud: Cloud, method: str, path: str, error: type[Exception]
) -> None:
    response = cut_off(cloud, method, path, error)
    assert response.status_code == 408
    assert response.text == "The rest of the body did not arrive in time (--body-timeout)."


@pytest.mark.parametrize("upload_method", ["file", "stage"])
@pytest.mark.parametrize(("error", "status"), [(OSError, 400), (TimeoutError, 408)])
def test_data_that_is_cut_off_leaves_the_image_queued(
    cloud: Cloud, upload_method: str, error: type[Exception], status: int
) -> None:
    new = {"name": "x", "disk_format": "raw", "container_format": "bare"}
    image_id = cloud.ask("POST", "/image/v2/images", json=new).get_json()["id"]
    path = f"/image/v2/images/{image_id}"
    response = cut_off(
        cloud, "PUT", f"{path}/{upload_method}", error, **{"Content-Type": "application/octet-stream"}
    )
    assert response.status_code == status
    assert cloud.get(path)["status"] == "queued"
