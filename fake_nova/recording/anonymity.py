"""The replacement of ids, names and addresses in a record by pseudonyms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from fake_nova.cloud.people import DEFAULT_DOMAIN
from fake_nova.cloud.roles import BUILT_IN_ROLES
from fake_nova.recording.addresses import replace_addresses
from fake_nova.recording.compute_anonymity import register_servers, replace_compute, texts_in
from fake_nova.recording.pseudonyms import HEX_ID, Pseudonyms, with_digits

Entry = dict[str, Any]

#: Key of a property -> the kind of its value.
_KINDS_BY_KEY: Final[Mapping[str, str]] = {
    **dict.fromkeys(("owner_id", "project_id", "tenant_id"), "ids of projects"),
    **dict.fromkeys(("owner_project_name", "project_name", "tenant_name"), "names of projects"),
    "user_id": "ids of users",
    **dict.fromkeys(("owner_user_name", "user_name", "username"), "names of users"),
    **dict.fromkeys(("host", "hostname", "node", "compute_host"), "hosts"),
}

#: Keys of properties that Nova and Glance define. They stay, whatever a project is called.
_STANDARD_KEY: Final = re.compile(
    r"(?:hw|img|os|trait|instance|image|base|owner|user|kernel|ramdisk|vmware|hypervisor|cinder|boot|clean)[_:].*|"
    "architecture|vm_mode|mappings|block_device_mapping|bdm_v2|root_device_name|auto_disk_config|description|version"
)

#: Keys of properties with words of a vocabulary. Their values stay, too.
_VOCABULARY_KEY: Final = re.compile(
    r"(?:hw|trait)[_:].*|os_(?:type|distro|version)|architecture|hypervisor_type|vm_mode|image_(?:type|state|location)"
)

#: Names that every record contains anyway.
_COMMON_NAMES: Final = frozenset((*(role.name for role in BUILT_IN_ROLES), "default"))

#: A name as short as this is replaced only if it stands alone: ``prod`` is not replaced in ``product``.
_SHORT_NAME: Final = 4


def key_of(auth_url: str, project_id: str | None) -> bytes:
    """Return the key of the pseudonyms of a user's records.

    It is the same for each record of a project. Outsiders know neither the project's id nor the pseudonyms.
    """
    return sha256(f"fake_nova record {auth_url} {project_id}".encode()).digest()


def anonymize(document: Entry, key: bytes, counts: Counter[str]) -> Mapping[str, str]:
    """Replace ids, names and addresses in a fixture document.

    Args:
        document: the document, which is changed.
        key: the key of the pseudonyms.
        counts: gets the number of texts that were replaced, by kind.

    Returns:
        Each text that was replaced -> its pseudonym.
    """
    pseudonyms = Pseudonyms(key)
    _register_people(document, pseudonyms)
    for image in document["images"]:
        _register_image(image, pseudonyms)
    register_servers(document, pseudonyms)
    terms = _Terms(pseudonyms)

    def replace(text: str) -> str:
        return terms.replace(replace_addresses(text, pseudonyms.add))

    _replace_people(document, pseudonyms, counts)
    for image in document["images"]:
        _replace_image(image, pseudonyms, replace)
    replace_compute(document, pseudonyms, replace, _replace_properties)
    counts.update(pseudonyms.counts)
    return pseudonyms.by_text


def _register_people(document: Entry, pseudonyms: Pseudonyms) -> None:
    for kind in ("projects", "users", "domains"):
        for entry in document.get(kind, ()):
            pseudonyms.add(f"ids of {kind}", entry["id"])
    for kind in ("projects", "users", "domains"):
        for entry in document.get(kind, ()):
            pseudonyms.add(f"names of {kind}", entry["name"])


def _register_image(image: Entry, pseudonyms: Pseudonyms) -> None:
    for project_id in (image["owner"], *(member["member"] for member in image.get("members", ()))):
        if project_id:
            pseudonyms.add("ids of projects", project_id)
    for name, value in image.get("properties", {}).items():
        kind = _KINDS_BY_KEY.get(name)
        if kind is not None and value and not pseudonyms.is_pseudonym(value):
            pseudonyms.add(kind, value)
    parts = (image.get("name"), image.get("stores"), image.get("tags"), image.get("properties"))
    for text in texts_in(parts):
        replace_addresses(text, pseudonyms.add)


class _Terms:
    """Finds the registered texts inside other texts.

    Args:
        pseudonyms: the registered texts.
    """

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms: Final = pseudonyms
        self._by_lower_text: Final[dict[str, str]] = {}
        for text, pseudonym in pseudonyms.by_text.items():
            if text.lower() not in _COMMON_NAMES:
                self._by_lower_text.setdefault(text.lower(), pseudonym)
        # An id may be written with or without hyphens, in any capitals.
        self._hex_ids: Final = {
            text.replace("-", "").lower(): pseudonym.replace("-", "")
            for text, pseudonym in pseudonyms.by_text.items()
            if HEX_ID.fullmatch(text)
        }
        self.replace: Final = lru_cache(maxsize=4096)(self._replace)

    def _replace(self, text: str) -> str:
        text = HEX_ID.sub(self._pseudonym_of_id, text)
        lower_text = text.lower()
        if lower_text in self._by_lower_text:
            return self._pseudonyms.by_text.get(text) or self._by_lower_text[lower_text]
        terms = sorted((term for term in self._by_lower_text if term in lower_text), key=len, reverse=True)
        if not terms:
            return text
        pattern = "|".join(map(_pattern, terms))
        return re.sub(pattern, self._pseudonym_of, text, flags=re.IGNORECASE)

    def _pseudonym_of_id(self, match: re.Match[str]) -> str:
        digits = self._hex_ids.get(match[0].replace("-", "").lower())
        return match[0] if digits is None else with_digits(match[0], digits)

    def _pseudonym_of(self, match: re.Match[str]) -> str:
        text = match[0]
        return self._pseudonyms.by_text.get(text) or self._by_lower_text.get(text.lower(), text)


def _pattern(term: str) -> str:
    if len(term) > _SHORT_NAME:
        return re.escape(term)
    return rf"(?<![^\W_]){re.escape(term)}(?![^\W_])"


def _replace_people(document: Entry, pseudonyms: Pseudonyms, counts: Counter[str]) -> None:
    by_text = {**pseudonyms.by_text, DEFAULT_DOMAIN.id: DEFAULT_DOMAIN.id}
    for kind in ("projects", "users", "domains"):
        for entry in document.get(kind, ()):
            for key in ("id", "name", "domain", "parent", "project"):
                if key in entry:
                    entry[key] = by_text.get(entry[key]) or pseudonyms.add("ids of projects", entry[key])
            for grant in entry.get("projects", ()):
                grant["project"] = by_text[grant["project"]]
            for grant in entry.get("domains", ()):
                grant["domain"] = by_text[grant["domain"]]
            for key in ("description", "tags"):
                if entry.pop(key, None):
                    counts[f"{key} of projects" if key == "tags" else "descriptions"] += 1
    for role in document.get("roles", ()):
        if role.pop("description", None):
            counts["descriptions"] += 1


def _replace_image(image: Entry, pseudonyms: Pseudonyms, replace: Callable[[str], str]) -> None:
    if image["owner"]:
        image["owner"] = pseudonyms.by_text[image["owner"]]
    for member in image.get("members", ()):
        member["member"] = pseudonyms.by_text[member["member"]]
    if image.get("name"):
        image["name"] = replace(image["name"])
    if "stores" in image:
        image["stores"] = replace(image["stores"])
    if "tags" in image:
        image["tags"] = list(dict.fromkeys(map(replace, image["tags"])))
    if image.get("properties"):
        image["properties"] = _replace_properties(image["properties"], replace)


def _replace_properties(properties: Mapping[str, str], replace: Callable[[str], str]) -> dict[str, str]:
    return {
        name if _STANDARD_KEY.fullmatch(name) else replace(name): (
            value if _VOCABULARY_KEY.fullmatch(name) else replace(value)
        )
        for name, value in properties.items()
    }
