"""Captures: images that are being created from a server, and what becomes of the image and the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from fake_nova.cloud import server_states
from fake_nova.cloud.server_store import ServerStore
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Caller, Image, is_visible, may_change
from fake_nova.images.status import ImageStatus
from fake_nova.images.store import ImageStore

#: The data of every image of a server, as the recorded hypervisor, a stand-in, wrote it.
_DATA: Final[Mapping[str, Any]] = {
    "disk_format": "qcow2",
    "size": 262_144,
    "checksum": "a1c1b6b2f60e28295840bb5322a6dcac",
    "os_hash_algo": "sha512",
    "os_hash_value": (
        "565f2719e484bc8e8dc1796ec57fe0b9af59c576cbabf4c7d03283a10b2ce4df"
        "82bb9ed8fb8384178c2a3072b6d8bf2268ca716ec9d52eba4271d2a61132f6fc"
    ),
}
_VIRTUAL_SIZE: Final = 1_073_741_824

#: The statuses of an image that is not complete yet.
_UNFINISHED: Final = (
    *(ImageStatus.QUEUED, ImageStatus.SAVING, ImageStatus.UPLOADING, ImageStatus.IMPORTING),
)

#: The shares of a step in status ``queued`` after which the disk is copied, and the upload begins.
_COPIED_AFTER: Final = 0.5
_UPLOADS_AFTER: Final = 0.75


class Kind(NamedTuple):
    """A kind of capture (Nova 34.0.0's compute manager).

    Attributes:
        copying: the task_state while the disk is copied.
        pending: the task_state until the upload begins.
        uploading: the task_state during the upload; before the first byte the image is still ``queued``.
        status_without_data: the status of an image whose capture fails.
        changes: the changes to the server when the image is active.
    """

    copying: str = "image_snapshot"
    pending: str = "image_pending_upload"
    uploading: str = "image_uploading"
    status_without_data: ImageStatus = ImageStatus.DELETED
    changes: Mapping[str, Any] = {}

    def task_state_in(self, status: ImageStatus, elapsed_share: float = 0) -> str:
        """Return the task_state of the server.

        Args:
            status: the status of the image.
            elapsed_share: the elapsed share of the present step of its plan, from 0 to 1.
        """
        if status is not ImageStatus.QUEUED or elapsed_share >= _UPLOADS_AFTER:
            return self.uploading
        return self.copying if elapsed_share < _COPIED_AFTER else self.pending


#: Name -> kind. The image of a server that fails to be shelved stays ``queued``, because nobody deletes it.
KINDS: Final[Mapping[str, Kind]] = {
    "snapshot": Kind(),
    "backup": Kind("image_backup"),
    "shelve": Kind(
        "shelving",
        "shelving_image_pending_upload",
        "shelving_image_uploading",
        ImageStatus.QUEUED,
        {"vm_state": server_states.VM_SHELVED, "power_state": 4},
    ),
}


class Capture(NamedTuple):
    """An image that is being created from a server.

    Attributes:
        server_id: the id of the server.
        kind: the name of a kind.
        rotation: the number of backups to keep; None for a capture that is no backup.
        roles: the roles of the caller, who deletes older backups.
    """

    server_id: str
    kind: str = "snapshot"
    rotation: int | None = None
    roles: frozenset[str] = frozenset(("member",))


class Captures:
    """The unfinished captures of one cloud. The plan of the image says how far each is.

    Args:
        servers: the store of the servers; None for none.
        images: the store of the images.
    """

    def __init__(self, servers: ServerStore | None, images: ImageStore) -> None:
        self._servers: Final = ServerStore.empty(images.state.database) if servers is None else servers
        self._images: Final = images
        self._image_ids: dict[str, str] = {}  # id of a server -> id of the image

    def __len__(self) -> int:
        return len(self._image_ids)

    def restore(self, captures: Mapping[str, Capture | None]) -> None:
        """Replace all captures by *captures*: id of an image -> its capture, or None."""
        pairs = captures.items()
        self._image_ids = {each.server_id: image_id for image_id, each in pairs if each is not None}

    def image_ids(self) -> tuple[str, ...]:
        """Return the ids of the images."""
        return tuple(self._image_ids.copy().values())

    def image_id_of(self, server_id: str) -> str | None:
        """Return the id of the image that is being created from a server, or None."""
        return self._image_ids.get(server_id)

    def begin(self, image: Image, capture: Capture, moment: datetime) -> None:
        """Begin a capture: the server, if it is there, gets a task_state."""
        self._image_ids[capture.server_id] = image.id
        server = self._servers.find(capture.server_id)
        if server is None or server.is_deleted:  # a plan may begin again for an image that is left alone
            return
        self._change(capture, moment, KINDS[capture.kind].task_state_in(image.status), {})

    def show(self, capture: Capture, status: ImageStatus, elapsed_share: float, moment: datetime) -> None:
        """Set the task_state of the server; see `Kind.task_state_in`."""
        if self._holds(capture):
            self._change(capture, moment, KINDS[capture.kind].task_state_in(status, elapsed_share), {})

    def _holds(self, capture: Capture) -> bool:
        """Return whether the server is there, and nobody else changed its task_state."""
        server = self._servers.find(capture.server_id)
        kind = KINDS[capture.kind]
        task_states = (kind.copying, kind.pending, kind.uploading)
        return server is not None and not server.is_deleted and server.task_state in task_states

    def _change(
        self, capture: Capture, moment: datetime, task_state: str | None, changes: Mapping[str, Any]
    ) -> None:
        def change(server: Server) -> Server:
            if server.task_state == task_state and not changes:
                return server
            return server.replace(**changes, task_state=task_state, updated_at=moment)

        self._servers.update(capture.server_id, change)

    def advance(self, image: Image, past_status: ImageStatus, capture: Capture) -> Image:
        """Return what a step of the plan makes of an image.

        If somebody else changed the task_state of the server, the capture fails. If the server was deleted,
        it fails unless the upload had begun; then the upload is completed (Nova 34.0.0).

        Args:
            image: the image with its new status.
            past_status: its status before.
            capture: the capture.
        """
        is_interrupted = not self._holds(capture)
        server = self._servers.find(capture.server_id)
        if server is None or server.is_deleted:
            is_interrupted = past_status is ImageStatus.QUEUED and image.status is not ImageStatus.QUEUED
        if is_interrupted or image.status is ImageStatus.KILLED:
            return image.replace(status=KINDS[capture.kind].status_without_data)
        return self._complete(image, capture) if image.status is ImageStatus.ACTIVE else image

    def is_over(self, image: Image, status: ImageStatus) -> bool:
        """Return whether a capture is over after a step of the plan with *status*."""
        return image.status is not status or status not in _UNFINISHED

    def _complete(self, image: Image, capture: Capture) -> Image:
        """Return an image with data, and with the properties that the driver sets (measured)."""
        server = self._servers.find(capture.server_id)
        base = self._images.state.get((server and server.image) or "")
        properties = {
            **image.properties,
            "image_location": "snapshot",
            "image_state": "available",
            "owner_id": (image.owner or "") if server is None else server.owner,
        }
        container_format = "bare" if base is None else base.container_format or "bare"
        virtual_size = _VIRTUAL_SIZE if container_format == "bare" else None
        data = {**_DATA, "container_format": container_format, "virtual_size": virtual_size}
        return image.replace(properties=properties, **data)

    def end(self, image: Image, capture: Capture, moment: datetime) -> tuple[Image, ...]:
        """Let the server go after a capture, and return the backups to delete."""
        if image.status is not ImageStatus.ACTIVE:
            self._release(capture, moment, {})
            return ()
        changes = KINDS[capture.kind].changes
        if changes:
            changes = {**changes, "shelved_image": image.id}
        self._release(capture, moment, changes)
        return () if capture.rotation is None else self._excess_backups(image, capture, capture.rotation)

    def release(self, capture: Capture, moment: datetime) -> None:
        """Let the server go, because its image no longer follows the plan."""
        self._release(capture, moment, {})

    def _release(self, capture: Capture, moment: datetime, changes: Mapping[str, Any]) -> None:
        self._image_ids.pop(capture.server_id, None)
        if self._holds(capture):
            self._change(capture, moment, None, changes)

    def _excess_backups(self, image: Image, capture: Capture, rotation: int) -> tuple[Image, ...]:
        """Return the backups beyond the rotation, of the same server and type as *image*.

        They are the oldest of those that the caller can list, without those that the caller may not delete.
        """
        database = self._images.state.database
        caller = Caller(image.owner, capture.roles, database)
        backup_type = image.properties.get("backup_type")
        backups = [
            each
            for each in self._images.all()
            if not each.is_deleted
            and each.properties.get("image_type") == "backup"
            and each.properties.get("instance_uuid") == capture.server_id
            and database.are_equal(each.properties.get("backup_type"), backup_type)
            and is_visible(each, caller)
        ]
        excess = backups[rotation:]
        return tuple(each for each in excess if may_change(each, caller) and not each.protected)
