"""A record of a cloud: its images, projects and users as a fixture document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote

from fake_nova.documents import schema
from fake_nova.documents.plan import FixtureImageSchema
from fake_nova.documents.validation import DocumentError
from fake_nova.errors import CloudFailure
from fake_nova.images import timestamps
from fake_nova.images.database import MARIADB, SQLITE
from fake_nova.recording.anonymity import anonymize, key_of
from fake_nova.recording.glance_images import GlanceReader
from fake_nova.recording.nova_images import NovaReader
from fake_nova.recording.people import PeopleReader
from fake_nova.recording.secrecy import remove_secrets

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud
    from fake_nova.recording.options import RecordOptions

Entry = dict[str, Any]

#: Keys without which an image is not the same.
_NECESSARY: Final = frozenset(("id", "status", "created_at", "updated_at", "visibility", "owner"))


class Recording(NamedTuple):
    """A record of a cloud.

    Attributes:
        document: the fixture document, with values of JSON alone: ``dialect``, ``database``, projects, users,
            images and more.
        passwords: the name of each user -> the made-up password.
        replacements: each id, name or address that was replaced -> its pseudonym; empty unless anonymized.
        counts: what was replaced or removed, such as "names of projects" -> how many.
        notes: what the fixture does not hold, one line each.
    """

    document: dict[str, Any]
    passwords: Mapping[str, str]
    replacements: Mapping[str, str]
    counts: Mapping[str, int]
    notes: tuple[str, ...]


def record(cloud: Cloud, options: RecordOptions) -> Recording:
    """Read a cloud, and return it as a fixture document; nothing is written.

    Args:
        cloud: the cloud.
        options: what to record.

    Raises:
        CloudFailure: if the cloud refuses, cannot be reached, or has no images API.
    """
    notes: list[str] = []
    has_glance = cloud.endpoint("image") is not None
    if not has_glance and cloud.endpoint("compute") is None:
        raise CloudFailure(f"{cloud.name}: no image or compute service in the catalog; expected one of them")
    reader = GlanceReader(cloud, options) if has_glance else NovaReader(cloud, options)
    images = _loadable_images(reader.read(), notes)
    people = PeopleReader(cloud).read()
    database = options.database or _find_database(cloud, images, has_glance)
    if database == SQLITE.name:
        _separate_equal_times(images)
    dialect = options.dialect or ("nova" if has_glance else _find_dialect(images))
    _add_owners(people["projects"], images)
    if not has_glance:
        notes.append("images: Nova shows no owner, visibility, tags or hashes; they are guessed or missing")
    counts: Counter[str] = Counter()
    remove_secrets(images, counts)
    document: Entry = {
        "dialect": dialect,
        "database": database,
        **{key: entries for key, entries in people.items() if entries or key in ("projects", "users")},
        "images": images,
    }
    replacements: Mapping[str, str] = {}
    if options.anonymize:
        replacements = anonymize(document, key_of(cloud.auth_url, cloud.caller.project_id), counts)
    passwords = {user["name"]: user["password"] for user in document["users"]}
    return Recording(document, passwords, replacements, counts, tuple(notes))


def _loadable_images(images: Iterable[Entry], notes: list[str]) -> list[Entry]:
    """Return the images that a fixture can hold, and note what is left out."""
    image_schema = FixtureImageSchema()
    entries = (_loadable(image, image_schema, notes) for image in images)
    return [entry for entry in entries if entry is not None]


def _loadable(image: Entry, image_schema: FixtureImageSchema, notes: list[str]) -> Entry | None:
    """Return an image without the attributes that no fixture holds; None if it cannot be held at all."""
    try:
        schema.load(image_schema, image)
    except DocumentError as error:
        for problem in error.problems:
            notes.append(f"image {image.get('id')}: {problem}")
        names = {str(problem.path[0]) for problem in error.problems if problem.path}
        if names & _NECESSARY:
            return None
        return {name: value for name, value in image.items() if name not in names}
    return image


def _find_dialect(images: list[Entry]) -> str:
    """Return the dialect of a cloud without Glance: Nova lists the newest first, Huawei Cloud the oldest."""
    times = [image["created_at"] for image in images]
    is_ascending = len(set(times)) > 1 and times == sorted(times)
    return "huaweicloud" if is_ascending else "nova"


def _find_database(cloud: Cloud, images: list[Entry], has_glance: bool) -> str:
    """Return the database that a cloud compares like: MariaDB finds a name in other capitals.

    An order of equal times that is not the order of ids needs fractions of seconds, which MariaDB does not
    have.
    """
    if any(not _is_sorted_by_id(run) for run in _runs(images)):
        return SQLITE.name
    names = {image.get("name") for image in images}
    for image in images:
        name = image.get("name") or ""
        is_listed = image["visibility"] in ("public", "private") and not image.get("os_hidden")
        if not (name and is_listed and name.isascii() and name.isprintable() and ":" not in name):
            continue
        if image["status"] != "active" or name.swapcase() in names:
            continue
        path = f"/images?name={quote(name.swapcase(), safe='')}&limit=1"
        response = cloud.get("image" if has_glance else "compute", path)
        if response.status == 200:
            return MARIADB.name if response.json().get("images") else SQLITE.name
    return MARIADB.name


def _runs(images: list[Entry]) -> Iterable[list[Entry]]:
    """Yield the images that were created in the same second, in the order of their list."""
    runs: dict[tuple[str, bool], list[Entry]] = {}
    for image in images:
        runs.setdefault((image["created_at"], image.get("os_hidden", False)), []).append(image)
    return (run for run in runs.values() if len(run) > 1)


def _is_sorted_by_id(run: list[Entry]) -> bool:
    ids = [image["id"].lower() for image in run]
    return ids == sorted(ids, reverse=True) or ids == sorted(ids)


def _separate_equal_times(images: list[Entry]) -> None:
    """Add fractions of seconds to equal times whose order is not the order of ids."""
    for run in _runs(images):
        if _is_sorted_by_id(run):
            continue
        for number, image in enumerate(reversed(run)):
            fraction = timedelta(microseconds=number)
            if image["updated_at"] == image["created_at"]:
                image["updated_at"] = _later(image["updated_at"], fraction)
            image["created_at"] = _later(image["created_at"], fraction)


def _later(text: str, fraction: timedelta) -> str:
    return timestamps.isoformat_exact(timestamps.parse(text) + fraction)


def _add_owners(projects: list[Entry], images: list[Entry]) -> None:
    """Add the projects that own images and are not visible; their id is their name, too."""
    known_ids = {project["id"] for project in projects}
    for image in images:
        owner = image["owner"]
        if owner is not None and owner not in known_ids:
            known_ids.add(owner)
            projects.append({"id": owner, "name": owner})
