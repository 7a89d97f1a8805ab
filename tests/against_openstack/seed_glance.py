"""Puts the images into Glance's database: ``python seed_glance.py DATABASE_URL CLOUD FOLDER``.

Runs in the environment of the services. CLOUD is a JSON file with ``images``, as fake_nova exports them. They go in by
SQL, because the API admits neither their times nor most of their statuses. An image with a hash has data, which lies in
FOLDER; fake_nova takes it for one with data too.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from glance.db.sqlalchemy import models  # type: ignore[import-not-found]  # in the other environment
from sqlalchemy import create_engine  # type: ignore[import-not-found]  # in the other environment
from sqlalchemy.orm import Session  # type: ignore[import-not-found]  # in the other environment

COLUMNS = (
    *(
        "id",
        "name",
        "status",
        "visibility",
        "owner",
        "size",
        "virtual_size",
        "min_ram",
        "min_disk",
        "protected",
    ),
    *("disk_format", "container_format", "os_hidden", "checksum", "os_hash_algo", "os_hash_value"),
)


def parse_time(text: str) -> datetime:
    """Return the time without its zone, as the database has it."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def rows(image: dict[str, Any], folder: Path) -> list[Any]:
    """Return the rows of an image."""
    times = {name: parse_time(image[name]) for name in ("created_at", "updated_at")}
    if image["status"] == "deleted":
        times["deleted_at"] = times["updated_at"]
    common = {**times, "deleted": "deleted_at" in times}
    columns = {name: image[name] for name in COLUMNS if name in image}
    members = (
        models.ImageMember(image_id=image["id"], member=member["member"], status=member["status"], **common)
        for member in image.get("members", ())
    )
    path = folder / image["id"]
    locations = []
    if image.get("checksum"):
        path.write_bytes(b"x" * min(image["size"] or 0, 1024))
        location = {"value": f"file://{path}", "meta_data": {"store": "files"}, "status": "active"}
        locations = [models.ImageLocation(image_id=image["id"], **location, **common)]
    return [
        models.Image(**columns, **common),
        *(
            models.ImageProperty(image_id=image["id"], name=name, value=value, **common)
            for name, value in image["properties"].items()
        ),
        *(models.ImageTag(image_id=image["id"], value=tag, **common) for tag in image["tags"]),
        *members,
        *locations,
    ]


def main() -> None:
    """Fill the empty database."""
    url, path, folder = sys.argv[1:]
    cloud = json.loads(Path(path).read_text(encoding="utf-8"))
    with Session(create_engine(url)) as session:
        for image in cloud["images"]:
            session.add_all(rows(image, Path(folder)))
            session.flush()
        session.commit()


if __name__ == "__main__":
    main()
