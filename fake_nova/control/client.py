"""A handle of an emulated cloud."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final, Self, TypedDict

from fake_nova.control.resources import Clock, Faults, Images, Plans, Requests
from fake_nova.control.transport import (
    AdminClient,
    Document,
    HttpTransport,
    Transport,
    Unreachable,
    quote_segment,
)


class Login(TypedDict):
    """Whom a client may be."""

    username: str
    password: str
    project_id: str
    project_name: str


class Control:
    """A cloud under test: all that the admin API can do, the same for a server in this process and elsewhere.

    It is about the cloud that all projects share, or, where it has a scope, about that project's own. Every
    method raises `Refused` where the emulator does not do what it was asked; then nothing has changed. As a
    context manager it takes its scope away at the end, if it opened one.

    Args:
        url: where the emulator listens, such as ``http://127.0.0.1:8774``.
        scope: the project whose own cloud it is about; None for the shared one.
        token: what ``--admin-token`` says, where it says something.
        timeout: seconds to wait for an answer.
        transport: another way to the emulator than HTTP.

    Raises:
        Unusable: the URL is no address.

    Attributes:
        url: where the emulator listens.
        images: add images, change them, set their status.
        clock: freeze and move the time.
        plans: let images go from status to status by themselves.
        faults: let requests fail.
        requests: what was asked.
    """

    def __init__(
        self,
        url: str,
        scope: str | None = None,
        *,
        token: str | None = None,
        timeout: float = 70,
        transport: Transport | None = None,
    ) -> None:
        self.url: Final = url.rstrip("/")
        self.scope_id: Final = scope
        self._token: Final = token
        self._transport: Final[Transport] = transport or HttpTransport(self.url, timeout)
        self._admin_client: Final = AdminClient(self._transport, scope, token)
        self.images: Final = Images(self._admin_client)
        self.clock: Final = Clock(self._admin_client)
        self.plans: Final = Plans(self._admin_client)
        self.faults: Final = Faults(self._admin_client)
        self.requests: Final = Requests(self._admin_client)

    @cached_property
    def login(self) -> Login:
        """User, password and project of a client."""
        login: Login = self._admin_client.request_json("GET", "/environment")["login"]
        return login

    @property
    def project_id(self) -> str:
        """The project that this is about: the scope's, else the first one of the fixtures."""
        return self.scope_id or self.login["project_id"]

    @property
    def compute_url(self) -> str:
        """The images API's base URL for that project: put ``/images`` behind it."""
        return f"{self.url}/v2.1/{self.project_id}"

    @property
    def auth_url(self) -> str:
        """What clients call the auth URL."""
        return f"{self.url}/identity/v3"

    @property
    def environment(self) -> dict[str, str]:
        """The OS_* variables that let an OpenStack client log in."""
        return dict(self._admin_client.request_json("GET", "/environment")["environment"])

    def reset(self, to: str = "seed") -> None:
        """Start over, nothing in force: ``seed``, exactly as at the start, or ``empty``, with no image."""
        self._admin_client.request_json("POST", "/reset", {"to": to})

    def load(self, fixture: str, replace: bool = False) -> list[Document]:
        """Take in a fixture document, YAML or JSON, and return its images; a reset goes back to it now.

        The next test's cloud of the pytest plugin is again as it was started.
        """
        response_body = self._admin_client.request(
            "POST", "/fixtures", fixture.encode(), replace=str(replace).lower()
        )
        return list(json.loads(response_body)["images"])

    def snapshot(self, name: str = "snapshot") -> None:
        """Give the present state a name."""
        self._admin_client.request_json("POST", "/snapshots", {"name": name})

    def restore(self, name: str = "snapshot") -> None:
        """Go back to the state of this name; images that were under way have as long to go as then."""
        self._admin_client.request_json("POST", f"/snapshots/{quote_segment(name)}/restore")

    def changes(self, since: str = "seed", to: str | None = None) -> Document:
        """Return what was ``added``, ``changed`` and ``removed`` since a snapshot, until now or another."""
        return self._admin_client.request_json("GET", f"/snapshots/{quote_segment(since)}/changes", to=to)

    def explain(self, path: str) -> Document:
        """Return why each image is or is not in the list that *path* (with its query) asks for."""
        return self._admin_client.request_json("GET", "/explain", path=path)

    def complaints(self) -> list[str]:
        """Return what a strict test does not put up with, a line each."""
        return list(self._admin_client.request_json("GET", "/complaints")["complaints"])

    def export(self) -> str:
        """Return the cloud as a fixture file that ``fake-nova serve --state`` starts from."""
        return self._admin_client.request("GET", "/export", b"").decode()

    def health(self) -> Document:
        """Say how the emulator is; `Refused` with status 503 while it is loading."""
        return self._admin_client.request_json("GET", "/health")

    def wait(self, seconds: float = 30) -> None:
        """Wait until the server has loaded its fixtures and answers.

        Raises:
            Unreachable: it does not within *seconds*.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                status, response_body = self._transport("GET", "/healthcheck", b"", {})
                if status == 200:
                    return
                reason = response_body.decode("utf-8", "replace")
            except Unreachable as error:
                reason = str(error)
            if time.monotonic() > deadline:
                raise Unreachable(
                    f"{self.url}: not ready after {seconds:g} seconds ({reason}); expected a running server"
                )
            time.sleep(0.05)

    def scope(self, project_id: str | None = None, **settings: Any) -> Control:
        """Open a scope: a cloud of a project's own, as seeded, that no other sees.

        Args:
            project_id: the project; None makes a new one.
            settings: ``dialect`` and ``auth_strategy``, where they differ from the server's.

        Returns:
            A handle of it, which takes it away at the end of a ``with`` block.
        """
        body = {"project": project_id or secrets.token_hex(16), **settings}
        project = AdminClient(self._transport, None, self._token).request_json("POST", "/scopes", body)[
            "project"
        ]
        return Control(self.url, project["id"], token=self._token, transport=self._transport)

    def close(self) -> None:
        """Take the scope away with all that is in it; nothing for the shared cloud."""
        if self.scope_id is not None:
            AdminClient(self._transport, None, self._token).request_json("DELETE", f"/scopes/{self.scope_id}")

    @contextmanager
    def kept(self) -> Iterator[Control]:
        """Go back, at the end of the block, to the images that there are at its beginning."""
        snapshot_name = f"kept-{secrets.token_hex(4)}"
        self.snapshot(snapshot_name)
        try:
            yield self
        finally:
            self.restore(snapshot_name)
            self._admin_client.request_json("DELETE", f"/snapshots/{snapshot_name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
