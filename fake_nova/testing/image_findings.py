"""Why the image that was polled last has its status, and when that ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import takewhile
from typing import Final, NamedTuple

from fake_nova.control import Document
from fake_nova.control.types import JournalEntry
from fake_nova.testing.evidence import LIST_OPERATIONS, LOOP_LENGTH, Evidence, Finding, round_up
from fake_nova.testing.plan_findings import author_of_status, plan_finding
from fake_nova.testing.request_lines import query_parameters

#: The statuses that no service changes by itself.
_FINAL_STATUSES: Final = ("active", "deactivated", "killed", "pending_delete", "deleted")


class _Poll(NamedTuple):
    """The last of some polls of an image.

    Attributes:
        request: its entry in the journal.
        subject: the image and its status in the response, as the subject of a sentence.
        rounds: the number of polls in a row with the same result.
        is_unlisted: whether it is a list that excludes the image by its status.
    """

    request: JournalEntry
    subject: str
    rounds: int
    is_unlisted: bool = False


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
    exact_name = _exact_name(query_parameters(poll).get("name"))
    images = [image for image in evidence.followers() if exact_name in (None, image["name"])]
    if images:
        image = images[0]
        exclusion_rules = {each["id"]: each["rule"] for each in evidence.explain(poll) or ()}
        is_unlisted = exclusion_rules.get(image["id"]) == "status"
        subject = f"image {_label(image)} is {image['status']}"
        yield _finding(evidence, image, _Poll(poll, subject, rounds, is_unlisted))


def _exact_name(text: str | None) -> str | None:
    """Return the name that the images of a list must have; None without one, or with an operator."""
    return None if text is None or ":" in text else text


def _shown_image(evidence: Evidence, shows: list[JournalEntry]) -> Iterator[Finding]:
    """Yield the finding about the last image of *shows*, unless it is gone."""
    poll = shows[-1]
    later = [each for each in evidence.requests if each["number"] > poll["number"]]
    is_gone = any(each["path"] == poll["path"] and each["status"] == 404 for each in later)
    image = evidence.image(poll["path"].rpartition("/")[2])
    if image is None or is_gone:
        return
    count = _count_repeated(poll, shows)
    responses = "its last response" if count == 1 else f"each of the last {count} responses"
    subject = f"image {_label(image)} was {poll['image_status']} in {responses}"
    yield _finding(evidence, image, _Poll(poll, subject, count))


def _count_repeated(poll: JournalEntry, shows: list[JournalEntry]) -> int:
    """Return how many of the last requests for an image have the status of the last one, *poll*."""
    statuses = [each["image_status"] for each in reversed(shows) if each["path"] == poll["path"]]
    return sum(1 for _ in takewhile(lambda status: status == poll["image_status"], statuses))


def _label(image: Document) -> str:
    return json.dumps(image["name"] or image["id"], ensure_ascii=False)


def _finding(evidence: Evidence, image: Document, poll: _Poll) -> Finding:
    """Return the finding about an image, which has its ``plan`` if it follows one."""
    fault = evidence.faults.get(poll.request["fault"] or "")
    if fault is not None and "stale" in fault["effect"]:
        fact = f"{fault['id']} shows the images as they were when it was added"
        next_step = f'remove the fault: fake_nova.faults.remove("{fault["id"]}")'
        return Finding(poll.request["number"], f"{poll.subject}: {fact}", next_step)
    if image.get("plan"):
        return _plan_finding(image, poll, evidence.clock_mode)
    return _status_finding(evidence, image, poll)


def _plan_finding(image: Document, poll: _Poll, clock: str) -> Finding:
    """Return when the status of an image that follows a plan ends.

    Args:
        image: the image with its plan.
        poll: the last poll of it.
        clock: the mode of the clock.
    """
    plan = image["plan"]
    if poll.is_unlisted:
        return _unlisted_finding(image, poll, clock)
    if clock == "auto" and not plan["looks"]:
        return _changed_finding(image, poll)
    return plan_finding(poll.request["number"], poll.subject, plan, clock)


def _unlisted_finding(image: Document, poll: _Poll, clock: str) -> Finding:
    """Return why polls by a list that excludes an image by its status do not move its plan."""
    number = poll.request["number"]
    plan = image["plan"]
    never_listed = f"the list never contains it while it is {image['status']}"
    poll_by_id = f"poll it by id (GET …/images/{image['id']}){_advance_to_end(plan)}"
    if clock == "auto":
        return Finding(number, f"{poll.subject}: {never_listed}, so clock auto does not move it", poll_by_id)
    return Finding(
        number,
        f"{poll.subject}: plan {plan['name']}; {never_listed}, so no request polls it",
        f"{poll_by_id}; with clock=auto each poll ends a step",
    )


def _changed_finding(image: Document, poll: _Poll) -> Finding:
    fact = f"{poll.subject}; it became {image['status']} after that"
    return Finding(poll.request["number"], fact, "poll once more; each poll shows the next step")


def _status_finding(evidence: Evidence, image: Document, poll: _Poll) -> Finding:
    """Return who set the status of an image that follows no plan, and how it gets another one."""
    status = image["status"]
    number = poll.request["number"]
    word = poll.request["image_status"] or status
    if (word.lower() == "active") != (status == "active"):
        return _changed_finding(image, poll)
    if status not in _FINAL_STATUSES:
        call = f'fake_nova.images.set_status("{image["id"]}", "active")'
        fact = f"{poll.subject}: no plan changes it, so it stays {status}"
        return Finding(number, fact, f'{call}, or a plan that goes on: plan="slow"')
    fact = f"{poll.subject}: {status}, {author_of_status(evidence.nova.images.history(image['id']), 'image')}"
    if poll.rounds < LOOP_LENGTH:
        other_status = "saving" if status == "active" else "active"
        call = f'fake_nova.images.set_status("{image["id"]}", "{other_status}")'
        return Finding(number, fact, f'if the test needs another status, use plan="slow" or {call}')
    loop_end = f"let the loop end at {word}"
    if status != "active":
        loop_end += '; for an image that becomes active, use plan="slow"'
    return Finding(number, f"{fact}; that is final, and the loop does not end at it", loop_end)


def _advance_to_end(plan: Document) -> str:
    """Return the advice to advance the clock to the end of a plan; "" if that needs polls too."""
    steps = plan["steps"][:-1]
    if any("seconds" not in step for step in steps):
        return ""
    seconds = round_up(sum(step["seconds"] for step in steps) - plan["elapsed"])
    return f", or advance the clock: fake_nova.clock.advance({seconds})"
