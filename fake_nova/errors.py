"""The exceptions of fake_nova.

Here are the exceptions that one part raises and another one catches. The others are defined where they are
raised; the tree names the module.

FakeNovaError
├── ConfigurationError    a setting, file or address that the emulator cannot start with
├── FixtureError          invalid fixtures
├── CloudFailure          a real cloud that cannot be recorded
├── DocumentError         an invalid document, with its problems (documents.validation)
├── Invalid               a request that makes no sense
├── InvalidQuery          a query string that cannot be read
│   ├── QueryNotUTF8      a query that is not UTF-8
│   └── TooManyParameters a query with too many parameters
├── Conflict              a request that contradicts the present state
├── ServiceFailure        a request at which the real service fails with a 500
├── ImageNotFound         an image that does not exist or is invisible to the caller
├── ServerNotFound        a server that does not exist
├── UpdateForbidden       an image that the caller may see but not change
├── DeleteForbidden       an image that is protected, or that the caller may see but not delete
├── MarkerNotFound        a marker that is no image's id
├── MarkerNotVisible      a marker that is an image which the caller may not see
├── ScopeNotFound         a project without a scope
├── FaultNotFound         an unknown fault id
├── SnapshotNotFound      an unknown snapshot name
├── BodyTooLarge          a body that is too long or has too many values
├── BodyTimeout           a body whose client stopped sending
├── StorageFull           no space for more image data
├── MalformedVersion      a header that is not a microversion (apis.nova_common.microversion)
├── NovaError             an error response in Nova's format (apis.nova_common.errors)
├── GlanceError           an error response in Glance's format (apis.glance_images.errors)
├── KeystoneError         an error response in Keystone's format (apis.keystone.errors)
├── Refusal               an error response of the admin API (apis.admin.errors)
├── AdminError            a request that the admin API refused (control.transport)
└── Unreachable           a server that does not respond (control.transport)
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import ClassVar, Final

from fake_nova.support.messages import MAX_REPORTED_ERRORS, quote_python


class FakeNovaError(Exception):
    """The base class of fake_nova's exceptions.

    Attributes:
        reason: an explanation for the hint header; empty if the message is enough.
    """

    reason: str = ""


class _MessageError(FakeNovaError):
    """An exception with a message.

    Attributes:
        message: the problem, in one line for the client.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message: Final = message


class ConfigurationError(_MessageError):
    """The emulator cannot start with a setting, file or address; the message fits a terminal."""


class CloudFailure(_MessageError):
    """A real cloud cannot be reached, refuses a request, or responds with something unexpected."""


class FixtureError(FakeNovaError):
    """Fixtures are invalid.

    Attributes:
        lines: the problems, with their positions; after `MAX_REPORTED_ERRORS` + 1 of them, their number.
    """

    def __init__(self, lines: list[str]) -> None:
        omitted_count = len(lines) - MAX_REPORTED_ERRORS - 1
        if omitted_count > 0:
            lines = [*lines[: MAX_REPORTED_ERRORS + 1], f"and {omitted_count} more"]
        super().__init__(lines)
        self.lines: Final = lines

    def __str__(self) -> str:
        return "\n".join(self.lines)


class Invalid(_MessageError):
    """A request makes no sense; the message says what is wrong."""


class InvalidQuery(_MessageError):
    """A query string cannot be read."""


class QueryNotUTF8(InvalidQuery):
    """A query string is not UTF-8."""

    def __init__(self) -> None:
        super().__init__("Query string is not UTF-8 encoded")


class TooManyParameters(InvalidQuery):
    """A query string has too many parameters."""

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"query: too many parameters (got {count}); expected at most {limit}")
        self.reason = f"{self.message}."


class Conflict(_MessageError):
    """A request contradicts the present state."""


class FailureKind(Enum):
    """Why the real service fails with a 500. `wire.error_responses` maps it to the status here."""

    EQUAL_TEXTS = "two texts are equal on the database"
    TEXT_TOO_LONG = "a text does not fit into its column"
    NO_SUCH_RANGE = "a list is filtered by a range of a field without a column"
    NUMBER_TOO_LARGE = "a list is filtered by a number that the database cannot read"
    NO_SUCH_COLUMN = "a list is filtered by a table instead of a column"


class ServiceFailure(_MessageError):
    """A request at which the real service fails with a 500. It is refused here.

    Args:
        kind: why the service fails.
        message: the problem.
        database: the name of the database on which the service fails; "" for all.
    """

    def __init__(self, kind: FailureKind, message: str, database: str = "") -> None:
        super().__init__(message)
        self.kind: Final = kind
        self.reason = f"A real cloud{' on ' if database else ''}{database} fails here with a 500."


class _ImageError(FakeNovaError):
    def __init__(self, image_id: str) -> None:
        super().__init__(image_id)
        self.image_id: Final = image_id


class ImageNotFound(_ImageError):
    """The image does not exist, or the caller may not see it."""

    def __str__(self) -> str:
        return f"image: unknown id (got {quote_python(self.image_id)}); expected the id of an existing image"


class ServerNotFound(FakeNovaError):
    """No server has this id.

    Attributes:
        server_id: the id.
    """

    def __init__(self, server_id: str) -> None:
        super().__init__(server_id)
        self.server_id: Final = server_id

    def __str__(self) -> str:
        return (
            f"server: unknown id (got {quote_python(self.server_id)}); expected the id of an existing server"
        )


class UpdateForbidden(_ImageError):
    """The caller may see the image, but not change it."""


class DeleteForbidden(_ImageError):
    """The caller may see the image, but not delete it, or the image is protected."""


class _MarkerError(FakeNovaError):
    def __init__(self, marker: str) -> None:
        super().__init__(marker)
        self.marker: Final = marker


class MarkerNotFound(_MarkerError):
    """The marker of a page is not the id of an image."""


class MarkerNotVisible(_MarkerError):
    """The marker of a page is an image that the caller may not see."""


class _NameNotFound(FakeNovaError):
    """A name is unknown; the message lists the existing names."""

    problem: ClassVar[str]
    nothing: ClassVar[str] = "an existing one, but none exist yet"

    def __init__(self, name: str, existing: Iterable[str]) -> None:
        names = ", ".join(existing)
        choices = f"one of: {names}" if names else self.nothing
        super().__init__(f"{self.problem} (got {quote_python(name)}); expected {choices}")


class ScopeNotFound(_NameNotFound):
    """The project has no scope."""

    problem = "scope: not open for this project"
    nothing = "a project with a scope, but no scope is open"


class FaultNotFound(_NameNotFound):
    """No fault has this id."""

    problem = "fault: unknown id"


class SnapshotNotFound(_NameNotFound):
    """No snapshot has this name."""

    problem = "snapshot: unknown name"


class BodyTooLarge(FakeNovaError):
    """The body of a request exceeds the size limit, or JSON in it has too many values."""


class BodyTimeout(FakeNovaError):
    """The client stopped sending in the middle of a body."""


class StorageFull(FakeNovaError):
    """There is no room for more data."""
