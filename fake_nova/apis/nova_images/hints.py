"""Hints: why an image is not found, and which parameters of a list have no effect."""

from __future__ import annotations

from fake_nova.apis.nova_images import params
from fake_nova.apis.nova_images.tables import GLANCE_FILTERS, PAGE_PARAMETERS, PROPERTY_PREFIX
from fake_nova.cloud.cloud import Cloud
from fake_nova.dialects import DIALECTS
from fake_nova.documents.validation import abbreviate
from fake_nova.errors import FakeNovaError, ImageNotFound
from fake_nova.images import timestamps
from fake_nova.images.model import Caller, Image
from fake_nova.images.query import FieldIsOneOf, ImageQuery
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire import query_string
from fake_nova.wire.response import Response
from fake_nova.wire.service import Context


def explain_image(context: Context, response: Response) -> str | None:
    """Explain why the caller cannot see or change the image in the URL; None if the response says it."""
    if response.status not in (403, 404):
        return None
    try:
        image = context.cloud.images.get(context.path_params["image_id"])
    except ImageNotFound:
        has_capitals = context.path_params["image_id"] != context.path_params["image_id"].lower()
        return "Ids are compared exactly; those of images are in lower case." if has_capitals else None
    if image.is_deleted:
        return f"The image was deleted at {timestamps.isoformat_seconds(image.updated_at)}."
    if response.status == 403:
        return _explain_forbidden(image, context)
    caller_project = context.caller.project_id
    if image.visibility in (Visibility.PRIVATE, Visibility.SHARED) and image.owner != caller_project:
        return (
            f"The image is {image.visibility}; it is project {image.owner}'s, the caller's is "
            f"{caller_project}."
        )
    return None


def _explain_forbidden(image: Image, context: Context) -> str | None:
    if image.protected and context.request.method == "DELETE" and "key" not in context.path_params:
        return "The image is protected, from its owner and an admin too."
    if image.owner != context.caller.project_id:
        return f"Only project {image.owner} and an admin may change the image."
    if not context.caller.may_write:
        return "The role reader changes nothing."
    return None


def explain_marker(context: Context, response: Response) -> str | None:
    """Explain a marker that reached the image service changed; None for any other error."""
    if response.status not in (400, 403) or "marker" not in context.request.query_string:
        return None
    try:
        sent_marker = dict(query_string.parse(context.request.query_string)).get("marker")
        settings = context.cloud.settings
        marker = params.parse(context.request.query_string, settings.dialect, settings.max_limit).marker
    except FakeNovaError:
        return None
    if not sent_marker or marker == sent_marker:
        return None
    return (
        f"The marker reached the image service as {abbreviate(marker)}: it is decoded once more on its way."
    )


def explain_saving(query: str, caller: Caller, cloud: Cloud) -> str:
    """Explain that ``status=SAVING`` misses queued images, which Nova shows as SAVING; "" if it does not."""
    status = dict(query_string.parse(query)).get("status", "")
    if cloud.dialect.status_filter_aliases or status.lower() != ImageStatus.SAVING:
        return ""
    is_queued = FieldIsOneOf("status", frozenset((ImageStatus.QUEUED,)))
    if not cloud.images.find(ImageQuery(caller=caller, conditions=(is_queued,), limit=1)):
        return ""
    return "status=SAVING finds no queued image, though queued ones are shown as SAVING."


def explain_query(query: str, dialect: str) -> str:
    """Name the ignored parameters of a list, and the filters that find nothing; "" if there are none."""
    sentences = []
    pairs = query_string.parse(query)
    ignored_names = {name for name, _ in pairs if not name.startswith(PROPERTY_PREFIX)}
    ignored_names -= {*GLANCE_FILTERS, *PAGE_PARAMETERS}
    if ignored_names:
        sentences.append(f"Ignored: {', '.join(sorted(ignored_names))}.")
    for name in dict(pairs):
        key = name.removeprefix(PROPERTY_PREFIX)
        if key != name and (property_name := name.lstrip(PROPERTY_PREFIX)) != key:
            sentences.append(
                f"{name} asks for the property {property_name or '(none)'}, for its first letters are "
                f"taken off too."
            )
    status = dict(pairs).get("status", "").lower()
    statuses = (*DIALECTS[dialect].status_filter_aliases, *ImageStatus)
    if "status" in dict(pairs) and ":" not in status and status not in statuses:
        sentences.append(
            f"status={status.upper()} finds nothing; the words are {', '.join(dict.fromkeys(statuses))}."
        )
    return " ".join(sentences)
