"""The store of one cloud's images, which all services and the admin API read and write."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Final

from fake_nova.errors import Conflict, ImageNotFound
from fake_nova.images import database_limits
from fake_nova.images.database import Database
from fake_nova.images.deletions import Deletions
from fake_nova.images.model import Image
from fake_nova.images.ordered_index import creation_position
from fake_nova.images.query import ImageQuery
from fake_nova.images.selection import select
from fake_nova.images.store_state import Changes, StoreState, with_stored_times
from fake_nova.support.messages import quote_python

WriteListener = Callable[[Changes], None]


class ImageStore:
    """The images of one cloud, in memory. Readers never wait, and see each write completely or not at all.

    The store holds one reference to an immutable `StoreState`. A reader takes it and works on it undisturbed.
    A writer builds the next state under a lock, and then replaces the reference in one step.

    It holds at most `deletions.MAX_DELETED_IMAGES` deleted images, whoever deleted them. It drops any more of
    the initial state, of a write or of a restored state; the first deleted go first.

    Args:
        state: the initial state.
        on_write: called with the changes of each write, one write at a time.
    """

    def __init__(self, state: StoreState, on_write: WriteListener = lambda _: None) -> None:
        self._on_write: Final = on_write
        self._write_lock: Final = Lock()
        self._begin_at(state)

    def _begin_at(self, state: StoreState) -> None:
        self._deletions = Deletions(state.deleted_keys())
        removals = self._deletions.record({})
        self.state = state.with_changes(removals) if removals else state

    def _write(self, changes: Changes) -> None:
        if removals := self._deletions.record(changes):
            changes = {**changes, **removals}
        self.state = self.state.with_changes(changes)
        self._on_write(changes)

    def __len__(self) -> int:
        return len(self.state.by_key)

    def get(self, image_id: str) -> Image:
        """Return an image, deleted or not.

        Raises:
            ImageNotFound: if the store has no image of this id.
        """
        image = self.state.get(image_id)
        if image is None:
            raise ImageNotFound(image_id)
        return image

    def all(self) -> tuple[Image, ...]:
        """Return all images, deleted ones included, newest first."""
        state = self.state
        return tuple(
            sorted(
                state.by_key.values(),
                key=lambda image: creation_position(image, state.database),
                reverse=True,
            )
        )

    def find(self, query: ImageQuery) -> tuple[Image, ...]:
        """Return one page of a list.

        Raises:
            MarkerNotFound: as `select` does.
            MarkerNotVisible: as `select` does.
        """
        return select(self.state, query)

    def add(self, *images: Image) -> None:
        """Add new images, all or none.

        Raises:
            Conflict: if an id is in use, or occurs twice.
            ServiceFailure: if the database refuses an image.
        """
        with self._write_lock:
            state = self.state
            changes: dict[str, Image | None] = {}
            for image in images:
                image_key = state.key_of(image)
                if image_key in changes or state.by_key.get(image_key) is not None:
                    raise Conflict(
                        f"id: already in use (got {quote_python(image.id)}); expected an id that no image has"
                    )
                changes[image_key] = _as_stored(image, None, state.database)
            self._write(changes)

    def update(self, image_id: str, change: Callable[[Image], Image]) -> Image:
        """Replace an image by *change(image)*, in one step.

        No other writer can change the image in between.

        Args:
            image_id: the image's id.
            change: returns the new version. If it raises an exception, or returns the same object, nothing is
                written.

        Returns:
            The present version of the image.

        Raises:
            ImageNotFound: if the store has no image of this id.
            ServiceFailure: if the database refuses the new version. If it only refuses the new tags, the
                rest is written.
        """
        with self._write_lock:
            old_image, database = self.get(image_id), self.state.database
            new_image = change(old_image)
            if new_image is old_image:
                return old_image
            refusal = database_limits.tags_refusal(old_image.tags, new_image.tags, database)
            if refusal is not None:
                new_image = new_image.replace(tags=old_image.tags)
            stored_image = _as_stored(new_image, old_image, database)
            self._write({self.state.key_of(old_image): stored_image})
            if refusal is not None:
                raise refusal
            return stored_image

    def forget(self, image_id: str) -> None:
        """Remove an image from the store.

        Raises:
            ImageNotFound: if the store has no image of this id.
        """
        with self._write_lock:
            self._write({self.state.key_of(self.get(image_id)): None})

    def restore(self, state: StoreState) -> None:
        """Replace everything in the store by *state*, in one step."""
        with self._write_lock:
            old_state = self.state
            self._begin_at(state)
            self._on_write(old_state.changes_to(self.state))


def _as_stored(image: Image, old: Image | None, database: Database) -> Image:
    """Return the image that the database stores in the place of *old*.

    Raises:
        ServiceFailure: if the database refuses the image.
    """
    database_limits.check_property_keys(image, old, database)
    database_limits.check_lengths(image, database)
    if old is not None and old.properties is not image.properties and not database.compares_exactly:
        image = image.replace(removed_keys=database_limits.removed_keys(image, old))
    return with_stored_times(image, database)
