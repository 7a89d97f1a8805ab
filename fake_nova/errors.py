"""What can go wrong, in the words of the domain: no HTTP in it."""

from __future__ import annotations

from typing import Final


class FakeNovaError(Exception):
    """Anything that fake_nova itself refuses or cannot do.

    Attributes:
        why: the reason that the real service would not give, for a hint; "" where the error says it all.
    """

    why: str = ""


class _Said(FakeNovaError):
    """An error that is a message."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message: Final = message


class ImageNotFound(FakeNovaError):
    """No image has this id, or none that the caller may know of."""

    def __init__(self, image_id: str) -> None:
        super().__init__(image_id)
        self.image_id: Final = image_id

    def __str__(self) -> str:
        return f"no image has the id {self.image_id!r}"


class MarkerNotFound(FakeNovaError):
    """The image that a page was to start behind is not there."""

    def __init__(self, marker: str) -> None:
        super().__init__(marker)
        self.marker: Final = marker


class MarkerNotVisible(FakeNovaError):
    """The image that a page was to start behind is somebody's private one."""

    def __init__(self, marker: str) -> None:
        super().__init__(marker)
        self.marker: Final = marker


class NotPermitted(FakeNovaError):
    """The caller may see this image, but not do this to it."""

    def __init__(self, image_id: str) -> None:
        super().__init__(image_id)
        self.image_id: Final = image_id


class ScopeNotFound(FakeNovaError):
    """This project has no cloud of its own."""

    def __init__(self, project_id: str, open_scopes: tuple[str, ...]) -> None:
        super().__init__(project_id, open_scopes)
        self.project_id: Final = project_id
        self.open_scopes: Final = open_scopes

    def __str__(self) -> str:
        allowed = ", ".join(self.open_scopes) or "none is open"
        return f"scope: project {self.project_id!r} has no scope; allowed: {allowed}"


class FaultNotFound(FakeNovaError):
    """No fault has this id."""

    def __init__(self, fault_id: str, known: tuple[str, ...]) -> None:
        super().__init__(fault_id, known)
        self.fault_id: Final = fault_id
        self.known: Final = known

    def __str__(self) -> str:
        return f"no fault has the id {self.fault_id!r}; allowed: {', '.join(self.known) or 'none is there'}"


class SnapshotNotFound(FakeNovaError):
    """No snapshot has this name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name: Final = name
        self.known: Final = known

    def __str__(self) -> str:
        return f"no snapshot has the name {self.name!r}; allowed: {', '.join(self.known)}"


class Invalid(_Said):
    """What was sent makes no sense; the message says what and why."""


class BodyTooLarge(FakeNovaError):
    """The body that was sent has more bytes than are taken."""


class BodyStalled(FakeNovaError):
    """The client stopped in the middle of the body that it was sending."""


class Conflict(_Said):
    """What was sent makes sense, but not beside what is there."""


class Unusable(_Said):
    """A setting, file or address that the emulator cannot start with; one line for a terminal."""


class NotDeletable(FakeNovaError):
    """The caller may see this image, but not delete it; or nobody may, for it is protected."""

    def __init__(self, image_id: str) -> None:
        super().__init__(image_id)
        self.image_id: Final = image_id
