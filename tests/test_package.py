"""What the package says about itself. scripts/package builds the wheel and the sdist, and uses both."""

from __future__ import annotations

import hashlib
import re
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"

CONFIG = ConfigParser()
CONFIG.read(ROOT / "setup.cfg", encoding="utf-8")


def jobs() -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    return dict(workflow["jobs"])


def test_the_licence_file_has_the_whole_text_of_the_licence_in_the_metadata() -> None:
    metadata = CONFIG["metadata"]
    assert (metadata["license"], metadata["license_files"]) == ("Apache-2.0", "LICENSE")
    # The sum of the text that the Apache Software Foundation publishes, and many packages contain.
    assert hashlib.md5((ROOT / "LICENSE").read_bytes()).hexdigest() == "3b83ef96387f14655fc854ddc3c6bd57"


def test_the_classifiers_name_the_pythons_that_the_public_workflow_tests() -> None:
    versions = re.findall(
        r"^Programming Language :: Python :: (3\.\d+)$", CONFIG["metadata"]["classifiers"], re.M
    )
    assert versions == jobs()["test"]["strategy"]["matrix"]["python"]


def test_the_public_workflow_runs_scripts_that_exist() -> None:
    commands = [step["run"] for job in jobs().values() for step in job["steps"] if "run" in step]
    assert commands
    for command in commands:
        assert (ROOT / command.split()[0]).is_file(), command
