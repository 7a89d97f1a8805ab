"""Admin: the admin API from Python, for a server in this process or elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPSConnection
from typing import Any, Final
from urllib.parse import quote, urlsplit

from fake_nova.errors import FakeNovaError

Document = dict[str, Any]


class Refused(FakeNovaError):
    """The emulator refused a request of the admin API.

    Attributes:
        status: the HTTP status.
        message: what is wrong, what was there and what is allowed.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status: Final = status
        self.message: Final = message


class Admin:
    """Changes the cloud while tests run.

    Images are documents in Glance's words, such as ``{"name": "a", "status": "queued", "size": 5}``, the same
    as in fixture files. Every method raises `Refused` where the emulator does not do what it was asked, and
    then nothing has changed.

    Args:
        url: where the emulator listens, such as ``http://127.0.0.1:8774``.
        timeout: seconds to wait for an answer.
    """

    def __init__(self, url: str, timeout: float = 30) -> None:
        self._address: Final = urlsplit(url)
        self._timeout: Final = timeout

    def add_image(self, **fields: Any) -> Document:
        """Add one image; fields left out have the same defaults as in fixtures. Return it as stored."""
        return self._ask("POST", "/images", fields)

    def add_images(self, documents: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Add several images, all or none, and return them as stored."""
        added: list[Document] = self._ask("POST", "/images", {"images": list(documents)})["images"]
        return added

    def generate(self, count: int, seed: int = 0, **template: Any) -> list[Document]:
        """Add *count* images made up by Faker; the same *seed* gives the same ones."""
        body = {"count": count, "seed": seed, "template": template}
        made: list[Document] = self._ask("POST", "/images/generate", body)["images"]
        return made

    def images(self) -> list[Document]:
        """Return every image as stored, deleted ones too, newest first."""
        listed: list[Document] = self._ask("GET", "/images")["images"]
        return listed

    def image(self, image_id: str) -> Document:
        """Return one image as stored."""
        return self._ask("GET", f"/images/{quote(image_id)}")

    def change(self, image_id: str, **fields: Any) -> Document:
        """Change fields of an image; ``updated_at`` is now unless given. Return it as stored."""
        return self._ask("PATCH", f"/images/{quote(image_id)}", fields)

    def set_status(self, image_id: str, status: str) -> Document:
        """Set an image's status in Glance's words, any to any. Return it as stored."""
        return self._ask("PUT", f"/images/{quote(image_id)}/status", {"status": status})

    def forget(self, image_id: str) -> None:
        """Drop every trace of an image."""
        self._ask("DELETE", f"/images/{quote(image_id)}")

    def reset(self, to: str = "seed") -> None:
        """Start over: ``seed``, exactly as at the start, or ``empty``, with no image."""
        self._ask("POST", "/reset", {"to": to})

    def load(self, fixture: str, replace: bool = False) -> list[Document]:
        """Take in a fixture document, YAML or JSON; a reset goes back to it from now on."""
        path = "/fixtures?replace=true" if replace else "/fixtures"
        taken: list[Document] = self._send("POST", path, fixture.encode())["images"]
        return taken

    def health(self) -> Document:
        """Say how the emulator is; Refused with status 503 while it is loading."""
        return self._ask("GET", "/health")

    def _ask(self, method: str, path: str, body: object = None) -> Document:
        return self._send(method, path, b"" if body is None else json.dumps(body).encode())

    def _send(self, method: str, path: str, body: bytes) -> Document:
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        connection = kind(self._address.hostname or "", self._address.port, timeout=self._timeout)
        try:
            connection.request(method, f"{self._address.path.rstrip('/')}/_admin{path}", body)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        document: Document = json.loads(content) if content else {}
        if response.status >= 400:
            raise Refused(response.status, next(iter(document.values()))["message"])
        return document
