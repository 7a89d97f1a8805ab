"""The rules of Keystone's API: versions, the catalogue, the token, errors."""

from __future__ import annotations

from typing import Final

from fake_nova.verification import views
from fake_nova.verification.questions import Question, Rule

RULES: Final = (
    Rule("list of versions", lambda _: [Question("/", caller="none")], views.identity_versions),
    Rule("version document", lambda _: [Question("/v3", caller="none")], views.document),
    Rule("newest version", lambda _: [Question("/v3", caller="none")], views.versions),
    Rule("catalogue", lambda _: ["/v3/auth/catalog"], views.catalog),
    Rule(
        "one's own token",
        lambda _: [Question("/v3/auth/tokens", (("X-Subject-Token", "{token}"),))],
        views.token,
    ),
    Rule(
        "unknown token",
        lambda _: [Question("/v3/auth/tokens", (("X-Subject-Token", "gAAAAABunknown"),))],
        views.whole,
    ),
    Rule("no token", lambda _: [Question("/v3/projects", caller="none")], views.whole),
    Rule("no route", lambda _: ["/v3/nothing"], views.whole),
    Rule("API v2.0", lambda _: [Question("/v2.0", caller="none")], views.whole),
)
