"""Errors of the admin API, in Nova's format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fake_nova import errors
from fake_nova.apis.admin import names
from fake_nova.errors import FakeNovaError, FixtureError
from fake_nova.wire.context import Context
from fake_nova.wire.error_responses import FAILURE_STATUSES, json_error_response
from fake_nova.wire.response import Response

#: The maximum number of bytes of a body: enough for a fixture document of about 50,000 images.
MAX_BODY_BYTES = 32 * 1024 * 1024


class Refusal(FakeNovaError):
    """The admin API refuses a request. The client raises an `AdminError` for it.

    Args:
        status: the HTTP status.
        message: the problem.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status: Final = status
        self.message: Final = message


#: Domain error -> HTTP status. The response has the error's own message.
ERROR_STATUSES: Final[Mapping[type[Exception], int]] = {
    errors.Invalid: 400,
    errors.QueryNotUTF8: 400,
    errors.TooManyParameters: 400,
    errors.Conflict: 409,
    errors.ScopeNotFound: 404,
    errors.FaultNotFound: 404,
    errors.SnapshotNotFound: 404,
    FixtureError: 400,
}


def render_error(context: Context, error: Exception) -> Response | None:
    """Render an error in Nova's format."""
    if isinstance(error, Refusal):
        return json_error_response(error.status, error.message)
    if isinstance(error, errors.BodyTooLarge):
        return json_error_response(413, f"body: too large; expected at most {MAX_BODY_BYTES} bytes")
    if isinstance(error, errors.ServiceFailure):
        return json_error_response(FAILURE_STATUSES[error.kind], error.message)
    if isinstance(error, errors.ImageNotFound):
        return json_error_response(404, names.unknown_name_message(context, names.IMAGE, error.image_id))
    if isinstance(error, errors.ServerNotFound):
        return json_error_response(404, names.unknown_name_message(context, names.SERVER, error.server_id))
    status = ERROR_STATUSES.get(type(error))
    return json_error_response(status, str(error)) if status is not None else None
