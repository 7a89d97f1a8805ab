"""The file of a record: written in one step, so that a record that is cut off leaves none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import quote_path

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # libyaml's is ten times as fast

_EXPECTATION: Final = "a file in a folder that exists and is writable"


class FixtureFile:
    """A fixture file that is about to be written.

    Args:
        path: the path of the file; an existing file is replaced.

    Raises:
        ConfigurationError: if the file cannot be written.
    """

    def __init__(self, path: str) -> None:
        self._path: Final = Path(path)
        self._new_path: Final = Path(f"{path}.{os.getpid()}.part")
        try:
            if self._path.exists() and not self._path.is_file():
                raise ValueError("not a regular file")
            self._new_path.touch()
            self._new_path.unlink()
        except (OSError, ValueError) as error:
            raise self._failure(error) from error

    def write(self, comments: Iterable[str], document: Mapping[str, Any]) -> None:
        """Write the file in one step.

        Args:
            comments: the lines of the header.
            document: the fixture document, with values of JSON alone.

        Raises:
            ConfigurationError: if it cannot be written; then an earlier file is as it was.
        """
        text = "".join((*(f"# {line}\n" for line in comments), *_chunks(document)))
        try:
            self._new_path.write_text(text, encoding="utf-8")
            self._new_path.replace(self._path)
        except OSError as error:
            raise self._failure(error) from error
        finally:
            self._new_path.unlink(missing_ok=True)

    def _failure(self, error: Exception) -> ConfigurationError:
        reason = getattr(error, "strerror", None) or str(error)
        path = quote_path(self._path)
        return ConfigurationError(
            f"--output: cannot be written: {reason} (got {path}); expected {_EXPECTATION}"
        )


def _chunks(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the YAML of a document, entry by entry: one dump of all of them would need much more memory."""
    for key, value in document.items():
        if not isinstance(value, list) or not value:
            yield _dump({key: value})
            continue
        yield f"{key}:\n"
        yield from (_dump([entry]) for entry in value)


def _dump(value: object) -> str:
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
