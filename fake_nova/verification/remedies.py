"""Finds the settings with which a fake answers as the cloud does: by asking fakes with other settings."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from fake_nova.dialects import DIALECTS, rows_of, with_rows
from fake_nova.settings import SETTINGS
from fake_nova.verification.sides import Asker
from fake_nova.verification.verification import Difference, Exchange, Result, Results, Verification

Overrides = Mapping[str, str]

#: The rule about limits that a service refuses.
_LIMIT_RULE: Final = ("compute", "limit above the maximum")

#: Maxima that clouds have; the one that the cloud itself names comes first.
_MAXIMA: Final = ("100", "200", "250", "500", "2000")

_NUMBER: Final = re.compile(r"\b\d{2,6}\b")


def find(verification: Verification, results: Results, open_fake: Callable[[Overrides], Asker]) -> None:
    """Fill in the remedies of results that differ.

    Args:
        verification: the comparison.
        results: its results.
        open_fake: starts a fake with other settings.
    """
    for overrides in candidates(results):
        open_results = {key: each for key, each in results.items() if each.differences and not each.remedy}
        if not open_results:
            return
        for result in agreeing(verification, open_results, open_fake(overrides)):
            result.remedy = " ".join(options_of(overrides))


def agreeing(verification: Verification, results: Results, fake: Asker) -> list[Result]:
    """Return the results that differ, but do not with another fake."""
    other = verification._replace(fake=fake)
    other.compare_lists()
    agreeing_results = [
        result
        for result in results.values()
        if result.differences and all(_agrees(other, result, each) for each in result.differences)
    ]
    verification.compare_lists()
    return agreeing_results


def _agrees(verification: Verification, result: Result, difference: Difference) -> bool:
    fake = verification.fake.ask(result.service, difference.question)
    exchange = Exchange(result.service, difference.rule, difference.question, [*difference.cloud], fake)
    return all(finding.rule != result.rule for finding in verification.findings(exchange))


def options_of(overrides: Overrides) -> list[str]:
    """Return settings as options of the command."""
    return [f"--{name.replace('_', '-')} {value}" for name, value in overrides.items()]


def candidates(results: Results) -> Iterator[Overrides]:
    """Yield settings to try: one at a time, then pairs."""
    choices = {setting.name: setting.kind.choices for setting in SETTINGS}
    single: list[dict[str, str]] = [
        {name: value} for name in ("database", "dialect", "import_methods") for value in choices[name]
    ]
    dialects = [each for each in single if "dialect" in each]
    pairs = [{**dialect, **maximum} for dialect in dialects for maximum in maxima(results)]
    databases = [each for each in single if "database" in each]
    both = ({**database, **dialect} for database in databases for dialect in dialects)
    yield from chain(single, maxima(results), pairs, both)


def with_row(dialect: str, name: str, word: str) -> str:
    """Return the name of a dialect with another word in one row."""
    return with_rows(dialect.partition(",")[0], {**rows_of(DIALECTS[dialect]), name: word}).name


def maxima(results: Results) -> list[Overrides]:
    """Return the maxima to try, if the rule about limits differs."""
    return [{"max_limit": value} for value in _maxima(results.get(_LIMIT_RULE))]


def _maxima(result: Result | None) -> Iterable[str]:
    if result is None or not result.differences:
        return ()
    texts = [
        json.dumps(page.body) for each in result.differences for page in each.cloud if page.status >= 400
    ]
    numbers = [number for text in texts for number in _NUMBER.findall(text)]
    return dict.fromkeys((*(n for n in numbers if n not in ("400", "403", "501", "1001")), *_MAXIMA))
