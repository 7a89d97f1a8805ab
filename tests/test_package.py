"""What the package says about itself. scripts/package builds the wheel and the sdist, and uses both."""

from __future__ import annotations

import hashlib
import re
import shlex
from configparser import ConfigParser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from fake_nova import cli

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
        assert command.startswith("docker compose ") or (ROOT / command.split()[0]).is_file(), command


def test_the_extras_that_messages_and_the_documentation_name_exist() -> None:
    files = [*(ROOT / "fake_nova").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), ROOT / "README.md"]
    texts = [path.read_text(encoding="utf-8") for path in files]
    extras = {extra for text in texts for extra in re.findall(r"fake_nova\[([a-z]+)\]", text)}
    assert {"granian", "tls"} <= extras <= set(CONFIG["options.extras_require"])
    assert "trustme>=1.2.0" in CONFIG.get("options.extras_require", "tls", raw=True).split()


FOR_CONTRIBUTORS = (
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *(ROOT / "docs" / "explanation" / "decisions").glob("*.md"),
)


@pytest.mark.parametrize("path", FOR_CONTRIBUTORS, ids=lambda path: path.name)
def test_what_a_file_for_contributors_names_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    files = re.findall(r"`((?:scripts|tests|fake_nova|fixtures|\.ci)/[\w./*-]*)`", text)
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    modules = re.findall(r"`(fake_nova(?:\.\w+)+)`", text)
    assert [name for name in files if not any(ROOT.glob(name))] == []
    assert [link for link in links if not (path.parent / link).exists()] == []
    for module, _, name in [each.rpartition(".") for each in modules]:
        assert name in dir(import_module(module)) or find_spec(f"{module}.{name}"), (module, name)


def test_contributors_read_about_every_decision() -> None:
    decisions = ROOT / "docs" / "explanation" / "decisions"
    index = (decisions / "index.md").read_text(encoding="utf-8")
    records = [path for path in decisions.glob("*.md") if path.name != "index.md"]
    for path in records:
        assert f"]({path.name})" in index
        headings = re.findall(r"^\*\*(\w+)\.\*\*", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path


def test_the_hook_for_other_projects_checks_their_fixtures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    names = [
        "tests/fake-nova/a.yaml",
        "fake_nova.json",
        "tests/fake_nova_images.yml",
        "docs/a.yaml",
        "my.yaml",
    ]
    assert [name for name in names if re.search(hook["files"], name)] == names[:3]
    path = tmp_path / "fake_nova.yaml"
    path.write_text("images: [{name: mine, status: actve}]\n")
    command, *arguments = shlex.split(hook["entry"])
    assert command == "fake-nova"
    assert cli.main([*arguments, str(path), str(path)]) == 2
    assert f'{path}:1:23: images[0].status: invalid value (got "actve")' in capsys.readouterr().err


def test_the_quick_checks_of_pre_commit_are_those_of_the_test_script() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    script = (ROOT / "scripts" / "test").read_text(encoding="utf-8")
    for hook in config["repos"][0]["hooks"]:
        command, *_ = shlex.split(hook["entry"])
        name = command.removeprefix(".venv/")
        assert name in {"scripts/test", "bin/fake-nova"} or f'"$folder/{name}"' in script, hook
