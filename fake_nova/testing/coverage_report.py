"""The report of a test run's coverage: as text for a terminal, as JSON and as HTML."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

from fake_nova.support.messages import count_of
from fake_nova.testing.coverage_results import CoverageResults, OperationRow, Tally, total

_HEADINGS: Final = ("outcomes", "met", "percent")


def _percent(tally: Tally) -> str:
    """Return the percentage as a whole number, rounded down, so that 100 % means all outcomes."""
    return f"{int(tally.percent)}%"


def _numbers(tally: Tally) -> tuple[str, ...]:
    return str(tally.outcome_count), str(tally.met_count), _percent(tally)


def table_lines(results: CoverageResults) -> Iterator[str]:
    """Yield the lines of the table: each operation with its numbers, and the total."""
    rows = results.rows
    width = max((len(row.operation) for row in rows), default=0)
    width = max(width, len("operation"))

    def line(name: str, cells: tuple[str, ...]) -> str:
        numbers = (cell.rjust(len(heading)) for cell, heading in zip(cells, _HEADINGS, strict=True))
        return "   ".join((name.ljust(width), *numbers))

    head = line("operation", _HEADINGS)
    yield head
    yield "-" * len(head)
    for row in rows:
        yield line(row.operation, _numbers(row.tally))
    yield "-" * len(head)
    yield line("TOTAL", _numbers(total(rows)))
    yield f"{count_of(len(results.never_called), 'other operation')} that no test called"


def detail_lines(row: OperationRow) -> Iterator[str]:
    """Yield a line for each outcome: its first test, or else the line that meets it."""
    tally = row.tally
    yield f"{row.operation}: met {tally.met_count} of {count_of(tally.outcome_count, 'outcome')}"
    width = max(len(outcome.outcome) for outcome in row.outcomes)
    for outcome in row.outcomes:
        word = "never" if outcome.first_test is None else "met"
        yield f"  {word:5}  {outcome.outcome.ljust(width)}  {outcome.first_test or outcome.line}"


def as_document(results: CoverageResults) -> dict[str, Any]:
    """Return the report as a JSON document."""
    rows = results.rows
    return {
        "totals": _document_of(total(rows)),
        "operations": {
            row.operation: {
                **_document_of(row.tally),
                "outcomes": [outcome._asdict() for outcome in row.outcomes],
            }
            for row in rows
        },
        "never_called": results.never_called,
    }


def _document_of(tally: Tally) -> dict[str, Any]:
    return {**tally._asdict(), "percent": round(tally.percent, 2)}


def as_json(results: CoverageResults) -> str:
    """Return the report as JSON."""
    return json.dumps(as_document(results), indent=2, ensure_ascii=False) + "\n"


_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>fake_nova coverage</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem; }}
table {{ border-collapse: collapse; margin-bottom: 2rem; }}
th, td {{ padding: .2rem .8rem; text-align: left; vertical-align: top; border-bottom: 1px solid #8886; }}
td.number {{ text-align: right; }}
code {{ overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>fake_nova coverage: {percent}</h1>
<table>
<thead><tr><th>operation</th><th>outcomes</th><th>met</th><th>percent</th></tr></thead>
<tbody>
{operations}
</tbody>
</table>
{details}
<h2>Operations that no test called</h2>
<p>{never_called}</p>
</body>
</html>
"""


def as_html(results: CoverageResults) -> str:
    """Return the report as a page of HTML, which loads nothing."""
    rows = results.rows
    return _PAGE.format(
        percent=_percent(total(rows)),
        operations="\n".join(map(_html_row, rows)),
        details="\n".join(map(_html_details, rows)),
        never_called=escape(", ".join(results.never_called)),
    )


def _html_row(row: OperationRow) -> str:
    numbers = "".join(f'<td class="number">{number}</td>' for number in _numbers(row.tally))
    name = escape(row.operation)
    return f'<tr><td><a href="#{name}">{name}</a></td>{numbers}</tr>'


def _html_details(row: OperationRow) -> str:
    name = escape(row.operation)
    lines = [f'<h2 id="{name}">{name}</h2>', "<table>"]
    lines.append("<thead><tr><th>outcome</th><th>met first by, or the line that meets it</th></tr></thead>")
    for outcome in row.outcomes:
        text = escape(outcome.first_test or outcome.line)
        cell = f"never: <code>{text}</code>" if outcome.first_test is None else text
        lines.append(f"<tr><td>{escape(outcome.outcome)}</td><td>{cell}</td></tr>")
    return "\n".join([*lines, "</table>"])


#: End of a file's name -> the function that writes its content.
FORMATS: Final[Mapping[str, Callable[[CoverageResults], str]]] = {".json": as_json, ".html": as_html}


def write_file(results: CoverageResults, path: Path) -> None:
    """Write the report to a file, in the format that the end of its name stands for.

    Raises:
        OSError: if the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(FORMATS[path.suffix](results), encoding="utf-8", errors="backslashreplace")
