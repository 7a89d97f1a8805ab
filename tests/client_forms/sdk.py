"""A program that lists images with openstacksdk: ``sdk compute|image``."""

from __future__ import annotations

import sys
from importlib import import_module


def main() -> int:
    """Print the names of the two newest images, and return the exit code."""
    try:
        connection = import_module("openstack").connect()
        names = [image.name for image in getattr(connection, sys.argv[1]).images(limit=2, paginated=False)]
    except Exception as error:  # a user's script ends with a traceback, whose last line this is
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("".join(f"{name}\n" for name in names))
    return 0
