"""Compares the answers of both sides, and says in what class of differences a difference falls."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any, Final, NamedTuple

from fake_nova.apis import router
from tests.against_openstack.asking import Answer, Side
from tests.against_openstack.cases import Case, Step

#: Characters before and after the first that differs, and characters of any value, that are printed.
_CONTEXT: Final = 60
_LONGEST: Final = 300


class EmulatedService(NamedTuple):
    """A service in fake_nova: its name, and the prefix of its paths."""

    name: str
    prefix: str


#: Group -> its service in fake_nova.
SERVICES: Final = {
    "nova": EmulatedService("compute", ""),
    "glance": EmulatedService("image", "/image"),
    "keystone": EmulatedService("identity", "/identity"),
}


#: What the names of operations about tokens, and of version documents, begin with.
_TOKEN_OPERATIONS: Final = tuple(
    f"identity: {name}" for name in ("tokens.", "auth.", "catalog.", "identity.", "no route")
)


class Difference(NamedTuple):
    """A step whose answers differ.

    Attributes:
        step: its index in the case.
        kind: the class: the operation, and what differs.
        real: the real service's answer.
        fake: fake_nova's answer.
    """

    step: int
    kind: str
    real: Answer
    fake: Answer


class Outcome(NamedTuple):
    """The comparison of a case.

    Attributes:
        operations: the operation of each step whose answers were compared.
        differences: the steps that differ.
    """

    operations: list[str]
    differences: list[Difference]


def operation(step: Step) -> str:
    """Return the name of the operation that a step asks for."""
    service = SERVICES[step.service]
    if step.path == "{next}":
        return f"{service.name}: next page"
    match = router().match(step.method, service.prefix + step.path)
    name = "no route" if match.route is None else match.route.operation
    return f"{match.service.name}: {name}"


def report_group(step: Step, operation_name: str) -> str:
    """Return the group in which the answers to a step are counted: Keystone's look-ups have one of their own."""
    is_lookup = step.service == "keystone" and not operation_name.startswith(_TOKEN_OPERATIONS)
    return "lookups" if is_lookup else step.service


def compare(real: Side, fake: Side, case: Case) -> Outcome:
    """Ask both sides a case with the same new ids, take away what it made, and compare the answers."""
    ids: dict[str, str] = {}

    def new_id(name: str) -> str:
        return ids.setdefault(name, str(uuid.uuid4()))

    pairs = list(zip(real.ask(case, new_id), fake.ask(case, new_id), strict=True))
    for side in (real, fake):
        side.remove_images(list(ids.values()))
    replacements = {image_id: f"{{new:{name}}}" for name, image_id in ids.items()}
    differences = []
    operations = []
    for index, (step, answers) in enumerate(zip(case.steps, pairs, strict=True)):
        name = operation(step)
        operations.append(name)
        parts = differing_parts(*answers)
        if parts:
            masked_answers = (_with_stand_ins(answer, replacements) for answer in answers)
            differences.append(Difference(index, f"{name}: {'; '.join(parts)}", *masked_answers))
        if parts_ways(*answers):
            break
    return Outcome(operations, differences)


def parts_ways(real: Answer, fake: Answer) -> bool:
    """Return whether fake_nova did what the real service failed at, so that later answers cannot be compared."""
    return real.status >= 500 and fake.status < 300


def _with_stand_ins(answer: Answer, replacements: dict[str, str]) -> Answer:
    text = json.dumps(answer)
    for value, stand_in in replacements.items():
        text = text.replace(value, stand_in)
    return Answer(*json.loads(text))


def differing_parts(real: Answer, fake: Answer) -> list[str]:
    """Return what differs, without the values of this one answer.

    A 500 is the real service's own failure. It is equal to a refusal, and to a success: fake_nova may carry out what
    was meant.
    """
    if real.status >= 500:
        return [] if fake.status < 500 else ["both fail"]
    if real.status != fake.status:
        return [f"status {real.status}, fake {fake.status}"]
    parts = [
        f"header {name}"
        for name in sorted({*real.headers, *fake.headers})
        if real.headers.get(name) != fake.headers.get(name)
    ]
    parts += list(dict.fromkeys(_paths(real.body, fake.body, "body")))
    return parts[:4]


def _paths(real: Any, fake: Any, path: str) -> list[str]:
    """Return the places in two bodies that differ; the items of a list are one place."""
    if real == fake:
        return []
    if isinstance(real, dict) and isinstance(fake, dict):
        return [
            each
            for key in sorted({*real, *fake})
            for each in _paths(real.get(key), fake.get(key), f"{path}.{_plain(key)}")
        ]
    if isinstance(real, list) and isinstance(fake, list):
        if len(real) != len(fake):
            return [f"{path} has {'more' if len(fake) > len(real) else 'fewer'}"]
        keys = [list(map(_key, items)) for items in (real, fake)]
        if keys[0] != keys[1] and sorted(keys[0]) == sorted(keys[1]):
            return [f"{path} in another order"]
        return [each for pair in zip(real, fake, strict=True) for each in _paths(*pair, f"{path}[]")]
    return [path]


def details(real: Any, fake: Any, path: str = "body") -> str:
    """Return the first place in two bodies that differs, with both values; in long texts with what surrounds it."""
    if isinstance(real, dict) and isinstance(fake, dict):
        key = next(key for key in sorted({*real, *fake}) if real.get(key) != fake.get(key))
        return details(real.get(key), fake.get(key), f"{path}.{key}")
    if isinstance(real, list) and isinstance(fake, list) and len(real) == len(fake):
        index = next(index for index, pair in enumerate(zip(real, fake, strict=True)) if pair[0] != pair[1])
        return details(real[index], fake[index], f"{path}[{index}]")
    if isinstance(real, str) and isinstance(fake, str):
        pairs = zip(real, fake, strict=False)
        start = next(
            (index for index, pair in enumerate(pairs) if pair[0] != pair[1]), min(len(real), len(fake))
        )
        real, fake = (text[max(0, start - _CONTEXT) : start + _CONTEXT] for text in (real, fake))
    return f"{path}: real {_short(real)}, fake {_short(fake)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _plain(key: str) -> str:
    """Return a key of JSON as a class of differences names it: keys of users' own are alike."""
    return key if re.fullmatch(r"[\w:-]{1,40}", key) else "…"


def _key(item: Any) -> str:
    value = item.get("id", item) if isinstance(item, dict) else item
    return json.dumps(value, sort_keys=True)


#: Most requests of cases that are asked to make one difference smaller.
MOST_ATTEMPTS: Final = 60


def shrink(real: Side, fake: Side, case: Case, kind: str) -> Case:
    """Return the smallest case that was found with the same kind of difference."""
    attempts = 0
    is_smaller = True
    while is_smaller and attempts < MOST_ATTEMPTS:
        is_smaller = False
        for candidate in case.simpler():
            attempts += 1
            if attempts > MOST_ATTEMPTS:
                break
            if any(each.kind == kind for each in compare(real, fake, candidate).differences):
                case = candidate
                is_smaller = True
                break
    return case
