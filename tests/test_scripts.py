"""The scripts of the project: what they install, when they install it again, and what they report."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "scripts" / "requirements.txt").read_text(encoding="utf-8")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")

PACKAGE = re.compile(
    r"([a-z0-9-]+)==(\S+)(?: ; (.+?))? \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)


def section_of_setup_cfg(section: str, option: str) -> list[Requirement]:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", encoding="utf-8")
    requirements = [Requirement(line) for line in config[section][option].splitlines() if line]
    return [each for each in requirements if each.marker is None or each.marker.evaluate()]


RUNTIME = section_of_setup_cfg("options", "install_requires")
TEST = section_of_setup_cfg("options.extras_require", "test")
DEV = section_of_setup_cfg("options.extras_require", "dev")
PAGE = section_of_setup_cfg("options.extras_require", "page")
BUILD = [
    Requirement(text)
    for text in tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
]


def locked_versions(lock: str, python: str) -> dict[str, str]:
    """Return the locked version of each package for this Python, and check that no name appears twice."""
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    versions: dict[str, str] = {}
    for name, version, marker, _ in PACKAGE.findall(lock):
        if not marker or Marker(marker).evaluate(environment):
            assert name not in versions, name
            versions[name] = version
    return versions


def test_the_lock_file_has_only_comments_and_versions_with_hashes() -> None:
    remainder = PACKAGE.sub("", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE))
    assert remainder == ""


@pytest.mark.parametrize("python", PYTHONS)
def test_every_requirement_is_locked_to_a_version_in_its_range(python: str) -> None:
    versions = locked_versions(LOCK, python)
    for requirement in RUNTIME + DEV + BUILD:
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_serving_and_building_need_only_the_first_part_of_the_lock_file() -> None:
    first, second = LOCK.split("# Only tests, types and lint:\n")
    serving = locked_versions(first, "3.11")
    assert {canonicalize_name(requirement.name) for requirement in RUNTIME + BUILD} <= set(serving)
    assert {"pytest", "ruff", "mypy", "openstacksdk"} <= set(locked_versions(second, "3.11"))


def test_every_range_has_a_lower_bound_or_is_a_pin() -> None:
    for requirement in RUNTIME + TEST + BUILD:
        assert {spec.operator for spec in requirement.specifier} & {">=", "=="}, requirement


def test_the_documentation_names_the_scripts_for_development() -> None:
    page = (ROOT / "docs" / "explanation" / "development.md").read_text(encoding="utf-8")
    commands = (
        "scripts/test --resolution lowest",
        "scripts/test --resolution newest",
        "scripts/lock",
        "scripts/requirements.txt",
        "scripts/test-pythons",
        "scripts/test-pytests",
    )
    for command in commands:
        assert f"`{command}`" in page


class Checkout:
    """A folder with the real scripts; those that install or test can be replaced by stubs."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT / "scripts", folder / "scripts")
        shutil.copytree(ROOT / ".ci", folder / ".ci")
        for name in ("setup.cfg", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        self.folder = folder
        self.log = folder / "log"

    def write(self, path: str, script: str) -> Path:
        """Write an executable shell script to this *path*."""
        script_path = self.folder / path
        script_path.parent.mkdir(parents=True, exist_ok=True)
        script_path.write_text(f"#!/usr/bin/env bash\n{script}\n")
        script_path.chmod(0o755)
        return script_path

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def installations(self) -> list[str]:
        """Return the arguments of each pip installation since the last call."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return [line.partition(" install -qq ")[2] for line in lines]


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A checkout with an interpreter whose environments log what pip should install."""
    checkout = Checkout(tmp_path / "checkout")
    pip = checkout.write("pip", f'[ "$1" = -c ] || {{ echo "$@" >> {checkout.log}; [ -z "${{BROKEN-}}" ]; }}')
    python = checkout.write("python", f'mkdir -p "$4/bin" && cp {pip} "$4/bin/python"')
    checkout.write("scripts/find-python", f"echo {python}")
    return checkout


def test_an_environment_is_installed_once(checkout: Checkout) -> None:
    assert checkout.run("scripts/setup").stdout == ".venv\n"
    assert checkout.installations() == [
        "--require-hashes -r .venv/setuptools.txt",
        "--require-hashes --no-build-isolation -r .venv/requirements.txt",
        "--no-deps --no-build-isolation --editable .",
    ]
    assert (checkout.folder / ".venv" / "requirements.txt").read_text() == LOCK
    assert list(locked_versions((checkout.folder / ".venv" / "setuptools.txt").read_text(), "3.11")) == [
        "setuptools"
    ]
    assert checkout.run("scripts/setup").stdout == ".venv\n"
    assert checkout.installations() == []


def test_an_interrupted_installation_is_repeated(checkout: Checkout) -> None:
    assert checkout.run("scripts/setup", BROKEN="yes").returncode != 0
    assert len(checkout.installations()) == 1
    assert checkout.run("scripts/setup").stdout == ".venv\n"
    assert len(checkout.installations()) == 3


@pytest.mark.parametrize("file", ["setup.cfg", "pyproject.toml", "scripts/requirements.txt"])
def test_a_changed_file_recreates_the_environment(checkout: Checkout, file: str) -> None:
    checkout.run("scripts/setup")
    checkout.installations()
    with (checkout.folder / file).open("a") as stream:
        stream.write("# a change\n")
    checkout.run("scripts/setup")
    assert len(checkout.installations()) == 3


def test_lowest_installs_the_lower_bound_of_every_range(checkout: Checkout) -> None:
    assert checkout.run("scripts/setup", "--resolution", "lowest").stdout == ".venv-lowest\n"
    constraints = (checkout.folder / ".venv-lowest" / "lowest.txt").read_text().splitlines()
    lowest = {
        f"{requirement.name}=={end.version}"
        for requirement in RUNTIME + TEST
        for end in requirement.specifier
        if end.operator == ">="
    }
    assert lowest <= set(constraints)
    assert checkout.installations() == [
        "-c .venv-lowest/lowest.txt setuptools",
        "-c .venv-lowest/lowest.txt --no-build-isolation --editable .[test]",
    ]


def test_newest_installs_the_ranges(checkout: Checkout) -> None:
    assert (
        checkout.run("scripts/setup", "--resolution=newest", "--python=3.12").stdout == ".venv-newest-3.12\n"
    )
    assert checkout.installations() == ["--editable .[test]"]


def test_serving_installs_less_unless_the_full_environment_exists(checkout: Checkout) -> None:
    assert checkout.run("scripts/setup", "--only-serving").stdout == ".venv-serving\n"
    assert LOCK.startswith(
        (checkout.folder / ".venv-serving" / "requirements.txt").read_text() + "# Only tests"
    )
    checkout.run("scripts/setup")
    assert checkout.run("scripts/setup", "--only-serving").stdout == ".venv\n"


def test_the_documentation_has_tools_of_its_own_and_is_built_with_warnings_as_errors(
    checkout: Checkout,
) -> None:
    checkout.run("scripts/setup", "--only-docs")
    assert checkout.installations() == ["--require-hashes -r scripts/requirements-docs.txt"]
    checkout.write(".venv-docs/bin/mkdocs", 'echo "$@"')
    result = checkout.run("scripts/docs", "--clean")
    command, end = result.stdout.splitlines()
    assert (result.returncode, command) == (0, "build --strict --clean")
    assert re.fullmatch(r"the documentation is in site/index\.html \(\d+ s\)", end)
    assert checkout.installations() == []


@pytest.mark.parametrize("name", ["docs", "clients"])
def test_the_tools_of_the_documentation_and_its_clients_are_locked_with_hashes(name: str) -> None:
    lock = (ROOT / "scripts" / f"requirements-{name}.txt").read_text(encoding="utf-8")
    assert PACKAGE.sub("", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE)) == ""
    versions = locked_versions(lock, "3.11")
    for line in (ROOT / "scripts" / f"requirements-{name}.in").read_text(encoding="utf-8").splitlines():
        requirement = Requirement(line.partition(" #")[0])
        assert versions[requirement.name] in requirement.specifier


def test_the_clients_of_npm_are_locked_with_hashes_and_without_the_address_of_a_registry() -> None:
    folder = ROOT / "scripts" / "npm"
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    (project, *packages) = lock["packages"].values()
    assert project["dependencies"] == json.loads((folder / "package.json").read_text())["dependencies"]
    assert [package for package in packages if "integrity" not in package or "resolved" in package] == []


def test_the_tests_of_the_page_have_a_lock_of_their_own_with_the_same_versions() -> None:
    lock = (ROOT / "scripts" / "requirements-page.txt").read_text(encoding="utf-8")
    assert PACKAGE.sub("", re.sub(r"^#.*\n", "", lock, flags=re.MULTILINE)) == ""
    for python in PYTHONS:
        versions = locked_versions(lock, python)
        for requirement in RUNTIME + PAGE:
            assert versions[canonicalize_name(requirement.name)] in requirement.specifier, requirement
        others = locked_versions(LOCK, python)
        assert {name: others.get(name, version) for name, version in versions.items()} == versions


@pytest.fixture
def without_chromium(checkout: Checkout) -> Checkout:
    """A checkout on Debian without Chromium, which apt-get of root installs."""
    for name in ("bash", "cat", "cksum", "dirname", "mkdir", "cp", "rm", "sed", "date", "env"):
        (checkout.folder / "bin").mkdir(exist_ok=True)
        (checkout.folder / "bin" / name).symlink_to(shutil.which(name) or name)
    checkout.write("bin/id", "echo 0")
    install = f"echo '#!/bin/sh' > {checkout.folder}/bin/chromium; chmod +x {checkout.folder}/bin/chromium"
    (checkout.folder / "bin" / "chmod").symlink_to(shutil.which("chmod") or "chmod")
    checkout.write(
        "bin/apt-get", f'echo "apt-get $*" >> {checkout.log}; case $* in *chromium) {install} ;; esac'
    )
    return checkout


def run_page(checkout: Checkout, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return checkout.run("scripts/test-page", *options, PATH=f"{checkout.folder}/bin", **variables)


def test_root_gets_chromium_and_the_page_is_tested_in_it(without_chromium: Checkout) -> None:
    result = run_page(without_chromium, "-x")
    assert result.returncode == 0, result.stderr
    chromium = without_chromium.folder / "bin" / "chromium"
    assert result.stdout.startswith(f"the page passed in {chromium} (")
    lines = without_chromium.log.read_text().splitlines()
    assert [line for line in lines if line.startswith("apt-get")] == [
        "apt-get update -qq",
        "apt-get -o DPkg::Lock::Timeout=60 install -qq --yes --no-install-recommends chromium",
    ]
    assert lines[-1] == "-m pytest -p no:cacheprovider --numprocesses 2 tests/page -x"
    assert [line for line in without_chromium.installations() if "requirements-page" in line] == [
        "--require-hashes -r scripts/requirements-page.txt"
    ]


def test_without_chromium_the_tests_of_the_page_say_what_to_install(without_chromium: Checkout) -> None:
    without_chromium.write("bin/id", "echo 1000")
    result = run_page(without_chromium)
    assert (result.returncode, result.stdout, without_chromium.log.exists()) == (2, "", False)
    assert result.stderr == (
        "scripts/test-page: no Chromium; expected the package chromium, as from: sudo apt-get install chromium\n"
    )


def test_a_chromium_elsewhere_is_named_by_a_variable(without_chromium: Checkout) -> None:
    browser = without_chromium.write("elsewhere/chromium-wrapper", "")
    result = run_page(without_chromium, CHROMIUM=str(browser))
    assert result.stdout.startswith(f"the page passed in {browser} (")


@pytest.fixture
def machine(checkout: Checkout) -> Checkout:
    """A checkout on Debian, on which root has fog, and can install gophercloud but not Packer."""
    checkout.run("scripts/setup")
    checkout.write("bin/npm", f"echo npm $3 >> {checkout.log}")
    checkout.write("bin/id", "echo 0")
    checkout.write(
        "bin/dpkg-query",
        """case $* in
          *Version*ruby-fog*) printf 1.0.8-2 ;;
          *Version*) printf 0.12.0-1 ;;
          *ruby-fog*) printf installed ;;
          *) exit 1 ;;
        esac""",
    )
    checkout.write(
        "bin/apt-get",
        f'echo "apt-get $*" >> {checkout.log}; case $* in *packer*) echo E: no packer; exit 100 ;; esac',
    )
    checkout.installations()
    return checkout


def run_clients(machine: Checkout, *options: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script; return its result, and the commands that it ran."""
    path = f"{machine.folder}/bin:{os.environ['PATH']}"
    result = machine.run("scripts/test-other-clients", *options, PATH=path)
    return result, machine.log.read_text().splitlines()


TEST_OF_A_CLIENT = "tests/docs/other_clients.py::test_a_client_prints_and_sends_what_its_page_shows"


def test_clients_are_installed_and_those_that_are_missing_are_named(machine: Checkout) -> None:
    result, commands = run_clients(machine, "-x")
    assert result.returncode == 0
    assert [line for line in commands if line.startswith("apt-get")] == [
        "apt-get update -qq",
        "apt-get -o DPkg::Lock::Timeout=60 install -qq --yes --no-install-recommends golang-go golang-github-gophercloud-gophercloud-dev",
        "apt-get -o DPkg::Lock::Timeout=60 install -qq --yes --no-install-recommends packer",
    ]
    assert "npm ci" in commands
    pages = " ".join(
        f"{TEST_OF_A_CLIENT}[{page}.md]" for page in ("ansible", "pkgcloud", "fog", "gophercloud")
    )
    assert commands[-1] == f"-m pytest -p no:cacheprovider {pages} tests/commands/other_clients.py -x"
    warning = "WARNING: scripts/test-other-clients does not run packer, which needs the packages packer:\n  E: no packer\n"
    assert warning in result.stderr
    assert re.fullmatch(
        r"the clients ran: ansible pkgcloud fog gophercloud; not on this machine: packer \(\d+ s\)\n",
        result.stdout,
    )


def test_only_root_installs_clients_on_the_machine(machine: Checkout) -> None:
    machine.write("bin/id", "echo 1000")
    result, commands = run_clients(machine)
    assert [line for line in commands if line.startswith("apt-get")] == []
    assert "ansible pkgcloud fog; not on this machine: gophercloud packer" in result.stdout
    assert result.stderr.count("neither installed nor installable; expected them, or root on Debian") == 2


def test_a_client_of_another_version_than_its_page_shows_does_not_run(machine: Checkout) -> None:
    machine.write("bin/dpkg-query", "case $* in *Version*) printf 2.0.8-1 ;; *) printf installed ;; esac")
    result, _ = run_clients(machine)
    assert "the clients ran: ansible pkgcloud; not on this machine: fog gophercloud packer" in result.stdout
    assert "ruby-fog-openstack has another version (got 2.0.8-1); expected 1.0.8" in result.stderr


def test_the_faults_of_packer_are_tested_where_packer_is(machine: Checkout) -> None:
    machine.write(
        "bin/dpkg-query",
        "case $* in *Version*packer*) printf 1.6.6-2 ;; *Version*) printf 0 ;; *) printf installed ;; esac",
    )
    _, commands = run_clients(machine)
    assert commands[-1].endswith("[packer.md] tests/commands/other_clients.py tests/real_clients/packer.py")


@pytest.mark.parametrize("script", ["scripts/setup", "scripts/test"])
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ("--resolution", "high"),
            "--resolution: unknown value (got 'high'); expected locked, lowest or newest",
        ),
        (("--resolution=",), "--resolution: unknown value (got ''); expected locked, lowest or newest"),
        (("--python", "3.9"), "--python: unknown version (got '3.9'); expected one from 3.11, such as 3.12"),
    ],
)
def test_an_invalid_choice_is_one_line_and_status_2(
    checkout: Checkout, script: str, arguments: tuple[str, ...], problem: str
) -> None:
    result = checkout.run(script, *arguments)
    assert (result.returncode, result.stdout, result.stderr) == (2, "", f"{problem}\n")


def test_a_working_interpreter_is_found_on_the_path_or_in_pyenvs_folder(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path / "checkout")
    checkout.write("shims/python3.97", "exit 127")  # like pyenv's command of a version that is not selected
    checkout.write("shims/python3.98", 'echo 3.98 "$0"')
    for version in ("3.97", "3.99"):
        checkout.write(f"pyenv/versions/{version}.2/bin/python", f'echo {version} "$0"')
    pyenv = checkout.folder / "pyenv"
    variables = {"PATH": f"{checkout.folder}/shims:{os.environ['PATH']}", "PYENV_ROOT": str(pyenv)}

    def find_python(*versions: str) -> str:
        return checkout.run("scripts/find-python", *versions, **variables).stdout.strip()

    assert find_python("3.97") == f"{pyenv}/versions/3.97.2/bin/python"
    assert find_python("3.98") == f"{checkout.folder}/shims/python3.98"
    assert find_python("3.99", "3.98") == f"{pyenv}/versions/3.99.2/bin/python"
    assert find_python("3.96", "3.99") == f"{pyenv}/versions/3.99.2/bin/python"
    assert checkout.run("scripts/find-python", "3.96", **variables).returncode == 1


@pytest.mark.parametrize(
    ("fails", "status", "summary"),
    [
        ("none", 0, "passed on: 3.11 3.13; failed on: none; not on this machine: 3.12 3.14"),
        ("3.13", 1, "passed on: 3.11; failed on: 3.13; not on this machine: 3.12 3.14"),
    ],
)
def test_every_installed_python_is_tested_and_missing_ones_are_named(
    checkout: Checkout, fails: str, status: int, summary: str
) -> None:
    checkout.write("scripts/find-python", 'case $1 in 3.11 | 3.13) echo "python$1" ;; *) exit 1 ;; esac')
    checkout.write("scripts/test", f'[ "$*" != "--python {fails} -x" ]')
    result = checkout.run("scripts/test-pythons", "-x")
    assert (result.returncode, result.stdout.splitlines()[-1]) == (status, summary)


def test_testing_all_pythons_fails_if_there_is_none(checkout: Checkout) -> None:
    checkout.write("scripts/find-python", "exit 1")
    result = checkout.run("scripts/test-pythons")
    assert result.returncode == 1
    assert result.stdout == "passed on: none; failed on: none; not on this machine: 3.11 3.12 3.13 3.14\n"


def test_the_plugin_is_tested_on_the_lowest_pytest_that_setup_cfg_admits(checkout: Checkout) -> None:
    checkout.run("scripts/setup")
    checkout.installations()
    result = checkout.run("scripts/test-pytests", "-x")
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [
        "the plugin with pytest 8.0.0",
        "the plugin with pytest 8.4.2",
        "the plugin with pytest 9.0.0",
    ]
    versions = [line.rpartition("==")[2] for line in checkout.installations() if "pytest==" in line]
    assert versions == ["8.0.0", "8.4.2", "9.0.0"]
    assert "pytest>=8.0.0" in map(str, TEST)


def test_a_failure_on_an_older_pytest_is_shown(checkout: Checkout) -> None:
    checkout.write(
        "scripts/setup", f'echo "{checkout.folder}"; mkdir -p bin; cp failing bin/python; chmod +x bin/python'
    )
    checkout.write("failing", '[ "$2" = pip ] || { echo 1 failed in 1s; exit 1; }')
    result = checkout.run("scripts/test-pytests")
    assert (result.returncode, result.stdout) == (1, "1 failed in 1s\n")


@pytest.mark.parametrize(
    ("script", "expected_lines"),
    [
        (
            "echo 7 passed in 1s",
            [
                "7 passed in 1s",
                "equal to the real services",
                "the documentation is built",
                "the page passed",
                "the clients ran",
                "the plugin passed",
                "the wheel works",
                "with the newest versions: 7 passed in 1s",
            ],
        ),
        (
            "[ $# = 0 ] && echo 7 passed in 1s || { echo FAILED test_it; echo 1 failed; exit 1; }",
            [
                "7 passed in 1s",
                "equal to the real services",
                "the documentation is built",
                "the page passed",
                "the clients ran",
                "the plugin passed",
                "the wheel works",
                "WARNING: scripts/test --resolution newest failed; this does not fail the run:",
                "  FAILED test_it",
            ],
        ),
    ],
    ids=["newest passes", "newest fails"],
)
def test_ci_warns_about_the_newest_versions_and_ends_with_the_locked_summary(
    checkout: Checkout, script: str, expected_lines: list[str]
) -> None:
    checkout.write("scripts/test", script)
    checkout.write("scripts/test-against-openstack", "echo equal to the real services")
    checkout.write("scripts/docs", "echo the documentation is built")
    checkout.write("scripts/test-page", "echo the page passed")
    checkout.write("scripts/test-other-clients", "echo the clients ran")
    checkout.write("scripts/test-pytests", "echo the plugin passed")
    checkout.write("scripts/package", "echo the wheel works")
    result = checkout.run("bash", ".ci/run")
    assert (result.returncode, result.stdout.splitlines()) == (0, [*expected_lines, "7 passed in 1s"])


def test_ci_fails_if_the_locked_versions_fail(checkout: Checkout) -> None:
    checkout.write("scripts/test", "echo 1 failed in 1s; exit 1")
    result = checkout.run("bash", ".ci/run")
    assert (result.returncode, result.stdout) == (1, "1 failed in 1s\n")


@pytest.mark.parametrize(
    ("code", "lines"), [(1, ["7 passed", "compared"]), (3, ["7 passed", "compared", "docs"])]
)
def test_ci_fails_for_differences_from_the_real_services_but_not_if_they_cannot_be_installed(
    checkout: Checkout, code: int, lines: list[str]
) -> None:
    checkout.write("scripts/test", "echo 7 passed")
    checkout.write("scripts/test-against-openstack", f"echo compared; exit {code}")
    checkout.write("scripts/docs", "echo docs; exit 9")
    result = checkout.run("bash", ".ci/run")
    assert result.stdout.splitlines() == lines
