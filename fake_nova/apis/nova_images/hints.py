"""Why an image is not found, and what of a list's query counts for nothing."""

from __future__ import annotations

from functools import lru_cache

from fake_nova.apis.nova_images import params
from fake_nova.apis.nova_images.tables import FILTERS, PAGE_PARAMETERS, PROPERTY_PREFIX
from fake_nova.dialects import DIALECTS
from fake_nova.documents.validation import shown
from fake_nova.errors import FakeNovaError, ImageNotFound
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.images.query import FieldIsOneOf, ImageQuery
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire import query_string
from fake_nova.wire.call import Answer, Call


def on_image(call: Call, answer: Answer) -> str | None:
    """Say why an image that the store holds cannot be seen or changed."""
    if answer.status not in (403, 404):
        return None
    try:
        image = call.cloud.images.get(call.parts["image_id"])
    except ImageNotFound:
        has_capitals = call.parts["image_id"] != call.parts["image_id"].lower()
        return "Ids are compared exactly; those of images are in lower case." if has_capitals else None
    if image.is_deleted:
        return f"The image was deleted at {timestamps.whole_seconds(image.updated_at)}."
    if answer.status == 403:
        return _not_changed(image, call)
    mine = call.caller.project_id
    if image.visibility in (Visibility.PRIVATE, Visibility.SHARED) and image.owner != mine:
        return f"The image is {image.visibility}; it is project {image.owner}'s, the caller's is {mine}."
    return None


def _not_changed(image: Image, call: Call) -> str | None:
    if image.protected and call.method == "DELETE" and "key" not in call.parts:
        return "The image is protected, from its owner and an admin too."
    if image.owner != call.caller.project_id:
        return f"Only project {image.owner} and an admin may change the image."
    if not call.caller.may_write:
        return "The role reader changes nothing."
    return None


def on_query(call: Call, answer: Answer) -> str | None:
    """Say which parameters are ignored, and which words of a filter find nothing."""
    if answer.status != 200 or not call.query_string:
        return None
    query, dialect = call.query_string, call.dialect.name
    on_query = _on_query if len(query) <= query_string.LONGEST_REMEMBERED else _on_query.__wrapped__
    return on_query(query, dialect) or None


def on_marker(call: Call, answer: Answer) -> str | None:
    """Say as what a marker reached the image service, where it is not what was sent."""
    if answer.status not in (400, 403) or "marker" not in call.query_string:
        return None
    try:
        asked = dict(query_string.read(call.query_string)).get("marker")
        settings = call.cloud.settings
        marker = params.read(call.query_string, settings.dialect, settings.max_limit).marker
    except FakeNovaError:
        return None
    if not asked or marker == asked:
        return None
    return f"The marker reached the image service as {shown(marker)}: it is decoded once more on its way."


def on_saving(call: Call, answer: Answer) -> str | None:
    """Say that ``status=SAVING`` does not find all that is shown as SAVING, where there is any."""
    if answer.status != 200 or call.dialect.status_words:
        return None
    if dict(query_string.read(call.query_string)).get("status", "").lower() != ImageStatus.SAVING:
        return None
    queued = FieldIsOneOf("status", frozenset((ImageStatus.QUEUED,)))
    query = ImageQuery(caller=call.caller, conditions=(queued,), limit=1)
    if not call.cloud.images.find(query):
        return None
    return "status=SAVING finds no queued image, though queued ones are shown as SAVING."


@lru_cache(maxsize=512)
def _on_query(query: str, dialect: str) -> str:
    """Say what of a query counts for nothing whatever the store holds."""
    said = []
    pairs = query_string.read(query)
    ignored = {name for name, _ in pairs if not name.startswith(PROPERTY_PREFIX)}
    ignored -= {*FILTERS, *PAGE_PARAMETERS}
    if ignored:
        said.append(f"Ignored: {', '.join(sorted(ignored))}.")
    for name in dict(pairs):
        key = name.removeprefix(PROPERTY_PREFIX)
        if key != name and (asked := name.lstrip(PROPERTY_PREFIX)) != key:
            said.append(
                f"{name} asks for the property {asked or '(none)'}, for its first letters are taken off too."
            )
    status = dict(pairs).get("status", "").lower()
    words = (*DIALECTS[dialect].status_words, *ImageStatus)
    if "status" in dict(pairs) and ":" not in status and status not in words:
        said.append(
            f"status={status.upper()} finds nothing; the words are {', '.join(dict.fromkeys(words))}."
        )
    return " ".join(said)
