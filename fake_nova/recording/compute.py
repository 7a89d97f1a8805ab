"""What the compute service keeps beside images: servers, flavors, key pairs and quotas."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from fake_nova.cloud.compute import DEFAULT_QUOTAS
from fake_nova.recording.flavors import read_flavors
from fake_nova.recording.nova_requests import NovaRequests
from fake_nova.recording.options import RecordOptions
from fake_nova.recording.people import made_up_password
from fake_nova.recording.servers import ServerReader
from fake_nova.recording.zones import read_zones

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud

Entry = dict[str, Any]

#: The first microversion in which an admin sees the key pairs of other users.
_OTHER_USERS_SINCE: Final = (2, 10)

#: The microversion that shows every quota.
_QUOTAS_VERSION: Final = (2, 1)

#: Nova's default of the one quota whose default is a setting of the emulator.
_METADATA_ITEMS: Final = 128

#: Quota -> its name in the limits, which everybody sees of the own project.
_LIMITS: Final[Mapping[str, str]] = {
    "instances": "maxTotalInstances",
    "cores": "maxTotalCores",
    "ram": "maxTotalRAMSize",
    "metadata_items": "maxServerMeta",
    "injected_files": "maxPersonality",
    "injected_file_content_bytes": "maxPersonalitySize",
    "key_pairs": "maxTotalKeypairs",
    "server_groups": "maxServerGroups",
    "server_group_members": "maxServerGroupMembers",
}


class ComputeReader:
    """Reads servers, flavors, key pairs and quotas.

    Args:
        cloud: the cloud.
        options: which servers.
        count: the number of images that were read, with which the progress begins.

    Raises:
        CloudFailure: if the cloud has no compute service, or cannot be reached.
    """

    def __init__(self, cloud: Cloud, options: RecordOptions, count: int) -> None:
        self._nova: Final = NovaRequests(cloud)
        self._caller: Final = cloud.caller
        self._options: Final = options
        self._count: Final = count

    def read(self, images: Sequence[Entry], people: Mapping[str, list[Entry]]) -> dict[str, list[Entry]]:
        """Return the fixture's ``flavors``, ``keypairs``, ``quotas``, ``servers`` and ``availability_zones``.

        Users who are not visible are added to the people; nobody can log in as one of them.

        Args:
            images: the images of the fixture.
            people: the people of the fixture; its lists of projects and users may grow.

        Raises:
            CloudFailure: if Nova fails, or cannot be reached.
        """
        flavors = read_flavors(self._nova, self._caller)
        reader = ServerReader(self._nova, self._caller, self._options, self._count)
        servers = reader.read(flavors, images)
        keypairs = self._keypairs(people["users"])
        _name_users((*servers, *keypairs), people["users"])
        quotas = self._quotas(people["projects"])
        parts = {"flavors": flavors, "keypairs": keypairs, "quotas": quotas, "servers": servers}
        return {**parts, "availability_zones": read_zones(self._nova)}

    def _keypairs(self, users: Iterable[Entry]) -> list[Entry]:
        """Return the key pairs of the caller; an admin's are those of all users, with a request for each."""
        is_for_all = self._caller.is_admin and not self._options.is_own_only
        if not is_for_all or self._nova.newest < _OTHER_USERS_SINCE:
            keypairs = self._keypairs_of(self._caller.user_id, {})
        else:
            lists = (self._keypairs_of(user["id"], {"user_id": user["id"]}) for user in users)
            keypairs = [keypair for each in lists for keypair in each]
        keypairs.sort(key=lambda keypair: keypair.pop("id", 0))  # the fake numbers them in this order
        return keypairs

    def _keypairs_of(self, user_id: str | None, params: Mapping[str, str]) -> list[Entry]:
        pages = self._nova.pages("/os-keypairs", "keypairs", params)
        return [self._keypair(each["keypair"], user_id, params) for page in pages for each in page]

    def _keypair(self, keypair: Entry, user_id: str | None, params: Mapping[str, str]) -> Entry:
        """Return a key pair as an entry of a fixture; only Nova's page of one has its id and its age."""
        query = f"?{urlencode(params)}" if params else ""
        document = self._nova.get(f"/os-keypairs/{quote(keypair['name'], safe='')}{query}") or {}
        whole_keypair = {**keypair, **document.get("keypair", {})}
        names = ("id", "name", "public_key", "fingerprint", "type", "created_at")
        return {
            "user": user_id,
            **{name: whole_keypair[name] for name in names if whole_keypair.get(name) is not None},
        }

    def _quotas(self, projects: Iterable[Entry]) -> list[Entry]:
        """Return quotas other than the defaults: of the caller's project, an admin's of all projects."""
        is_for_all = self._caller.is_admin and not self._options.is_own_only
        own_id = self._caller.project_id
        project_ids = [each["id"] for each in projects if is_for_all or each["id"] == own_id]
        entries = ({"project": each, **self._quotas_of(each)} for each in project_ids)
        return [entry for entry in entries if len(entry) > 1]

    def _quotas_of(self, project_id: str) -> Entry:
        document = self._nova.get(f"/os-quota-sets/{project_id}", _QUOTAS_VERSION)
        if document is not None:
            limits = document["quota_set"]
        elif project_id == self._caller.project_id:
            document = self._nova.get("/limits", _QUOTAS_VERSION) or {"limits": {"absolute": {}}}
            absolute = document["limits"]["absolute"]
            limits = {key: absolute[name] for key, name in _LIMITS.items() if name in absolute}
        else:
            return {}
        defaults = {**DEFAULT_QUOTAS._asdict(), "metadata_items": _METADATA_ITEMS}
        return {
            key: limits[key] for key, default in defaults.items() if key in limits and limits[key] != default
        }


def _name_users(entries: Iterable[Entry], users: list[Entry]) -> None:
    """Replace the ids of users by their names, if these are unique, and add users who are not visible."""
    known_ids = {user["id"] for user in users}
    for entry in entries:
        user_id = entry.get("user")
        if user_id is not None and user_id not in known_ids:
            known_ids.add(user_id)
            password = made_up_password(user_id)
            users.append(
                {"id": user_id, "name": user_id, "password": password, "enabled": False, "projects": []}
            )
    numbers = Counter(user["name"] for user in users)
    names = {user["id"]: user["name"] for user in users if numbers[user["name"]] == 1}
    for entry in entries:
        if entry.get("user") is None:
            entry.pop("user", None)
        else:
            entry["user"] = names.get(entry["user"], entry["user"])
