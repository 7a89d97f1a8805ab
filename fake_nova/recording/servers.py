"""The servers that a user sees, as entries of a fixture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from fake_nova.cloud import server_states
from fake_nova.cloud.servers import VM_STATES_WITHOUT_HOST
from fake_nova.images import timestamps
from fake_nova.recording.caller import CloudCaller
from fake_nova.recording.flavors import flavor_entry
from fake_nova.recording.nova_requests import NovaRequests
from fake_nova.recording.options import RecordOptions

Entry = dict[str, Any]

#: The last microversion in which servers link to their flavor. Later ones show its values, but not its id.
_FLAVOR_LINKED_UNTIL: Final = (2, 46)

#: Key of a fixture -> the key of Nova's server, for values that stay as they are.
_SAME: Final[Mapping[str, str]] = {
    "id": "id",
    "name": "name",
    "owner": "tenant_id",
    "user": "user_id",
    "metadata": "metadata",
    "tags": "tags",
    "description": "description",
    "key_name": "key_name",
    "locked": "locked",
    "locked_reason": "locked_reason",
    "volumes": "os-extended-volumes:volumes_attached",
    "pinned_zone": "pinned_availability_zone",
    "reservation_id": "OS-EXT-SRV-ATTR:reservation_id",
    "launch_index": "OS-EXT-SRV-ATTR:launch_index",
    "instance_name": "OS-EXT-SRV-ATTR:instance_name",
    "trusted_image_certificates": "trusted_image_certificates",
    "scheduler_hints": "scheduler_hints",
    "access_ip_v4": "accessIPv4",
    "access_ip_v6": "accessIPv6",
    "created_at": "created",
    "updated_at": "updated",
    "launched_at": "OS-SRV-USG:launched_at",
    "terminated_at": "OS-SRV-USG:terminated_at",
}

_ROOT_DEVICE: Final = "OS-EXT-SRV-ATTR:root_device_name"
_DEFAULT_ROOT_DEVICE: Final = "/dev/sda"

#: Values that are left out of a fixture, because they are the defaults.
_DEFAULTS: Final[tuple[Any, ...]] = (None, "", False, [], {})

#: Keys of a flavor that a server shows.
_FLAVOR_KEYS: Final = ("name", "ram", "vcpus", "disk", "ephemeral", "swap", "extra_specs")

#: A name that is also the host name, but for capitals.
_HOST_NAME: Final = re.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


class ServerReader:
    """Reads servers.

    Args:
        nova: asks the compute service.
        caller: who is logged in.
        options: which servers.
        count: the number of images that were read, with which the progress begins.
    """

    def __init__(self, nova: NovaRequests, caller: CloudCaller, options: RecordOptions, count: int) -> None:
        self._nova: Final = nova
        self._caller: Final = caller
        self._options: Final = options
        self._count = count
        self._hosts: Final[dict[str, str]] = {}

    def read(self, flavors: Sequence[Entry], images: Sequence[Entry]) -> list[Entry]:
        """Return the servers as entries of a fixture, the newest first.

        Args:
            flavors: the flavors of the fixture.
            images: the images of the fixture.

        Raises:
            CloudFailure: if Nova fails, or cannot be reached.
        """
        servers = list(islice(self._walk(), self._options.limit))
        images_by_id = {image["id"]: image for image in images}
        entries = []
        for server in servers:
            image = images_by_id.get(_image_id(server) or "", {})
            entries.append(self._entry(server, image) | {"flavor": _flavor_of(server, flavors)})
        self._add_flavor_ids(entries)
        return entries

    def _walk(self, version: tuple[int, int] | None = None) -> Iterator[Entry]:
        """Yield the servers that the options choose, as Nova shows them in a microversion."""
        params = self._params()
        for page in self._nova.pages("/servers/detail", "servers", params, version):
            if version is None:
                self._count += len(page)
                self._options.on_progress(self._count)
            yield from page

    def _params(self) -> dict[str, str]:
        options = self._options
        params = {}
        if self._caller.is_admin and not options.is_own_only:
            params["all_tenants"] = "1"
            if options.owner is not None:
                params["project_id"] = options.owner
        if options.since is not None:
            params["changes-since"] = timestamps.isoformat_seconds(options.since)
        return params

    def _add_flavor_ids(self, entries: list[Entry]) -> None:
        """Add the ids of flavors that no list shows, such as deleted ones; an older microversion has them."""
        flavors = {entry["id"]: entry["flavor"] for entry in entries if "id" not in entry["flavor"]}
        own_flavors = {server_id: each for server_id, each in flavors.items() if isinstance(each, dict)}
        if not own_flavors:
            return
        for server in islice(self._walk(_FLAVOR_LINKED_UNTIL), self._options.limit):
            flavor_id = server.get("flavor", {}).get("id")
            if server["id"] in own_flavors and flavor_id is not None:
                own_flavors[server["id"]]["id"] = flavor_id

    def _entry(self, server: Mapping[str, Any], image: Entry) -> Entry:
        """Return a server of Nova as an entry of a fixture; what is the default is left out."""
        values = {key: server.get(name) for key, name in _SAME.items()}
        values["image"] = _image_id(server)
        values["security_groups"] = [group["name"] for group in server.get("security_groups") or ()]
        values["addresses"] = {
            network: list(map(_address_entry, addresses))
            for network, addresses in (server.get("addresses") or {}).items()
        }
        values["fault"] = _fault_entry(server.get("fault") or {})
        values["config_drive"] = bool(server.get("config_drive"))
        entry = {key: value for key, value in values.items() if value not in _DEFAULTS}
        entry |= _states(server) | self._host_of(server) | _image_properties(server, image)
        image_properties = entry.get("image_properties") or image.get("properties", {})
        entry |= _disk_config(server, image_properties) | _boot_parts(server, image_properties)
        entry.setdefault("launched_at", None)
        if entry["launched_at"] is None and entry.get("vm_state") == server_states.VM_BUILDING:
            del entry["launched_at"]
        hostname = server.get("OS-EXT-SRV-ATTR:hostname")
        if hostname and not (_HOST_NAME.fullmatch(server["name"]) and hostname == server["name"].lower()):
            entry["hostname"] = hostname
        return entry

    def _host_of(self, server: Mapping[str, Any]) -> Entry:
        """Return host and zone. Who does not see hosts gets a name for each digest of project and host."""
        if "OS-EXT-SRV-ATTR:host" in server:
            host = server["OS-EXT-SRV-ATTR:host"]
        else:
            digest = server.get("hostId") or ""
            host = self._hosts.setdefault(digest, f"host-{len(self._hosts) + 1}") if digest else None
        entry: Entry = {}
        vm_state = server.get("OS-EXT-STS:vm_state")
        if host is not None or vm_state not in VM_STATES_WITHOUT_HOST:
            entry["host"] = host
        zone = server.get("OS-EXT-AZ:availability_zone")
        default_zone = "" if host is None else "nova"
        if zone is not None and zone != default_zone:
            entry["availability_zone"] = zone
        return entry


def _states(server: Mapping[str, Any]) -> Entry:
    """Return the keys of a fixture that set the states of a server."""
    if server["status"] == "DELETED":
        return {"status": "DELETED"}
    vm_state = str(server.get("OS-EXT-STS:vm_state"))
    if vm_state not in server_states.DEFAULT_STATUSES:
        return {"status": server["status"]}
    task_state = server.get("OS-EXT-STS:task_state")
    status = server_states.status_of(vm_state, task_state)
    entry: Entry = {"status": status}
    if server_states.STATES_BY_STATUS[status] != (vm_state, task_state):
        entry |= {"vm_state": vm_state, "task_state": task_state}
    power_state = server.get("OS-EXT-STS:power_state")
    if power_state not in (None, server_states.power_state_of(vm_state)):
        entry["power_state"] = power_state
    return entry


def _address_entry(address: Mapping[str, Any]) -> Entry:
    entry = {"address": address["addr"]}
    mac = address.get("OS-EXT-IPS-MAC:mac_addr")
    if mac is not None:
        entry["mac"] = mac
    if address.get("OS-EXT-IPS:type") == "floating":
        entry["floating"] = True
    return entry


def _fault_entry(fault: Mapping[str, Any]) -> Entry:
    names = {"message": "message", "code": "code", "created_at": "created", "details": "details"}
    return {key: fault[name] for key, name in names.items() if fault.get(name) is not None}


def _image_id(server: Mapping[str, Any]) -> str | None:
    """Return the id of a server's image; None if a volume holds its disk."""
    image = server.get("image")
    return str(image["id"]) if isinstance(image, dict) else None


def _image_properties(server: Mapping[str, Any], image: Entry) -> Entry:
    """Return the properties of the image at the creation of a server, if the image has other ones now.

    Nova shows only those that it knows; the others are the present ones.
    """
    reference = server.get("image")
    properties = reference.get("properties") if isinstance(reference, dict) else None
    present = image.get("properties", {})
    if not properties or properties.items() <= present.items():
        return {}
    return {"image_properties": {**present, **{key: str(value) for key, value in properties.items()}}}


def _disk_config(server: Mapping[str, Any], image_properties: Mapping[str, str]) -> Entry:
    """Return the disk config, unless it is the one that an image without a word about it decides on."""
    word = server.get("OS-DCF:diskConfig")
    if word is None or (word == "MANUAL" and "auto_disk_config" not in image_properties):
        return {}
    return {"disk_config": word}


def _boot_parts(server: Mapping[str, Any], image_properties: Mapping[str, str]) -> Entry:
    """Return the root device, unless it is the default, and kernel and RAM disk if the image has others."""
    entry: Entry = {}
    device = server.get(_ROOT_DEVICE, _DEFAULT_ROOT_DEVICE)
    if device != _DEFAULT_ROOT_DEVICE:
        entry["root_device_name"] = device
    for key in ("kernel_id", "ramdisk_id"):
        value = server.get(f"OS-EXT-SRV-ATTR:{key}")
        if value is not None and value != image_properties.get(key, ""):
            entry[key] = value
    return entry


def _flavor_of(server: Mapping[str, Any], flavors: Iterable[Entry]) -> str | Entry:
    """Return the id of a server's flavor; a flavor of its own if no flavor of the fixture is the same."""
    server_flavor = server.get("flavor") or {}
    if "original_name" not in server_flavor:
        flavor_id = str(server_flavor.get("id"))
        is_known = any(flavor["id"] == flavor_id for flavor in flavors)
        return flavor_id if is_known else {"id": flavor_id, "name": flavor_id}
    own_flavor = flavor_entry({**server_flavor, "name": server_flavor["original_name"]})
    for flavor in flavors:
        if all(own_flavor.get(key) == flavor.get(key) for key in _FLAVOR_KEYS):
            return str(flavor["id"])
    return own_flavor
