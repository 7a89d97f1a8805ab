"""Two sides in this process: a fake that answers otherwise in one way, and a fake that does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fake_nova.verification.compute_samples import ComputeSamples
from fake_nova.verification.fake_side import FakeSide, Identity, with_identity
from fake_nova.verification.questions import Answer, Question
from fake_nova.verification.rules import RULES
from fake_nova.verification.samples import Samples
from fake_nova.verification.sides import Asker, Reply
from fake_nova.verification.verification import Results, Verification
from tests.verification.planting import Plant, with_first_link

FIXTURE = Path(__file__).parent.parent / "against_openstack" / "cloud.yaml"
SERVERS = Path(__file__).parent.parent / "recording" / "servers.yaml"

NOW = datetime.now(UTC)

ALICE = Identity(
    user_id="a" * 32,
    user_name="alice",
    user_domain=("default", "Default"),
    project_id="9c53a566cb3443ab910cf0daebca90c4",
    project_name="alice-project",
    project_domain=("default", "Default"),
    roles=("member",),
)


@cache
def document() -> dict[str, Any]:
    contents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (FIXTURE, SERVERS)]
    merged = {key: value for content in contents for key, value in content.items()}
    content: dict[str, Any] = json.loads(json.dumps(merged, default=lambda moment: moment.isoformat()))
    return content


@cache
def fake_side(**settings: str) -> FakeSide:
    with_alice, password = with_identity(document(), ALICE)
    return FakeSide(with_alice, ALICE, password, **settings)


class PlantedSide:
    """A side that answers as another one, but for a plant."""

    def __init__(self, side: FakeSide, plant: Plant) -> None:
        self.roots: Mapping[str, str] = side.roots
        self._side = side
        self._plant = plant

    def token(self) -> str:
        return self._side.token()

    def send(self, service: str, question: Question) -> Reply:
        planted_question = self._plant.question(service, question)
        reply = self._side.send(service, planted_question)
        if planted_question != question:
            reply = with_first_link(reply, self._side.send(service, question))
        return self._plant.reply(service, question, reply)


class _PlantedAsker(Asker):
    """An asker that remembers the answers to questions that a plant does not touch."""

    def __init__(self, side: FakeSide, plant: Plant) -> None:
        super().__init__(PlantedSide(side, plant), NOW)
        self._original = side
        self._plant = plant

    def ask(self, service: str, question: Question) -> list[Answer]:
        if self._plant.touches(service, question):
            return super().ask(service, question)
        return _remembered(self._original, service, question)


@cache
def _unplanted(side: FakeSide) -> Asker:
    asker = Asker(side, NOW)
    asker.read_lists()
    return asker


@cache
def _remembered(side: FakeSide, service: str, question: Question) -> list[Answer]:
    return _unplanted(side).ask(service, question)


class _RememberingAsker(Asker):
    def __init__(self, side: FakeSide) -> None:
        super().__init__(side, NOW)
        self._original = side

    def ask(self, service: str, question: Question) -> list[Answer]:
        return _remembered(self._original, service, question)


def samples_of(asker: Asker) -> Samples:
    orders = asker.orders
    images = document()["images"]
    compute = ComputeSamples(
        [server for server in document()["servers"] if server["id"] in orders["servers"].ids],
        [flavor for flavor in document()["flavors"] if flavor.get("is_public", True)],
        [keypair for keypair in document()["keypairs"] if keypair["user"] == "alice"],
    )
    return Samples(
        images, orders["compute"].ids, orders["image"].ids, ALICE.project_id, ALICE.user_id, compute
    )


def verification_of(cloud: Asker, fake: Asker) -> Verification:
    for asker in (cloud, fake):
        asker.read_lists()
    return Verification(cloud, fake, samples_of(cloud), RULES)


def planted(plant: Plant) -> Results:
    """Compare a cloud with a plant in it with a fake without."""
    return verification_of(_PlantedAsker(fake_side(), plant), _RememberingAsker(fake_side())).run()


def compared(cloud: FakeSide, fake: FakeSide) -> Results:
    """Compare two fakes."""
    return verification_of(_RememberingAsker(cloud), _RememberingAsker(fake)).run()


def different_rules(results: Results) -> list[tuple[str, str]]:
    return [key for key, result in results.items() if result.outcome == "different"]
