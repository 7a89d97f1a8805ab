"""The replacement of ids, names and addresses in servers, flavors, key pairs and quotas by pseudonyms."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fake_nova.recording.addresses import replace_addresses
from fake_nova.recording.pseudonyms import Pseudonyms

Entry = dict[str, Any]

Replace = Callable[[str], str]

#: Keys of a server whose texts may contain names and addresses.
_TEXT_KEYS: Final = (
    *("name", "metadata", "tags", "description", "locked_reason", "addresses", "security_groups", "fault"),
    *("availability_zone", "pinned_zone", "hostname", "access_ip_v4", "access_ip_v6", "scheduler_hints"),
)

#: Keys of a flavor whose texts may contain names.
_FLAVOR_KEYS: Final = ("id", "name", "description", "extra_specs")

#: Keys of a key pair that only its user knows the meaning of. The fake makes up a public key.
_KEYS_OF_KEYPAIRS: Final = ("public_key", "fingerprint")


def texts_in(value: object) -> Iterator[str]:
    """Yield the texts in a value of JSON, keys of mappings included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from texts_in([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def _with_texts_replaced(value: Any, replace: Replace) -> Any:
    """Return a value of JSON with each text in it replaced."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, dict):
        return {replace(key): _with_texts_replaced(item, replace) for key, item in value.items()}
    return [_with_texts_replaced(item, replace) for item in value] if isinstance(value, list) else value


def register_servers(document: Entry, pseudonyms: Pseudonyms) -> None:
    """Add the owners, hosts and addresses of servers to the pseudonyms, so that other texts lose them too."""
    for zone in document.get("availability_zones", ()):
        for host in zone.get("hosts", ()):
            pseudonyms.add("hosts", host)
    for server in document.get("servers", ()):
        pseudonyms.add("ids of projects", server["owner"])
        if server.get("host") and not _is_made_up(server["host"]):
            pseudonyms.add("hosts", server["host"])
        for text in texts_in([server.get(key) for key in (*_TEXT_KEYS, "image_properties")]):
            replace_addresses(text, pseudonyms.add)


def _is_made_up(host: str) -> bool:
    """Return whether a host is a number in the record of a user who does not see hosts."""
    return host.removeprefix("host-").isdecimal()


def replace_compute(
    document: Entry,
    pseudonyms: Pseudonyms,
    replace: Replace,
    replace_properties: Callable[[Mapping[str, str], Replace], dict[str, str]],
) -> None:
    """Replace ids, names and addresses in servers, flavors, key pairs and quotas.

    Args:
        document: the fixture document, which is changed.
        pseudonyms: the pseudonyms of projects and users.
        replace: replaces the registered texts, and addresses, in a text.
        replace_properties: replaces them in the properties of an image.
    """
    by_text = pseudonyms.by_text
    for quotas in document.get("quotas", ()):
        quotas["project"] = by_text[quotas["project"]]
    for zone in document.get("availability_zones", ()):
        zone["name"] = replace(zone["name"])
        if "hosts" in zone:
            zone["hosts"] = [by_text[host] for host in zone["hosts"]]
    for flavor in document.get("flavors", ()):
        _replace_keys(flavor, _FLAVOR_KEYS, replace)
        if "access" in flavor:
            flavor["access"] = [by_text[project_id] for project_id in flavor["access"]]
    for keypair in document.get("keypairs", ()):
        keypair["name"] = pseudonyms.add("names of key pairs", keypair["name"])
        pseudonyms.counts["public keys"] += 1
        for key in _KEYS_OF_KEYPAIRS:
            keypair.pop(key, None)
    for server in document.get("servers", ()):
        _replace_server(server, pseudonyms, replace)
        if "image_properties" in server:
            server["image_properties"] = replace_properties(server["image_properties"], replace)
    for entry in (*document.get("keypairs", ()), *document.get("servers", ())):
        if "user" in entry:
            entry["user"] = by_text[entry["user"]]


def _replace_server(server: Entry, pseudonyms: Pseudonyms, replace: Replace) -> None:
    server["owner"] = pseudonyms.by_text[server["owner"]]
    if server.get("host"):
        server["host"] = pseudonyms.by_text.get(server["host"], server["host"])
    if "key_name" in server:
        server["key_name"] = pseudonyms.add("names of key pairs", server["key_name"])
    if isinstance(server["flavor"], dict):
        _replace_keys(server["flavor"], _FLAVOR_KEYS, replace)
    else:
        server["flavor"] = replace(server["flavor"])
    # The keys of a fault and of an address are no texts of the cloud.
    fault = server.get("fault", {})
    for key in ("message", "details"):
        if key in fault:
            fault[key] = replace(fault[key])
    addresses = server.get("addresses", {})
    for address in (each for network in addresses.values() for each in network):
        address |= {key: replace(value) for key, value in address.items() if isinstance(value, str)}
    if addresses:
        server["addresses"] = {replace(network): each for network, each in addresses.items()}
    name = server["name"]
    _replace_keys(server, [key for key in _TEXT_KEYS if key not in ("fault", "addresses")], replace)
    if server["name"] != name:  # Nova makes the host name of the name, and so does the fake
        server.pop("hostname", None)


def _replace_keys(entry: Entry, keys: Any, replace: Replace) -> None:
    for key in keys:
        if entry.get(key):
            entry[key] = _with_texts_replaced(entry[key], replace)
