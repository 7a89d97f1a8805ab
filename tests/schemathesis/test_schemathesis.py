"""schemathesis finds nothing in the admin API with all its checks, and nothing in the emulated services.

Each run has a fixed seed, few examples, and a limit in seconds for slow machines.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from schemathesis.checks import CHECKS, load_all_checks

from fake_nova import FakeNova
from fake_nova.apis.admin import images, requests
from fake_nova.documents import seed_builder
from fake_nova.documents.faker_images import generate_images

ROOT: Final = Path(__file__).parents[2]

#: The limit of each run.
SECONDS: Final = 45

#: Check of schemathesis that is off for the admin API -> the reason. `tests.schemathesis.checks` replaces each.
NOT_FOR_THE_ADMIN_API: Final[Mapping[str, str]] = {
    "positive_data_acceptance": "the admin API also refuses what no schema can state",
    "allow_header_conformance": "an image may have the name generate, so its path has the methods of an image",
}

#: Checks of schemathesis that are on for the emulated services.
FOR_EMULATED_SERVICES: Final = (
    *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
    *("response_headers_conformance", "response_schema_conformance"),
)

#: Check of schemathesis that is off for the emulated services -> the reason.
NOT_FOR_EMULATED_SERVICES: Final[Mapping[str, str]] = {
    "negative_data_rejection": "Nova ignores unknown parameters, and Keystone unknown keys",
    "positive_data_acceptance": "the services refuse by rules of their own, which the tests of each API state",
    "missing_required_header": "no header is required in the document: noauth needs no token",
    "unsupported_method": "Nova has no 405",
    "allow_header_conformance": "the real services allow methods that the route tables do not have",
    "use_after_free": "Nova shows a deleted image for a while",
    "ensure_resource_availability": "with a plan, an image is not there at once",
    "ignored_auth": "noauth accepts every token",
    "object_level_authorization": "noauth has no users",
}


@pytest.fixture(autouse=True)
def _short_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a million images and a minute of waiting out of the test."""

    def generate_few(count: int, *arguments: Any) -> Any:
        return generate_images(min(count, 3), *arguments)

    monkeypatch.setattr(images, "generate_images", generate_few)
    monkeypatch.setattr(seed_builder, "generate_images", generate_few)
    monkeypatch.setattr(requests, "MAX_WAIT_SECONDS", 0.02)


def run_schemathesis(folder: Path, url: str, *options: str) -> None:
    """Run the command of schemathesis; the test fails with its report if it finds a failure."""
    command = (sys.executable, "-m", "schemathesis.cli", "run", url, *options)
    common = ("--seed", "1", "--max-examples", "2", "--max-time", str(SECONDS), "--no-color")
    done = subprocess.run(
        [*command, *common, "--generation-database", "none", "--warnings", "off"],
        cwd=folder,  # it writes a folder .schemathesis
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.schemathesis.checks", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout


def test_it_finds_nothing_in_the_admin_api(tmp_path: Path) -> None:
    exclusions = ",".join(NOT_FOR_THE_ADMIN_API)
    with FakeNova(fixtures=("default",)) as nova:
        run_schemathesis(
            tmp_path, f"{nova.url}/_admin/openapi.json", "--checks", "all", "--exclude-checks", exclusions
        )


def test_it_finds_nothing_in_the_emulated_services(tmp_path: Path) -> None:
    with FakeNova(fixtures=("default",), dialect="nova") as nova:
        url = f"{nova.url}/_admin/openapi-emulated.json"
        run_schemathesis(tmp_path, url, "--checks", ",".join(FOR_EMULATED_SERVICES))


def test_each_check_is_on_or_off_with_a_reason() -> None:
    load_all_checks()
    names = set(CHECKS.get_all_names())
    assert names == {*FOR_EMULATED_SERVICES, *NOT_FOR_EMULATED_SERVICES}
    assert set(NOT_FOR_THE_ADMIN_API) <= names
