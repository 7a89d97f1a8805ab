"""The table of rules: each finds a difference of its own, which no other one finds."""

from __future__ import annotations

import pytest

from fake_nova.verification import parts
from fake_nova.verification.rules import RULES
from tests.verification.plants import PLANTS
from tests.verification.sides import compared, different_rules, fake_side, planted

ALL_RULES = [
    (service, name)
    for service, rules in RULES.items()
    for name in (*(rule.name for rule in rules), *parts.names(service))
]


def test_names_of_rules_are_different_and_each_has_a_plant() -> None:
    assert len(set(ALL_RULES)) == len(ALL_RULES)
    assert sorted(PLANTS) == sorted(ALL_RULES)


def test_a_cloud_like_the_fake_has_no_difference_and_every_rule_is_asked() -> None:
    results = compared(fake_side(), fake_side())
    assert {result.outcome for result in results.values()} == {"same"}
    assert sum(result.questions for result in results.values() if not result.is_part) >= 300


@pytest.mark.parametrize(("service", "rule"), PLANTS, ids=lambda text: text)
def test_a_planted_difference_is_found_by_its_rule_alone(service: str, rule: str) -> None:
    assert different_rules(planted(PLANTS[service, rule])) == [(service, rule)]
