"""Quotas of a project that servers take from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fake_nova.apis.nova_common.errors import NovaError


class QuotaRow(NamedTuple):
    """One quota: what a server needs of it, what is used, and the limit; -1 for none."""

    name: str
    need: int
    in_use: int
    limit: int

    def affordable_count(self, maximum: int) -> int:
        """Return how many servers, at most *maximum*, the quota leaves room for."""
        if self.limit < 0 or self.need == 0:
            return maximum
        return min(maximum, (self.limit - self.in_use) // self.need)


def quota_error(exceeded_rows: Iterable[tuple[QuotaRow, str]]) -> NovaError:
    """Return the error about quotas that a request exceeds.

    Args:
        exceeded_rows: each exceeded quota, and how much of it the request wants.
    """
    rows, requested = zip(*exceeded_rows, strict=True)
    names = ", ".join(row.name for row in rows)
    in_use = ", ".join(str(row.in_use) for row in rows)
    limits = ", ".join(str(row.limit) for row in rows)
    problem = f"Requested {', '.join(requested)}, but already used {in_use} of {limits} {names}"
    return NovaError(403, f"Quota exceeded for {names}: {problem}")
