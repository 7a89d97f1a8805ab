"""Images made up by Faker: the same seed gives the same images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from threading import local
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from fake_nova.documents.image import build_image
from fake_nova.images.model import Image

if TYPE_CHECKING:
    from faker import Faker

#: What a made-up image runs, with the least RAM (MB) and disk (GB) that it asks for.
_OPERATING_SYSTEMS: Final = (
    ("ubuntu", "22.04", 512, 3),
    ("ubuntu", "24.04", 1024, 4),
    ("debian", "12", 512, 2),
    ("centos", "9", 1024, 10),
    ("fedora", "41", 1024, 5),
    ("windows", "2022", 4096, 40),
    ("cirros", "0.6", 64, 1),
)

_thread_local: Final = local()


def _thread_faker() -> Faker:
    """Return this thread's Faker: to build one takes longer than to make an image up."""
    from faker import Faker  # noqa: PLC0415  # takes 0.1 s to import; most runs make nothing up

    if not hasattr(_thread_local, "faker"):
        _thread_local.faker = Faker("en_US", use_weighting=False)
    instance: Faker = _thread_local.faker
    return instance


_FIRST_DAY: Final = datetime(2013, 1, 1, tzinfo=UTC)
_SPAN_SECONDS: Final = int(timedelta(days=4000).total_seconds())


def generate_images(count: int, seed: int, template: Mapping[str, Any], owner: str) -> Iterator[Image]:
    """Make up *count* images.

    Args:
        count: how many.
        seed: what the made-up values depend on, and nothing else: not the day, not what was made before.
        template: a loaded image document; its values stand in every image.
        owner: the owner where the template names none.
    """
    faker = _thread_faker()
    faker.seed_instance(seed)
    random = faker.random
    for number in range(count):
        system, version, min_ram, min_disk = random.choice(_OPERATING_SYSTEMS)
        created_at = _FIRST_DAY + timedelta(seconds=random.randrange(_SPAN_SECONDS))
        updated_at = created_at + timedelta(seconds=random.randrange(86_400))
        values = {
            "name": f"{system}-{version}-{faker.word()}-{number}",
            "size": random.randrange(10**7, 5 * 10**9),
            "min_ram": min_ram,
            "min_disk": min_disk,
            "disk_format": "qcow2",
            "container_format": "bare",
            "properties": {"architecture": "x86_64", "os_distro": system, "os_version": version},
            "created_at": created_at,
            "updated_at": max(updated_at, template.get("created_at", created_at)),
            **template,
        }
        image_id = str(UUID(int=random.getrandbits(128), version=4))
        yield build_image(values, image_id=image_id, owner=owner, now=created_at)
