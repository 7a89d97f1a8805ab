"""Cloud: one life of an emulated cloud; Emulator: what gives it the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Lock
from typing import Final

from fake_nova.cloud import fixtures
from fake_nova.cloud.clock import Clock, SystemClock
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.tokens import Tokens
from fake_nova.images.model import Image
from fake_nova.images.store import ImageStore, MemoryImageStore, StoreState
from fake_nova.settings import Settings


class Cloud:
    """One life of a cloud, from a reset to the next.

    A request takes the cloud that is there when it arrives and works on it to its end. So what a request does
    that was under way during a reset, it does to a cloud that nobody sees any more.
    """

    def __init__(self, settings: Settings, clock: Clock, directory: Directory, state: StoreState) -> None:
        self.settings: Final = settings
        self.clock: Final = clock
        self.directory = directory
        self.images: Final[ImageStore] = MemoryImageStore(state)
        self.tokens: Final = Tokens(clock, timedelta(seconds=settings.token_lifetime))


@dataclass(frozen=True, slots=True)
class _Start:
    """What a reset goes back to."""

    directory: Directory
    state: StoreState


class Emulator:
    """A cloud that can be started over: its settings, its seed, and the life that it is in.

    Two emulators share nothing.

    Attributes:
        settings: fixed for its time.
        clock: where its times come from.
        since: when it was made.
        ready: set when the seed is in; no request is answered before.
    """

    def __init__(self, settings: Settings | None = None, clock: Clock | None = None) -> None:
        self.settings: Final = settings if settings is not None else Settings()
        self.clock: Final[Clock] = clock if clock is not None else SystemClock()
        self.since: Final[datetime] = self.clock.now()
        self.ready: Final = Event()
        self._changing: Final = Lock()
        self._start = _Start(Directory(), StoreState.of(()))
        self._cloud = self._life(self._start)

    def _life(self, start: _Start) -> Cloud:
        return Cloud(self.settings, self.clock, start.directory, start.state)

    @property
    def cloud(self) -> Cloud:
        """The life that a request arriving now works in."""
        return self._cloud

    def seed(self) -> None:
        """Read the fixtures that the settings name, start from them, and be ready.

        Raises:
            FixtureError: something is wrong with them; nothing is loaded.
        """
        seed = fixtures.load_files(self.settings.fixtures, self.clock.now())
        with self._changing:
            self._start = _Start(seed.directory, StoreState.of(seed.images))
            self._cloud = self._life(self._start)
        self.ready.set()

    def reset(self, empty: bool = False) -> Cloud:
        """Start over, exactly as seeded, or with no image at all; return the new life."""
        with self._changing:
            start = self._start
            if empty:
                start = _Start(start.directory, StoreState.of(()))
            self._cloud = self._life(start)
            return self._cloud

    def take(self, content: bytes, name: str, replace: bool) -> tuple[Image, ...]:
        """Take in a fixture document; what is seeded then is what a reset goes back to.

        Args:
            content: YAML or JSON in UTF-8.
            name: what errors call it.
            replace: start over from this document alone; otherwise its images are added to what is there,
                and to the seed.

        Returns:
            The images of the document.

        Raises:
            FixtureError: something is wrong with it; nothing is changed.
            Conflict: one of its images' ids is taken; nothing is changed.
        """
        with self._changing:
            known = Directory() if replace else self._cloud.directory
            seed = fixtures.load_text(content, name, known, self.clock.now())
            if replace:
                self._start = _Start(seed.directory, StoreState.of(seed.images))
                self._cloud = self._life(self._start)
            else:
                state = added(self._start.state, seed.images)
                self._cloud.images.add(*seed.images)
                self._start = _Start(seed.directory, state)
                self._cloud.directory = seed.directory
            return seed.images


def added(state: StoreState, images: Iterable[Image]) -> StoreState:
    """Return *state* with *images* added; Conflict where an id is taken."""
    store = MemoryImageStore(state)
    store.add(*images)
    return store.state()
