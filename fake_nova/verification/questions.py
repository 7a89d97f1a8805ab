"""What a question is, and what a rule is: the rows of the tables of this package."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus

from fake_nova.verification.samples import Samples

#: The services, and the order of the report.
SERVICES: Final = ("compute", "image", "identity")

#: Key of a list of Nova's, besides images -> the key of one thing of it.
COLLECTIONS: Final[Mapping[str, str]] = {"servers": "server", "flavors": "flavor", "keypairs": "keypair"}

Headers = tuple[tuple[str, str], ...]


class Question(NamedTuple):
    """A request that both sides are asked.

    Attributes:
        path: the path below the service's root, with the query. ``{rank:2}`` stands for the id of the third
            image in the side's own list, ``{count-1}`` for the number of its images but one, ``{count/3}``
            for a third.
        headers: headers in addition to the token and ``Accept: application/json``.
        caller: "own" for the user's token, "none" for no token, or a text that is no token.
        method: the HTTP method.
        body: the body, or None.
        pages: the maximum number of pages to ask for, by the links to the next ones.
        content_type: the type of the body.
    """

    path: str
    headers: Headers = ()
    caller: str = "own"
    method: str = "GET"
    body: str | None = None
    pages: int = 1
    content_type: str = "application/json"


class Answer(NamedTuple):
    """An answer, without what a side draws by itself.

    Attributes:
        status: the HTTP status.
        headers: the headers that are compared: name in lower case -> value.
        body: the parsed JSON, or the text.
    """

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(slots=True)
class Order:
    """What a side lists first and last: the images of its own list, without parameters.

    Attributes:
        ids: the ids, in order.
        creation_times: id -> time of creation.
        unshared_ids: the ids of images that only one side lists.
    """

    ids: list[str] = field(default_factory=list)
    creation_times: dict[str, str] = field(default_factory=dict)
    unshared_ids: set[str] = field(default_factory=set)

    def rank(self, image_id: str) -> int | str:
        """Return the place of an image in the side's own list; its id if it is not there."""
        return self.ids.index(image_id) if image_id in self.ids else image_id


Pages = Sequence[Answer]

#: From the answers to a question and the side's own list to what the rule is about.
View = Callable[[Pages, Order], Any]


class Rule(NamedTuple):
    """A rule that questions are about.

    Attributes:
        name: its name in the report, without the service.
        questions: returns the questions for a cloud with these values; paths stand for plain ones.
        view: what is compared of the answers to them. What `parts` compares is left to its rules.
        own_list: the side's own list that the view gets; "" for the one of images.
    """

    name: str
    questions: Callable[[Samples], Iterable[Question | str]]
    view: View
    own_list: str = ""


def query(path: str, *pairs: tuple[str, str]) -> str:
    """Return a path with a query."""
    text = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs)
    return f"{path}?{text}"


def images_of(body: Any) -> list[dict[str, Any]]:
    """Return the images in a body of either API: those of a list, or the one."""
    if not isinstance(body, dict):
        return []
    if isinstance(body.get("images"), list):
        return [item for item in body["images"] if isinstance(item, dict)]
    image = body.get("image", body)
    return [image] if isinstance(image, dict) and "id" in image and "name" in image else []


def next_link(body: Any) -> str | None:
    """Return the link to the next page in a body of either API."""
    if not isinstance(body, dict):
        return None
    if "next" in body:
        return str(body["next"])
    lists = (body.get(f"{key}_links") or [] for key in ("images", *COLLECTIONS))
    return next(
        (str(link.get("href")) for links in lists for link in links if link.get("rel") == "next"), None
    )


def items_of(body: Any, key: str) -> list[dict[str, Any]]:
    """Return the things in a body of Nova: those of a list, or the one.

    Args:
        body: the body.
        key: a key of `COLLECTIONS`.
    """
    if not isinstance(body, dict):
        return []
    singular = COLLECTIONS[key]
    items = body[key] if isinstance(body.get(key), list) else [body.get(singular)]
    things = [item for item in items if isinstance(item, dict)]
    return [item[singular] if isinstance(item.get(singular), dict) else item for item in things]
