"""The harness of the pages: it runs what a page says, and notices what nobody runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import blocks_without_use, read_blocks, run_page, stable_lines


def page(folder: Path, *blocks: str) -> Path:
    """Write a page with these blocks; each begins with its language."""
    path = folder / "page.md"
    path.write_text("\n".join(f"Text.\n\n```{block}\n```\n" for block in blocks), encoding="utf-8")
    return path


def test_blocks_have_language_code_line_and_file(tmp_path: Path) -> None:
    blocks = read_blocks(page(tmp_path, "python\n# a/b.py\nimport c", "text\nhello"))
    assert [(block.language, block.code, block.line, block.file) for block in blocks] == [
        ("python", "# a/b.py\nimport c\n", 4, "a/b.py"),
        ("text", "hello\n", 11, None),
    ]


@pytest.mark.parametrize(
    "block",
    ["python\nprint()", "python\n# lonely.py\nprint()", "yaml\n# lonely.yaml\na: 1", "sh\ntrue", "\nx"],
)
def test_a_block_that_nothing_runs_is_reported(tmp_path: Path, block: str) -> None:
    assert len(blocks_without_use(page(tmp_path, "bash\ntrue", block))) == 1


@pytest.mark.parametrize(
    "blocks",
    [
        ("python\n# test_it.py\n",),
        ("yaml\n# clouds.yaml\n",),
        ("python\n# code.py\n", "python\n# test_it.py\nfrom code import x"),
        ("python\n# script.py\n", "bash\npython script.py", "text\nhello"),
    ],
)
def test_a_block_that_something_reads_or_compares_is_not(tmp_path: Path, blocks: tuple[str, ...]) -> None:
    assert blocks_without_use(page(tmp_path, *blocks)) == []


def test_files_are_written_where_the_page_is_at_that_point(tmp_path: Path) -> None:
    run_page(
        page(
            tmp_path,
            "bash\nmkdir new; cd new",
            "yaml\n# a/b.yaml\nx: 1",
            "bash\ncat a/b.yaml | tail -1",
            "text\nx: 1",
        ),
        tmp_path,
        {},
        {},
    )
    assert (tmp_path / "new" / "a" / "b.yaml").is_file()


@pytest.mark.parametrize(
    "blocks",
    [
        ("bash\nfalse\ntrue",),
        ("bash\necho one", "text\ntwo"),
        ("python\n# test_it.py\ndef test_it(): assert False",),
        ("bash\npip install no-such-package-of-anybody",),
    ],
    ids=["a command fails", "the output differs", "a test fails", "a package is not there"],
)
def test_a_page_that_does_not_work_fails(tmp_path: Path, blocks: tuple[str, ...]) -> None:
    with pytest.raises(AssertionError):
        run_page(page(tmp_path, *blocks), tmp_path, {}, {})


def test_outputs_are_compared_without_ports_ids_and_times() -> None:
    output = "1 passed in 0.31s\n\nhttp://localhost:40123/9bf20a9f-4cf2-4d7c-b9a3-3d6a6d4b3f0a  \n"
    assert stable_lines(output) == ["1 passed in 0.00s", "http://127.0.0.1:8774/ID"]
