"""The table of all rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fake_nova.verification import (
    compute_filter_rules,
    compute_rules,
    flavor_rules,
    identity_rules,
    image_filter_rules,
    image_rules,
    server_rules,
)
from fake_nova.verification.questions import Rule

#: Service -> its rules, in the order of the report.
RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "compute": (
        *compute_rules.LIST_RULES,
        *compute_filter_rules.FILTER_RULES,
        *compute_rules.IMAGE_RULES,
        *compute_rules.PATH_RULES,
        *compute_rules.VERSION_RULES,
        *server_rules.LIST_RULES,
        *server_rules.FILTER_RULES,
        *server_rules.SERVER_RULES,
        *flavor_rules.FLAVOR_RULES,
        *flavor_rules.KEYPAIR_RULES,
        *flavor_rules.LIMIT_RULES,
    ),
    "image": (*image_rules.LIST_RULES, *image_filter_rules.FILTER_RULES, *image_rules.IMAGE_RULES),
    "identity": identity_rules.RULES,
}
