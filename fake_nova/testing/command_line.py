"""Commands that a user can paste into a shell."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from typing import Final

#: Text that the shells of Windows take as it is.
_SAFE_ON_WINDOWS: Final = re.compile(r"[\w@+=:,./\\-]+")


def join_command(arguments: Sequence[str], is_windows: bool = os.name == "nt") -> str:
    """Return a command line, quoted for the shell of the system.

    Args:
        arguments: the command and its arguments.
        is_windows: whether the shell is one of Windows, where only double quotes are quotes in every shell.
    """
    if not is_windows:
        return shlex.join(arguments)
    return " ".join(
        text if _SAFE_ON_WINDOWS.fullmatch(text) else '"' + text.replace('"', '\\"') + '"'
        for text in arguments
    )
