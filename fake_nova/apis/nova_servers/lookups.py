"""Lookups in the rest of the cloud: images, users and flavors of servers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Final

from fake_nova.apis.nova_servers import fields, render
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.people import User
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Image


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
        return {flavor.id: number for number, flavor in enumerate(self._cloud.compute.flavors, 1)}

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
