"""The harness of the pages: it runs what a page says, and notices what nobody runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import has_use, read_blocks, run_page, stable_lines


def page(folder: Path, *blocks: str) -> Path:
    """Write a page with these blocks; each begins with its language."""
    path = folder / "page.md"
    path.write_text("\n".join(f"Text.\n\n```{block}\n```\n" for block in blocks), encoding="utf-8")
    return path


def test_blocks_have_page_line_language_code_and_file(tmp_path: Path) -> None:
    blocks = read_blocks(page(tmp_path, "python\n# a/b.py\nimport c", "text\nhello"))
    assert [(*block, block.file) for block in blocks] == [
        ("page.md", 4, "python", "# a/b.py\nimport c\n", "a/b.py"),
        ("page.md", 11, "text", "hello\n", None),
    ]


@pytest.mark.parametrize(
    "block",
    [
        "python\n# lonely.py\nprint()",
        "yaml\n# lonely.yaml\na: 1",
        "toml\na = 1",
        "sh\ntrue",
        "console\ntrue",
        'python title="a.py"\nprint()',
        "rust\nfn main() {}",
        "\nx",
    ],
)
def test_a_block_that_nothing_runs_has_no_use(tmp_path: Path, block: str) -> None:
    first, second = blocks = read_blocks(page(tmp_path, "bash\ntrue", block))
    assert (has_use(first, blocks), has_use(second, blocks)) == (True, False)


def test_an_output_of_nothing_has_no_use(tmp_path: Path) -> None:
    first, _ = blocks = read_blocks(page(tmp_path, "text\nhello", "bash\ntrue"))
    assert not has_use(first, blocks)


@pytest.mark.parametrize(
    "blocks",
    [
        ("python\n# test_it.py\n",),
        ("python\nprint(1)\n# 1", "yaml\nimages: []"),
        ("console\n$ true", "console\nscripts/test"),
        ("yaml\n# clouds.yaml\n",),
        ("python\n# code.py\n", "python\n# test_it.py\nfrom code import x"),
        ("python\n# script.py\n", "bash\npython script.py", "text\nhello"),
    ],
)
def test_a_block_that_something_runs_reads_or_compares_has_a_use(
    tmp_path: Path, blocks: tuple[str, ...]
) -> None:
    page_blocks = read_blocks(page(tmp_path, *blocks))
    assert [has_use(block, page_blocks) for block in page_blocks] == [True] * len(blocks)


def test_files_are_written_where_the_page_is_at_that_point(tmp_path: Path, unused_url: str) -> None:
    path = page(
        tmp_path,
        "bash\nmkdir new; cd new",
        "yaml\n# a/b.yaml\nx: 1",
        "bash\ncat a/b.yaml | tail -1",
        "text\nx: 1",
    )
    run_page(path, tmp_path, unused_url.removeprefix("http://"))
    assert (tmp_path / "new" / "a" / "b.yaml").is_file()


def test_a_session_goes_on_after_a_command_that_fails(tmp_path: Path, unused_url: str) -> None:
    session = "console\n$ A='x\n> y'\n$ false\n$ echo \"$A\" >&2\nx\ny"
    run_page(page(tmp_path, session), tmp_path, unused_url.removeprefix("http://"))


@pytest.mark.parametrize(
    "blocks",
    [
        ("bash\nfalse\ntrue",),
        ("bash\necho one", "text\ntwo"),
        ("console\n$ echo one\ntwo",),
        ("python\n# test_it.py\ndef test_it(): assert False",),
        ("python\n# test_it.py\ndef test_it(): assert False", "bash\necho one"),
        ("python\nimport sys\ndef test_it(): assert False",),
        ("python\nprint(1)\n# 2",),
        ("yaml\nimages: 1",),
        ("bash\npip install no-such-package-of-anybody",),
    ],
    ids=[
        "a command fails",
        "the output differs",
        "the output of a session differs",
        "a test fails",
        "a test fails that no command of the page runs",
        "a test without a name fails",
        "the output of a script differs",
        "a fixture file does not load",
        "a package is not there",
    ],
)
def test_a_page_that_does_not_work_fails(tmp_path: Path, blocks: tuple[str, ...], unused_url: str) -> None:
    with pytest.raises(AssertionError):
        run_page(page(tmp_path, *blocks), tmp_path, unused_url.removeprefix("http://"))


def test_outputs_are_compared_without_ports_and_times() -> None:
    output = "1 passed in 0.31s\n\nhttp://localhost:40123/v2.1  \n"
    assert stable_lines(output) == ["1 passed in 0.00s", "http://127.0.0.1:8774/v2.1"]
