"""The flavors that a caller may use."""

from __future__ import annotations

from fake_nova.cloud.flavors import Flavor
from fake_nova.wire.context import Context


def may_use(context: Context, flavor: Flavor) -> bool:
    """Return whether the caller may see a flavor, and create servers with it."""
    return context.caller.is_admin or flavor.is_visible_to(context.caller.project_id)
