"""The view that changes an image by a JSON patch, of draft 4 or draft 10."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple, NoReturn

from fake_nova.apis.glance_images import body, constraints, policies, render, tables
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.schemas import IMAGE_PROPERTIES, check_image
from fake_nova.images.model import Caller, Image
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire.context import Context
from fake_nova.wire.response import JSON_HEADERS, Response

#: The operations of a patch.
OPERATIONS = ("add", "remove", "replace")

#: Operation -> the number of path parts of `locations`. All other paths have one part.
_LOCATION_DEPTHS: Final[Mapping[str, int]] = {"add": 2, "remove": 2, "replace": 1}


class Change(NamedTuple):
    """One operation of a patch.

    Attributes:
        operation: one of `OPERATIONS`.
        path: the parts of the path. The first is the name of an attribute or a property.
        value: the new value; None for ``remove``.
        only_new: whether ``add`` fails if the property exists, as in draft 4.
    """

    operation: str
    path: tuple[str, ...]
    value: Any = None
    only_new: bool = False

    @property
    def name(self) -> str:
        """The name of the attribute or property."""
        return self.path[0]


@dataclass(slots=True)
class WorkingCopy:
    """An image while a patch is applied.

    Attributes:
        image: the image with the attributes after the operations so far.
        properties: the properties after the operations so far. A copy for each operation would make a long
            patch take quadratic time.
    """

    image: Image
    properties: dict[str, str]


def update(context: Context) -> Response:
    """Change an image by the operations of a JSON patch: all of them or none."""
    changes = _parse_changes(context)
    now = context.cloud.clock.now()
    quota = context.cloud.settings.metadata_quota

    def apply_changes(image: Image) -> Image:
        policies.check_visible(image, context)
        if not changes:
            return image
        working_copy = WorkingCopy(image, dict(image.properties))
        for change in changes:
            apply = _operate_on_locations if change.name == "locations" else _APPLIERS[change.operation]
            apply(working_copy, change, context.caller)
        changed_image = working_copy.image.replace(properties=working_copy.properties, updated_at=now)
        constraints.check_quota(quota, "tags", changed_image.tags)
        if not set(changed_image.properties) <= set(image.properties):
            constraints.check_quota(quota, "properties", changed_image.properties)
        return constraints.check_tags(constraints.check_text_columns(changed_image))

    image = context.cloud.images.update(context.path_params["image_id"], apply_changes)
    context.record_shown_image(image)
    return Response(200, JSON_HEADERS, render.image_body(image, for_admin=context.caller.is_admin))


def _parse_changes(context: Context) -> list[Change]:
    """Read the operations of a patch from the body.

    Raises:
        GlanceError: 415 if the media type is not a patch; 400 if the patch is invalid; 403 if it changes an
            attribute that only the service sets.
    """
    media_type = body.media_type(context) or ""
    if media_type not in tables.PATCH_DRAFTS:
        accepted_types = ", ".join(sorted(tables.PATCH_DRAFTS))
        detail = f"Image PATCH expects Content-Type one of: {accepted_types}"
        raise GlanceError(415, detail=detail, headers=(("Accept-Patch", accepted_types),))
    operations = body.parse_json(context)
    if not isinstance(operations, list):
        raise GlanceError(400, "Request body must be a JSON array of operation objects.")
    return [_parse_change(raw_operation, tables.PATCH_DRAFTS[media_type]) for raw_operation in operations]


def _parse_change(raw_operation: Any, draft_number: int) -> Change:
    if not isinstance(raw_operation, dict):
        raise GlanceError(400, "Operations must be JSON objects.")
    parse_draft = _parse_draft_10 if draft_number == 10 else _parse_draft_4
    operation, pointer = parse_draft(raw_operation)
    path = _parse_pointer(pointer)
    depth = _LOCATION_DEPTHS[operation] if path[0] == "locations" else 1
    if len(path) != depth:
        raise GlanceError(400, f"Invalid JSON pointer for this resource: '/{'/'.join(path)}'")
    if operation != "remove" and "value" not in raw_operation:
        raise GlanceError(400, f'Operation "{operation}" requires a member named "value".')
    value = None if operation == "remove" else raw_operation["value"]
    change = Change(operation, path, value, only_new=draft_number == 4)
    _check_change(change)
    return change


def _parse_draft_10(raw_operation: dict[str, Any]) -> tuple[str, Any]:
    """Return the operation and the path of ``{"op": "add", "path": "/name", "value": …}``."""
    expectation = f"It must be one of the following: {', '.join(OPERATIONS)}."
    operation = raw_operation.get("op")
    if operation is None:
        raise GlanceError(400, f"Unable to find `op` in JSON Schema change. {expectation}")
    if operation not in OPERATIONS:
        raise GlanceError(400, f"Invalid operation: `{operation}`. {expectation}")
    if "path" not in raw_operation:
        raise GlanceError(400, "Unable to find 'path' in JSON Schema change")
    return operation, raw_operation["path"]


def _parse_draft_4(raw_operation: dict[str, Any]) -> tuple[str, Any]:
    """Return the operation and the path of ``{"add": "/name", "value": …}``."""
    operations = [operation for operation in OPERATIONS if operation in raw_operation]
    if len(operations) != 1:
        number = "only one" if operations else "exactly one"
        members = f'{number} member named "add", "remove", or "replace"'
        raise GlanceError(400, f"Operation objects must contain {members}.")
    return operations[0], raw_operation[operations[0]]


#: Test of a pointer -> the error message if the pointer meets it.
_POINTER_RULES: tuple[tuple[Callable[[str], object], str], ...] = (
    (lambda text: not text.startswith("/"), 'does not start with "/".'),
    (lambda text: re.search(r"/\s*?/", text[1:]), 'contains adjacent "/".'),
    (lambda text: len(text) > 1 and text.endswith("/"), 'end with "/".'),
    (lambda text: text[1:].strip() == "/", "does not contains valid token."),
    (lambda text: re.search("~(?![01])", text), 'contains "~" not part of a recognized escape sequence.'),
)


def _parse_pointer(pointer: Any) -> tuple[str, ...]:
    """Split a JSON pointer into its parts."""
    text = pointer if isinstance(pointer, str) else ""
    for is_invalid, message in _POINTER_RULES:
        if is_invalid(text):
            raise GlanceError(400, f"Pointer `{pointer}` {message}")
    parts = text.lstrip("/").split("/")
    return tuple(part.replace("~1", "/").replace("~0", "~").strip() for part in parts)


def _check_change(change: Change) -> None:
    name = change.name
    if name == "id" or name in tables.READ_ONLY_ATTRIBUTES:
        raise GlanceError(403, f"Attribute '{name}' is read-only.")
    if name in tables.RESERVED_NAMES or name.startswith(tables.RESERVED_PREFIX):
        raise GlanceError(403, f"Attribute '{name}' is reserved.")
    if change.operation == "remove":
        return
    if len(change.path) == 1:  # only POST rejects a long name (Glance 33.0.0, measured with SQLite)
        check_image({name: change.value})
    elif IMAGE_PROPERTIES[name]["type"] == "array":
        check_image({name: [change.value]})


def _is_attribute(name: str) -> bool:
    return name in tables.ATTRIBUTES or name == "tags"


def _authorize(image: Image, name: str, value: Any, caller: Caller) -> None:
    policy = tables.VISIBILITY_POLICIES.get(value) if name == "visibility" else None
    if policy is not None and not policies.allows(policy, image, caller):
        raise policies.forbidden(policy)
    policies.enforce("modify_image", image, caller)


#: Operation on the locations of an image -> the policy that it needs, and its verb in the error message.
_LOCATION_POLICIES: Final[Mapping[str, tuple[str, str]]] = {
    "add": ("set_image_location", "add"),
    "remove": ("delete_image_location", "remove"),
    "replace": ("set_image_location", "update"),
}


def _operate_on_locations(working_copy: WorkingCopy, change: Change, caller: Caller) -> NoReturn:
    """Raise the 403 of a service that does not show locations."""
    if change.operation == "replace" and not change.value:
        raise GlanceError(403, detail="Cannot set locations to empty list.")
    policy, verb = _LOCATION_POLICIES[change.operation]
    policies.enforce(policy, working_copy.image, caller)
    raise GlanceError(403, f"It's not allowed to {verb} locations if locations are invisible.")


#: Attribute -> converts the value in a patch to the value of an image. Other attributes need no conversion.
_CONVERTERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "min_ram": partial(constraints.check_size, "min_ram"),
    "min_disk": partial(constraints.check_size, "min_disk"),
    "visibility": Visibility,
    "tags": lambda tags: tuple(dict.fromkeys(tags)),
}


def _set(working_copy: WorkingCopy, name: str, value: Any) -> None:
    """Set an attribute or a property to a value that passed the schema."""
    if not _is_attribute(name):
        working_copy.properties[name] = value
        return
    is_early = working_copy.image.status in (ImageStatus.QUEUED, ImageStatus.IMPORTING)
    if name in ("disk_format", "container_format") and not is_early:
        raise GlanceError(403, f"Attribute {name} can be only replaced for a queued image.")
    if name in _CONVERTERS:
        value = _CONVERTERS[name](value)
    working_copy.image = working_copy.image.replace(**{name: value})


def _add(working_copy: WorkingCopy, change: Change, caller: Caller) -> None:
    name = change.name
    _authorize(working_copy.image, name, change.value, caller)
    if change.only_new and (_is_attribute(name) or name in working_copy.properties):
        raise GlanceError(409, detail=f"Property {name} already present.")
    _set(working_copy, name, change.value)


def _replace(working_copy: WorkingCopy, change: Change, caller: Caller) -> None:
    name = change.name
    if name == "owner" and not caller.is_admin:
        raise GlanceError(403, detail="Owner can't be updated by non admin.")
    _authorize(working_copy.image, name, change.value, caller)
    if not _is_attribute(name) and name not in working_copy.properties:
        raise _property_not_found(name)
    _set(working_copy, name, change.value)


def _remove(working_copy: WorkingCopy, change: Change, caller: Caller) -> None:
    name = change.name
    _authorize(working_copy.image, name, None, caller)
    if _is_attribute(name):
        raise GlanceError(403, detail=f"Property {name} may not be removed.")
    if name not in working_copy.properties:
        raise _property_not_found(name)
    del working_copy.properties[name]


def _property_not_found(name: str) -> GlanceError:
    return GlanceError(409, detail=f"Property {name} does not exist.")


_APPLIERS: Final[Mapping[str, Callable[[WorkingCopy, Change, Caller], None]]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
}
