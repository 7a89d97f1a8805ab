"""The environment of the real services: exact versions, with hashes, in the user's cache folder."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent.parent
LOCK: Final = ROOT / "scripts" / "requirements-openstack.txt"

#: Seconds that pip may take; with MariaDB's package all of it takes less than ten minutes.
PATIENCE: Final = 400


class InstallationError(Exception):
    """The real services, or their database, cannot be installed here."""


def cache_folder() -> Path:
    """Return the folder of this project in the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fake_nova"


def locked_versions() -> dict[str, str]:
    """Return the locked versions of the services and of their database driver."""
    text = LOCK.read_text(encoding="utf-8")
    names = ("Keystone", "Glance", "Nova", "SQLAlchemy", "oslo.db", "PyMySQL")
    versions = dict(re.findall(r"^(\S+)==(\S+)", text, re.MULTILINE))
    return {name: versions[name.lower().replace(".", "-")] for name in names}


def install() -> Path:
    """Install the services unless they are installed, and return the folder of their environment.

    The folder's name has the hash of the lock, so a new lock gets a new environment.

    Raises:
        InstallationError: if pip fails, or needs too long.
    """
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    version = "{}.{}".format(*sys.version_info)
    folder = cache_folder() / f"openstack-{digest}-{version}"
    if (folder / "complete").exists():
        return folder
    try:
        _fill(folder)
    except (OSError, subprocess.SubprocessError) as error:
        output = getattr(error, "stderr", None) or str(error)
        raise InstallationError(f"pip cannot install the services: {output.strip()[-1000:]}") from error
    (folder / "complete").touch()
    return folder


def _fill(folder: Path) -> None:
    venv.create(folder, clear=True, with_pip=True)
    lock = LOCK.read_text(encoding="utf-8")
    builder = re.search(r"^setuptools==(?:.*\\\n)*.*\n", lock, re.MULTILINE)
    assert builder is not None, (
        f"{LOCK.name} does not lock setuptools, which builds the packages without a wheel"
    )
    first = folder / "setuptools.txt"
    first.write_text(builder[0], encoding="utf-8")
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    for options in (["-r", str(first)], ["--no-build-isolation", "--no-deps", "-r", str(LOCK)]):
        command = [*pip, "--require-hashes", *options]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
