"""A small client of the image service that copes with every fault, and one with three planted bugs.

Tests of each fault run it, and copy it into projects of pytester; so it imports nothing but the standard library.
"""

from __future__ import annotations

import json
import time
import uuid
from http.client import HTTPConnection, HTTPException, HTTPMessage
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlsplit

IMAGES = "/image/v2/images"
TRIES = 3
BUSY = (429, 500, 503)


class GaveUp(Exception):  # a client's own name
    """The service did not respond as it should, several times."""


class Reply(NamedTuple):
    status: int
    headers: HTTPMessage
    document: Any


class Client:
    """Uploads, finds, shows and deletes an image; every request may be sent again."""

    timeout: ClassVar[float] = 0.6
    show_timeout: ClassVar[float | None] = timeout

    def __init__(self, url: str, login: Any) -> None:
        address = urlsplit(url)
        self._address = (address.hostname or "", address.port)
        self._login = login
        self._token = ""
        self.log_in()

    def log_in(self) -> None:
        user = {
            "name": self._login["username"],
            "password": self._login["password"],
            "domain": {"id": self._login["user_domain_id"]},
        }
        auth = {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"id": self._login["project_id"]}},
        }
        reply = self.request("POST", "/identity/v3/auth/tokens", {"auth": auth})
        self._token = reply.headers["X-Subject-Token"]

    def request(self, method: str, path: str, body: object = None, **options: Any) -> Reply:
        """Send a request until the service carries it out."""
        for _ in range(options.get("tries", TRIES)):
            try:
                reply = self.send(method, path, body, options.get("timeout", self.timeout))
            except (OSError, HTTPException, ValueError):
                continue
            if reply.status == 401:
                self.log_in()
            elif reply.status in BUSY:
                time.sleep(int(reply.headers.get("Retry-After", 0)))
            else:
                return reply
        raise GaveUp(f"{method} {path}")

    def send(self, method: str, path: str, body: object, timeout: float | None) -> Reply:
        connection = HTTPConnection(*self._address, timeout=timeout)
        headers = {"X-Auth-Token": self._token, "Content-Type": "application/json"}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        document = json.loads(content) if content and response.status < 400 else None
        return Reply(response.status, response.headers, document)

    def create(self, name: str) -> str:
        """Create an image with an id of the client's choice, so that a second try makes no second image."""
        image_id = str(uuid.uuid4())
        fields = {"id": image_id, "name": name, "disk_format": "raw", "container_format": "bare"}
        reply = self.request("POST", IMAGES, fields)
        if reply.status not in (201, 409):
            raise GaveUp(f"create: {reply.status}")
        return image_id

    def show(self, image_id: str) -> dict[str, Any]:
        return dict(self.request("GET", f"{IMAGES}/{image_id}", timeout=self.show_timeout).document)

    def find(self, name: str) -> str | None:
        """Find an image by its name; a list may be behind."""
        for _ in range(TRIES):
            images = self.request("GET", f"{IMAGES}?name={name}").document["images"]
            if images:
                return str(images[0]["id"])
        return None

    def delete(self, image_id: str) -> None:
        reply = self.request("DELETE", f"{IMAGES}/{image_id}")
        if reply.status not in (204, 404):  # an earlier try has deleted it
            raise GaveUp(f"delete: {reply.status}")


class BuggyClient(Client):
    """Sends a create again after a reset, waits for a body forever, and takes a 401 for an empty list."""

    show_timeout = None

    def create(self, name: str) -> str:
        fields = {"name": name, "disk_format": "raw", "container_format": "bare"}
        for _ in range(TRIES):
            try:
                reply = self.send("POST", IMAGES, fields, self.timeout)
            except ConnectionResetError:
                continue
            except (OSError, HTTPException, ValueError):
                image_id = self.find(name)
                if image_id is not None:
                    return image_id
                continue
            if reply.status == 201:
                return str(reply.document["id"])
            self.log_in()
        raise GaveUp("create")

    def find(self, name: str) -> str | None:
        for _ in range(TRIES):
            try:
                reply = self.send("GET", f"{IMAGES}?name={name}", None, self.timeout)
            except (OSError, HTTPException, ValueError):
                continue
            if reply.status == 401:
                return None
            if reply.status == 200 and reply.document["images"]:
                return str(reply.document["images"][0]["id"])
        return None


def use(client: Client) -> None:
    """Call each operation of a client, and check what it did."""
    image_id = client.create("nightly")
    assert client.find("nightly") is not None
    assert client.show(image_id)["name"] == "nightly"
    client.delete(image_id)
