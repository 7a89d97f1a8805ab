"""The log of what users did to servers, as Nova's instance actions."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Final, NamedTuple

from fake_nova.cloud.roles import stable_id
from fake_nova.cloud.servers import Server

#: The maximum numbers of servers with a log, and of actions in each. The oldest are dropped.
_MAX_SERVERS: Final = 10_000
_MAX_ACTIONS: Final = 100

CREATE: Final = "create"


class ServerAction(NamedTuple):
    """One action on a server.

    Attributes:
        name: its name, such as ``createImage``.
        request_id: the id of the request.
        user_id: the id of the user who sent it.
        project_id: the id of that user's project.
        started_at: aware, in UTC.
    """

    name: str
    request_id: str
    user_id: str
    project_id: str
    started_at: datetime


class ServerActions:
    """The actions on the servers of one cloud since it began. A server of fixtures has its creation alone."""

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._by_server: Final[OrderedDict[str, tuple[ServerAction, ...]]] = OrderedDict()

    def record(self, server_id: str, action: ServerAction) -> None:
        """Add an action to the log of a server."""
        with self._lock:
            actions = self._by_server.get(server_id, ())
            self._by_server[server_id] = (*actions, action)[-_MAX_ACTIONS:]
            if len(self._by_server) > _MAX_SERVERS:
                self._by_server.popitem(last=False)

    def of_server(self, server: Server, user_id: str) -> list[ServerAction]:
        """Return the actions on a server, the last one first.

        Args:
            server: the server.
            user_id: the id of the user who created it, if the log does not know.
        """
        with self._lock:
            actions = list(self._by_server.get(server.id, ()))
        if not actions or actions[0].name != CREATE:
            digits = stable_id("request", server.id)
            parts = digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]
            request_id = f"req-{'-'.join(parts)}"
            actions.insert(0, ServerAction(CREATE, request_id, user_id, server.owner, server.created_at))
        return actions[::-1]
