"""``--write``: the steps with images of one's own, and what is left of them."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from random import Random

import pytest

from fake_nova.errors import CloudFailure
from fake_nova.verification import writing
from fake_nova.verification.fake_side import FakeSide, with_identity
from fake_nova.verification.questions import Question
from fake_nova.verification.sides import Asker, Reply
from fake_nova.verification.write_rules import PREFIX, draw_images, steps
from tests.verification.database_rows import WRITE_ROWS
from tests.verification.sides import ALICE, NOW, different_rules

#: The steps of a run.
STEPS = steps(draw_images())


def new_side(**settings: str) -> FakeSide:
    document, password = with_identity({"projects": [], "users": []}, ALICE)
    return FakeSide(document, ALICE, password, **settings)


def open_fake(overrides: Mapping[str, str]) -> Asker:
    asker = Asker(new_side(**overrides), NOW)
    asker.read_lists()
    return asker


class WatchedSide:
    """A side that calls a function around each request."""

    def __init__(self, side: FakeSide, around: Callable[[Question, Callable[[], Reply]], Reply]) -> None:
        self.side = side
        self.roots: Mapping[str, str] = side.roots
        self.questions: list[Question] = []
        self._around = around

    def token(self) -> str:
        return self.side.token()

    def send(self, service: str, question: Question) -> Reply:
        self.questions.append(question)
        return self._around(question, lambda: self.side.send(service, question))

    def images(self) -> list[str]:
        """Return the names of all images and key pairs."""
        body = json.loads(self.side.send("image", Question("/v2/images?limit=100")).content)
        keypairs = json.loads(self.side.send("compute", Question("/v2.1/os-keypairs")).content)["keypairs"]
        names = [image["name"] for image in body["images"]]
        return [*names, *(each["keypair"]["name"] for each in keypairs)]


def ask(cloud: WatchedSide) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    results, leftovers = writing.verify_writes(Asker(cloud, NOW), open_fake, lambda: None)
    return different_rules(results), leftovers


def unwatched(side: FakeSide) -> WatchedSide:
    return WatchedSide(side, lambda _, send: send())


def test_a_cloud_like_the_fake_has_no_difference_and_keeps_no_image() -> None:
    cloud = unwatched(new_side())
    assert ask(cloud) == ([], ())
    assert cloud.images() == []


def test_all_names_say_whose_they_are_and_all_images_are_private() -> None:
    bodies = [json.loads(step.question.body or "{}") for step in STEPS if step.question.method == "POST"]
    creations = [body for body in bodies if "name" in body]
    keypairs = [body["keypair"] for body in bodies if body.get("keypair")]
    assert {body["name"].startswith(PREFIX) for body in (*creations, *keypairs)} == {True}
    assert {body["visibility"] for body in creations} <= {"private", "secret"}


def test_the_database_is_found_where_names_and_keys_differ_in_capitals() -> None:
    results, _ = writing.verify_writes(
        Asker(new_side(database="sqlite"), NOW),
        lambda more: open_fake({"database": "mariadb", **more}),
        lambda: None,
    )
    assert different_rules(results) == list(WRITE_ROWS)
    assert {result.remedy for result in results.values() if result.differences} == {"--database sqlite"}


@pytest.mark.parametrize(
    "number",
    [
        next(i for i, s in enumerate(STEPS) if (s.service, s.rule) == key)
        for key in dict.fromkeys((s.service, s.rule) for s in STEPS)
    ],
)
def test_another_answer_to_a_step_is_found_by_its_rule_alone(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "candidates", lambda _: ())  # no setting makes a fake agree

    def around(question: Question, send: Callable[[], Reply]) -> Reply:
        reply = send()
        if len(cloud.questions) != number + 1:
            return reply
        return reply._replace(status=400 if reply.status < 400 else 204, content=b"")

    cloud = WatchedSide(new_side(), around)
    assert ask(cloud) == ([(STEPS[number].service, STEPS[number].rule)], ())


@pytest.mark.parametrize("seed", range(10))
def test_a_signal_at_any_moment_leaves_no_image(seed: int) -> None:
    random = Random(seed)
    number = random.randrange(len(STEPS))
    is_after = random.random() < 0.5

    def around(question: Question, send: Callable[[], Reply]) -> Reply:
        is_now = len(cloud.questions) == number + 1
        if is_now and not is_after:
            signal.raise_signal(random.choice((signal.SIGINT, signal.SIGTERM)))
        reply = send()
        if is_now and is_after:
            signal.raise_signal(signal.SIGINT)
        return reply

    cloud = WatchedSide(new_side(), around)
    handler = signal.getsignal(signal.SIGINT)
    with pytest.raises(CloudFailure, match="stopped by SIG"):
        ask(cloud)
    assert cloud.images() == []
    assert signal.getsignal(signal.SIGINT) is handler


def test_a_lost_connection_leaves_no_image() -> None:
    def around(question: Question, send: Callable[[], Reply]) -> Reply:
        reply = send()
        if question.method == "PUT":
            raise CloudFailure("mine: cannot be reached")
        return reply

    cloud = WatchedSide(new_side(), around)
    with pytest.raises(CloudFailure, match=r"^mine: cannot be reached$"):
        ask(cloud)
    assert cloud.images() == []


def test_what_cannot_be_removed_is_listed() -> None:
    def around(question: Question, send: Callable[[], Reply]) -> Reply:
        return Reply(403, [], b"no") if question.method == "DELETE" else send()

    cloud = WatchedSide(new_side(), around)
    _, leftovers = ask(cloud)
    assert [leftover.partition(" ")[0] for leftover in leftovers] == ["image"] * 4 + ["key"] * 2
    assert all(f"{PREFIX}" in leftover and leftover.endswith("(status 403)") for leftover in leftovers)
