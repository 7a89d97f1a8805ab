"""Which plans were chosen in a cloud, and which of them clients saw at work: a strict test needs both."""

from __future__ import annotations

from enum import StrEnum
from types import EllipsisType
from typing import Final, NamedTuple

from fake_nova.cloud.plans import Assignment


class Followers(StrEnum):
    """What follows a plan, in words."""

    IMAGE = "an image"
    SERVER = "a server"
    ANY = "an image or a server"


class ChosenPlan(NamedTuple):
    """A plan that somebody chose.

    Attributes:
        name: the name of the plan.
        followers: what it was chosen for.
    """

    name: str
    followers: Followers


def choices_of(
    default: str | EllipsisType | None,
    assignments: tuple[Assignment, ...] | EllipsisType,
    default_server_plan: str | EllipsisType | None,
) -> list[ChosenPlan]:
    """Return the plans that the arguments of `Lifecycle.assign` choose."""
    rules = () if assignments is ... else assignments
    choices = [ChosenPlan(rule.plan, Followers.IMAGE) for rule in rules]
    for name, followers in ((default, Followers.ANY), (default_server_plan, Followers.SERVER)):
        if isinstance(name, str):
            choices.append(ChosenPlan(name, followers))
    return choices


class PlanUse:
    """The plans that were chosen in one generation of a cloud, and those that clients saw at work."""

    def __init__(self) -> None:
        self._choices: Final[set[ChosenPlan]] = set()
        self._observed_names: Final[dict[Followers, set[str]]] = {each: set() for each in Followers}

    def choose(self, *choices: ChosenPlan) -> None:
        """Note that plans were given to images, to servers or to assignments."""
        self._choices.update(choices)

    def observe(self, name: str, followers: Followers) -> None:
        """Note that a client polled a follower of a plan, or that the plan ended at once."""
        self._observed_names[followers].add(name)

    def unobserved(self) -> list[ChosenPlan]:
        """Return the chosen plans of which clients saw no follower, by name; each for what it was chosen for.

        A default plan that an image or a server got is not repeated as one for both.
        """
        names = self._observed_names
        observed_by = {**names, Followers.ANY: names[Followers.IMAGE] | names[Followers.SERVER]}
        missing = [each for each in self._choices if each.name not in observed_by[each.followers]]
        general = {each for each in missing if each.followers is Followers.ANY}
        precise = set(missing) - general
        names_of_precise = {each.name for each in precise}
        return sorted([*precise, *(each for each in general if each.name not in names_of_precise)])
