"""The grammar: which requests a case consists of. The same seed and number give the same case."""

from __future__ import annotations

from random import Random
from typing import Final

from tests.against_openstack import glance_requests, keystone_requests, nova_requests, values
from tests.against_openstack.cases import GROUPS, Case, Step
from tests.against_openstack.drawing import Draw

#: The share of single reads among the cases of a group; the others are sequences.
READS: Final = {"nova": 0.8, "glance": 0.8, "keystone": 0.6}

_READERS: Final = {
    "nova": nova_requests.draw_read,
    "glance": glance_requests.draw_read,
    "keystone": keystone_requests.draw_read,
}


def draw_case(seed: int, number: int) -> Case:
    """Return a case. Its group is the number's remainder, so a range of numbers has all groups alike."""
    group = GROUPS[number % len(GROUPS)]
    draw = Draw(Random(f"{seed}:{number}"))
    if draw.happens(READS[group]):
        steps = [_READERS[group](draw)]
        if steps[0].path.endswith(("/images", "/detail")):
            steps += [_next(steps[0])] * draw.one((0, 0, 1, 2))
    elif group == "keystone":
        steps = _token_steps(draw)
    else:
        steps = _write_steps(draw, group)
    return Case(tuple(steps), frozenset(draw.rows))


def _next(step: Step) -> Step:
    return Step(step.service, "GET", "{next}", headers=step.headers)


def _token_steps(draw: Draw) -> list[Step]:
    steps = [keystone_requests.draw_login(draw, "t1")]
    names = ["t1"]
    for _ in range(draw.one((0, 1, 2, 3, 4))):
        if draw.happens(0.3):
            name = f"t{len(names) + 1}"
            steps.append(keystone_requests.draw_login(draw, name, draw.one((None, *names))))
            names.append(name)
        else:
            steps.append(keystone_requests.draw_token_use(draw, names))
    return steps


def _write_steps(draw: Draw, group: str) -> list[Step]:
    """Return a sequence that makes one or two images and changes them, mostly by one API."""
    other = "glance" if group == "nova" else "nova"
    ids = [f"{{new:{index}}}" for index in range(draw.one((1, 1, 1, 2)))]
    steps = [glance_requests.draw_image(draw, image_id) for image_id in ids]
    if draw.happens(0.3):
        headers = (*draw.token("alice"), ("Content-Type", "application/octet-stream"))
        steps.append(Step("glance", "PUT", f"/v2/images/{ids[0]}/file", headers=headers, body="data"))
    for _ in range(draw.one((2, 3, 4, 5))):
        service = group if draw.happens(0.75) else other
        writer = glance_requests.draw_write if service == "glance" else nova_requests.draw_write
        steps.append(writer(draw, draw.one(ids)))
    user = draw.one(values.USERS)
    path = {"nova": "/v2.1/images", "glance": "/v2/images"}[group]
    steps.append(Step(group, "GET", f"{path}/{ids[0]}", headers=(*draw.token(user), *draw.headers(None))))
    if draw.happens(0.3):
        query = draw.query(lambda: (draw.one(("name", "limit")), draw.one(("new", "NEW", "2"))))
        steps.append(Step(group, "GET", path, query, (*draw.token(user), *draw.headers(None))))
    return steps
