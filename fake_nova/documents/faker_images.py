"""Images made up by Faker: the same seed gives the same images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import local
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from fake_nova.documents.image import new_image
from fake_nova.images.model import Image

if TYPE_CHECKING:
    from faker import Faker

#: What a made-up image runs, with the least RAM (MB) and disk (GB) that it asks for.
_SYSTEMS: Final = (
    ("ubuntu", "22.04", 512, 3),
    ("ubuntu", "24.04", 1024, 4),
    ("debian", "12", 512, 2),
    ("centos", "9", 1024, 10),
    ("fedora", "41", 1024, 5),
    ("windows", "2022", 4096, 40),
    ("cirros", "0.6", 64, 1),
)

_own: Final = local()


def _faker() -> Faker:
    """Return this thread's Faker: to build one takes longer than to make an image up."""
    from faker import Faker  # noqa: PLC0415  # takes 0.1 s to import; most runs make nothing up

    if not hasattr(_own, "faker"):
        _own.faker = Faker("en_US", use_weighting=False)
    made: Faker = _own.faker
    return made


_FIRST_DAY: Final = datetime(2013, 1, 1, tzinfo=UTC)
_SECONDS: Final = int(timedelta(days=4000).total_seconds())


def made_images(count: int, seed: int, template: Mapping[str, Any], owner: str) -> Iterator[Image]:
    """Make up *count* images.

    Args:
        count: how many.
        seed: what the made-up values depend on, and nothing else: not the day, not what was made before.
        template: a loaded image document; its values stand in every image.
        owner: the owner where the template names none.
    """
    faker = _faker()
    faker.seed_instance(seed)
    random = faker.random
    for number in range(count):
        system, version, min_ram, min_disk = random.choice(_SYSTEMS)
        created = _FIRST_DAY + timedelta(seconds=random.randrange(_SECONDS))
        updated = created + timedelta(seconds=random.randrange(86_400))
        values = {
            "name": f"{system}-{version}-{faker.word()}-{number}",
            "size": random.randrange(10**7, 5 * 10**9),
            "min_ram": min_ram,
            "min_disk": min_disk,
            "disk_format": "qcow2",
            "container_format": "bare",
            "properties": {"architecture": "x86_64", "os_distro": system, "os_version": version},
            "created_at": created,
            "updated_at": max(updated, template.get("created_at", created)),
            **template,
        }
        made_id = str(UUID(int=random.getrandbits(128), version=4))
        yield new_image(values, image_id=made_id, owner=owner, now=created)
