"""What `scripts/bench growth` measures: a module for each kind of input."""

from __future__ import annotations

from collections.abc import Iterator

from tests.speed.rows.bodies import bodies
from tests.speed.rows.clouds import clouds
from tests.speed.rows.documents import documents
from tests.speed.rows.expressions import expressions
from tests.speed.rows.headers import headers
from tests.speed.rows.pages import pages
from tests.speed.rows.row import Row
from tests.speed.rows.urls import urls


def rows() -> Iterator[Row]:
    """Give every row."""
    yield from expressions()
    yield from pages()
    yield from headers()
    yield from urls()
    yield from bodies()
    yield from clouds()
    yield from documents()
