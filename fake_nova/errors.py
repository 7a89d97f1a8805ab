"""The exceptions that fake_nova raises, without HTTP. Those of other modules are drawn with their module.

FakeNovaError
├── Unusable              a setting, a file or an address that the emulator cannot start with
├── FixtureError          fixtures with problems, one problem a line (cloud.text)
├── Invalid               a request that makes no sense
├── Conflict              a request that contradicts the present state
├── ImageNotFound         an image that is not there, or that the caller may not see
├── NotPermitted          an image that the caller may see, but not change
├── NotDeletable          an image that the caller may see, but not delete
├── MarkerNotFound        a page that begins after an image that is not there
├── MarkerNotVisible      a page that begins after another project's private image
├── ScopeNotFound         a project without a cloud of its own
├── FaultNotFound         an id that no fault has
├── SnapshotNotFound      a name that no snapshot has
├── BodyTooLarge          a body of more bytes than are read
├── BodyStalled           a body whose client stopped sending
├── DataFull              no room for more image data (cloud.data)
├── MalformedVersion      a header that is not a microversion (wire.microversion)
├── Refused               a refusal in Nova's words (wire.bodies)
├── GlanceError           a refusal in Glance's words (apis.glance_images.errors)
├── KeystoneError         a refusal in Keystone's words (apis.keystone.errors)
├── Refused               a request that the admin API refused (control.asking)
└── Unreachable           a server that does not answer (control.asking)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final


class FakeNovaError(Exception):
    """Anything that fake_nova itself refuses or cannot do.

    Attributes:
        reason: the reason that the real service would not give, for a hint; "" if the error says it all.
    """

    reason: str = ""


class _MessageError(FakeNovaError):
    """An error that is a message."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message: Final = message


class ConfigurationError(_MessageError):
    """A setting, file or address that the emulator cannot start with; one line for a terminal."""


class Invalid(_MessageError):
    """The request makes no sense; the message says what and why."""


class Conflict(_MessageError):
    """The request makes sense, but contradicts the present state."""


class _ImageError(FakeNovaError):
    def __init__(self, image_id: str) -> None:
        super().__init__(image_id)
        self.image_id: Final = image_id


class ImageNotFound(_ImageError):
    """No image has this id, or the caller may not know of it."""

    def __str__(self) -> str:
        return f"image: unknown id (got {self.image_id!r}); expected the id of an existing image"


class UpdateForbidden(_ImageError):
    """The caller may see this image, but not do this to it."""


class DeleteForbidden(_ImageError):
    """The caller may see this image, but not delete it; or nobody may, because it is protected."""


class _MarkerError(FakeNovaError):
    def __init__(self, marker: str) -> None:
        super().__init__(marker)
        self.marker: Final = marker


class MarkerNotFound(_MarkerError):
    """There is no image with the id that a page was to start after."""


class MarkerNotVisible(_MarkerError):
    """The image that a page was to start after is another project's private one."""


class _NameNotFound(FakeNovaError):
    """Nothing has this name; the message lists the names that there are."""

    problem: ClassVar[str]
    nothing: ClassVar[str] = "an existing one, but there is none"

    def __init__(self, name: str, existing: Iterable[str]) -> None:
        expected = f"one of: {', '.join(names)}" if (names := tuple(existing)) else self.nothing
        super().__init__(f"{self.problem} (got {name!r}); expected {expected}")


class ScopeNotFound(_NameNotFound):
    """This project has no cloud of its own."""

    problem = "scope: not open for this project"
    nothing = "a project with a scope, but no scope is open"


class FaultNotFound(_NameNotFound):
    """No fault has this id."""

    problem = "fault: unknown id"


class SnapshotNotFound(_NameNotFound):
    """No snapshot has this name."""

    problem = "snapshot: unknown name"


class BodyTooLarge(FakeNovaError):
    """The body has more bytes than are read."""


class BodyTimeout(FakeNovaError):
    """The client stopped sending in the middle of the body."""
