"""Views that upload, stage and download image data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import md5

from fake_nova.apis.glance_images import body, constraints, disk_formats, policies, ranges
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import REQUIRED_FORMATS, STORE, TRANSITIONS
from fake_nova.apis.glance_images.views import EMPTY_BODY_HEADERS
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.image_data import HASH_ALGORITHM
from fake_nova.errors import BodyTooLarge, StorageFull
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.support.messages import count_of
from fake_nova.wire.context import Context
from fake_nova.wire.query_string import parse_int
from fake_nova.wire.response import Response

_OCTET_STREAM = "application/octet-stream"

#: Statuses in which the data of an image can be downloaded.
_STATUSES_WITH_DATA = (
    *(ImageStatus.ACTIVE, ImageStatus.DEACTIVATED, ImageStatus.PENDING_DELETE),
    ImageStatus.QUEUED,  # it keeps data in a format that Glance refused
)


def upload(context: Context) -> Response:
    """Upload the data of a queued image. It becomes active at once, unless it follows a plan.

    If the data has another format than the image, the response is 415, but the image keeps the data, its
    checksum and its hash (Glance 33.0.0, measured).
    """
    _check_upload_headers(context)
    _check_upload_store(context)
    _check_transition(ImageStatus.SAVING, "upload_image", context, policies.get_visible_image(context))
    content = _read_data(context)
    image_id = context.path_params["image_id"]
    lifecycle = context.cloud.lifecycle
    images = context.cloud.images
    now = context.cloud.clock.now()

    def attach_data(image: Image) -> Image:
        policies.check_visible(image, context)
        _check_transition(ImageStatus.SAVING, "upload_image", context, image)
        updated_image = with_data(context.cloud, image, content)
        plan = lifecycle.matching_plan_name(image)
        steps = lifecycle.remaining_steps(plan, (ImageStatus.QUEUED,)) if plan is not None else ()
        status = steps[0].status if steps else ImageStatus.ACTIVE
        new_image = constraints.check_text_columns(updated_image.replace(status=status, updated_at=now))
        if plan is not None:
            lifecycle.start(image.id, plan, steps)
        return new_image

    def keep_data(image: Image) -> Image:
        return image.replace(**_checksums(content, _store(context.cloud, content)), updated_at=now)

    with lifecycle.lock():
        try:
            images.update(image_id, attach_data)
        except GlanceError as error:
            if error.status == 415:
                images.update(image_id, keep_data)
            raise
    return Response(204, EMPTY_BODY_HEADERS)


def stage(context: Context) -> Response:
    """Stage data of a queued image for a later import."""
    if "glance-direct" not in context.cloud.settings.enabled_import_methods:
        raise GlanceError(404, "'glance-direct' method is not available at this site.")
    _check_upload_headers(context)
    _check_transition(ImageStatus.UPLOADING, "modify_image", context, policies.get_visible_image(context))
    content = _read_data(context)
    now = context.cloud.clock.now()

    def staged_image_ids() -> set[str]:
        versions = _all_image_versions(context.cloud)
        return {version.id for version in versions if version.status is ImageStatus.UPLOADING}

    def stage_data(image: Image) -> Image:
        policies.check_visible(image, context)
        _check_transition(ImageStatus.UPLOADING, "modify_image", context, image)
        try:
            context.cloud.image_data.staged.put(image.id, content, staged_image_ids)
        except StorageFull as error:
            raise _storage_full() from error
        staged = image.replace(status=ImageStatus.UPLOADING, size=len(content), updated_at=now)
        return constraints.check_text_columns(staged)

    context.cloud.images.update(context.path_params["image_id"], stage_data)
    return Response(204, EMPTY_BODY_HEADERS)


def download(context: Context) -> Response:
    """Return the data of an image or a range of it, or 204 if this server has no data for it."""
    body.check_no_body(context)
    image = policies.get_visible_image(context)
    if image.status is ImageStatus.DEACTIVATED and not context.caller.is_admin:
        raise GlanceError(403, "The requested image has been deactivated. Image data download is forbidden.")
    policies.enforce("download_image", image, context.caller)
    _check_preferred_stores(context)
    byte_range = ranges.parse_range(context, image.size or 0)
    has_data = image.status in _STATUSES_WITH_DATA
    content = context.cloud.image_data.by_hash.get(image.os_hash_value or "") if has_data else None
    if content is None:
        return Response(204)
    headers = [("Content-Type", _OCTET_STREAM)]
    if image.checksum:
        headers.append(("Content-MD5", image.checksum))
    if byte_range is None:
        return Response(200, tuple(headers), content)
    headers.append(("Content-Range", f"bytes {byte_range.start}-{byte_range.stop - 1}/{len(content)}"))
    return Response(206, tuple(headers), content[byte_range.start : byte_range.stop])


def _check_preferred_stores(context: Context) -> None:
    for name in context.query_params.get("prefer", [""])[-1].split(","):
        if name.strip() not in ("", STORE):
            raise GlanceError(400, f"Store '{name.strip()}' is not configured.")


def _check_upload_headers(context: Context) -> None:
    media_type = body.media_type(context)
    if media_type != _OCTET_STREAM:
        raise GlanceError(415, detail=f"Invalid content type {media_type}")
    size = context.request.header("X-OpenStack-Image-Size")
    if size is not None and not re.fullmatch(r"\s*[-+]?[0-9]+\s*", size):
        raise GlanceError(400, "Invalid or missing image size in request headers.")


def _check_upload_store(context: Context) -> None:
    store = context.request.header("X-Image-Meta-Store")
    if store not in (None, STORE):
        raise GlanceError(400, f"Store for identifier {store} not found")


def _read_data(context: Context) -> bytes:
    """Return the data in the body of a request.

    Raises:
        GlanceError: 413 if it is larger than an image may be; 400 if X-OpenStack-Image-Size has another size.
    """
    max_bytes = context.cloud.image_data.max_image_size
    declared_size = parse_int(context.request.header("X-OpenStack-Image-Size") or "0")
    try:
        content = context.request.read_body(max_bytes)
    except BodyTooLarge as error:
        message = "The incoming image is too large: The provided image is too large."
        reason = f"--max-image-size limits image data to {count_of(max_bytes, 'byte')}."
        raise GlanceError(413, message, reason=reason) from error
    if declared_size > 0 and declared_size != len(content):
        raise GlanceError(400, f"Size mismatch: expected {declared_size} bytes, got {len(content)} bytes")
    return content


def _check_transition(status: ImageStatus, policy: str, context: Context, image: Image) -> None:
    """Check the policy, then the status transition, then the required formats (Glance's order).

    Raises:
        GlanceError: 403 or 404 if the policy forbids it; 409 if the image cannot go to *status*; 400 if a
            format is missing.
    """
    policies.enforce(policy, image, context.caller)
    if status not in TRANSITIONS[image.status]:
        raise GlanceError(409, f"Image status transition from {image.status} to {status} is not allowed")
    missing_names = [name for name in REQUIRED_FORMATS.get(status, ()) if not getattr(image, name)]
    if missing_names:
        noun = "Property" if len(missing_names) == 1 else "Properties"
        raise GlanceError(400, f"{noun} {', '.join(missing_names)} must be set prior to saving data.")


def _all_image_versions(cloud: Cloud) -> Iterator[Image]:
    """Yield all images of the present state, the initial state and the snapshots of a cloud."""
    saved_states = [snapshot.store_state for snapshot in tuple(cloud.snapshots.values())]
    for state in (cloud.images.state, cloud.initial_state.store_state, *saved_states):
        yield from state.by_key.values()


def with_data(cloud: Cloud, image: Image, content: bytes, is_real: bool = True) -> Image:
    """Store *content*, and return *image* with its size, checksum and hash.

    Args:
        cloud: the cloud that stores the data.
        image: the image that gets the data.
        content: the data.
        is_real: whether a client sent the data; False for the text of a URI that stands in for it.

    Raises:
        GlanceError: 415 if the data has another format than the image; 413 if the storage is full.
    """
    formats = image.disk_format or "", image.container_format or ""
    virtual_size = disk_formats.virtual_size(content, *formats) if is_real else None
    hashes = _checksums(content, _store(cloud, content))
    return image.replace(size=len(content), **hashes, virtual_size=virtual_size, stores=None)


def _store(cloud: Cloud, content: bytes) -> str:
    """Store *content*, and return its hash.

    Raises:
        GlanceError: 413 if the storage is full.
    """

    def referenced_hashes() -> set[str]:
        images = (image for image in _all_image_versions(cloud) if not image.is_deleted)
        return {image.os_hash_value for image in images if image.os_hash_value}

    try:
        return cloud.image_data.put(content, referenced_hashes)
    except StorageFull as error:
        raise _storage_full() from error


def _checksums(content: bytes, digest: str) -> dict[str, str]:
    """Return the checksum fields of an image."""
    checksum = md5(content, usedforsecurity=False).hexdigest()
    return {"checksum": checksum, "os_hash_algo": HASH_ALGORITHM, "os_hash_value": digest}


def _storage_full() -> GlanceError:
    message = "Image storage media is full: There is not enough disk space on the image storage media."
    reason = "The data of all images together is limited to 16 times --max-image-size."
    return GlanceError(413, message, reason=reason)
