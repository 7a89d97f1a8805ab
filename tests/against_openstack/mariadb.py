"""A MariaDB server of Debian's package in a folder of its own, without the network."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from tests.against_openstack.installation import InstallationError
from tests.against_openstack.waiting import wait_until

PACKAGE: Final = "mariadb-server-core"

#: The numeric user that the server runs as if this process is root; it needs no account.
USER_ID: Final = 61874

#: As Debian's configuration of the server has it.
_CHARACTER_SETS: Final = ("--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci")

#: The server's own tables, which it needs even without grants.
_SYSTEM_TABLES: Final = Path("/usr/share/mysql/mysql_system_tables.sql")

PATIENCE: Final = 60


def find_program(name: str) -> str | None:
    """Return the path of a program, also of those that only root has on PATH."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def install() -> str:
    """Install the server unless it is installed, and return its version.

    The package has no service, so nothing starts. Only root can install it.

    Raises:
        InstallationError: if it is not installed and cannot be.
    """
    if find_program("mariadbd") is None:
        if os.geteuid() != 0 or shutil.which("apt-get") is None:
            raise InstallationError(
                f"mariadbd: not installed; expected Debian's package {PACKAGE}, or root to install it"
            )
        options = ("-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=60")
        for command in (("update",), ("install", *options, PACKAGE)):
            run = ("apt-get", *command)
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            try:
                subprocess.run(run, check=True, capture_output=True, text=True, timeout=90, env=environment)
            except (OSError, subprocess.SubprocessError) as error:
                output = getattr(error, "stderr", None) or str(error)
                raise InstallationError(
                    f"apt-get cannot install {PACKAGE}: {output.strip()[-500:]}"
                ) from error
    output = subprocess.run(
        [find_program("mariadbd") or "", "--version"], capture_output=True, text=True, check=True
    )
    return output.stdout.split("Ver ")[-1].split("-")[0]


class MariaDB:
    """A server that runs until the end of the block.

    It has no grants: whoever reaches its socket may do everything, and the socket lies in a folder of its own.
    """

    def __init__(self, folder: Path) -> None:
        """Make the data folder in *folder*, and start the server."""
        self.folder: Final = folder / "mariadb"
        self.folder.mkdir()
        self.socket: Final = self.folder / "socket"
        user: dict[str, Any] = (
            {"user": USER_ID, "group": USER_ID, "extra_groups": []} if os.geteuid() == 0 else {}
        )
        data = self.folder / "data"
        data.mkdir()
        if user:
            folder.chmod(0o711)
            os.chown(self.folder, USER_ID, USER_ID)
            os.chown(data, USER_ID, USER_ID)
        program = find_program("mariadbd") or "mariadbd"
        command = [program, "--no-defaults", f"--datadir={data}", "--skip-grant-tables", *_CHARACTER_SETS]
        self._run([*command, "--bootstrap"], _SYSTEM_TABLES.read_text(encoding="utf-8"), user)
        files = [
            f"--socket={self.socket}",
            f"--log-error={self.folder / 'log'}",
            f"--pid-file={self.folder / 'pid'}",
        ]
        command += [*files, "--skip-networking", "--innodb-flush-log-at-trx-commit=0"]
        self.process: Final = subprocess.Popen(command, cwd=self.folder, stderr=subprocess.DEVNULL, **user)
        wait_until(lambda: self.socket.exists() or self.process.poll() is not None, PATIENCE)
        if self.process.poll() is not None or not self.socket.exists():
            raise InstallationError(f"mariadbd does not start: {self._log()}")

    def _run(self, command: list[str], tables: str, user: dict[str, Any]) -> None:
        statements = f"CREATE DATABASE mysql;\nUSE mysql;\n{tables}"
        options = {"capture_output": True, "text": True, "cwd": self.folder, **user}
        result = subprocess.run(command, input=statements, check=False, **options)
        if result.returncode:
            raise InstallationError(f"mariadbd cannot make its data folder: {result.stderr.strip()[-500:]}")

    def _log(self) -> str:
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace")[-1000:] if path.exists() else "no log"

    def url(self, database: str) -> str:
        """Return the URL of a database as the services' configuration has it."""
        return f"mysql+pymysql://root@localhost/{database}?unix_socket={self.socket}"

    def __enter__(self) -> MariaDB:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait()
