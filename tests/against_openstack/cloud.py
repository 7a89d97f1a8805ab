"""The cloud of both sides, from one fixture file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from fake_nova.apis.keystone import render
from fake_nova.apis.keystone.tables import CATALOG, INTERFACES, CatalogEntry
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.roles import BUILT_IN_ROLES, stable_id
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.settings import Settings

FIXTURE: Final = Path(__file__).parent / "cloud.yaml"

#: What an image of the fixture has if it does not say.
_DEFAULTS: Final = {
    "min_ram": 0,
    "min_disk": 0,
    "protected": False,
    "tags": [],
    "os_hidden": False,
    "properties": {},
}


def load_cloud() -> dict[str, Any]:
    """Return projects, users and images of the fixture; the users have the ids that fake_nova gives them."""
    emulator = Emulator(Settings(fixtures=(str(FIXTURE),)))
    start_from_fixtures(emulator)
    document = yaml.safe_load(FIXTURE.read_text(encoding="utf-8"))
    ids = {user.name: user.id for user in emulator.cloud.directory.users}
    return {
        "projects": document["projects"],
        "users": [{**user, "id": ids[user["name"]]} for user in document["users"]],
        "images": [{**_DEFAULTS, **image} for image in document["images"]],
    }


def write_seed(path: Path, urls: dict[str, str], more_images: Iterable[dict[str, Any]] = ()) -> None:
    """Write the JSON file that the real services are seeded from. Everything has the id that fake_nova gives it.

    Args:
        path: the file.
        urls: type of service -> its URL in the catalog.
        more_images: images besides those of the fixture.
    """
    roles = {role.name: role.id for role in BUILT_IN_ROLES}
    services = {entry.type: _serialize_service(entry) for entry in CATALOG}
    for kind, url in urls.items():
        services[kind]["url"] = url
    cloud = load_cloud()
    cloud["images"] += more_images
    path.write_text(json.dumps({**cloud, "roles": roles, "services": services}), encoding="utf-8")


def _serialize_service(entry: CatalogEntry) -> dict[str, Any]:
    endpoints = {name: stable_id("endpoint", entry.type, name) for name in INTERFACES}
    return {**render.serialize_service(entry), "endpoints": endpoints}
