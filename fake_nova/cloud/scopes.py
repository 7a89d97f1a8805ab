"""Scopes, which are projects with clouds of their own, and the places of clouds on the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from fake_nova.cloud.cloud import Cloud, InitialState
from fake_nova.cloud.directory import Project, User
from fake_nova.cloud.tokens import Token
from fake_nova.settings import Settings


class Scope(NamedTuple):
    """A project with a cloud of its own on a shared server.

    Attributes:
        project: the project whose requests work in the scope's cloud.
        user: a user of the project, to log in with.
        settings: the settings of its cloud, unless the cloud's fixtures bring others with them.
    """

    project: Project
    user: User
    settings: Settings


@dataclass(slots=True)
class CloudSlot:
    """One of the clouds of a server: its present generation, and what outlives a reset.

    Attributes:
        scope: the scope; None for the shared cloud.
        initial_state: the state to which a reset returns.
        cloud: the present generation.
        load_count: how often fixtures were loaded after the start.
    """

    scope: Scope | None
    initial_state: InitialState
    cloud: Cloud
    load_count: int = 0


class TokenMatch(NamedTuple):
    """A valid token, and the cloud that issued it."""

    cloud: Cloud
    token: Token
