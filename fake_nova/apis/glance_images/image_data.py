"""Bring data into an image, and out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import md5
from typing import Any
from urllib.parse import urlsplit

from fake_nova.apis.glance_images import body, constraints, disk_formats, policies, ranges
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import GOES_TO, IMPORTED, NEEDS_FORMATS, STORE
from fake_nova.apis.glance_images.views import EMPTY
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.image_data import HASH_ALGORITHM, DataFull, hash_of
from fake_nova.cloud.plans import IMPORT
from fake_nova.errors import BodyTooLarge
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.query_string import whole

_BYTES = "application/octet-stream"


def upload(call: Call) -> Answer:
    """Give a queued image its data; it is active at once, unless it goes by a plan.

    Of data in another format than the image says, checksum and hash stay (Glance 33.0.0, measured).
    """
    _is_bytes(call)
    _may_go_to(ImageStatus.SAVING, "upload_image", call, policies.seen(call))
    content = _content(call)
    lifecycle = call.cloud.lifecycle
    now = call.cloud.clock.now()
    refused: list[GlanceError] = []

    def uploaded(image: Image) -> Image:
        _may_go_to(ImageStatus.SAVING, "upload_image", call, policies.look(image, call.caller))
        try:
            filled = _filled(call.cloud, image, content)
        except GlanceError as error:
            if error.status != 415:
                raise
            refused[:] = [error]
            return image.replaced(**_sums(content, hash_of(content)), updated_at=now)
        plan = lifecycle.plan_for(image)
        steps = lifecycle.behind(plan, (ImageStatus.QUEUED,)) if plan is not None else ()
        status = steps[0].status if steps else ImageStatus.ACTIVE
        new = constraints.checked(filled.replaced(status=status, updated_at=now))
        if plan is not None:
            lifecycle.begin(image.id, plan, steps)
        return new

    with lifecycle.still():
        call.cloud.images.update(call.parts["image_id"], uploaded)
    if refused:
        raise refused[0]
    return Answer(204, EMPTY)


def stage(call: Call) -> Answer:
    """Lay data aside for a queued image, to be imported."""
    if "glance-direct" not in call.cloud.settings.import_ways:
        raise GlanceError(404, "'glance-direct' method is not available at this site.")
    _is_bytes(call)
    _may_go_to(ImageStatus.UPLOADING, "modify_image", call, policies.seen(call))
    content = _content(call)
    now = call.cloud.clock.now()

    def waiting() -> set[str]:
        return {one.id for one in _every_version(call.cloud) if one.status is ImageStatus.UPLOADING}

    def staged(image: Image) -> Image:
        _may_go_to(ImageStatus.UPLOADING, "modify_image", call, policies.look(image, call.caller))
        try:
            call.cloud.data.staged.put(image.id, content, waiting)
        except DataFull as error:
            raise _full() from error
        return constraints.checked(
            image.replaced(status=ImageStatus.UPLOADING, size=len(content), updated_at=now)
        )

    call.cloud.images.update(call.parts["image_id"], staged)
    return Answer(204, EMPTY)


def import_data(call: Call) -> Answer:
    """Let an image get its data from where it was laid aside, or from an address; it goes by a plan.

    Nothing is fetched from the address: its own text stands for the data that would be there. Data in another
    format than the image says is refused here; the real service finds that out later, and queues it again.
    """
    method = _method(call)
    address = method.get("uri")
    lifecycle, now = call.cloud.lifecycle, call.cloud.clock.now()

    def importing(image: Image) -> Image:
        policies.look(image, call.caller)
        _may_be_imported(image, method["name"])
        policies.enforce("modify_image", image, call.caller)
        if method["name"] == "web-download" and not _is_fetchable(address):
            raise GlanceError(400, f"URI for web-download does not pass filtering: {address}")
        was_staged = method["name"] == "glance-direct"
        content = call.cloud.data.staged.get(image.id) if was_staged else str(address).encode()
        plan = lifecycle.plan_for(image)
        if plan is None or all(step.status is not ImageStatus.IMPORTING for step in lifecycle.plan(plan)):
            plan = IMPORT
        steps = lifecycle.behind(plan, (ImageStatus.QUEUED, ImageStatus.SAVING, ImageStatus.UPLOADING))
        filled = image if content is None else _filled(call.cloud, image, content, was_staged)
        properties = {**filled.properties, **IMPORTED}
        new = constraints.checked(
            filled.replaced(status=steps[0].status, properties=properties, updated_at=now)
        )
        lifecycle.begin(image.id, plan, steps, chosen=plan != IMPORT)
        return new

    with lifecycle.still():
        image = call.cloud.images.update(call.parts["image_id"], importing)
    call.cloud.data.staged.drop(image.id)
    return Answer(202, EMPTY)


def download(call: Call) -> Answer:
    """Return the data of an image, or a part of it; 204 for one whose data was never brought here."""
    body.none(call)
    image = policies.seen(call)
    if image.status is ImageStatus.DEACTIVATED and not call.caller.is_admin:
        raise GlanceError(403, "The requested image has been deactivated. Image data download is forbidden.")
    policies.enforce("download_image", image, call.caller)
    _prefers_known_stores(call)
    part = ranges.read(call, image.size or 0)
    content = call.cloud.data.by_hash.get(image.os_hash_value or "") if image.status in _WITH_DATA else None
    if content is None:
        return Answer(204)
    headers = [("Content-Type", _BYTES)]
    if image.checksum:
        headers.append(("Content-MD5", image.checksum))
    if part is None:
        return Answer(200, tuple(headers), content)
    headers.append(("Content-Range", f"bytes {part.start}-{part.stop - 1}/{len(content)}"))
    return Answer(206, tuple(headers), content[part.start : part.stop])


#: Statuses of images that have data.
_WITH_DATA = (ImageStatus.ACTIVE, ImageStatus.DEACTIVATED, ImageStatus.PENDING_DELETE)


def _prefers_known_stores(call: Call) -> None:
    for name in call.query.get("prefer", [""])[-1].split(","):
        if name.strip() not in ("", STORE):
            raise GlanceError(400, f"Store '{name.strip()}' is not configured.")


def _is_bytes(call: Call) -> None:
    media_type = body.media_type(call)
    if media_type != _BYTES:
        raise GlanceError(415, detail=f"Invalid content type {media_type}")
    size = call.header("X-OpenStack-Image-Size")
    if size is not None and not re.fullmatch(r"\s*[-+]?[0-9]+\s*", size):
        raise GlanceError(400, "Invalid or missing image size in request headers.")
    store = call.header("X-Image-Meta-Store") or STORE
    if store != STORE:
        raise GlanceError(400, f"Store for identifier {store} not found")


def _content(call: Call) -> bytes:
    """Return the data that was sent.

    Raises:
        GlanceError: 413, there is more than an image may have.
    """
    most = call.cloud.data.most
    promised = whole(call.header("X-OpenStack-Image-Size") or "0")
    try:
        content = call.read(most)
    except BodyTooLarge as error:
        raise GlanceError(
            413,
            "The incoming image is too large: The provided image is too large.",
            why=f"An image may have {most} bytes of data, by --max-image-size.",
        ) from error
    if promised > 0 and promised != len(content):
        raise GlanceError(400, f"Size mismatch: expected {promised} bytes, got {len(content)} bytes")
    return content


def _may_go_to(status: ImageStatus, policy: str, call: Call, image: Image) -> None:
    """Mind who may do it, where the image stands, and what it must say of itself, in this order.

    Raises:
        GlanceError: 403, 404, 409 or 400.
    """
    policies.enforce(policy, image, call.caller)
    if status not in GOES_TO[image.status]:
        raise GlanceError(409, f"Image status transition from {image.status} to {status} is not allowed")
    missing = [name for name in NEEDS_FORMATS.get(status, ()) if not getattr(image, name)]
    if missing:
        noun = "Property" if len(missing) == 1 else "Properties"
        raise GlanceError(400, f"{noun} {', '.join(missing)} must be set prior to saving data.")


def _every_version(cloud: Cloud) -> Iterator[Image]:
    """Give every image of the cloud, as it is and as it was in each state that can be gone back to."""
    snapshots = tuple(cloud.snapshots.values())
    for state in (cloud.images.state(), cloud.start.state, *(one.state for one in snapshots)):
        yield from state.by_id.values()


def _filled(cloud: Cloud, image: Image, content: bytes, real: bool = True) -> Image:
    """Return *image* with *content* as its data, which is kept.

    Args:
        cloud: where it is kept.
        image: what gets it.
        content: the data.
        real: whether it is what the image is about, and not a stand-in for it.

    Raises:
        GlanceError: 415, the data is in another format than the image says; 413, there is no room for it.
    """

    def in_use() -> set[str]:
        images = _every_version(cloud)
        return {one.os_hash_value for one in images if one.os_hash_value and not one.is_deleted}

    named = image.disk_format or "", image.container_format or ""
    virtual = disk_formats.virtual_size(content, *named) if real else None
    try:
        digest = cloud.data.keep(content, in_use)
    except DataFull as error:
        raise _full() from error
    return image.replaced(size=len(content), **_sums(content, digest), virtual_size=virtual)


def _sums(content: bytes, digest: str) -> dict[str, str]:
    """Return what an image says of its data to check it by."""
    checksum = md5(content, usedforsecurity=False).hexdigest()
    return {"checksum": checksum, "os_hash_algo": HASH_ALGORITHM, "os_hash_value": digest}


def _full() -> GlanceError:
    return GlanceError(
        413,
        "Image storage media is full: There is not enough disk space on the image storage media.",
        why="All images together may have sixteen times what --max-image-size allows one.",
    )


def _method(call: Call) -> dict[str, Any]:
    """Read the body of an import.

    Raises:
        GlanceError: 400.
    """
    given = body.json_of(call)
    method = given.get("method") if isinstance(given, dict) else None
    if not isinstance(method, dict):
        raise GlanceError(400, "Import request requires a 'method' field.")
    if "name" not in method:
        raise GlanceError(400, "Import request requires a 'name' field.")
    if method["name"] not in call.cloud.settings.import_ways:
        raise GlanceError(400, f"Unknown import method name '{method['name']}'.")
    for name in ("all_stores_must_succeed", "all_stores"):
        if not isinstance(given.get(name, True), bool):
            raise GlanceError(400, f"'{name}' must be boolean value only")
    return method


def _may_be_imported(image: Image, method: str) -> None:
    """Mind where an image stands.

    Raises:
        GlanceError: 409.
    """
    if image.status is ImageStatus.ACTIVE:
        raise GlanceError(409, "Image with status active cannot be target for import")
    if method == "web-download" and image.status is not ImageStatus.QUEUED:
        raise GlanceError(409, f"Image needs to be in 'queued' state to use '{method}' method")
    if method == "glance-direct" and image.status is not ImageStatus.UPLOADING:
        raise GlanceError(409, "Image needs to be staged before 'glance-direct' method can be used")
    for name in ("container_format", "disk_format"):
        if not getattr(image, name):
            raise GlanceError(409, f"'{name}' needs to be set before import")


#: The most characters of an address; Python remembers some of what it splits.
_LONGEST_ADDRESS = 2_048


def _is_fetchable(address: object) -> bool:
    """Whether an address is one that the service would fetch from: its default filter (Glance 33.0.0)."""
    if not isinstance(address, str) or len(address) > _LONGEST_ADDRESS:
        return False
    try:
        address.encode()
        parts = urlsplit(address)
        port = parts.port
    except ValueError:  # UnicodeError is one
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port in (None, 80, 443)
