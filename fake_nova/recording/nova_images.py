"""The images that a user sees through Nova's proxy, for clouds without an image endpoint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from fake_nova.errors import CloudFailure
from fake_nova.images import timestamps
from fake_nova.images.status import NOVA_STATUS, ImageStatus
from fake_nova.recording.options import RecordOptions
from fake_nova.recording.reading import refusal, walk

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud

_PAGE_SIZE: Final = 1000

#: Status and progress in Nova's words -> Glance's status. Nova shows several of Glance's statuses as UNKNOWN.
_STATUSES: Final[Mapping[tuple[str, int], ImageStatus]] = {
    ("SAVING", 25): ImageStatus.QUEUED,
    ("SAVING", 50): ImageStatus.SAVING,
}

#: Nova's status -> Glance's, whatever the progress.
_STATUS_WORDS: Final[Mapping[str, ImageStatus]] = {
    "ACTIVE": ImageStatus.ACTIVE,
    "SAVING": ImageStatus.SAVING,
    "ERROR": ImageStatus.KILLED,
    "DELETED": ImageStatus.PENDING_DELETE,
    "UNKNOWN": ImageStatus.DEACTIVATED,
}

#: Properties that Nova gives to the snapshot of a server. Such an image is private.
_SNAPSHOT_PROPERTIES: Final = ("instance_uuid", "base_image_ref", "owner_id", "user_id")

Entry = dict[str, Any]


class NovaReader:
    """Reads images through Nova's proxy, which shows neither owner, visibility, tags nor hashes.

    Args:
        cloud: the cloud.
        options: which images.
    """

    def __init__(self, cloud: Cloud, options: RecordOptions) -> None:
        self._cloud: Final = cloud
        self._options: Final = options

    def read(self) -> list[Entry]:
        """Return the images as entries of a fixture, in Nova's order.

        Raises:
            CloudFailure: if Nova has no images proxy, refuses, or cannot be reached; or if the options choose
                an owner, which Nova does not show.
        """
        if self._options.owner is not None:
            raise CloudFailure(
                "--owner: Nova does not show owners, and the cloud has no image service; expected no --owner"
            )
        return [self._entry(image) for image in islice(self._images(), self._options.limit)]

    def _images(self) -> Any:
        params = self._params()
        number = 0
        for page in walk(self._cloud, "compute", "/images/detail", "images", params):
            number += len(page)
            self._options.on_progress(number)
            yield from page

    def _params(self) -> dict[str, str]:
        """Return the parameters of the first page, after checking that Nova has the proxy.

        Some clouds refuse a limit above their maximum. They get no limit, which means that maximum.
        """
        options = self._options
        status = None if options.status is None else NOVA_STATUS[ImageStatus(options.status)]
        since = None if options.since is None else timestamps.isoformat_seconds(options.since)
        filters = {"name": options.name, "status": status, "changes-since": since}
        params = {name: text for name, text in filters.items() if text is not None}
        response = self._cloud.get("compute", f"/images/detail?limit={_PAGE_SIZE}")
        if response.status == 404:
            raise refusal(response, "an image service in the catalog, or Nova's images proxy")
        if response.status in (400, 403):
            return params
        size = min(options.limit or _PAGE_SIZE, _PAGE_SIZE)
        return {"limit": str(size), **params}

    def _entry(self, image: Mapping[str, Any]) -> Entry:
        """Return an image of Nova as an entry of a fixture."""
        properties = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in image.get("metadata", {}).items()
        }
        status = image["status"]
        progress = image.get("progress", 0)
        entry: Entry = {
            "id": image["id"],
            "name": image["name"],
            "status": str(_STATUSES.get((status, progress)) or _STATUS_WORDS.get(status) or "deactivated"),
            "visibility": "private" if any(key in properties for key in _SNAPSHOT_PROPERTIES) else "public",
            "owner": self._cloud.caller.project_id,
            "created_at": image["created"],
            "updated_at": image["updated"],
            "size": image.get("OS-EXT-IMG-SIZE:size"),
            "min_ram": image.get("minRam", 0),
            "min_disk": image.get("minDisk", 0),
            "properties": properties,
        }
        if not entry["size"]:
            del entry["size"]
        return entry
