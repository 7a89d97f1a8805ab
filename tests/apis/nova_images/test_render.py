"""The bytes of the images API against a schema of Nova's API reference, for random images."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields, post_dump

from fake_nova.apis.nova_common.links import LinkBuilder
from fake_nova.apis.nova_images import render
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.images.store import ImageStore
from fake_nova.images.store_state import StoreState
from fake_nova.support.caching import ENTRY_OVERHEAD
from tests.conftest import Cloud

PROJECT = "9c53a566cb3443ab910cf0daebca90c4"
ROOT = "http://localhost"
STATUSES = {"active": "ACTIVE", "queued": "SAVING", "saving": "SAVING", "killed": "ERROR"}
STATUSES |= {"pending_delete": "DELETED"}
PERCENT = {"queued": 25, "saving": 50, "active": 100}


def links(kind: str, its_id: str) -> list[dict[str, str]]:
    path = f"/{PROJECT}/{kind}/{its_id}"
    return [{"rel": "self", "href": f"{ROOT}/v2.1{path}"}, {"rel": "bookmark", "href": f"{ROOT}{path}"}]


def image_links(image: Image) -> list[dict[str, str]]:
    kind = "application/vnd.openstack.image"
    alternate = f"{ROOT}/image/images/{image.id}"
    return [*links("images", image.id), {"rel": "alternate", "type": kind, "href": alternate}]


class Summary(Schema):
    """An image in a list, according to the API reference."""

    id = fields.String()
    name = fields.String()
    links = fields.Function(image_links)


class Detail(Schema):
    """An image in a detailed list; fields that an image does not have are omitted."""

    id = fields.String()
    name = fields.String()
    minRam = fields.Integer(attribute="min_ram")  # noqa: N815  # the name in the API
    minDisk = fields.Integer(attribute="min_disk")  # noqa: N815  # the name in the API
    metadata = fields.Dict(attribute="properties")
    created = fields.DateTime("%Y-%m-%dT%H:%M:%SZ", attribute="created_at")
    updated = fields.DateTime("%Y-%m-%dT%H:%M:%SZ", attribute="updated_at")
    status = fields.Function(lambda image: STATUSES.get(image.status, "UNKNOWN"))
    progress = fields.Function(lambda image: PERCENT.get(image.status, 0))
    size = fields.Function(lambda image: image.size or 0, data_key="OS-EXT-IMG-SIZE:size")
    links = fields.Function(image_links)
    server = fields.Function(
        lambda image: {
            "id": image.properties.get("instance_uuid"),
            "links": links("servers", image.properties.get("instance_uuid", "")),
        }
    )
    config = fields.Function(
        lambda image: {"True": "AUTO", "no": "MANUAL"}.get(image.properties.get("auto_disk_config")),
        data_key="OS-DCF:diskConfig",
    )

    @post_dump
    def without_nothing(self, dumped_fields: dict[str, Any], **_: Any) -> dict[str, Any]:
        optional = {
            "server": dumped_fields["server"]["id"],
            "OS-DCF:diskConfig": dumped_fields["OS-DCF:diskConfig"],
        }
        return {key: value for key, value in dumped_fields.items() if optional.get(key, "") is not None}


TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
PROPERTIES = st.dictionaries(st.sampled_from(("architecture", "a key", "é")), TEXTS, max_size=3)
SERVERS = st.sampled_from(({}, {"instance_uuid": "7f4e1c8a-6f0e-4f0c-9d0c-5b6f3f1f7a11"}))
CONFIGS = st.sampled_from(({}, {"auto_disk_config": "True"}, {"auto_disk_config": "no"}))
IMAGES = st.builds(
    Image,
    id=st.uuids(version=4).map(str),
    name=st.none() | TEXTS,
    status=st.sampled_from([status for status in ImageStatus if status is not ImageStatus.DELETED]),
    size=st.none() | st.integers(0, 2**63 - 1),
    min_ram=st.integers(0, 2**31 - 1),
    min_disk=st.integers(0, 2**31 - 1),
    created_at=TIMES,
    updated_at=TIMES,
    properties=st.tuples(PROPERTIES, SERVERS, CONFIGS).map(
        lambda three: {**three[0], **three[1], **three[2]}
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(IMAGES, max_size=6, unique_by=lambda image: image.id))
def test_the_bytes_equal_a_dump_of_the_published_schema(images: list[Image]) -> None:
    cloud = Cloud(dialect="nova", fixtures=("empty",))
    cloud.emulator.cloud.images.restore(StoreState.from_images(images))
    images_in_store = ImageStore(StoreState.from_images(images)).all()
    visible_images = [image for image in images_in_store if image.status is not ImageStatus.KILLED]
    for path, schema in (("images", Summary()), ("images/detail", Detail())):
        for _ in range(2):  # the second response comes from the cache
            response = cloud.ask("GET", f"/v2.1/{PROJECT}/{path}")
            assert response.data == json.dumps({"images": schema.dump(visible_images, many=True)}).encode()
    for image in images:
        response = cloud.ask("GET", f"/v2.1/{PROJECT}/images/{image.id}")
        assert response.data == json.dumps({"image": Detail().dump(image)}).encode()


def test_fragments_are_rendered_once_until_the_cache_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "MAX_CACHED_BYTES", 3 * (ENTRY_OVERHEAD + len("http://cloud/0")))
    render_calls: list[str] = []

    def rendering(image: Image, urls: LinkBuilder) -> bytes:
        render_calls.append(image.id)
        return f"{urls.base_url}/{image.id}".encode()

    parts = render.FragmentCache(rendering)
    now = datetime(2024, 1, 1, tzinfo=UTC)
    images = [Image(id=str(number), created_at=now, updated_at=now) for number in range(4)]
    urls = LinkBuilder("http://cloud", "v2.1", "", "nova")
    for image in (images[0], images[0], images[1], images[2], images[0], images[3], images[0]):
        assert parts.for_links(urls)[image] == f"http://cloud/{image.id}".encode()
    assert render_calls == ["0", "1", "2", "3", "0"]
