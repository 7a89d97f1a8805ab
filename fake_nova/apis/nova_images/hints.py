"""Hints: why an image is not found, and which parameters of a list have no effect."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

from fake_nova.apis.nova_images import params
from fake_nova.apis.nova_images.tables import PROPERTY_PREFIX
from fake_nova.cloud.cloud import Cloud
from fake_nova.dialects import DIALECTS
from fake_nova.errors import FakeNovaError, ImageNotFound
from fake_nova.images import timestamps
from fake_nova.images.conditions import TextIsOneOf
from fake_nova.images.explain import describe_owner, explain_name
from fake_nova.images.model import Caller, Image, is_visible, may_change
from fake_nova.images.query import ImageQuery
from fake_nova.images.status import ImageStatus
from fake_nova.support.messages import quote_json
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response
from fake_nova.wire.service import Hint

#: The last segment of the list with all fields.
_DETAIL: Final = "detail"


def explain_image(context: Context, response: Response) -> Hint | None:
    """Explain why the caller cannot see or change the image in the URL; None if the response says it."""
    if response.status not in (403, 404):
        return None
    image_id = context.path_params["image_id"]
    project = context.caller.project_id
    try:
        image = context.cloud.images.get(image_id)
    except ImageNotFound:
        return _explain_unknown_id(image_id, context)
    if image.is_deleted:
        deleted_at = timestamps.isoformat_seconds(image.updated_at)
        return Hint(f"The image was deleted at {deleted_at}.", "image_deleted")
    if response.status == 403:
        return _explain_forbidden(image, context)
    if not is_visible(image, context.caller):
        return Hint(f"The image is {describe_owner(image, project)}.")
    return None


def _explain_unknown_id(image_id: str, context: Context) -> Hint | None:
    name_reason = explain_name(image_id, context.caller, context.cloud.images, "Nova")
    if name_reason is not None:
        return Hint(name_reason, "image_name")
    if context.request.path.endswith(f"/images/{image_id}") and _is_misspelt(image_id, _DETAIL):
        return Hint(f"No image has the id {image_id}; is it /images/{_DETAIL}?", "misspelt_path")
    if context.cloud.database.compares_exactly and image_id != image_id.lower():
        return Hint("Ids are case-sensitive on SQLite, and most are in lower case.")
    return None


def _is_misspelt(word: str, expected_word: str) -> bool:
    return len(word) <= 2 * len(expected_word) and bool(get_close_matches(word, [expected_word]))


def _explain_forbidden(image: Image, context: Context) -> Hint | None:
    if image.protected and context.request.method == "DELETE" and "key" not in context.path_params:
        return Hint("The image is protected; not even its owner or an admin can delete it.")
    if may_change(image, context.caller):
        return None
    if image.owner is None:
        return Hint("The image has no owner; only an admin may change it.")
    if image.owner != context.caller.project_id:
        return Hint(f"Only project {image.owner} and an admin may change the image.")
    if not context.caller.may_write:
        return Hint("The reader role cannot change images.")
    return None


def explain_marker(context: Context, response: Response) -> Hint | None:
    """Explain a marker that reached the image service changed; None for any other error."""
    query = context.request.query_string
    if response.status not in (400, 403) or "marker" not in query:
        return None
    try:
        sent_marker = dict(query_string.parse(query)).get("marker")
        marker = params.parse(context).marker
    except FakeNovaError:
        return None
    if not sent_marker or marker == sent_marker:
        return None
    marker = quote_json(marker)
    return Hint(
        f"The marker reached the image service as {marker}, because Nova decodes it twice; encode it twice."
    )


def explain_saving(query: str, caller: Caller, cloud: Cloud) -> str:
    """Explain that ``status=SAVING`` misses queued images, which Nova shows as SAVING; "" if it does not."""
    status = dict(query_string.parse(query)).get("status", "")
    if cloud.dialect.status_filter_aliases or status.lower() != ImageStatus.SAVING:
        return ""
    is_queued = TextIsOneOf.of("status", (ImageStatus.QUEUED,), cloud.database)
    if not cloud.images.find(ImageQuery(caller=caller, conditions=(is_queued,), limit=1)):
        return ""
    return "status=SAVING does not find queued images, although Nova shows them as SAVING."


def explain_query(query: str, dialect: str) -> str:
    """Name the ignored parameters of a list, and the filters that find nothing; "" if there are none."""
    sentences = []
    values = dict(query_string.parse(query))
    ignored_names = [name for name in sorted(values) if not params.is_known(name)]
    if ignored_names:
        sentences.append(f"Ignored: {', '.join(ignored_names)}.")
    for name in values:
        key = name.removeprefix(PROPERTY_PREFIX)
        stripped = name.lstrip(PROPERTY_PREFIX)
        if key not in (name, stripped):
            effect = f"searches for the property {stripped or '(empty name)'}"
            cause = f"Nova also strips leading letters that occur in '{PROPERTY_PREFIX}'"
            sentences.append(f"{name} {effect}, because {cause}.")
    status = values.get("status", "").lower()
    statuses = dict.fromkeys((*DIALECTS[dialect].status_filter_aliases, *ImageStatus))
    if "status" in values and ":" not in status and status not in statuses:
        sentences.append(f"status={status.upper()} finds nothing; valid statuses are {', '.join(statuses)}.")
    return " ".join(sentences)
