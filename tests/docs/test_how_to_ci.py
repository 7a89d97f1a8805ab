"""The how-to pages on CI: the shell lines of their configurations run as the CI system runs them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.docs.pages import DOCS, clean_environment, read_blocks

#: Page -> the configuration in it, and the shell in which its CI system runs lines.
CI_PAGES: Final = {
    "gitlab-ci.md": (".gitlab-ci.yml", "bash -eo pipefail -c"),
    "github-actions.md": (".github/workflows/tests.yml", "bash -e -c"),
    "jenkins.md": ("Jenkinsfile", "sh -xe -c"),
}


def scripts(name: str, text: str) -> list[str]:
    """Return the scripts of a configuration; each runs in a shell of its own."""
    if name == "Jenkinsfile":
        return re.findall(r"sh '''\n(.*?)'''", text, re.DOTALL)
    document: dict[str, Any] = yaml.safe_load(text)
    if name == ".gitlab-ci.yml":
        return ["\n".join(job["script"]) for job in document.values() if isinstance(job, dict)]
    (job,) = document["jobs"].values()
    return [step["run"] for step in job["steps"] if "run" in step]


@pytest.mark.parametrize("page", CI_PAGES)
def test_the_shell_lines_of_a_page_run(page: str, tmp_path: Path) -> None:
    name, shell = CI_PAGES[page]
    files = {block.file: block.code for block in read_blocks(DOCS / "how-to" / page)}
    assert set(files) == {name, "test_images.py"}
    (tmp_path / "test_images.py").write_text(files["test_images.py"], encoding="utf-8")
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "pip").write_text("#!/bin/sh\necho pip $*\n", encoding="utf-8")  # nothing is installed
    (commands / "pip").chmod(0o755)
    environment = clean_environment(tmp_path)
    environment["PATH"] = f"{commands}:{environment['PATH']}"
    output = ""
    for script in scripts(name, files[name]):
        result = subprocess.run(
            [*shell.split(), script],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        output += result.stdout
    assert "pip install -r requirements.txt" in output
    assert " 1 passed " in output or "\n1 passed " in output
    assert "golden" in output.splitlines()
    assert " listens on http://127.0.0.1:" in (tmp_path / "fake-nova.log").read_text(encoding="utf-8")
