"""Change an image by a JSON patch, in the two forms that there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple, NoReturn

from fake_nova.apis.glance_images import body, constraints, policies, render, tables
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.schemas import PROPERTIES, check_image
from fake_nova.images.model import Caller, Image
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire import nova_errors
from fake_nova.wire.call import Answer, Call

#: Operations that a patch may have.
OPERATIONS = ("add", "remove", "replace")

#: How many parts the path of a location has; all others have one.
_DEPTHS: Final[Mapping[str, int]] = {"add": 2, "remove": 2, "replace": 1}


class Change(NamedTuple):
    """One operation.

    Attributes:
        operation: one of `OPERATIONS`.
        path: the parts of the path; the first is an attribute or a property.
        value: what it is set to; None where it is removed.
        only_new: whether adding what is there is an error, as it is in v2.0's form.
    """

    operation: str
    path: tuple[str, ...]
    value: Any = None
    only_new: bool = False

    @property
    def name(self) -> str:
        """The attribute or property."""
        return self.path[0]


@dataclass(slots=True)
class Draft:
    """An image on its way through the operations of a patch.

    Attributes:
        image: with the attributes as they are so far.
        properties: as they are so far; one mapping, so that many operations take linear time.
    """

    image: Image
    properties: dict[str, str]


def update(call: Call) -> Answer:
    """Change an image."""
    changes = _changes(call)
    now = call.cloud.clock.now()
    quota = call.cloud.settings.metadata_quota

    def changed(image: Image) -> Image:
        policies.look(image, call.caller)
        if not changes:
            return image
        draft = Draft(image, dict(image.properties))
        for change in changes:
            operate = _operate_on_locations if change.name == "locations" else _OPERATIONS[change.operation]
            operate(draft, change, call.caller)
        new = draft.image.replaced(properties=draft.properties)
        constraints.within(quota, "tags", new.tags)
        if not set(new.properties) <= set(image.properties):
            constraints.within(quota, "properties", new.properties)
        return constraints.checked_tags(constraints.checked(new.replaced(updated_at=now)))

    image = call.cloud.images.update(call.parts["image_id"], changed)
    call.looked((image,))
    return Answer(200, nova_errors.JSON_HEADERS, render.one(image))


def _changes(call: Call) -> list[Change]:
    """Read the body.

    Raises:
        GlanceError: 415 for another media type; 400 for what is no patch; 403 for what only the service sets.
    """
    media_type = body.media_type(call) or ""
    if media_type not in tables.PATCH_TYPES:
        allowed = ", ".join(sorted(tables.PATCH_TYPES))
        detail = f"Image PATCH expects Content-Type one of: {allowed}"
        raise GlanceError(415, detail=detail, headers=(("Accept-Patch", allowed),))
    operations = body.json_of(call)
    if not isinstance(operations, list):
        raise GlanceError(400, "Request body must be a JSON array of operation objects.")
    return [_change(one, tables.PATCH_TYPES[media_type]) for one in operations]


def _change(raw: Any, draft: int) -> Change:
    if not isinstance(raw, dict):
        raise GlanceError(400, "Operations must be JSON objects.")
    operation, pointer = (_of_draft_10 if draft == 10 else _of_draft_4)(raw)
    path = _path(pointer)
    depth = _DEPTHS[operation] if path[0] == "locations" else 1
    if len(path) != depth:
        raise GlanceError(400, f"Invalid JSON pointer for this resource: '/{'/'.join(path)}'")
    value = None
    if operation != "remove":
        if "value" not in raw:
            raise GlanceError(400, f'Operation "{operation}" requires a member named "value".')
        value = raw["value"]
    change = Change(operation, path, value, only_new=draft == 4)
    _check(change)
    return change


def _of_draft_10(raw: dict[str, Any]) -> tuple[str, Any]:
    """Read ``{"op": "add", "path": "/name", "value": …}``."""
    allowed = f"It must be one of the following: {', '.join(OPERATIONS)}."
    operation = raw.get("op")
    if operation is None:
        raise GlanceError(400, f"Unable to find `op` in JSON Schema change. {allowed}")
    if operation not in OPERATIONS:
        raise GlanceError(400, f"Invalid operation: `{operation}`. {allowed}")
    if "path" not in raw:
        raise GlanceError(400, "Unable to find 'path' in JSON Schema change")
    return operation, raw["path"]


def _of_draft_4(raw: dict[str, Any]) -> tuple[str, Any]:
    """Read ``{"add": "/name", "value": …}``."""
    named = [operation for operation in OPERATIONS if operation in raw]
    if len(named) != 1:
        how_many = "only" if named else "exactly"
        raise GlanceError(
            400, f'Operation objects must contain {how_many} one member named "add", "remove", or "replace".'
        )
    return named[0], raw[named[0]]


#: What a pointer must not look like -> what is said of it.
_POINTERS: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda pointer: not pointer.startswith("/"), 'does not start with "/".'),
    (lambda pointer: re.search(r"/\s*?/", pointer[1:]), 'contains adjacent "/".'),
    (lambda pointer: len(pointer) > 1 and pointer.endswith("/"), 'end with "/".'),
    (lambda pointer: pointer[1:].strip() == "/", "does not contains valid token."),
    (
        lambda pointer: re.search("~[^01]", pointer) or pointer.endswith("~"),
        'contains "~" not part of a recognized escape sequence.',
    ),
)


def _path(pointer: Any) -> tuple[str, ...]:
    """Read a JSON pointer into its parts."""
    text = pointer if isinstance(pointer, str) else ""
    for is_wrong, said in _POINTERS:
        if is_wrong(text):
            raise GlanceError(400, f"Pointer `{pointer}` {said}")
    parts = text.lstrip("/").split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~").strip() for part in parts)


def _check(change: Change) -> None:
    name = change.name
    if name == "id" or name in tables.READ_ONLY:
        raise GlanceError(403, f"Attribute '{name}' is read-only.")
    if name in tables.RESERVED or name.startswith(tables.RESERVED_PREFIX):
        raise GlanceError(403, f"Attribute '{name}' is reserved.")
    if change.operation == "remove":
        return
    if len(change.path) == 1:  # a long name is refused by POST only (Glance 33.0.0, measured over SQLite)
        check_image({name: change.value})
    elif PROPERTIES[name]["type"] == "array":
        check_image({name: [change.value]})


def _is_attribute(name: str) -> bool:
    return name in tables.ATTRIBUTES or name == "tags"


def _allowed(image: Image, name: str, value: Any, caller: Caller) -> None:
    policy = tables.VISIBILITY_POLICIES.get(value) if name == "visibility" else None
    if policy is not None and not policies.allows(policy, image, caller):
        raise policies.forbid(policy)
    policies.enforce("modify_image", image, caller)


#: Operation on the locations of an image -> the policy that it asks for, and the verb that it is called by.
_LOCATIONS: Final[Mapping[str, tuple[str, str]]] = {
    "add": ("set_image_location", "add"),
    "remove": ("delete_image_location", "remove"),
    "replace": ("set_image_location", "update"),
}


def _operate_on_locations(draft: Draft, change: Change, caller: Caller) -> NoReturn:
    """Refuse the operation: no locations are shown here."""
    if change.operation == "replace" and not change.value:
        raise GlanceError(403, detail="Cannot set locations to empty list.")
    policy, verb = _LOCATIONS[change.operation]
    policies.enforce(policy, draft.image, caller)
    raise GlanceError(403, f"It's not allowed to {verb} locations if locations are invisible.")


#: Attribute -> makes what an image has of what a patch has; any other attribute is set as it is.
_CONVERTERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "min_ram": partial(constraints.a_size, "min_ram"),
    "min_disk": partial(constraints.a_size, "min_disk"),
    "visibility": Visibility,
    "tags": lambda tags: tuple(dict.fromkeys(tags)),
}


def _set(draft: Draft, name: str, value: Any) -> None:
    """Set an attribute or a property to what the schema let through."""
    if not _is_attribute(name):
        draft.properties[name] = value
        return
    is_early = draft.image.status in (ImageStatus.QUEUED, ImageStatus.IMPORTING)
    if name in ("disk_format", "container_format") and not is_early:
        raise GlanceError(403, f"Attribute {name} can be only replaced for a queued image.")
    convert = _CONVERTERS.get(name)
    draft.image = draft.image.replaced(**{name: value if convert is None else convert(value)})


def _add(draft: Draft, change: Change, caller: Caller) -> None:
    name = change.name
    _allowed(draft.image, name, change.value, caller)
    if change.only_new and (_is_attribute(name) or name in draft.properties):
        raise GlanceError(409, detail=f"Property {name} already present.")
    _set(draft, name, change.value)


def _replace(draft: Draft, change: Change, caller: Caller) -> None:
    name = change.name
    if name == "owner" and not caller.is_admin:
        raise GlanceError(403, detail="Owner can't be updated by non admin.")
    _allowed(draft.image, name, change.value, caller)
    if not _is_attribute(name) and name not in draft.properties:
        raise _missing(name)
    _set(draft, name, change.value)


def _remove(draft: Draft, change: Change, caller: Caller) -> None:
    name = change.name
    _allowed(draft.image, name, None, caller)
    if _is_attribute(name):
        raise GlanceError(403, detail=f"Property {name} may not be removed.")
    if name not in draft.properties:
        raise _missing(name)
    del draft.properties[name]


def _missing(name: str) -> GlanceError:
    return GlanceError(409, detail=f"Property {name} does not exist.")


_OPERATIONS: Final[Mapping[str, Callable[[Draft, Change, Caller], None]]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
}
