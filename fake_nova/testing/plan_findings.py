"""When a step of a plan ends, and who set a status: for images and servers."""

from __future__ import annotations

from typing import Final

from fake_nova.control import Document
from fake_nova.support.messages import count_of
from fake_nova.testing.evidence import Finding, round_up

_AUTO_CLOCK: Final = (
    'use clock=auto, so that each poll ends a step: @pytest.mark.fake_nova(clock="auto") or '
    "fake_nova.clock.auto()"
)


def plan_finding(number: int, subject: str, plan: Document, clock: str) -> Finding:
    """Return when the present step of a plan ends.

    Args:
        number: the number of the last poll.
        subject: the image or server with its status, as the subject of a sentence.
        plan: its plan.
        clock: the mode of the clock.
    """
    step = plan["steps"][0]
    then = "".join(f", then {_describe_step(each)}" for each in plan["steps"][1:])
    if "looks" in step:
        polls_left = count_of(max(1, step["looks"] - plan["looks"]), "poll")
        return Finding(
            number,
            f"{subject}: plan {plan['name']}, its step {step['status']} ends after {polls_left} more{then}",
            f"poll more often ({polls_left}), or define plan {plan['name']} with fewer looks",
        )
    seconds = round_up(step["seconds"] - plan["elapsed"])
    fact = f"{subject}: plan {plan['name']}, {seconds} s left on a {clock} clock{then}"
    if clock == "frozen":
        advance = f"advance the clock by {seconds} s: fake_nova.clock.advance({seconds})"
        return Finding(number, fact, f"{advance}; or {_AUTO_CLOCK}")
    return Finding(number, fact, _AUTO_CLOCK)


def _describe_step(step: Document) -> str:
    if "seconds" in step:
        return f"{step['status']} for {step['seconds']:g} s"
    if "looks" in step:
        return f"{step['status']} for {count_of(step['looks'], 'poll')}"
    return str(step["status"])


def author_of_status(versions: list[Document], noun: str) -> str:
    """Return who gave an image or server its present status.

    Args:
        versions: its versions, oldest first.
        noun: ``image`` or ``server``, the key of it in a version.
    """
    author: Document = {}
    previous_status = None
    for version in versions:
        status = (version[noun] or {}).get("status")
        if status != previous_status:
            author = version["by"]
        previous_status = status
    if "plan" in author:
        return f"set by plan {author['plan']}"
    if "seed" in author:
        return "as seeded"
    return f"set by request {author['request']}" if "request" in author else "set by the test"
