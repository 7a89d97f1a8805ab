"""Commands that a report prints can be pasted."""

from __future__ import annotations

import shlex

from fake_nova.testing.command_line import join_command

ARGUMENTS = [
    "curl",
    "-d",
    '{"a": 1}',
    "http://h:1/images?limit=1&marker=x",
    r"C:\Users\me\state.yaml",
    "it's",
]


def test_a_command_is_quoted_for_a_unix_shell() -> None:
    assert shlex.split(join_command(ARGUMENTS, is_windows=False)) == ARGUMENTS


def test_a_command_is_quoted_for_the_shells_of_windows() -> None:
    assert join_command(ARGUMENTS, is_windows=True) == (
        r'''curl -d "{\"a\": 1}" "http://h:1/images?limit=1&marker=x" C:\Users\me\state.yaml "it's"'''
    )
