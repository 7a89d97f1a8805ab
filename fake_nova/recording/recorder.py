"""A record of a cloud: its images, projects, users and perhaps servers as a fixture document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from fake_nova.errors import CloudFailure
from fake_nova.images import timestamps
from fake_nova.images.database import MARIADB, SQLITE
from fake_nova.recording.anonymity import anonymize, key_of
from fake_nova.recording.compute import ComputeReader
from fake_nova.recording.glance_images import GlanceReader
from fake_nova.recording.loadable import loadable_entries
from fake_nova.recording.nova_images import NovaReader
from fake_nova.recording.people import PeopleReader
from fake_nova.recording.secrecy import remove_secrets

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud
    from fake_nova.recording.options import RecordOptions

Entry = dict[str, Any]


class Recording(NamedTuple):
    """A record of a cloud.

    Attributes:
        document: the fixture document, with values of JSON alone: ``dialect``, ``database``, projects, users,
            images, perhaps servers, and more.
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
    images = loadable_entries("images", reader.read(), notes)
    people = PeopleReader(cloud).read()
    compute: dict[str, list[Entry]] = {}
    if options.servers:
        compute_reader = ComputeReader(cloud, options, len(images))
        parts = compute_reader.read(images, people)
        compute = {kind: loadable_entries(kind, entries, notes) for kind, entries in parts.items()}
    database = options.database or _find_database(cloud, images, has_glance)
    if database == SQLITE.name:
        _separate_equal_times(images, _is_sorted_by_id)
        _separate_equal_times(compute.get("servers", []), _is_sorted_by_ascending_id)
    dialect = options.dialect or ("nova" if has_glance else _find_dialect(images))
    _add_projects(people["projects"], _project_ids(images, compute))
    if not has_glance:
        notes.append("images: Nova shows no owner, visibility, tags or hashes; they are guessed or missing")
    counts: Counter[str] = Counter()
    remove_secrets((*images, *compute.get("servers", ())), counts)
    document: Entry = {
        "dialect": dialect,
        "database": database,
        **{key: entries for key, entries in people.items() if entries or key in ("projects", "users")},
        "images": images,
        **compute,
    }
    replacements: Mapping[str, str] = {}
    if options.anonymize:
        replacements = anonymize(document, key_of(cloud.auth_url, cloud.caller.project_id), counts)
    passwords = {user["name"]: user["password"] for user in document["users"]}
    return Recording(document, passwords, replacements, counts, tuple(notes))


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
    """Yield the images or servers that were created in the same second, in the order of their list."""
    runs: dict[tuple[str, bool], list[Entry]] = {}
    for image in images:
        runs.setdefault((image["created_at"], image.get("os_hidden", False)), []).append(image)
    return (run for run in runs.values() if len(run) > 1)


def _is_sorted_by_id(run: list[Entry]) -> bool:
    ids = [image["id"].lower() for image in run]
    return ids == sorted(ids, reverse=True) or ids == sorted(ids)


def _is_sorted_by_ascending_id(run: list[Entry]) -> bool:
    ids = [entry["id"].lower() for entry in run]
    return ids == sorted(ids)


def _separate_equal_times(entries: list[Entry], is_sorted: Callable[[list[Entry]], bool]) -> None:
    """Add fractions of seconds to equal times whose order is not the order of ids."""
    for run in _runs(entries):
        if is_sorted(run):
            continue
        for number, entry in enumerate(reversed(run)):
            fraction = timedelta(microseconds=number)
            if entry["updated_at"] == entry["created_at"]:
                entry["updated_at"] = _later(entry["updated_at"], fraction)
            entry["created_at"] = _later(entry["created_at"], fraction)


def _later(text: str, fraction: timedelta) -> str:
    return timestamps.isoformat_exact(timestamps.parse(text) + fraction)


def _project_ids(images: list[Entry], compute: Mapping[str, list[Entry]]) -> Iterator[str | None]:
    """Yield the projects that own images or servers, or may use a flavor."""
    for entry in (*images, *compute.get("servers", ())):
        yield entry["owner"]
    for flavor in compute.get("flavors", ()):
        yield from flavor.get("access", ())


def _add_projects(projects: list[Entry], project_ids: Iterable[str | None]) -> None:
    """Add the projects that are not visible; their id is their name, too."""
    known_ids = {project["id"] for project in projects}
    for project_id in project_ids:
        if project_id is not None and project_id not in known_ids:
            known_ids.add(project_id)
            projects.append({"id": project_id, "name": project_id})
