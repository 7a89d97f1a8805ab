"""What the tests of pipelines share: a cloud to log in at by an application credential, and the faults to put in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pytest

from fake_nova.testing.fake_nova import FakeNova

#: Name -> the effect of a fault.
FAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "503": {"status": 503, "retry_after": 1},
    "500": {"status": 500},
    "429": {"status": 429, "retry_after": 1},
    "reset": {"connection": "reset"},
    "cut": {"connection": "cut"},
    "malformed": {"body": "malformed"},
    "expired": {"token": "expired"},
    "delay": {"delay": 0.02},
}

#: Fault -> the error of keystoneauth, which openstacksdk and openstackclient show.
ERRORS: Final[Mapping[str, str]] = {
    "503": "The server is currently unavailable",
    "500": "Unexpected API Error",
    "429": "This request was rate-limited",
    "reset": "Unable to establish connection",
    "cut": "Unexpected exception for http",
}

CREDENTIAL: Final = {"id": "c" * 32, "name": "pipeline", "secret": "pipeline-secret", "user": "demo"}

#: The variables with which a client logs in by it, besides ``OS_AUTH_URL``.
LOGIN: Final[Mapping[str, str]] = {
    "OS_AUTH_TYPE": "v3applicationcredential",
    "OS_APPLICATION_CREDENTIAL_ID": CREDENTIAL["id"],
    "OS_APPLICATION_CREDENTIAL_SECRET": CREDENTIAL["secret"],
    "OS_REGION_NAME": "RegionOne",
    "OS_IDENTITY_API_VERSION": "3",
}


@contextmanager
def cloud_with_credential(folder: Path, **settings: Any) -> Iterator[FakeNova]:
    """Run a cloud with the default fixtures and `CREDENTIAL`, which it reads from a file in *folder*."""
    file = folder / "credentials.json"
    file.write_text(json.dumps({"application_credentials": [CREDENTIAL]}), encoding="utf-8")
    with FakeNova(fixtures=("default", str(file)), auth_strategy="keystone", **settings) as running:
        yield running


def begin(cloud: FakeNova) -> None:
    """Let a pipeline begin: the plan is slow, and each poll ends one of its steps."""
    cloud.reset()
    cloud.plans.use("slow")
    cloud.clock.auto()


def add_fault(cloud: FakeNova, operation: str, fault: str, nth: int = 1) -> None:
    """Let the *nth* request for an operation meet a fault."""
    cloud.faults.add(operation=operation, nth=nth, times=1, **FAULTS[fault])


def check_answers(cloud: FakeNova) -> None:
    """Check that only requests with a fault met a failure of the service."""
    assert [entry for entry in cloud.requests.all(status="5*") if not entry["fault"]] == []


def record_sleeps(monkeypatch: pytest.MonkeyPatch, *modules: str) -> list[float]:
    """Let modules of a client not sleep; return the list of the seconds that they want to."""
    sleeps: list[float] = []
    clock = SimpleNamespace(sleep=sleeps.append, time=time.time)
    for module in modules:
        monkeypatch.setattr(f"{module}.time", clock)
    return sleeps
