"""fake_nova itself, in a process of its own, as one side of the comparison."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fake_nova.settings import SETTINGS
from tests.against_openstack.asking import Side
from tests.against_openstack.cloud import FIXTURE

_MAIN: Final = "import sys; from fake_nova.__main__ import main; sys.exit(main())"


@contextmanager
def running(database: str, alteration: str = "") -> Iterator[Side]:
    """Run fake_nova with the seeded cloud until the end of the block.

    Args:
        database: the database that it answers like, if it knows the setting.
        alteration: Python statements that run before it starts; tests plant a difference so.
    """
    options = ["--fixtures", str(FIXTURE), "--dialect", "nova", "--auth-strategy", "keystone", "--port", "0"]
    options += ["--import-methods", "glance-direct,web-download"]
    if any(setting.name == "database" for setting in SETTINGS):
        options += ["--database", database]
    command = [sys.executable, "-c", f"{alteration}\n{_MAIN}", "serve", *options]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        try:
            assert process.stdout is not None
            match = re.search(r"http://[^\s/]+", process.stdout.readline())
            if match is None:
                errors.seek(0)
                raise RuntimeError(f"fake_nova does not start: {errors.read().decode()}")
            url = match[0]
            side = Side({"nova": url, "glance": f"{url}/image", "keystone": f"{url}/identity"})
            yield side
            side.close()
        finally:
            process.terminate()
            process.communicate()
