"""Wait for snapshots, and clean up old ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import requests


class SnapshotFailed(Exception):
    """The snapshot failed and will never be active."""


class Snapshots:
    """The images of one project, through Nova's API."""

    def __init__(self, url: str, retries: int = 3) -> None:
        self._url = url
        self._retries = retries
        self._http = requests.Session()
        self._http.trust_env = False

    def get(self, path: str) -> Any:
        """Send a GET request, and repeat it after a server error."""
        for attempt in range(self._retries + 1):
            response = self._http.get(self._url + path, timeout=10)
            if response.status_code < 500 or attempt == self._retries:
                break
            time.sleep(float(response.headers.get("Retry-After", 0)))
        response.raise_for_status()
        return response.json()

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the images with this name."""
        return list(self._pages(f"/images/detail?name={name}"))

    def all(self, page: int = 2) -> list[dict[str, Any]]:
        """Return all images, page by page."""
        return list(self._pages(f"/images/detail?limit={page}"))

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        while path:
            page = self.get(path)
            yield from page["images"]
            links = {link["rel"]: link["href"] for link in page.get("images_links", [])}
            path = links.get("next", "").removeprefix(self._url)

    def wait(self, image_id: str, interval: float = 5, patience: float = 600) -> dict[str, Any]:
        """Poll an image every *interval* seconds, and return it once it is active."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            image: dict[str, Any] = self.get(f"/images/{image_id}")["image"]
            if image["status"] == "ACTIVE":
                return image
            if image["status"] in ("ERROR", "DELETED"):
                raise SnapshotFailed(image_id)
            time.sleep(interval)
        raise TimeoutError(image_id)

    def delete(self, image_id: str) -> None:
        """Delete an image."""
        self._http.delete(f"{self._url}/images/{image_id}", timeout=10).raise_for_status()
