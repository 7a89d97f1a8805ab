"""The view that imports image data, and what it checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from fake_nova.apis.glance_images import body, checks, constraints, policies
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.image_data import with_data
from fake_nova.apis.glance_images.tables import STORE
from fake_nova.apis.glance_images.views import EMPTY_BODY_HEADERS
from fake_nova.cloud import imports
from fake_nova.cloud.lifecycle import Lifecycle
from fake_nova.cloud.plans import IMPORT_PLAN, Plan, Step
from fake_nova.cloud.tasks import Task, TaskStatus
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

_STORES_AND_ALL_STORES = (
    "All_stores parameter can't be used with x-image-meta-store header or stores parameter"
)

#: Statuses of a plan that an import skips.
_STATUSES_BEFORE_IMPORT = (ImageStatus.QUEUED, ImageStatus.SAVING, ImageStatus.UPLOADING)

#: The networks for documentation, multicast and broadcast: nobody can fetch anything there.
_UNREACHABLE_NETWORKS: Final = tuple(
    map(
        ip_network,
        (
            *("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"),
            *("224.0.0.0/4", "255.255.255.255/32", "0.0.0.0/32"),
        ),
    )
)

#: Ends of names that mean the host itself, or that nobody has (RFC 6761).
_REFUSED_DOMAINS: Final = (".localhost", ".invalid")

#: The maximum number of characters of a URI. `urlsplit` caches its arguments, so a limit bounds that cache.
_MAX_URI_LENGTH = 2_048


class _Outcome(NamedTuple):
    """What becomes of an import.

    Attributes:
        image: the image, with its data if the import succeeds.
        failed_status: the last status of an import that fails; None if it succeeds.
    """

    image: Image
    failed_status: ImageStatus | None = None


def import_data(context: Context) -> Response:
    """Import data of an image from the staging area or from a URI. The image then follows a plan.

    Nothing is fetched: the text of the URI serves as the data.
    """
    payload = _parse_import_body(context)
    task_id = str(uuid4())
    lifecycle = context.cloud.lifecycle
    now = context.cloud.clock.now()
    stores: list[str] = []

    def start_import(image: Image) -> Image:
        policies.check_visible(image, context)
        method = payload["method"]
        _check_importable(image, method["name"])
        policies.enforce("modify_image", image, context.caller)
        stores[:] = _read_import_stores(context, payload)
        if method["name"] == "web-download" and not is_allowed(method.get("uri")):
            raise GlanceError(400, f"URI for web-download does not pass filtering: {method.get('uri')}")
        plan = _import_plan(lifecycle, image)
        outcome = _predict(context, image, payload) if stores else _Outcome(image, ImageStatus.QUEUED)
        steps = _steps(lifecycle, plan, outcome.failed_status)
        new_image = imports.begin(outcome.image, task_id, ",".join(sorted(set(stores))))
        new_image = new_image.replace(status=steps[0].status, updated_at=now)
        if len(steps) == 1 and steps[0].status is not ImageStatus.IMPORTING:
            new_image = imports.end(new_image)
        constraints.check_text_columns(new_image)
        lifecycle.start(image.id, plan, steps, is_assigned=plan != IMPORT_PLAN)
        return new_image

    with lifecycle.lock():
        image = context.cloud.images.update(context.path_params["image_id"], start_import)
        context.cloud.tasks.add(_build_task(context, task_id, image.id, payload, stores))
    context.cloud.image_data.staged.drop(image.id)
    return Response(202, EMPTY_BODY_HEADERS)


def _build_task(
    context: Context, task_id: str, image_id: str, payload: Mapping[str, Any], stores: list[str]
) -> Task:
    now = context.cloud.stored_now()
    return Task(
        task_id,
        "api_image_import",
        TaskStatus.PROCESSING,
        context.caller.project_id,
        {"image_id": image_id, "import_req": payload, "backend": stores},
        created_at=now,
        updated_at=now,
        image_id=image_id,
        user_id=context.token.user.id if context.token is not None else None,
        request_id=checks.request_id(context),
    )


def _predict(context: Context, image: Image, payload: Mapping[str, Any]) -> _Outcome:
    """Return what becomes of an import. One fails whose data has another format, or cannot be fetched.

    An image that was staged stays in the status importing, unless the request allows stores to fail
    (Glance 33.0.0, measured).
    """
    if payload["method"]["name"] == "web-download":
        uri = str(payload["method"].get("uri"))
        if _is_unreachable(uri):
            return _Outcome(image, ImageStatus.QUEUED)
        return _Outcome(with_data(context.cloud, image, uri.encode(), is_real=False))
    content = context.cloud.image_data.staged.get(image.id)
    if content is None:
        return _Outcome(image)
    try:
        return _Outcome(with_data(context.cloud, image, content))
    except GlanceError as error:
        if error.status != 415:
            raise
    must_succeed = payload.get("all_stores_must_succeed", True)
    return _Outcome(image, ImageStatus.IMPORTING if must_succeed else ImageStatus.QUEUED)


def _import_plan(lifecycle: Lifecycle, image: Image) -> str:
    """Return the name of the image's plan if it has an ``importing`` step; otherwise `IMPORT_PLAN`."""
    plan = lifecycle.matching_plan_name(image)
    if plan is None or all(step.status is not ImageStatus.IMPORTING for step in lifecycle.plan(plan)):
        return IMPORT_PLAN
    return plan


def _steps(lifecycle: Lifecycle, plan: str, failed_status: ImageStatus | None) -> Plan:
    """Return the steps of an import; one that fails ends with *failed_status*."""
    steps = lifecycle.remaining_steps(plan, _STATUSES_BEFORE_IMPORT)
    if failed_status is None or (len(steps) == 1 and steps[0].status is ImageStatus.IMPORTING):
        return steps
    return (*steps[:-1], Step(failed_status))


def _read_import_stores(context: Context, payload: Mapping[str, Any]) -> list[str]:
    """Return the stores that an import names in its body or in X-Image-Meta-Store.

    Raises:
        GlanceError: 400 if it names them in two ways; 409 if one does not exist (Glance 33.0.0, measured).
    """
    header = context.request.header("X-Image-Meta-Store")
    if payload.get("all_stores", False):
        if "stores" in payload or header is not None:
            raise GlanceError(400, _STORES_AND_ALL_STORES)
        return [STORE]
    if "stores" in payload and header is not None:
        raise GlanceError(400, "Stores parameter and x-image-meta-store header can't be both specified")
    stores = payload.get("stores", [STORE if header is None else header])
    if not isinstance(stores, Iterable):
        reason = "The real service fails with a 500 here, unless stores is a list."
        raise GlanceError(400, "'stores' must be a list of store identifiers", reason=reason)
    for store in stores:
        if store != STORE:
            raise GlanceError(409, f"Store for identifier {store} not found")
    return list(stores)


def _parse_import_body(context: Context) -> dict[str, Any]:
    """Return the body of an import request, which has a ``method``.

    Raises:
        GlanceError: 400 if the body is invalid.
    """
    value = body.parse_json(context)
    payload: dict[str, Any] = value if isinstance(value, dict) else {}
    method = payload.get("method")
    if not isinstance(method, dict):
        raise GlanceError(400, "Import request requires a 'method' field.")
    if "name" not in method:
        raise GlanceError(400, "Import request requires a 'name' field.")
    if method["name"] not in context.cloud.settings.enabled_import_methods:
        raise GlanceError(400, f"Unknown import method name '{method['name']}'.")
    for name in ("all_stores_must_succeed", "all_stores"):
        if not isinstance(payload.get(name, True), bool):
            raise GlanceError(400, f"'{name}' must be boolean value only")
    return payload


def _check_importable(image: Image, method: str) -> None:
    """Check that an image can be imported.

    Raises:
        GlanceError: 409 if its status does not fit the method, or if a format is missing.
    """
    if image.status is ImageStatus.ACTIVE:
        raise GlanceError(409, "Image with status active cannot be target for import")
    if method == "web-download" and image.status is not ImageStatus.QUEUED:
        raise GlanceError(409, f"Image needs to be in 'queued' state to use '{method}' method")
    if method == "glance-direct" and image.status is not ImageStatus.UPLOADING:
        raise GlanceError(409, "Image needs to be staged before 'glance-direct' method can be used")
    for name in ("container_format", "disk_format"):
        if not getattr(image, name):
            raise GlanceError(409, f"'{name}' needs to be set before import")


def is_allowed(uri: object) -> bool:
    """Return whether a URI passes the default filter of Glance 33.0.0."""
    if not isinstance(uri, str) or len(uri) > _MAX_URI_LENGTH:
        return False
    try:
        uri.encode()
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:  # UnicodeError is a ValueError
        return False
    has_host = _is_allowed_host((parts.hostname or "").rstrip("."))
    return parts.scheme in ("http", "https") and has_host and port in (None, 80, 443)


def _is_allowed_host(host: str) -> bool:
    """Return whether a host is neither the service's own, nor on its link, nor unknown."""
    try:
        address = ip_address(host)
    except ValueError:
        return bool(host) and not f".{host}".endswith(_REFUSED_DOMAINS)
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    return not (address.is_loopback or address.is_link_local)


def _is_unreachable(uri: str) -> bool:
    """Return whether the host of a URI is an address in a network where nobody can be reached."""
    try:
        address = ip_address(urlsplit(uri).hostname or "")
    except ValueError:
        return False
    return any(address in network for network in _UNREACHABLE_NETWORKS)
