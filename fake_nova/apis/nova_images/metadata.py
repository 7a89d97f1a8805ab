"""An image's metadata: list, show, add, replace, set and drop one key."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fake_nova.apis.nova_images import render, tables
from fake_nova.apis.nova_images.tables import META_SCHEMA, METADATA_SCHEMA, KeyRule
from fake_nova.apis.nova_images.views import seen
from fake_nova.errors import NotPermitted
from fake_nova.images.model import Image, may_change
from fake_nova.images.status import Visibility
from fake_nova.wire import checks, nova_errors, query_string
from fake_nova.wire.call import Answer, Call
from fake_nova.wire.json_schema import check_body
from fake_nova.wire.negotiation import content_type
from fake_nova.wire.nova_errors import Refused

Metadata = dict[str, str]


def index(call: Call) -> Answer:
    """List all metadata."""
    query_string.read(call.query_string)
    return _document(call, {"metadata": render.metadata(seen(call))})


def show(call: Call) -> Answer:
    """Show one key."""
    query_string.read(call.query_string)
    key = call.parts["key"]
    shown = render.metadata(seen(call))
    if key not in shown:
        raise Refused(404, nova_errors.NOT_FOUND)
    return _document(call, {"meta": {key: shown[key]}})


def create(call: Call) -> Answer:
    """Add the body's keys to what is there, and show all."""
    check_body(call.body, METADATA_SCHEMA, checks.is_legacy_path(call.path))
    given: Metadata = call.body["metadata"]
    image = _write(call, lambda present: {**present, **given})
    return _document(call, {"metadata": render.metadata(image)})


def replace(call: Call) -> Answer:
    """Put the body's keys in the place of all that are there, and echo them."""
    check_body(call.body, METADATA_SCHEMA, checks.is_legacy_path(call.path))
    given: Metadata = call.body["metadata"]
    _write(call, lambda _: dict(given))
    return _document(call, {"metadata": given})


def update(call: Call) -> Answer:
    """Set the key in the URL, and echo it."""
    check_body(call.body, META_SCHEMA, checks.is_legacy_path(call.path))
    given: Metadata = call.body["meta"]
    key = call.parts["key"]
    if key not in given:
        raise Refused(400, "Request body and URI mismatch")
    _write(call, lambda present: {**present, key: given[key]})
    return _document(call, {"meta": given})


def delete(call: Call) -> Answer:
    """Drop the key in the URL."""
    key = call.parts["key"]

    def without(present: Metadata) -> Metadata:
        if key not in present:
            raise Refused(404, "Invalid metadata key")
        return {name: value for name, value in present.items() if name != key}

    _write(call, without, limited=False)
    return Answer(204, (content_type(call),))


def _document(call: Call, document: object) -> Answer:
    return Answer(200, (content_type(call),), nova_errors.dumps(document))


def _write(call: Call, change: Callable[[Metadata], Metadata], limited: bool = True) -> Image:
    """Put *change* of an image's metadata in its place, as one step.

    Raises:
        ImageNotFound: there is no such image, or the caller must not know of it.
        Refused: 403 above the quota; 400 for a character outside the Basic Multilingual Plane.
        NotPermitted: the caller may not change the image, or one of the keys.
    """
    seen(call)
    now = call.cloud.clock.now()
    quota = call.cloud.settings.metadata_quota

    def changed(_: Image) -> Image:
        image = seen(call)  # as no other writer can change it until this one is done
        wanted = change(dict(image.properties))
        if limited and len(wanted) > quota:
            raise Refused(403, "Image metadata limit exceeded")
        properties = stored(wanted, image)
        visibility = Visibility.PUBLIC if image.visibility is Visibility.PUBLIC else Visibility.PRIVATE
        is_same = properties == image.properties and visibility is image.visibility
        if is_same and not image.tags:  # the proxy's client always sends tags along, where there are any
            return image  # the proxy sends an empty patch, which asks for no permission (Glance 33.0.0)
        if not may_change(image, call.caller):
            raise NotPermitted(image.id)
        _fits_planes(image, properties)
        return image.replaced(properties=properties, visibility=visibility, updated_at=now)

    return call.cloud.images.update(call.parts["image_id"], changed)


def stored(wanted: Mapping[str, object], image: Image) -> Metadata:
    """Return what the image service keeps of the metadata that a client wants an image to have.

    Raises:
        NotPermitted: one of the keys is the image service's own.
    """
    kept: Metadata = {}
    for name, value in wanted.items():
        text = value if isinstance(value, str) else str(value)
        if image.properties.get(name) == text:
            kept[name] = text  # what is as it was is not sent on, whatever its name
            continue
        key = name.strip()
        rule = tables.KEY_RULES.get(key)
        if rule is KeyRule.REFUSED_UNLESS_EMPTY:  # by exactly this name Nova takes it for something else
            rule = KeyRule.IGNORED if name == key and not text else KeyRule.REFUSED
        if rule is KeyRule.REFUSED or key.startswith(tables.RESERVED_PREFIX):
            raise NotPermitted(image.id)
        if key in tables.OPTIONAL_PROPERTIES and text.strip().lower() in ("none", ""):
            if key in image.properties:
                kept[key] = image.properties[key]
        elif rule is not KeyRule.IGNORED:
            kept[key] = text
    return kept


def _fits_planes(image: Image, properties: Metadata) -> None:
    """Refuse new characters outside the Basic Multilingual Plane, as the image service does; Nova fails then.

    Raises:
        Refused: 400.
    """
    for name, value in properties.items():
        if image.properties.get(name) != value and max(name + value, default="") > "\uffff":
            raise Refused(
                400,
                f"Request of image {image.id} got BadRequest response: Characters outside of the Basic "
                "Multilingual Plane are not supported.",
            )
