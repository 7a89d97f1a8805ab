"""The servers of a cloud, as the admin API controls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fake_nova.control.transport import AdminClient, Document, quote_segment

#: pytest shows the line of the caller instead of lines of this module.
__tracebackhide__ = True


class Servers:
    """The servers of a cloud, as documents with the keys of fixture files.

    Each *server_id* is the id of a server, or its name if that has no slash. If several servers have the
    name, the error lists their ids; deleted servers count only if no other has the name.
    """

    def __init__(self, admin: AdminClient) -> None:
        self._admin: Final = admin

    def add(self, **fields: Any) -> Document:
        """Add one server, and return it as stored.

        Args:
            fields: the server's fields; defaults are those of fixture files. With ``plan="slow"`` it boots.
        """
        return dict(self._admin.request_json("POST", "/servers", fields))

    def add_all(self, servers: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Add several servers, all or none, and return them as stored."""
        return list(self._admin.request_json("POST", "/servers", {"servers": list(servers)})["servers"])

    def generate(self, count: int, seed: int = 0, **template: Any) -> list[Document]:
        """Add servers that Faker generates, and return them as stored.

        Args:
            count: the number of servers.
            seed: the seed of the random values; in the same flavors, the same seed gives the same servers.
            template: fields that all servers share.
        """
        body = {"count": count, "seed": seed, "template": template}
        return list(self._admin.request_json("POST", "/servers/generate", body)["servers"])

    def all(self) -> list[Document]:
        """Return all servers as stored, including deleted ones, newest first."""
        return list(self._admin.request_json("GET", "/servers")["servers"])

    def get(self, server_id: str) -> Document:
        """Return one server as stored."""
        return dict(self._admin.request_json("GET", self._path(server_id)))

    def change(self, server_id: str, **fields: Any) -> Document:
        """Change fields of a server, and return it as stored; ``updated_at`` is now by default."""
        return dict(self._admin.request_json("PATCH", self._path(server_id), fields))

    def change_all(self, **fields: Any) -> list[Document]:
        """Change fields of every server that is not deleted, and return these servers as stored."""
        servers = [server for server in self.all() if server["status"] != "DELETED"]
        return [self.change(server["id"], **fields) for server in servers]

    def begin(self, server_id: str, plan: str, work: str = "boot") -> Document:
        """Start a plan for a server at the first step, and return the server as stored.

        Args:
            server_id: the server's id.
            plan: the name of the plan.
            work: what is done with the server meanwhile, such as ``boot``, ``reboot`` or ``rebuild``.
        """
        path = f"{self._path(server_id)}/plan"
        return dict(self._admin.request_json("PUT", path, {"plan": plan, "work": work}))

    def history(self, server_id: str) -> list[Document]:
        """Return the versions of a server, oldest first.

        Each has ``server`` (None after `forget`), ``at`` (its time) and ``by`` (its request or plan).
        """
        return list(self._admin.request_json("GET", f"{self._path(server_id)}/history")["versions"])

    def forget(self, server_id: str) -> None:
        """Remove a server completely; a client's DELETE keeps it as a deleted one."""
        self._admin.request_json("DELETE", self._path(server_id))

    @staticmethod
    def _path(server_id: str) -> str:
        return f"/servers/{quote_segment(server_id)}"
