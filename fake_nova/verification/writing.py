"""Asks the questions that need images or key pairs of one's own, and removes these, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from fake_nova.errors import CloudFailure
from fake_nova.verification import interrupts
from fake_nova.verification.questions import Answer, Question
from fake_nova.verification.remedies import candidates, options_of
from fake_nova.verification.samples import Samples
from fake_nova.verification.sides import Asker
from fake_nova.verification.verification import Difference, Exchange, Result, Results, Verification
from fake_nova.verification.write_rules import OwnImages, Step, draw_images, steps

_UNPROTECT: Final = json.dumps([{"op": "replace", "path": "/protected", "value": False}])
_PATCH: Final = "application/openstack-images-v2.1-json-patch"

OpenFake = Callable[[Mapping[str, str]], Asker]


class _Answers(NamedTuple):
    """A step, and the cloud's answer."""

    step: Step
    cloud: list[Answer]


def verify_writes(
    cloud: Asker, open_fake: OpenFake, on_question: Callable[[], None]
) -> tuple[Results, tuple[str, ...]]:
    """Compare a cloud with a fake by steps that create, change and delete images and key pairs.

    Args:
        cloud: asks the cloud.
        open_fake: starts a fake with other settings.
        on_question: called before each step.

    Returns:
        The results, and what could not be removed.

    Raises:
        CloudFailure: if the cloud gives no response, or a signal came; it lists what could not be removed.
    """
    images = draw_images()
    all_steps = steps(images)
    results = {(step.service, step.rule): Result(step.service, step.rule) for step in all_steps}
    if "image" not in cloud.side.roots or "compute" not in cloud.side.roots:
        for result in results.values():
            result.obstacle = "the cloud has no image or no compute service"
        return results, ()
    answers, leftovers = _ask(cloud, images, on_question)
    _compare(results, answers, cloud, open_fake({}))
    _find_remedies(results, answers, cloud, open_fake)
    return results, leftovers


def _ask(
    cloud: Asker, images: OwnImages, on_question: Callable[[], None]
) -> tuple[list[_Answers], tuple[str, ...]]:
    """Ask the cloud all steps, and remove the images."""
    answers: list[_Answers] = []
    problem = ""
    with interrupts.held_back() as signals:
        try:
            for step in steps(images):
                if signals.signal_name:
                    break
                on_question()
                answers.append(_Answers(step, cloud.ask(step.service, step.question)))
        except CloudFailure as error:
            problem = str(error)
        finally:
            leftovers = tuple(_remove(cloud, images))
        if signals.signal_name:
            problem = f"--write: stopped by {signals.signal_name}; expected the end of its steps"
    if problem:
        raise CloudFailure("\n".join((problem, *(f"not removed: {leftover}" for leftover in leftovers))))
    return answers, leftovers


def _remove(cloud: Asker, images: OwnImages) -> Iterator[str]:
    """Remove the images and key pairs of the run; yield those that cannot be removed, and why."""
    names = images.names()
    for image_id in images.ids():
        problem = _problem(_delete, cloud, image_id)
        if problem:
            yield f"image {image_id} {names[image_id.lower()]} ({problem})"
    for name in images.keypairs():
        problem = _problem(_delete_keypair, cloud, name)
        if problem:
            yield f"key pair {name} ({problem})"


def _problem(delete: Callable[[Asker, str], int], cloud: Asker, name: str) -> str:
    """Delete something, and return why it is not removed; "" if it is."""
    try:
        status = delete(cloud, name)
    except CloudFailure as error:
        return str(error)
    return "" if status in (202, 204, 404) else f"status {status}"


def _delete_keypair(cloud: Asker, name: str) -> int:
    return cloud.ask("compute", Question(f"/v2.1/os-keypairs/{name}", method="DELETE"))[0].status


def _delete(cloud: Asker, image_id: str) -> int:
    question = Question(f"/v2/images/{image_id}", method="DELETE")
    status = cloud.ask("image", question)[0].status
    if status == 403:
        unprotect = question._replace(method="PATCH", body=_UNPROTECT, content_type=_PATCH)
        cloud.ask("image", unprotect)
        status = cloud.ask("image", question)[0].status
    return status


def _compare(results: Results, answers: list[_Answers], cloud: Asker, fake: Asker) -> None:
    """Ask a fake all steps, and fill in the results."""
    verification = Verification(cloud, fake, Samples(()), {})
    for step, cloud_answers in answers:
        fake_answers = fake.ask(step.service, step.question)
        result = results[step.service, step.rule]
        result.questions += 1
        exchange = Exchange(step.service, step.as_rule(), step.question, cloud_answers, fake_answers)
        for finding in verification.findings(exchange):
            key = (step.service, finding.rule)
            differing = results.setdefault(key, Result(*key, is_part=True))
            differing.questions += differing.is_part
            difference = Difference(
                exchange.rule, step.question, finding.cloud, finding.fake, cloud_answers, fake_answers
            )
            differing.differences.append(difference)


def _find_remedies(results: Results, answers: list[_Answers], cloud: Asker, open_fake: OpenFake) -> None:
    """Fill in the remedies: go through all steps with fakes that have other settings."""
    for overrides in candidates(results):
        open_results = [key for key, each in results.items() if each.differences and not each.remedy]
        if not open_results:
            return
        other_results: Results = {key: Result(*key) for key in results}
        _compare(other_results, answers, cloud, open_fake(overrides))
        for key in open_results:
            if not other_results[key].differences:
                results[key].remedy = " ".join(options_of(overrides))
