"""Why the image that was polled last has its status, and when that ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qsl

from fake_nova.control import Document
from fake_nova.control.types import JournalEntry
from fake_nova.support.messages import count_of
from fake_nova.testing.evidence import (
    LIST_OPERATIONS,
    LOOP_LENGTH,
    Evidence,
    Finding,
    Rule,
    finding_of,
    round_up,
)

#: The statuses that no service changes by itself.
_FINAL_STATUSES: Final = ("active", "deactivated", "killed", "pending_delete", "deleted")

_AUTO_CLOCK: Final = (
    'use clock=auto, so that each poll ends a step: @pytest.mark.fake_nova(clock="auto") or '
    "fake_nova.clock.auto()"
)
_TIME_LEFT: Final = "{subject}: plan {plan}, {seconds} s left on a {clock} clock{then}"
_ENDLESS_LOOP: Final = "{subject}: {status}, {author}; that is final, and the loop does not end at it"
_SETTLED: Final = "{subject}: {status}, {author}"
_OTHER_STATUS: Final = (
    'if the test needs another status, use plan="slow" or '
    'fake_nova.images.set_status("{id}", "{other_status}")'
)
_POLL_BY_ID: Final = "poll it by id (GET …/images/{id}){or_advance}"

_RULES: Final = (
    Rule(
        lambda values: values["stale_fault"],
        "{subject}: {stale_fault} shows the images as they were when it was added",
        'remove the fault: fake_nova.faults.remove("{stale_fault}")',
    ),
    Rule(
        lambda values: values["is_unlisted"] and values["clock"] == "auto",
        "{subject}: the list never contains it while it is {status}, so clock auto does not move it",
        _POLL_BY_ID,
    ),
    Rule(
        lambda values: values["is_unlisted"],
        "{subject}: plan {plan}; the list never contains it while it is {status}, so no request polls it",
        f"{_POLL_BY_ID}; with clock=auto each poll ends a step",
    ),
    Rule(
        lambda values: values["has_changed"],
        "{subject}; it became {status} after that",
        "poll once more; each poll shows the next step",
    ),
    Rule(
        lambda values: values["polls_left"],
        "{subject}: plan {plan}, its step {status} ends after {polls_left} more{then}",
        "poll more often ({polls_left}), or define plan {plan} with fewer looks",
    ),
    Rule(
        lambda values: values["plan"] and values["clock"] == "frozen",
        _TIME_LEFT,
        f"advance the clock by {{seconds}} s: fake_nova.clock.advance({{seconds}}); or {_AUTO_CLOCK}",
    ),
    Rule(lambda values: values["plan"], _TIME_LEFT, _AUTO_CLOCK),
    Rule(
        lambda values: values["status"] not in _FINAL_STATUSES,
        "{subject}: no plan changes it, so it stays {status}",
        'fake_nova.images.set_status("{id}", "active"), or a plan that goes on: plan="slow"',
    ),
    Rule(
        lambda values: values["is_loop"] and values["status"] == "active",
        _ENDLESS_LOOP,
        "let the loop end at {word}",
    ),
    Rule(
        lambda values: values["is_loop"],
        _ENDLESS_LOOP,
        'let the loop end at {word}; for an image that becomes active, use plan="slow"',
    ),
    Rule(lambda _: True, _SETTLED, _OTHER_STATUS),
)


def find_waiting_image(evidence: Evidence) -> Iterator[Finding]:
    """Yield why the image that was polled last has its status, and when that ends."""
    shows = [
        request for request in evidence.requests if request["image_status"] and request["method"] == "GET"
    ]
    loop_findings = list(_list_loop(evidence))
    if loop_findings:
        yield from loop_findings
    elif shows:
        yield from _shown_image(evidence, shows)


def _list_loop(evidence: Evidence) -> Iterator[Finding]:
    """Yield the finding about an image that follows a plan, if the last requests wait for it by a list."""
    requests, rounds = evidence.repetitions[-1]
    poll = requests[-1]
    has_shows = any(request["image_status"] for request in requests)
    if rounds < LOOP_LENGTH or has_shows or poll["operation"] not in LIST_OPERATIONS:
        return
    exclusion_rules = {image["id"]: image["rule"] for image in evidence.explain(poll) or ()}
    name = dict(parse_qsl(poll["query"].replace(";", "&"), keep_blank_values=True)).get("name", ":")
    for image in [each for each in evidence.followers() if ":" in name or each["name"] == name][:1]:
        subject = f"image {_label(image)} is {image['status']}"
        is_unlisted = exclusion_rules.get(image["id"]) == "status"
        yield _finding(evidence, image, poll, subject, rounds, is_unlisted=is_unlisted)


def _shown_image(evidence: Evidence, shows: list[JournalEntry]) -> Iterator[Finding]:
    """Yield the finding about the last image of *shows*, unless it is gone."""
    poll, count = shows[-1], 0
    for request in reversed([each for each in shows if each["path"] == poll["path"]]):
        if request["image_status"] != poll["image_status"]:
            break
        count += 1
    later = [each for each in evidence.requests if each["number"] > poll["number"]]
    is_gone = any(each["path"] == poll["path"] and each["status"] == 404 for each in later)
    image = evidence.image(poll["path"].rpartition("/")[2])
    if image is not None and not is_gone:
        responses = "its last response" if count == 1 else f"each of the last {count} responses"
        subject = f"image {_label(image)} was {poll['image_status']} in {responses}"
        yield _finding(evidence, image, poll, subject, count)


def _label(image: Document) -> str:
    return json.dumps(image["name"] or image["id"], ensure_ascii=False)


def _finding(
    evidence: Evidence,
    image: Document,
    poll: JournalEntry,
    subject: str,
    polls: int,
    *,
    is_unlisted: bool = False,
) -> Finding:
    """Return the finding about an image.

    Args:
        evidence: what the cloud remembers.
        image: the image, with its plan if it follows one.
        poll: the last request that shows it.
        subject: its status in the last response.
        polls: the number of polls in a row with the same result.
        is_unlisted: whether the status of the image excludes it from the list that is the last request.
    """
    word, status, plan = poll["image_status"], image["status"], image.get("plan")
    was_active = (word or status).lower() == "active"
    values = {
        "subject": subject,
        "number": poll["number"],
        "id": image["id"],
        "status": status,
        "word": word or status,
        "is_loop": polls >= LOOP_LENGTH,
        "plan": None,
        "polls_left": None,
        "stale_fault": poll["fault"] in evidence.faults
        and "stale" in evidence.faults[poll["fault"]]["effect"]
        and poll["fault"],
        "clock": evidence.clock_mode,
        "other_status": "saving" if status == "active" else "active",
        "is_unlisted": is_unlisted,
        "has_changed": was_active != (status == "active"),
    }
    if plan:
        values |= _plan_values(plan)
        values["has_changed"] = evidence.clock_mode == "auto" and not plan["looks"]
    else:
        values["author"] = _author_of_status(evidence.nova.images.history(image["id"]))
    return finding_of(_RULES, values)


def _plan_values(plan: Document) -> Document:
    """Return the values of a finding about an image that follows a plan."""
    step, *later_steps = plan["steps"]
    values = {
        "plan": plan["name"],
        "then": "".join(f", then {_describe_step(each)}" for each in later_steps),
        "or_advance": _advance_to_end(plan),
    }
    if "looks" in step:
        return {**values, "polls_left": count_of(max(1, step["looks"] - plan["looks"]), "poll")}
    return {**values, "seconds": round_up(step["seconds"] - plan["elapsed"])}


def _advance_to_end(plan: Document) -> str:
    """Return the advice to advance the clock to the end of a plan; "" if that needs polls too."""
    steps = plan["steps"][:-1]
    if any("seconds" not in step for step in steps):
        return ""
    seconds = round_up(sum(step["seconds"] for step in steps) - plan["elapsed"])
    return f", or advance the clock: fake_nova.clock.advance({seconds})"


def _describe_step(step: Document) -> str:
    if "seconds" in step:
        return f"{step['status']} for {step['seconds']:g} s"
    return (
        f"{step['status']} for {count_of(step['looks'], 'poll')}" if "looks" in step else str(step["status"])
    )


def _author_of_status(versions: list[Document]) -> str:
    """Return who gave an image its present status, by its versions, oldest first."""
    author: Document = {}
    previous_status = None
    for version in versions:
        status = (version["image"] or {}).get("status")
        if status != previous_status:
            author, previous_status = version["by"], status
    if "plan" in author:
        return f"set by plan {author['plan']}"
    if "seed" in author:
        return "as seeded"
    return f"set by request {author['request']}" if "request" in author else "set by the test"
