"""The documents that describe a cloud: one schema for fixture files and for the admin API.

A document is read in two steps. `problems` says everything that is wrong with it, each with the path to the
place; `load` gives the values, in the types of the domain. Keys are Glance's own names.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from marshmallow import RAISE, Schema, ValidationError, fields, missing

from fake_nova.images import timestamps
from fake_nova.images.model import Image, Member
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing that is wrong with a document: where, and what is there against what is allowed."""

    path: Path
    message: str

    @property
    def place(self) -> str:
        """The path as people write it: ``images[3].status``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.lstrip(".") or "document"

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def shown(value: object) -> str:
    """Write a value as it stands in a document, cut where it is long."""
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        text += piece
        if len(text) > 80:  # the rest may be without end
            text = text[:77] + "..."
            break
    return text.encode("utf-8", "backslashreplace").decode()


#: Halves of characters, which UTF-8 has no bytes for.
_HALVES: Final = re.compile("[\ud800-\udfff]")


def _is_text(value: object) -> bool:
    """Whether a value is no text, or one that can be written: JSON can name halves of characters."""
    return not isinstance(value, str) or value.isascii() or _HALVES.search(value) is None


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a mapping of what JSON has in braces; ValueError for a key that comes twice, and would be lost."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {shown(twice)} comes twice")
    return found


class Exactly(fields.Field[Any]):
    """A value of exactly these types that passes a test; nothing is converted on the way in.

    marshmallow's own fields take "5" for 5 and 1 for True, which would hide a mistake in a fixture.
    """

    def __init__(
        self,
        types: tuple[type, ...],
        allowed: str,
        test: Callable[[Any], object] = lambda _: True,
        *,
        make: Callable[[Any], Any] = lambda value: value,
        required: bool = False,
        secret: bool = False,
    ) -> None:
        super().__init__(
            required=required,
            allow_none=True,
            error_messages={"required": f"is missing; allowed: {allowed}"},
        )
        self._types: Final = types
        self._allowed: Final = allowed
        self._test: Final = test
        self._make: Final = make
        self._secret: Final = secret

    def deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        """Return what the value stands for in the domain.

        Raises:
            ValidationError: it is of another type, or not what is allowed.
        """
        if value is missing:
            self._validate_missing(value)
            return value
        if type(value) not in self._types or not _is_text(value) or not self._test(value):
            there = "what is there" if self._secret else shown(value)
            raise ValidationError(f"{there} is not allowed; allowed: {self._allowed}")
        return self._make(value)


def is_uuid(text: str) -> bool:
    """Whether *text* is a UUID in canonical lower-case form."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _is_time(text: str) -> bool:
    try:
        timestamps.parse(text)
    except ValueError:
        return False
    return True


def _text(longest: int, shortest: int = 0, required: bool = False) -> Exactly:
    allowed = f"text of {shortest} to {longest} characters"
    if shortest == 0:
        allowed = f"text of up to {longest} characters"
    return Exactly((str,), allowed, lambda text: shortest <= len(text) <= longest, required=required)


def _word(
    words: type[ImageStatus] | type[Visibility] | type[MemberStatus], required: bool = False
) -> Exactly:
    known = {str(word): word for word in words}
    return Exactly((str,), ", ".join(known), known.__contains__, make=known.__getitem__, required=required)


def status_field(required: bool = False) -> Exactly:
    """Return the field of an image's status."""
    return _word(ImageStatus, required)


def _choice(*choices: str) -> Exactly:
    return Exactly(
        (str, type(None)), ", ".join(choices) + " or null", lambda text: text is None or text in choices
    )


def _number(low: int, high: int, null: bool = False) -> Exactly:
    allowed = f"a whole number from {low} to {high}" + (" or null" if null else "")
    types: tuple[type, ...] = (int, type(None)) if null else (int,)
    return Exactly(types, allowed, lambda value: value is None or low <= value <= high)


def _hexadecimal(longest: int) -> Exactly:
    return Exactly(
        (str, type(None)),
        f"up to {longest} hexadecimal digits or null",
        lambda text: text is None or (len(text) <= longest and set(text) <= set("0123456789abcdef")),
    )


def _flag() -> Exactly:
    return Exactly((bool,), "true or false")


def time_field(
    allowed: str = "an ISO 8601 time such as 2014-02-10T17:05:01Z",
    test: Callable[[datetime], object] = lambda _: True,
) -> Exactly:
    """Return the field of a time that passes a test."""
    return Exactly(
        (str,), allowed, lambda text: _is_time(text) and test(timestamps.parse(text)), make=timestamps.parse
    )


def are_texts(value: Mapping[Any, Any], shortest: int = 0, longest: int = 10**6) -> bool:
    """Whether all keys and values of a mapping are texts that can be written; keys of these lengths only."""
    return all(
        isinstance(key, str)
        and shortest <= len(key) <= longest
        and isinstance(text, str)
        and _is_text(key)
        and _is_text(text)
        for key, text in value.items()
    )


def _is_properties(value: Mapping[Any, Any]) -> bool:
    return are_texts(value, 1, 255)


class Document(Schema):
    """A mapping with known keys only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(unknown=RAISE, **options)
        self.error_messages = {
            **self.error_messages,
            "unknown": f"is not a key here; allowed: {', '.join(self.fields)}",
            "type": f"must be a mapping; allowed keys: {', '.join(self.fields)}",
        }


def mapping(document: type[Document]) -> fields.Nested:
    """Return the field of a document within another."""
    return fields.Nested(document, error_messages={"null": NO_MAPPING})


#: What is said of null where a document has to be.
NO_MAPPING: Final = "null is not allowed; allowed: a mapping"


def no_list(what: str) -> dict[str, Any]:
    """Return what is said of no list; *what* says what is allowed in it."""
    message = f"must be a list; allowed in it: {what}"
    return {"invalid": message, "null": message}


def list_of(document: type[Document], what: str, *, required: bool = False) -> fields.List[Any]:
    """Return the field of a list of documents; *what* says what is allowed in it."""
    return fields.List(mapping(document), required=required, error_messages=no_list(what))


def _words(field: Exactly, what: str, *, once: bool = False) -> fields.List[Any]:
    """Return the field of a list of texts; *what* says what is allowed in it."""
    return fields.List(field, error_messages=no_list(what), validate=_comes_once if once else None)


def _comes_once(texts: list[str]) -> None:
    if len(set(texts)) < len(texts):
        twice = next(text for text, times in Counter(texts).items() if times > 1)
        raise ValidationError(f"{shown(twice)} comes twice; allowed: once")


def _members() -> fields.List[Any]:
    field = list_of(MemberDocument, "mappings of member and status")
    field.validators.append(lambda members: _comes_once([one["member"] for one in members]))
    return field


class ProjectDocument(Document):
    """One of ``projects``."""

    id = _text(64, 1, required=True)
    name = _text(64, 1, required=True)


class UserDocument(Document):
    """One of ``users``."""

    name = _text(255, 1, required=True)
    password = Exactly(
        (str,), "text of 1 to 255 characters", lambda text: 1 <= len(text) <= 255, required=True, secret=True
    )
    project = _text(64, 1, required=True)
    roles = _words(
        Exactly((str,), "admin, member, reader", lambda role: role in ("admin", "member", "reader")),
        "admin, member, reader",
    )


class MemberDocument(Document):
    """One of an image's ``members``."""

    member = _text(255, 1, required=True)
    status = _word(MemberStatus)
    created_at = time_field()
    updated_at = time_field()


class ImageDocument(Document):
    """An image in Glance's words; every key may be left out."""

    id = Exactly((str,), "a UUID in lower case, such as ee10f19c-503c-44af-af2f-73d5e42f7a17", is_uuid)
    name = Exactly(
        (str, type(None)),
        "text of up to 255 characters or null",
        lambda name: name is None or len(name) <= 255,
    )
    status = status_field()
    size = _number(0, 2**63 - 1, null=True)
    min_ram = _number(0, 2**31 - 1)
    min_disk = _number(0, 2**31 - 1)
    created_at = time_field()
    updated_at = time_field()
    owner = _text(255, 1)
    visibility = _word(Visibility)
    protected = _flag()
    os_hidden = _flag()
    disk_format = _choice("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop")
    container_format = _choice("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")
    tags = _words(_text(255, 1), "texts of up to 255 characters", once=True)
    members = _members()
    properties = Exactly(
        (dict,), "a mapping of texts (put numbers and true or false in quotes)", _is_properties
    )
    checksum = _hexadecimal(32)
    os_hash_algo = _choice("md5", "sha1", "sha256", "sha512")
    os_hash_value = _hexadecimal(128)
    virtual_size = _number(0, 2**63 - 1, null=True)


class TemplateDocument(ImageDocument):
    """What stands in every made-up image; an id is each one's own."""

    class Meta:
        """marshmallow's way to leave a field out."""

        exclude = ("id",)


class GenerateDocument(Document):
    """One of ``generate``: images made up by Faker."""

    count = Exactly((int,), "a whole number from 1 to 1000000", lambda n: 1 <= n <= 10**6, required=True)
    seed = Exactly((int,), "a whole number")
    template = mapping(TemplateDocument)


class CloudDocument(Document):
    """A fixture file."""

    projects = list_of(ProjectDocument, "mappings of id and name")
    users = list_of(UserDocument, "mappings of name, password, project and roles")
    images = list_of(ImageDocument, "images")
    generate = list_of(GenerateDocument, "mappings of count, seed and template")


class DocumentError(Exception):
    """A document is wrong; *problems* is everything that is."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems: Final = problems


def load(schema: Schema, document: object) -> dict[str, Any]:
    """Read *document* by *schema* into values of the domain's types; keys left out stay out.

    Raises:
        DocumentError: with every problem at once.
    """
    try:
        values: dict[str, Any] = schema.load(document)  # type: ignore[arg-type]  # it may be anything; load says
    except ValidationError as error:
        raise DocumentError(list(_problems((), error.messages))) from error
    return values


def _problems(path: Path, messages: object) -> Iterator[Problem]:
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            yield from _problems(path if key == "_schema" else (*path, key), inner)
    elif isinstance(messages, list):
        for message in messages:
            yield Problem(path, str(message))


def made_members(documents: list[dict[str, Any]]) -> tuple[Member, ...]:
    """Make an image's members of their documents; one without a status has not answered yet."""
    return tuple(
        Member(
            document["member"],
            document.get("status", MemberStatus.PENDING),
            document.get("created_at"),
            document.get("updated_at"),
        )
        for document in documents
    )


def image_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a loaded image document into the fields of an `Image`."""
    made = dict(values)
    if "tags" in made:
        made["tags"] = tuple(made["tags"])
    if "members" in made:
        made["members"] = made_members(made["members"])
    return made


def new_image(values: Mapping[str, Any], *, image_id: str, owner: str, now: datetime) -> Image:
    """Make an image of a loaded document; *image_id*, *owner* and *now* are for what it leaves out."""
    made = image_fields(values)
    created = made.get("created_at") or min(now, made.get("updated_at", now))
    updated = made.get("updated_at") or max(now, created)
    return Image(**{"id": image_id, "owner": owner, **made, "created_at": created, "updated_at": updated})


def image_document(image: Image) -> dict[str, Any]:
    """Write an image as the document that it can be loaded from again, to the microsecond."""
    return {
        "id": image.id,
        "name": image.name,
        "status": str(image.status),
        "size": image.size,
        "min_ram": image.min_ram,
        "min_disk": image.min_disk,
        "created_at": timestamps.exact(image.created_at),
        "updated_at": timestamps.exact(image.updated_at),
        "owner": image.owner,
        "visibility": str(image.visibility),
        "protected": image.protected,
        "os_hidden": image.os_hidden,
        "disk_format": image.disk_format,
        "container_format": image.container_format,
        "tags": list(image.tags),
        "members": list(map(_member_document, image.members)),
        "properties": dict(image.properties),
        "checksum": image.checksum,
        "os_hash_algo": image.os_hash_algo,
        "os_hash_value": image.os_hash_value,
        "virtual_size": image.virtual_size,
    }


def _member_document(member: Member) -> dict[str, Any]:
    times = {"created_at": member.created_at, "updated_at": member.updated_at}
    known = {name: timestamps.exact(moment) for name, moment in times.items() if moment is not None}
    return {"member": member.project_id, "status": str(member.status), **known}
