"""What can go wrong, in the words of the domain: no HTTP in it."""

from __future__ import annotations

from dataclasses import dataclass


class FakeNovaError(Exception):
    """Anything that fake_nova itself refuses or cannot do.

    Attributes:
        why: the reason that the real service would not give, for a hint; "" where the error says it all.
    """

    why: str = ""


@dataclass
class ImageNotFound(FakeNovaError):
    """No image has this id, or none that the caller may know of."""

    image_id: str

    def __str__(self) -> str:
        return f"no image has the id {self.image_id!r}"


@dataclass
class MarkerNotFound(FakeNovaError):
    """The image that a page was to start behind is not there."""

    marker: str


@dataclass
class MarkerNotVisible(FakeNovaError):
    """The image that a page was to start behind is somebody's private one."""

    marker: str


@dataclass
class NotPermitted(FakeNovaError):
    """The caller may see this image, but not do this to it."""

    image_id: str


@dataclass
class ScopeNotFound(FakeNovaError):
    """This project has no cloud of its own."""

    project_id: str
    open_scopes: tuple[str, ...]

    def __str__(self) -> str:
        allowed = ", ".join(self.open_scopes) or "none is open"
        return f"scope: project {self.project_id!r} has no scope; allowed: {allowed}"


@dataclass
class FaultNotFound(FakeNovaError):
    """No fault has this id."""

    fault_id: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"no fault has the id {self.fault_id!r}; allowed: {', '.join(self.known) or 'none is there'}"


@dataclass
class SnapshotNotFound(FakeNovaError):
    """No snapshot has this name."""

    name: str
    known: tuple[str, ...]

    def __str__(self) -> str:
        return f"no snapshot has the name {self.name!r}; allowed: {', '.join(self.known)}"


@dataclass
class Invalid(FakeNovaError):
    """What was sent makes no sense; the message says what and why."""

    message: str

    def __str__(self) -> str:
        return self.message


@dataclass
class Conflict(FakeNovaError):
    """What was sent makes sense, but not beside what is there."""

    message: str

    def __str__(self) -> str:
        return self.message


@dataclass
class Unusable(FakeNovaError):
    """A setting, file or address that the emulator cannot start with; one line for a terminal."""

    message: str

    def __str__(self) -> str:
        return self.message


@dataclass
class NotDeletable(FakeNovaError):
    """The caller may see this image, but not delete it; or nobody may, for it is protected."""

    image_id: str
