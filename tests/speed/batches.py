"""Batches of random requests, each for an emulator as seeded; the batch and the seed make the requests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.speed.exchange import Request
from tests.speed.mutator import Mutator
from tests.speed.offences import Offence, Session

#: Requests of a batch.
BATCH: Final = 250

RECORD: Final = str(Path(__file__).parent.parent / "record" / "cloud.yaml")

#: The emulators that requests are sent to, a batch each in turn.
CLOUDS: Final[tuple[Mapping[str, Any], ...]] = (
    {"dialect": "nova", "auth_strategy": "keystone", "fixtures": (RECORD,)},
    {"dialect": "huaweicloud", "auth_strategy": "noauth", "fixtures": ("default",)},
    {"dialect": "nova", "auth_strategy": "noauth", "fixtures": (RECORD,), "trust_forwarded": True},
    {
        "dialect": "huaweicloud",
        "auth_strategy": "keystone",
        "fixtures": ("default", "every-status"),
        "import_methods": "glance-direct,web-download",
        "max_image_size": 1000,
    },
)


def batch(seed: int, number: int) -> Iterator[Request]:
    """Give the requests of a batch."""
    mutator = Mutator(Random(f"{seed}/{number}"))
    for _ in range(BATCH):
        yield mutator.request()


def cloud_of(number: int) -> Mapping[str, Any]:
    """Return the emulator of a batch."""
    return CLOUDS[number % len(CLOUDS)]


def offences(seed: int, number: int) -> Iterator[Offence]:
    """Send a batch, and give what was wrong with its answers, time aside."""
    session = Session(cloud_of(number))
    for at, request in enumerate(batch(seed, number)):
        offence, _ = session.send(request, f"batch {number}, request {at}")
        if offence is not None:
            yield offence


def shrink(offence: Offence, number: int) -> Offence:
    """Return the same offence with as little in its request as makes it, if the request alone does."""
    request = offence.request
    if not isinstance(request, Request) or not _offends(offence, request, number):
        return offence
    smaller: Request | None = request
    while smaller is not None:
        request = smaller
        smaller = next(
            (
                smaller_request
                for smaller_request in _smaller(request)
                if _offends(offence, smaller_request, number)
            ),
            None,
        )
    return offence._replace(request=request, origin=f"{offence.origin}; alone: {cloud_of(number)}")


def _offends(offence: Offence, request: Request, number: int) -> bool:
    present, _ = Session(cloud_of(number)).send(request, "")
    return present is not None and (present.kind, present.location) == (offence.kind, offence.location)


def _smaller(request: Request) -> Iterator[Request]:
    """Give requests that lack something of this one."""
    for at in range(len(request.headers)):
        yield request._replace(headers=request.headers[:at] + request.headers[at + 1 :])
    path, _, query = request.target.partition("?")
    if query:
        yield request._replace(target=path)
        pairs = query.split("&")
        for at in range(len(pairs) if len(pairs) > 1 else 0):
            yield request._replace(target=f"{path}?{'&'.join(pairs[:at] + pairs[at + 1 :])}")
    if request.body:
        yield request._replace(body=b"")
    try:
        document = json.loads(request.body)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        for key in document:
            rest = {name: value for name, value in document.items() if name != key}
            yield request._replace(body=json.dumps(rest).encode())
