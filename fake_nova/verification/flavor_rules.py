"""The rules of flavors, key pairs, limits, quotas, extensions and zones, as far as they are read."""

from __future__ import annotations

from typing import Final

from fake_nova.verification import compute_views, views
from fake_nova.verification.compute_rules import UNKNOWN_PROJECT
from fake_nova.verification.questions import Question, Rule, query
from fake_nova.verification.samples import Samples
from fake_nova.verification.server_rules import in_version

_FLAVORS: Final = "/v2.1/flavors"
_KEYPAIRS: Final = "/v2.1/os-keypairs"

_CONTENT: Final = compute_views.content("flavors")


def _each(parameter: str, *values: str) -> list[str]:
    """Return lists of flavors with one parameter, for each of these values."""
    return [query(_FLAVORS, (parameter, value)) for value in values]


def _flavors(samples: Samples, end: str = "") -> list[str]:
    return [f"{_FLAVORS}/{each}{end}" for each in samples.compute.flavor_ids()[:1]]


def _keypairs(samples: Samples, end: str = "") -> list[str]:
    return [f"{_KEYPAIRS}/{name}{end}" for name in samples.compute.keypair_names()[:1]]


def _in_versions(paths: list[str], *versions: str) -> list[Question]:
    return [in_version(version, path) for version in versions for path in paths]


FLAVOR_RULES: Final = (
    Rule("flavors: which are listed", lambda _: [_FLAVORS], _CONTENT),
    Rule("flavors: order of lists", lambda _: [f"{_FLAVORS}/detail"], compute_views.sequence("flavors")),
    Rule(
        "flavors: pages",
        lambda s: [Question(f"{_FLAVORS}?limit=1", pages=2) for _ in s.compute.flavor_ids()[:1]],
        compute_views.sequence("flavors"),
    ),
    Rule(
        "flavors: marker",
        lambda s: _each("marker", *s.compute.flavor_ids()[:1]),
        compute_views.sequence("flavors"),
    ),
    Rule("flavors: unknown marker", lambda _: _each("marker", "fake-nova-unknown"), views.whole),
    Rule("flavors: invalid limit", lambda _: _each("limit", "abc", "-1"), views.whole),
    Rule("flavors: filter minRam", lambda _: _each("minRam", "513", "999999"), _CONTENT),
    Rule("flavors: filter minDisk", lambda _: _each("minDisk", "2", "999999"), _CONTENT),
    Rule("flavors: invalid minRam", lambda _: _each("minRam", "abc", "1.5"), views.whole),
    Rule("flavors: is_public", lambda _: _each("is_public", "None", "false"), _CONTENT),
    Rule(
        "flavors: sort by name",
        lambda _: [query(_FLAVORS, ("sort_key", "name"), ("sort_dir", "desc"))],
        compute_views.sequence("flavors"),
    ),
    Rule("flavors: unknown direction", lambda _: _each("sort_dir", "up"), views.whole),
    Rule(
        "flavors: one flavor",
        lambda s: _in_versions(_flavors(s), "2.1", "2.55", "2.61", "2.75"),
        views.status,
    ),
    Rule("flavors: unknown flavor", lambda _: [f"{_FLAVORS}/fake-nova-unknown"], views.whole),
    Rule("flavors: extra specs", lambda s: _flavors(s, "/os-extra_specs"), views.whole),
    Rule("flavors: unknown extra spec", lambda s: _flavors(s, "/os-extra_specs/fake-nova"), views.whole),
)

KEYPAIR_RULES: Final = (
    Rule("key pairs: which are listed", lambda _: [_KEYPAIRS], compute_views.sequence("keypairs")),
    Rule("key pairs: one key pair", lambda s: _in_versions(_keypairs(s), "2.1", "2.2"), views.status),
    Rule("key pairs: unknown key pair", lambda _: [f"{_KEYPAIRS}/fake-nova-unknown"], views.whole),
    Rule(
        "key pairs: pages since 2.35",
        lambda _: [in_version("2.40", f"{_KEYPAIRS}?limit=1")],
        compute_views.sizes("keypairs"),
    ),
    Rule("key pairs: no pages before", lambda _: [f"{_KEYPAIRS}?limit=1"], compute_views.sizes("keypairs")),
    Rule(
        "key pairs: unknown marker", lambda _: [in_version("2.40", f"{_KEYPAIRS}?marker=nope")], views.whole
    ),
    Rule("key pairs: other users", lambda _: [in_version("2.10", f"{_KEYPAIRS}?user_id=nope")], views.status),
)

_LIMITS: Final = "/v2.1/limits"


def _quotas(samples: Samples, end: str = "") -> list[str]:
    return [f"/v2.1/os-quota-sets/{samples.project_id}{end}"]


LIMIT_RULES: Final = (
    Rule("limits: maxima", lambda _: [_LIMITS], compute_views.maxima),
    Rule("limits: in use", lambda _: [_LIMITS], compute_views.usage),
    Rule(
        "limits: by microversion",
        lambda _: _in_versions([_LIMITS], "2.37", "2.40", "2.57"),
        compute_views.names_of_limits,
    ),
    Rule("limits: other projects", lambda _: [f"{_LIMITS}?tenant_id={UNKNOWN_PROJECT}"], views.status),
    Rule("quotas: one's own", _quotas, views.whole),
    Rule(
        "quotas: by microversion",
        lambda s: _in_versions(_quotas(s), "2.37", "2.57"),
        compute_views.names_of_quotas,
    ),
    Rule("quotas: the defaults", lambda s: _quotas(s, "/defaults"), compute_views.names_of_quotas),
    Rule("quotas: other projects", lambda _: [f"/v2.1/os-quota-sets/{UNKNOWN_PROJECT}"], views.status),
    Rule("extensions", lambda _: ["/v2.1/extensions"], compute_views.aliases),
    Rule("one extension", lambda _: ["/v2.1/extensions/os-keypairs"], views.whole),
    Rule("unknown extension", lambda _: ["/v2.1/extensions/fake-nova"], views.whole),
    Rule("availability zones", lambda _: ["/v2.1/os-availability-zone"], compute_views.names_of_keys),
    Rule("details of availability zones", lambda _: ["/v2.1/os-availability-zone/detail"], views.status),
)
