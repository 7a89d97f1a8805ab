"""The parts of answers that have rules of their own, whatever the question: headers, and keys of images.

So a different link of images, for example, is one difference, though nearly every answer has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from fake_nova.verification import compute_parts
from fake_nova.verification.compute_parts import Part
from fake_nova.verification.questions import Answer, Pages, images_of, items_of, next_link


class Finding(NamedTuple):
    """A part that two answers have differently.

    Attributes:
        rule: the name of the rule.
        cloud: what the cloud's answer has.
        fake: what the fake's answer has.
    """

    rule: str
    cloud: Any
    fake: Any


HEADERS: Final = (
    Part("header Content-Type", ("content-type",)),
    Part("headers of request ids", ("x-openstack-request-id", "x-compute-request-id")),
    Part("headers of microversions", ("openstack-api-version", "x-openstack-nova-api-version", "vary")),
    Part("header WWW-Authenticate", ("www-authenticate",)),
    Part("headers Location and Allow", ("location", "allow")),
)

#: Service -> the groups of keys of its images; any other key belongs to the rule of OTHER_KEYS.
IMAGE_KEYS: Final[Mapping[str, tuple[Part, ...]]] = {
    "compute": (
        Part("names of images", ("id", "name")),
        Part("status and progress", ("status", "progress")),
        Part("times of images", ("created", "updated")),
        Part("minRam and minDisk", ("minRam", "minDisk")),
        Part("size", ("OS-EXT-IMG-SIZE:size",)),
        Part("metadata of images", ("metadata",)),
        Part("links of images", ("links",)),
        Part("server of an image", ("server",)),
        Part("diskConfig", ("OS-DCF:diskConfig",)),
    ),
    "image": (
        Part("names of images", ("id", "name")),
        Part("status of images", ("status",)),
        Part("owner, visibility and protection", ("owner", "visibility", "protected", "os_hidden")),
        Part("formats of images", ("disk_format", "container_format")),
        Part("size", ("size", "virtual_size")),
        Part("min_ram and min_disk", ("min_ram", "min_disk")),
        Part("times of images", ("created_at", "updated_at")),
        Part("hashes", ("checksum", "os_hash_algo", "os_hash_value")),
        Part("tags of images", ("tags",)),
        Part("links of images", ("self", "file", "schema")),
        Part("stores and locations", ("stores", "locations", "direct_url")),
    ),
    "identity": (),
}

OTHER_KEYS: Final[Mapping[str, str]] = {
    "compute": "other keys of images",
    "image": "properties of images",
    "identity": "",
}

#: Rules about a list as a whole.
NEXT_PATH: Final = "path of the link to the next page"
LIST_KEYS: Final = "keys of lists"


def names(service: str) -> list[str]:
    """Return the names of the rules of a service that this module has."""
    rules = [part.rule for part in HEADERS]
    if service != "identity":
        rules += [part.rule for part in IMAGE_KEYS[service]]
        rules += [OTHER_KEYS[service], NEXT_PATH, LIST_KEYS]
    return [*rules, *compute_parts.names()] if service == "compute" else rules


def compare(service: str, cloud: Pages, fake: Pages) -> Iterator[Finding]:
    """Yield the parts that differ in answers with equal statuses, each once."""
    rules: set[str] = set()
    findings = (each for pair in zip(cloud, fake, strict=False) for each in _compare_pages(service, *pair))
    for finding in findings:
        if finding.rule not in rules:
            rules.add(finding.rule)
            yield finding


def _compare_pages(service: str, cloud: Answer, fake: Answer) -> Iterator[Finding]:
    for part in HEADERS:
        yield from _compare_keys(part, cloud.headers, fake.headers)
    if service == "identity" or cloud.status != 200:
        return
    if service == "compute":
        yield from _compare_collections(cloud.body, fake.body)
    fake_images = {image["id"]: image for image in images_of(fake.body)}
    parts = IMAGE_KEYS[service]
    known_keys = {key for part in parts for key in part.keys}
    for image in images_of(cloud.body):
        other = fake_images.get(image["id"])
        if other is not None:
            for part in parts:
                yield from _compare_keys(part, image, other)
            keys = tuple(sorted((image.keys() | other.keys()) - known_keys))
            yield from _compare_keys(Part(OTHER_KEYS[service], keys), image, other)
    yield from _compare_lists(cloud.body, fake.body)


def _compare_collections(cloud: Any, fake: Any) -> Iterator[Finding]:
    """Yield the parts of servers, flavors and key pairs that differ."""
    for key in compute_parts.PARTS:
        fake_things = {compute_parts.identity(thing): thing for thing in items_of(fake, key)}
        for thing in items_of(cloud, key):
            other = fake_things.get(compute_parts.identity(thing))
            if other is not None:
                pair = [compute_parts.comparable(each) for each in (thing, other)]
                for part in compute_parts.all_parts(key, pair):
                    yield from _compare_keys(part, pair[0], pair[1])


def _compare_keys(part: Part, cloud: Mapping[str, Any], fake: Mapping[str, Any]) -> Iterator[Finding]:
    pair = [{key: _comparable(key, each[key]) for key in part.keys if key in each} for each in (cloud, fake)]
    if pair[0] != pair[1]:
        keys = [
            key
            for key in part.keys
            if pair[0].get(key) != pair[1].get(key) or (key in pair[0]) != (key in pair[1])
        ]
        yield Finding(part.rule, *({key: each[key] for key in keys if key in each} for each in pair))


def _comparable(key: str, value: Any) -> Any:
    """Return a value without what has no order: tags are a set."""
    return sorted(map(str, value)) if key == "tags" and isinstance(value, list) else value


def _compare_lists(cloud: Any, fake: Any) -> Iterator[Finding]:
    if not all(isinstance(body, dict) and "images" in body for body in (cloud, fake)):
        return
    links = [next_link(body) for body in (cloud, fake)]
    if None not in links:
        paths = [urlsplit(str(link))._replace(query="").geturl() for link in links]
        if paths[0] != paths[1]:
            yield Finding(NEXT_PATH, *paths)
    ignored = ("images", "images_links", "next")
    others = [{key: value for key, value in body.items() if key not in ignored} for body in (cloud, fake)]
    if others[0] != others[1]:
        yield Finding(LIST_KEYS, *others)
