"""Views that run one at a time: nothing changes the servers between their check and their write."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

View = Callable[[Context], Response]


def exclusive(view: View) -> View:
    """Return *view*, which runs while no action, plan, restore or other exclusive view changes servers."""

    @wraps(view)
    def run(context: Context) -> Response:
        with context.cloud.lifecycle.lock():
            return view(context)

    return run
