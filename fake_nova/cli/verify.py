"""The command that compares a real cloud with a fake of it."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from fake_nova.cli.output import echo
from fake_nova.errors import ConfigurationError
from fake_nova.recording import Pacing, connect
from fake_nova.settings import SETTINGS
from fake_nova.support import progress_bar
from fake_nova.support.messages import quote_path, quote_python
from fake_nova.verification import report as reports
from fake_nova.verification.run import Options, verify

#: The settings of the fake that the command takes.
FAKE_SETTINGS: Final = ("dialect", "database", "max_limit", "import_methods")

#: Exit codes.
EQUAL: Final = 0
DIFFERENT: Final = 1
COULD_NOT_COMPARE: Final = 2


def _verify(options: argparse.Namespace) -> int:
    """Compare, print and write the report, and return the exit code."""
    settings = _settings(options)
    pacing = _pacing(options.rate)
    earlier = _read_earlier(options)
    files = [path for path in (options.json, options.junit, options.learn) if path is not None]
    for path in files:
        _require_folder(path)
    try:
        report = _compare(options, settings, pacing)
    except KeyboardInterrupt as error:
        raise ConfigurationError("verify: stopped by Ctrl-C; expected the end of its questions") from error
    if earlier is not None:
        report = report._replace(changes=reports.changes_since(earlier, report))
    _write(options, report)
    for line in reports.text_lines(report):
        echo(line)
    return _exit_code(report)


def _compare(options: argparse.Namespace, settings: Mapping[str, str], pacing: Pacing) -> reports.Report:
    cloud = connect(options.cloud, pacing)
    with progress_bar.counting_bar("asking") as count:
        number = 0

        def on_question() -> None:
            nonlocal number
            number += 1
            count(number)

        return verify(cloud, Options(settings, options.learn is not None, options.write, on_question))


def _exit_code(report: reports.Report) -> int:
    if not any(result.questions for result in report.results.values()):
        return COULD_NOT_COMPARE
    if report.changes is not None:
        return DIFFERENT if report.changes.new or report.changes.altered else EQUAL
    return DIFFERENT if report.differences else EQUAL


def _settings(options: argparse.Namespace) -> dict[str, str]:
    """Return the settings of the fake that options give.

    Raises:
        ConfigurationError: if one is invalid.
    """
    values = {}
    for setting in SETTINGS:
        text = getattr(options, setting.name, None)
        if setting.name in FAKE_SETTINGS and text is not None:
            values[setting.name] = str(setting.parse_text(text, setting.option))
    return values


def _pacing(rate: str | None) -> Pacing:
    if rate is None:
        return Pacing()
    try:
        number = float(rate)
    except ValueError:
        number = 0
    if not 0.01 <= number <= 10_000:
        problem = f"--rate: invalid value (got {quote_python(rate)})"
        raise ConfigurationError(f"{problem}; expected requests per second from 0.01 to 10000")
    return Pacing(rate=number)


def _read_earlier(options: argparse.Namespace) -> Mapping[str, Any] | None:
    """Return the document of an earlier report; None without one.

    A report that replaces itself every night does not exist in the first one.

    Raises:
        ConfigurationError: if the file cannot be read, or is no such report.
    """
    path = options.since
    if path is None or (path == options.json and not Path(path).exists()):
        return None
    expectation = "expected a file that fake-nova verify --json wrote"
    try:
        document = json.loads(Path(path).read_bytes())
        if document["at"] and all(each["rule"] and each["outcome"] for each in document["rules"]):
            return dict(document)
    except OSError as error:
        raise ConfigurationError(f"--since: cannot read {path} ({error.strerror}); {expectation}") from error
    except (ValueError, LookupError, TypeError):
        pass
    raise ConfigurationError(f"--since: not a report (got {quote_path(path)}); {expectation}")


def _require_folder(path: str) -> None:
    if not os.access(Path(path).absolute().parent, os.W_OK):
        raise ConfigurationError(f"{path}: cannot be written; expected a file in a folder that exists")


def _write(options: argparse.Namespace, report: reports.Report) -> None:
    contents = []
    if options.json is not None:
        text = json.dumps(reports.as_document(report), indent=1, ensure_ascii=False) + "\n"
        contents.append((options.json, text.encode()))
    if options.junit is not None:
        contents.append((options.junit, reports.junit(report)))
    if report.lesson is not None:
        text = "\n".join(report.lesson.lines(f"the cloud {report.cloud} at {report.at}")) + "\n"
        contents.append((options.learn, text.encode()))
    for path, content in contents:
        _write_file(Path(path), content)


def _write_file(path: Path, content: bytes) -> None:
    """Write a file in one step, so that a reader never finds half of it.

    Raises:
        ConfigurationError: if it cannot be written.
    """
    try:
        with NamedTemporaryFile(dir=path.absolute().parent, prefix=f".{path.name}.", delete=False) as file:
            file.write(content)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written ({error.strerror}); expected a writable file"
        ) from error


#: Name of a command -> the function that runs it and returns the exit code.
COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], int]]] = {"verify": _verify}
