"""A process that has imported the clients and runs each command in a child of its own: ``python -m tests.commands.process``.

Starting ``openstack`` takes over a second, nearly all of it imports. A child that is forked after them runs the same
``main`` in a tenth of a second, and nothing that a command changes in its process reaches the next one.

The process reads one job a line on standard input, as JSON, and writes one outcome a line on standard output.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
import traceback
import warnings
from contextlib import suppress
from importlib import import_module
from importlib.metadata import distributions
from itertools import chain
from typing import Any, Final, NoReturn

#: Program -> the module whose ``main`` it calls.
MODULES: Final = {
    "openstack": "openstackclient.shell",
    "glance": "glanceclient.shell",
    "sdk": "tests.client_forms.sdk",
}

#: Seconds after which a command that waits for somebody to type ends.
PATIENCE: Final = 60

#: What commands import when they run: groups of entry points, by how their names begin, and modules.
_GROUPS: Final = ("cliff.formatter.", "dogpile.cache", "keystoneauth1.plugin", "openstack.")
_LATE_MODULES: Final = (
    "dogpile.cache.backends.null",
    "glanceclient.v2.client",
    "glanceclient.v2.shell",
    "keystoneclient.v3.client",
    "openstack.compute.v2._proxy",
    "openstack.identity.v3._proxy",
    "openstack.image.v2._proxy",
)


def import_clients() -> None:
    """Import the clients, and what their commands import when they run."""
    warnings.simplefilter("ignore")
    sys.argv = ["openstack"]  # a name that one of them keeps, for its messages
    for name in (*MODULES.values(), *_LATE_MODULES):
        import_module(name)
    for entry_point in chain.from_iterable(each.entry_points for each in distributions()):
        if entry_point.group.startswith(_GROUPS):
            with suppress(Exception):  # a plugin whose packages are not installed
                entry_point.load()
    # The first parser of a process looks for the packages of all commands.
    import_module("openstackclient.image.v2.image").ListImage(None, None).get_parser("openstack image list")
    gc.freeze()  # so that no child collects, and copies, what all of them share


def run(job: dict[str, Any], terminal: int) -> dict[str, Any]:
    """Run a job in a child, and return its exit code, output and errors.

    Args:
        job: ``words`` (of the command line), ``environment``, ``folder`` (to work in), ``input`` (None for a terminal).
        terminal: a terminal at which nobody types. Some clients look whether they have one.
    """
    with (
        tempfile.TemporaryFile() as source,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        source.write((job["input"] or "").encode())
        source.seek(0)
        files = (terminal if job["input"] is None else source.fileno(), output.fileno(), errors.fileno())
        child = os.fork()
        if child == 0:
            _become(job, files)
        _, status = os.waitpid(child, 0)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    return {"code": os.waitstatus_to_exitcode(status), "output": texts[0], "errors": texts[1]}


def _become(job: dict[str, Any], files: tuple[int, int, int]) -> NoReturn:
    """Run a job in this process, and end it as a console script does."""
    code: Any = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.alarm(PATIENCE)
        for number, file in enumerate(files):
            os.dup2(file, number)
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
        os.chdir(job["folder"])
        os.environ.clear()
        os.environ.update(job["environment"])
        sys.argv = list(job["words"])
        code = import_module(MODULES[sys.argv[0]]).main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # as the interpreter does
        traceback.print_exc()
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def main() -> None:
    """Run jobs until the end of the input."""
    import_clients()
    _, terminal = os.openpty()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(run(json.loads(line), terminal)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
