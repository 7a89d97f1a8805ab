"""An emulator in this process, and requests to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fake_nova.apis import router
from fake_nova.app import create_app
from fake_nova.clients.in_process import InProcessResponse
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import load_document, start_from_fixtures
from fake_nova.settings import Settings
from tests.speed.exchange import Request, ask, environment
from tests.speed.subjects import PROJECT, Wsgi

JSON = ("Content-Type", "application/json")
DATA = ("Content-Type", "application/octet-stream")
PATCH = ("Content-Type", "application/openstack-images-v2.1-json-patch")

#: An image of the default fixtures that anybody in their first project may change.
IMAGE = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"

IMAGES = "/image/v2/images"
NOVA = f"/v2.1/{PROJECT}/images"

#: Bytes of the largest body that Nova and the identity service take.
SMALL = 114_688

QUEUED = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f51"

#: A cloud with one queued image, which may be given data, and one that has some.
ONE_QUEUED = {
    "projects": [{"id": PROJECT, "name": "demo"}],
    "images": [
        {"id": QUEUED, "status": "queued", "disk_format": "raw", "container_format": "bare"},
        {"id": IMAGE, "status": "active", "size": 10, "disk_format": "raw", "container_format": "bare"},
    ],
}


Action = Callable[[], object]


class World:
    """A seeded emulator and the application that is it.

    Args:
        fixture: what its cloud holds; None for the default fixtures.
        settings: of the emulator.

    Attributes:
        emulator: the emulator.
        app: the application.
    """

    def __init__(self, fixture: object = None, **settings: Any) -> None:
        self.emulator = Emulator(Settings(**settings), operations=router().operations)
        start_from_fixtures(self.emulator)
        if fixture is not None:
            load_document(self.emulator, json.dumps(fixture).encode(), "bench", replace_all=True)
        self.app: Wsgi = create_app(self.emulator).wsgi_app

    def ask(self, request: Request) -> InProcessResponse:
        """Send a request."""
        return ask(self.app, environment(request))

    def prepare(self, request: Request) -> Action:
        """Return a function that sends this request; a 500 is an error."""
        environ = environment(request)

        def action() -> None:
            reply = ask(self.app, environ)
            environ["wsgi.input"].seek(0)
            if reply.status == 500:
                raise RuntimeError(f"500: {reply.content[:200]!r}")

        return action


def get(target: str, *headers: tuple[str, str]) -> Request:
    """Return a GET."""
    return Request("GET", target, headers)


def post(target: str, document: object, *headers: tuple[str, str], method: str = "POST") -> Request:
    """Return a request with a body: bytes as they are, anything else as JSON."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    content_type = () if any(name == "Content-Type" for name, _ in headers) else (JSON,)
    return Request(method, target, (*content_type, *headers), content)


def patch(operations: object, *headers: tuple[str, str]) -> Request:
    """Return a JSON patch of `IMAGE`."""
    return post(f"{IMAGES}/{IMAGE}", operations, PATCH, *headers, method="PATCH")


def properties(n: int) -> dict[str, str]:
    """Return so many properties of an image."""
    return {f"key{i:06}": "value" for i in range(n)}
