"""The views of tasks: those of imports, and those that admins post (Glance 33.0.0, measured)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode
from uuid import UUID, uuid4

from fake_nova.apis.glance_images import body, checks, page_params, policies, render
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.image_imports import is_allowed
from fake_nova.apis.glance_images.schemas import check_body
from fake_nova.cloud.tasks import FAILURE_MESSAGE, Task, TaskStatus
from fake_nova.errors import ImageNotFound
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.wire.context import Context
from fake_nova.wire.endpoints import own_url
from fake_nova.wire.response import JSON_HEADERS, Response

_TASKS: Final = "/v2/tasks"

_POLICY: Final = "tasks_api_access"

#: Parameter of a list -> the values that it may have. An empty value finds nothing.
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {"status": tuple(TaskStatus), "type": ("import",)}

#: Columns that a list is filtered and sorted by. Other parameters are ignored; no text equals a time.
_TEXT_COLUMNS: Final = ("id", "type", "status", "owner", "image_id", "request_id", "user_id")
_TIME_COLUMNS: Final = ("expires_at", "created_at", "updated_at", "deleted_at")
_SORT_KEYS: Final = (*_TEXT_COLUMNS, *_TIME_COLUMNS, "deleted")

#: What the list of tasks does not show.
_NOT_IN_LISTS: Final = ("input", "message", "result", "image_id", "request_id", "user_id")

#: Type of a posted task -> the inputs that it needs, in order, and the message if one is missing. Even a
#: complete one fails: nothing is fetched, and no image waits for the task.
_REQUIRED_INPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    "import": ("import_from", "import_from_format", "image_properties"),
    "api_image_import": ("image_id",),
    "location_import": ("image_id", "loc_url", "validation_data"),
}
_MISSING_INPUT_MESSAGES: Final[Mapping[str, str]] = {
    "import": "Input does not contain '{name}' field",
    "api_image_import": "Missing required '{name}' field",
    "location_import": "Input does not contain '{name}' field",
}


class _UriRule(NamedTuple):
    """A rule for the URI that a task imports from.

    Attributes:
        prefixes: how such URIs begin.
        message: the error message; "" if they are accepted.
    """

    prefixes: tuple[str, ...]
    message: str


_URI_RULES: Final = (
    _UriRule(("http://", "https://"), ""),
    _UriRule(
        ("file:///", "filesystem:///"),
        "File based imports are not allowed. Please use a non-local source of image data.",
    ),
    _UriRule(
        ("",),
        "The given uri is not valid. Please specify a valid uri from the following list of supported uri "
        "['http']",
    ),
)


def index_of_image(context: Context) -> Response:
    """List the tasks of an image that belong to the caller's project; an admin sees all of them."""
    body.check_no_body(context)
    try:
        image = policies.get_visible_image(context)
    except ImageNotFound as error:
        raise GlanceError(404) from error
    caller = context.caller
    rows = [
        _serialize_row(task)
        for task in _listed_tasks(context)
        if task.image_id == image.id and (caller.is_admin or task.owner in (None, caller.project_id))
    ]
    return Response(200, JSON_HEADERS, render.dumps({"tasks": rows}))


def index(context: Context) -> Response:
    """List one page of tasks, which only admins may see.

    Raises:
        GlanceError: 403 if the caller is no admin; 400 for an invalid parameter.
    """
    policies.enforce_for_cloud(_POLICY, context.caller)
    params = page_params.parse(context)
    last_values = dict(params.filters)
    for name, choices in _CHOICES.items():
        if last_values.get(name, "") not in ("", *choices):
            raise GlanceError(400, f"Invalid {name} value: {last_values[name]}")
    if params.marker and not _is_uuid(params.marker):
        raise GlanceError(400, "Invalid marker format")
    limit = page_params.parse_limit(params.limit)
    tasks = [task for task in _listed_tasks(context) if _matches(task, params.filters, context)]
    if params.marker is not None and params.marker not in context.cloud.tasks.by_id:
        raise GlanceError(400, f"Task with the given id {params.marker} was not found")
    if params.sort_key not in _SORT_KEYS:
        raise GlanceError(400, "Sort key supplied was not valid.")
    tasks = _sorted(tasks, params)
    if params.marker is not None:
        marker_key = _sort_values(context.cloud.tasks.by_id[params.marker], params.sort_key)
        is_descending = params.sort_dir == "desc"
        tasks = [
            task
            for task in tasks
            if (key := _sort_values(task, params.sort_key)) != marker_key
            and (key < marker_key) == is_descending
        ]
    return _page(tasks[:limit], limit, params)


def _page(tasks: list[Task], limit: int, params: page_params.PageParams) -> Response:
    page: dict[str, Any] = {"tasks": [_serialize(task, in_list=True) for task in tasks], "first": _TASKS}
    if params.link_params:
        page["first"] = f"{_TASKS}?{urlencode(params.link_params)}"
    page["schema"] = "/v2/schemas/tasks"
    if tasks and len(tasks) == limit:
        page["next"] = f"{_TASKS}?{urlencode({**params.link_params, 'marker': tasks[-1].id})}"
    return Response(200, JSON_HEADERS, render.dumps(page))


def show(context: Context) -> Response:
    """Show one task, to admins."""
    body.check_no_json_body(context)
    policies.enforce_for_cloud(_POLICY, context.caller)
    task_id = context.path_params["task_id"]
    task = next((task for task in _listed_tasks(context) if task.id == task_id), None)
    if task is None:
        raise GlanceError(404, f"Could not find task {task_id}")
    return Response(200, JSON_HEADERS, render.dumps(_serialize(task)))


def delete(context: Context) -> Response:
    """Refuse to delete a task."""
    body.check_no_json_body(context)
    policies.enforce_for_cloud(_POLICY, context.caller)
    message = (
        "This operation is currently not permitted on Glance Tasks. They are auto deleted after reaching the "
        "time based on their expires_at property."
    )
    raise GlanceError(405, message, headers=(("Allow", "GET"),), is_bare=True)


def create(context: Context) -> Response:
    """Create a task, as admins may. It fails at once.

    Raises:
        GlanceError: 403 if the caller is no admin; 400 if the body or a URI is invalid.
    """
    policies.enforce_for_cloud(_POLICY, context.caller)
    payload = body.parse_json(context)
    for name in ("type", "input"):
        if name not in payload:
            raise GlanceError(400, f"Task '{name}' is required")
    check_body(payload, "task")
    if not isinstance(payload, dict):  # the real service fails with a 500
        raise GlanceError(400, "Unexpected body type. Expected list/dict.")
    values = payload["input"]
    if payload["type"] == "import":
        _check_uri((values or {}).get("import_from"))
    if values is None:
        reason = "The real service fails with a 500 here."
        raise GlanceError(400, "Task 'input' is required", reason=reason)
    now = context.cloud.stored_now()
    task = Task(
        str(uuid4()),
        payload["type"],
        TaskStatus.PENDING,
        context.caller.project_id,
        values,
        created_at=now,
        updated_at=now,
        image_id=values.get("image_id"),
        user_id=context.token.user.id if context.token is not None else None,
        request_id=checks.request_id(context),
    )
    context.cloud.tasks.add(task.fail(now, _failure_message(task)))
    location = ("Location", f"{own_url(context)}{_TASKS}/{task.id}")
    return Response(201, (*JSON_HEADERS, location), render.dumps(_serialize(task)))


def _check_uri(uri: Any) -> None:
    """Check the URI that a task imports from.

    Raises:
        GlanceError: 400 if it is not accepted.
    """
    if not uri:
        raise GlanceError(400, f"Invalid location: {uri}")
    if not isinstance(uri, str):
        raise GlanceError(400, f"Invalid location: {uri}", reason="The real service fails with a 500 here.")
    message = next(rule.message for rule in _URI_RULES if uri.startswith(rule.prefixes))
    if message:
        raise GlanceError(400, message)
    if not is_allowed(uri):
        raise GlanceError(400, f"URI for legacy import task does not pass filtering: {uri}")


def _failure_message(task: Task) -> str:
    """Return why a posted task fails."""
    if not task.input and task.type != "import":
        return f"Input to {task.type} task is empty."
    missing_names = [name for name in _REQUIRED_INPUTS[task.type] if name not in task.input]
    if missing_names:
        return _MISSING_INPUT_MESSAGES[task.type].format(name=missing_names[0])
    return FAILURE_MESSAGE


def _listed_tasks(context: Context) -> list[Task]:
    """Return the tasks that have not expired, as they are now, the oldest first."""
    cloud = context.cloud
    now = cloud.clock.now()

    def image_of(task: Task) -> Image | None:
        try:
            return cloud.images.get(task.image_id) if task.image_id is not None else None
        except ImageNotFound:
            return None

    tasks = (
        task if task.has_ended else cloud.tasks.settle(task, image_of(task))
        for task in cloud.tasks.by_id.values()
    )
    return [task for task in tasks if task.expires_at is None or task.expires_at > now]


def _matches(task: Task, filters: tuple[tuple[str, str], ...], context: Context) -> bool:
    """Return whether a task has all the values that a list asks for."""
    return all(
        name in _TEXT_COLUMNS and context.cloud.database.are_equal(getattr(task, name), value)
        for name, value in filters
        if name in (*_TEXT_COLUMNS, *_TIME_COLUMNS)
    )


def _sort_values(task: Task, sort_key: str) -> tuple[tuple[bool, Any], datetime, str]:
    """Return what a task is sorted by: a missing value comes before any other."""
    value = getattr(task, sort_key, None)
    return (value is not None, value or ""), task.created_at, task.id


def _sorted(tasks: list[Task], params: page_params.PageParams) -> list[Task]:
    is_descending = params.sort_dir == "desc"
    return sorted(tasks, key=lambda task: _sort_values(task, params.sort_key), reverse=is_descending)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _serialize(task: Task, *, in_list: bool = False) -> dict[str, Any]:
    """Return a task as a dict, with the keys in Glance's order."""
    document: dict[str, Any] = {
        "id": task.id,
        "input": task.input,
        "type": task.type,
        "status": task.status,
        "owner": task.owner,
        "message": task.message,
        "result": task.result,
        "created_at": timestamps.isoformat_seconds(task.created_at),
        "updated_at": timestamps.isoformat_seconds(task.updated_at),
        "self": f"{_TASKS}/{task.id}",
        "schema": "/v2/schemas/task",
    }
    origin = {"image_id": task.image_id, "request_id": task.request_id, "user_id": task.user_id}
    document.update({name: value for name, value in origin.items() if value})
    if task.expires_at is not None:
        document["expires_at"] = timestamps.isoformat_seconds(task.expires_at)
    return {name: value for name, value in document.items() if not (in_list and name in _NOT_IN_LISTS)}


def _serialize_row(task: Task) -> dict[str, Any]:
    """Return a task as the list of an image's tasks has it: as a row of the database."""
    return {
        "id": task.id,
        "type": task.type,
        "status": task.status,
        "owner": task.owner,
        "expires_at": None if task.expires_at is None else _row_time(task.expires_at),
        "created_at": _row_time(task.created_at),
        "updated_at": _row_time(task.updated_at),
        "deleted_at": None,
        "deleted": False,
        "image_id": task.image_id,
        "request_id": task.request_id,
        "user_id": task.user_id,
        "input": task.input,
        "result": task.result,
        "message": task.message,
    }


def _row_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}"
