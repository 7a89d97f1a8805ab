"""Lookups in the rest of the cloud: images, users and flavors of servers, and unfinished snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from fake_nova.apis.nova_servers import fields, render
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.people import User
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus


def _task_state_for(image: Image) -> str | None:
    """Return the task_state of a server that an image is created from; None if the image is finished."""
    if image.status is ImageStatus.SAVING:
        return "image_uploading"
    if image.status is not ImageStatus.QUEUED:
        return None
    return "image_backup" if "backup_type" in image.properties else "image_snapshot"


class Lookups:
    """Looks up what servers need, for one request.

    Args:
        cloud: the cloud.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud: Final = cloud
        self._images: Final = cloud.images.state
        self.order_key: Final = cloud.database.order_key

    @cached_property
    def _users(self) -> Mapping[str, User]:
        """Project id -> its first user."""
        users = reversed(self._cloud.directory.users)
        return {user.project.id: user for user in users if user.project is not None}

    @cached_property
    def _flavor_numbers(self) -> Mapping[str, int]:
        return {flavor.id: number for number, flavor in enumerate(self._cloud.compute.flavors)}

    @cached_property
    def task_states(self) -> Mapping[str, str]:
        """Id of a server -> its task_state while an image of it is unfinished."""
        images = map(self._images.get, self._cloud.lifecycle.active_image_ids())
        pairs = (
            (image.properties.get("instance_uuid", ""), _task_state_for(image))
            for image in images
            if image is not None
        )
        return {server_id: task_state for server_id, task_state in pairs if task_state is not None}

    def image_of(self, server: Server) -> Image | None:
        """Return the image that a server was created from, as it is now, or None."""
        return None if server.image is None else self._images.get(server.image)

    def image_properties_of(self, server: Server) -> Mapping[str, str]:
        """Return the properties of a server's image when the server was created."""
        return render.image_properties_of(server, self.image_of(server))

    def disk_config_of(self, server: Server) -> str:
        """Return AUTO or MANUAL."""
        return server.disk_config or fields.disk_config_of(self.image_properties_of(server))

    def user_of(self, server: Server) -> User | None:
        """Return the user who created a server, by default the first one of its project, or None."""
        if server.user_id:
            return self._cloud.directory.find_user("id", server.user_id, self._cloud.database)
        return self._users.get(server.owner)

    def user_id_of(self, server: Server) -> str:
        """Return the id of the user who created a server, or ""."""
        user = None if server.user_id else self._users.get(server.owner)
        return server.user_id if user is None else user.id

    def flavor_number_of(self, server: Server) -> int:
        """Return the number of a server's flavor, in the order in which flavors were created."""
        return self._flavor_numbers.get(server.flavor.id, -1)

    def task_state_of(self, server: Server) -> str | None:
        """Return the task_state of a server, or None."""
        return server.task_state or self.task_states.get(server.id)

    def at_present(self, server: Server) -> Server:
        """Return a server with its present task_state."""
        task_state = self.task_state_of(server) if self.task_states else server.task_state
        return server if task_state == server.task_state else server.replace(task_state=task_state)
