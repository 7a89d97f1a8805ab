"""Values that requests are drawn from: what the seeded cloud holds, in many spellings, and what it does not hold."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any, Final
from urllib.parse import quote, quote_plus

from fake_nova.images.status import ImageStatus
from tests.against_openstack.cloud import load_cloud

#: Users of the cloud, the one who asks most first; no token, an unknown one, an empty one.
USERS: Final = ("alice", "alice", "alice", "alice", "alice", "bob", "carol", "rita", "admin", "admin")
#: Names of tokens that are for no project: a user, an underscore, and the scope.
SCOPES: Final[tuple[str, ...]] = ("admin_system", "admin_unscoped", "alice_unscoped")
ODD_TOKENS: Final = ("gAAAAABnope", "", "Bearer x")

ODD_TEXTS: Final = (
    *(
        "",
        " ",
        "x",
        "0",
        "-",
        "none",
        "null",
        "True",
        "a,b",
        "in:twin,Twin",
        'in:"twin",x',
        "eq:twin",
        "neq:twin",
        "like:tw",
    ),
    *(
        "in:",
        'in:"twin',
        "é",
        "É",
        "ß",
        "漢字",
        "😀",
        "%",
        "a%b",
        "a_b",
        "\\",
        "'",
        '"',
        "<b>",
        "&",
        "a=b",
        "a+b",
        "\x00",
        "\t",
        "\n",
    ),
    *("x" * 255, "x" * 256, "x" * 300, "../x", "a/b", ":", "a:b", "gt:1", "{}", "[]"),
)

NUMBERS: Final = (
    *(
        "0",
        "1",
        "2",
        "12",
        "16",
        "20",
        "40",
        "512",
        "1024",
        "-1",
        "+12",
        " 12",
        "12 ",
        "012",
        "12abc",
        "12.0",
        "12.4",
        "1e1",
        "1e3",
    ),
    *(
        "0x10",
        "abc",
        "",
        "1_0",
        "١٢",
        "99999999999",
        "99999999999999999999",
        "in:12,16",
        "gte:12",
        "null",
        "1004",
        "2000",
        "1000",
    ),
)

TIMES: Final = (
    *(
        "2014-03-02T10:01:00Z",
        "2014-03-05T10:00:00Z",
        "2014-03-05T10:00:00",
        "2014-03-05 10:00:00",
        "2014",
        "2014-03",
        "20140305",
    ),
    *(
        "2014-03-05T10:00:00.5Z",
        "2014-03-05T12:00:00+02:00",
        "2014-03-05T10:00Z",
        "20140305T100000Z",
        "2014-03-05t10:00:00z",
    ),
    *(
        "2014-W10",
        "abc",
        "",
        "0",
        "1394013600",
        "2014-02-30",
        "2014-03-05T24:00:00Z",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
    ),
)

TIME_OPERATORS: Final = ("", "gt:", "gte:", "lt:", "lte:", "eq:", "neq:", "in:", "like:")

BOOLEANS: Final = ("true", "false", "True", "TRUE", "1", "0", "yes", "", "abc")

UNKNOWN_IDS: Final = (
    *(
        "99999999-0000-4000-8000-000000000000",
        "nope",
        "1",
        "",
        " ",
        "x" * 36,
        "x" * 37,
        "x" * 300,
        "a/b",
        "\x00",
        "é",
        "detail.json",
    ),
    *("Detail", "%", "20000000-0000-4000-8000-00000000001", "20000000000040008000000000000011"),
)


@cache
def images() -> tuple[dict[str, Any], ...]:
    """Return the images of the seeded cloud."""
    return tuple(load_cloud()["images"])


@cache
def projects() -> tuple[str, ...]:
    """Return the ids of the seeded projects."""
    return tuple(project["id"] for project in load_cloud()["projects"])


@cache
def users() -> dict[str, dict[str, Any]]:
    """Return the seeded users by name; their project is its id."""
    cloud = load_cloud()
    ids = {project["name"]: project["id"] for project in cloud["projects"]}
    return {
        user["name"]: {**user, "project_name": user["project"], "project": ids[user["project"]]}
        for user in cloud["users"]
    }


def respell(random: Random, text: str) -> str:
    """Return a text as it is, or in another spelling, which some databases hold equal."""
    spellings = (
        *[text] * 6,
        text.upper(),
        text.lower(),
        text.title(),
        f"{text} ",
        f"{text}  ",
        f" {text}",
        f"{text}\t",
        text.replace("e", "é").replace("i", "\u0131"),
        text[:-1],
        f"{text}x",
    )
    return random.choice(spellings)


def draw_name(random: Random) -> str:
    """Return a name of an image in some spelling, or another text."""
    if random.random() < 0.25:
        return random.choice(ODD_TEXTS)
    return respell(random, random.choice(images())["name"] or "")


def draw_id(random: Random) -> str:
    """Return the id of an image in some spelling, or another text."""
    if random.random() < 0.15:
        return random.choice(UNKNOWN_IDS)
    image_id = str(random.choice(images())["id"])
    return respell(random, image_id) if random.random() < 0.2 else image_id


def draw_status(random: Random) -> str:
    """Return a status of Glance's or Nova's in some spelling, or another text."""
    words = [
        *map(str, ImageStatus),
        "SAVING",
        "ACTIVE",
        "ERROR",
        "DELETED",
        "UNKNOWN",
        "in:active,queued",
        "bogus",
        "",
    ]
    return respell(random, random.choice(words))


def draw_property(random: Random) -> tuple[str, str]:
    """Return a key and a value of some image's properties."""
    candidates = [image["properties"] for image in images() if image["properties"]]
    key, value = random.choice(list(random.choice(candidates).items()))
    return str(key), str(value)


def draw_number(random: Random) -> str:
    """Return a number, or a text that is none."""
    return random.choice(NUMBERS)


def draw_time(random: Random) -> str:
    """Return a time, or a text that is none."""
    if random.random() < 0.3:
        return str(random.choice(images())[random.choice(("created_at", "updated_at"))])
    return random.choice(TIMES)


def encode(random: Random, text: str) -> str:
    """Return a text as a query may hold it."""
    roll = random.random()
    if roll < 0.6:
        return quote_plus(text)
    if roll < 0.85:
        return quote(text, safe="")
    return quote(text, safe="/:,;'()!*@$")
