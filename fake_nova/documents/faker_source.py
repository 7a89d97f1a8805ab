"""The source of the random values of generated images and servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from threading import local
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from faker import Faker

_thread_local: Final = local()

_FIRST_DAY: Final = datetime(2013, 1, 1, tzinfo=UTC)
_SPAN_SECONDS: Final = int(timedelta(days=4000).total_seconds())


def seeded_faker(seed: int) -> Faker:
    """Return this thread's Faker instance, whose values depend on *seed* alone from now on.

    Creating one takes longer than generating an image.
    """
    from faker import Faker  # noqa: PLC0415  # slow to import; most runs generate nothing

    if not hasattr(_thread_local, "faker"):
        _thread_local.faker = Faker("en_US", use_weighting=False)
    faker: Faker = _thread_local.faker
    faker.seed_instance(seed)
    return faker


def random_creation_time(random: Random) -> datetime:
    """Return a time at which something may have been created."""
    return _FIRST_DAY + timedelta(seconds=random.randrange(_SPAN_SECONDS))
