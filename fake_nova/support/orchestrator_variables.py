"""Variables that Kubernetes and Docker set for a service or container called ``fake-nova``."""

from __future__ import annotations

import re
from typing import Final

_VARIABLE: Final = re.compile(
    r"FAKE_NOVA_((.*_)?SERVICE_HOST|(.*_)?SERVICE_PORT(_.*)?|(.*_)?PORT_[0-9]+_[A-Z]+(_.*)?)"
)


def is_set_by_orchestrator(name: str, value: str) -> bool:
    """Return whether Kubernetes or Docker set a variable, so that it is not a setting.

    Kubernetes sets ``FAKE_NOVA_PORT=tcp://10.0.0.1:8774`` for a service ``fake-nova``, and Docker for a link.
    """
    return _VARIABLE.fullmatch(name) is not None or (name.endswith("_PORT") and "://" in value)
