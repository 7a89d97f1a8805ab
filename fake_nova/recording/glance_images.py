"""The images that a user sees through Glance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from fake_nova.images import timestamps
from fake_nova.images.status import MemberStatus
from fake_nova.recording.options import RecordOptions
from fake_nova.recording.reading import read_json, read_list, refusal, walk

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud

#: The largest page that Glance returns unless it is configured otherwise.
_PAGE_SIZE: Final = 1000

#: Attributes of Glance's images that are keys of fixtures too.
_ATTRIBUTES: Final = (
    *("id", "name", "status", "visibility", "owner", "created_at", "updated_at", "size", "virtual_size"),
    *("min_ram", "min_disk", "disk_format", "container_format", "protected", "os_hidden", "tags"),
    *("checksum", "os_hash_algo", "os_hash_value"),
)

#: Attributes that are no properties, and that no fixture holds: links, and where the data lies, which may
#: contain credentials.
_OMITTED_ATTRIBUTES: Final = frozenset(("self", "file", "schema", "direct_url", "locations", "stores"))

#: Attributes with these values are left out of a fixture, because they are the defaults.
_DEFAULTS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("name", "size", "virtual_size", "disk_format", "container_format")),
    **dict.fromkeys(("checksum", "os_hash_algo", "os_hash_value")),
    "min_ram": 0,
    "min_disk": 0,
    "protected": False,
    "os_hidden": False,
    "tags": [],
}

#: The store of the emulator.
_EMULATED_STORE: Final = "files"

Entry = dict[str, Any]


class GlanceReader:
    """Reads images through Glance.

    Args:
        cloud: the cloud.
        options: which images.
    """

    def __init__(self, cloud: Cloud, options: RecordOptions) -> None:
        self._cloud: Final = cloud
        self._options: Final = options
        self._number = 0

    def read(self) -> list[Entry]:
        """Return the images as entries of a fixture, the newest first, as Glance lists them.

        Raises:
            CloudFailure: if Glance refuses, or cannot be reached.
        """
        visibilities = self._visibilities()
        by_id: dict[str, Entry] = {}
        for is_hidden in ("false", "true"):
            for entry in self._list({"os_hidden": is_hidden}, visibilities):
                by_id.setdefault(entry["id"], entry)
        entries = list(by_id.values())
        if entries and any(entry.get("os_hidden") for entry in entries):
            entries.sort(key=lambda entry: str(entry["created_at"]), reverse=True)  # stable
        entries = entries[: self._options.limit]
        self._add_own_memberships(entries)
        if self._options.members:
            self._add_members(entries)
        return entries

    def _list(self, params: Mapping[str, str], visibilities: Iterable[Mapping[str, str]]) -> list[Entry]:
        """Return the images that parameters select, each once."""
        entries: dict[str, Entry] = {}
        for visibility in visibilities:
            pages = self._walk({**params, **visibility, "member_status": "all"})
            images = (image for page in pages for image in page)
            for image in islice(images, self._options.limit):
                entries.setdefault(image["id"], image_entry(image))
        return list(entries.values())

    def _visibilities(self) -> tuple[Mapping[str, str], ...]:
        """Return the parameters that ask for images of every visibility.

        Glance knows ``all`` since Rocky; before, community images have to be asked for.
        """
        response = self._cloud.get("image", "/images?visibility=all&limit=1")
        if response.status == 200:
            return ({"visibility": "all"},)
        if response.status != 400:
            raise refusal(response, "a list of images")
        return ({}, {"visibility": "community"})

    def _walk(self, params: Mapping[str, str]) -> Iterator[list[Any]]:
        """Yield pages of images that the options choose."""
        options = self._options
        filters = {"name": options.name, "status": options.status, "owner": options.owner}
        if options.since is not None:
            filters["updated_at"] = f"gte:{timestamps.isoformat_seconds(options.since)}"
        size = min(options.limit or _PAGE_SIZE, _PAGE_SIZE)
        query = {"limit": str(size), **params}
        query |= {name: text for name, text in filters.items() if text is not None}
        for page in walk(self._cloud, "image", "/images", "images", query):
            self._number += len(page)
            options.on_progress(self._number)
            yield page

    def _add_own_memberships(self, entries: list[Entry]) -> None:
        """Add the caller's project to the members of images that others share with it."""
        caller = self._cloud.caller
        foreign = {
            entry["id"]: entry
            for entry in entries
            if entry["visibility"] == "shared" and entry["owner"] not in (None, caller.project_id)
        }
        if caller.is_admin or caller.project_id is None or not foreign:
            return
        for is_hidden in sorted({str(entry.get("os_hidden", False)).lower() for entry in foreign.values()}):
            for status in MemberStatus:
                query = {"os_hidden": is_hidden, "visibility": "shared", "member_status": str(status)}
                for page in self._walk(query):
                    for image in page:
                        if image["id"] in foreign:
                            member = {"member": caller.project_id, "status": str(status)}
                            foreign[image["id"]]["members"] = [member]

    def _add_members(self, entries: list[Entry]) -> None:
        """Add the members of the shared images that the caller's project owns; an admin sees all."""
        caller = self._cloud.caller
        for entry in entries:
            is_own = caller.is_admin or (entry["owner"] is not None and entry["owner"] == caller.project_id)
            if entry["visibility"] != "shared" or not is_own:
                continue
            path = f"/images/{entry['id']}/members"
            members = read_list(read_json(self._cloud, "image", path), "members", path)
            if members:
                entry["members"] = list(map(_member_entry, members))


def image_entry(image: Mapping[str, Any]) -> Entry:
    """Return an image of Glance as an entry of a fixture; what is the default is left out."""
    entry: Entry = {
        name: image[name]
        for name in _ATTRIBUTES
        if name in image and not (name in _DEFAULTS and image[name] == _DEFAULTS[name])
    }
    stores = image.get("stores")
    is_shown = stores is not None or image["status"] == "active"  # those of a deactivated one may be hidden
    if entry.get("os_hash_value") is not None and is_shown and stores != _EMULATED_STORE:
        entry["stores"] = stores or ""
    entry.setdefault("owner", None)
    entry.setdefault("visibility", "private")
    properties = {
        name: value
        for name, value in image.items()
        if name not in _ATTRIBUTES and name not in _OMITTED_ATTRIBUTES and isinstance(value, str)
    }
    if properties:
        entry["properties"] = properties
    return entry


def _member_entry(member: Mapping[str, Any]) -> Entry:
    names = ("status", "created_at", "updated_at")
    return {"member": member["member_id"], **{name: member[name] for name in names if name in member}}
