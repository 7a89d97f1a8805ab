"""The tasks of the image service: the imports of images, and what clients post to its task API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from fake_nova.cloud import imports
from fake_nova.images.model import Image
from fake_nova.images.status import ImageStatus

#: How long a task is listed after its end (Glance 33.0.0's option ``task_time_to_live``).
TIME_TO_LIVE: Final = timedelta(hours=48)

#: The maximum number of tasks of a cloud, and of characters of their inputs. The oldest tasks are dropped;
#: the real service drops none.
MAX_TASKS: Final = 1_000
MAX_INPUT_CHARS: Final = 4_000_000

#: The message of a task that fails for a reason that Glance 33.0.0 does not tell (measured).
FAILURE_MESSAGE: Final = "Task failed due to Internal Error"

_MEBIBYTE: Final = 2**20


class TaskStatus(StrEnum):
    """A status of a task."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCESS = "success"
    FAILURE = "failure"


class Task(NamedTuple):
    """A task.

    Attributes:
        id: its id.
        type: what it does: ``api_image_import`` for an import of an image.
        status: its status.
        owner: the id of the project that it belongs to, or None.
        input: what it works on.
        created_at: aware, in UTC.
        updated_at: aware, in UTC.
        image_id: the id of its image, or None.
        user_id: the id of the user who started it, or None.
        request_id: the id of the request that started it.
        result: what came out; None before its success.
        message: what a person reads about it, or "".
        expires_at: when it is no longer listed; None before its end.
    """

    id: str
    type: str
    status: TaskStatus
    owner: str | None
    input: Mapping[str, Any]
    created_at: datetime
    updated_at: datetime
    image_id: str | None = None
    user_id: str | None = None
    request_id: str = ""
    result: Mapping[str, Any] | None = None
    message: str = ""
    expires_at: datetime | None = None

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self.expires_at is not None

    def fail(self, now: datetime, message: str = FAILURE_MESSAGE) -> Task:
        """Return the task after its failure."""
        expires_at = now + TIME_TO_LIVE
        return self._replace(
            status=TaskStatus.FAILURE, message=message, updated_at=now, expires_at=expires_at
        )

    def end_import(self, image: Image, now: datetime) -> Task:
        """Return the task after the import of its image, which succeeded if the image is active."""
        if image.status is not ImageStatus.ACTIVE:
            return self.fail(now)
        message = f"Copied {image.size // _MEBIBYTE} MiB" if image.size else ""
        return self._replace(
            status=TaskStatus.SUCCESS,
            result={"image_id": image.id},
            message=message,
            updated_at=now,
            expires_at=now + TIME_TO_LIVE,
        )


TasksById = Mapping[str, Task]

NO_TASKS: Final[TasksById] = MappingProxyType({})


class Tasks:
    """The tasks of one cloud, as an immutable mapping that every change replaces.

    Attributes:
        by_id: id -> task, the oldest first.
    """

    def __init__(self) -> None:
        self.by_id: TasksById = NO_TASKS
        self._lock: Final = Lock()

    def add(self, task: Task) -> None:
        """Add a task, or replace the one of its id. The oldest ones make room for it."""
        with self._lock:
            tasks = {**self.by_id, task.id: task}
            sizes = {task_id: len(repr(each.input)) for task_id, each in tasks.items()}
            total_size = sum(sizes.values())
            for task_id, size in sizes.items():
                if len(tasks) <= MAX_TASKS and total_size <= MAX_INPUT_CHARS:
                    break
                del tasks[task_id]
                total_size -= size
            self.by_id = tasks

    def end_import(self, image: Image, now: datetime) -> None:
        """Record that the import of an image has ended, if a task imports it."""
        for task in self.by_id.values():
            if task.image_id == image.id and not task.has_ended:
                self.add(task.end_import(image, now))

    def settle(self, task: Task, image: Image | None) -> Task:
        """Return a task as it is now: it has ended if its image is imported no longer.

        Args:
            task: a task that may go on.
            image: its image, or None if there is none.
        """
        if task.has_ended or (image is not None and imports.is_imported_by(image, task.id)):
            return task
        if image is None or image.is_deleted:
            return task.fail(task.updated_at)
        return task.end_import(image, image.updated_at)
