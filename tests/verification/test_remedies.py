"""The settings with which a fake agrees with a cloud."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fake_nova.verification import remedies
from fake_nova.verification.learning import learn
from fake_nova.verification.sides import Asker
from tests.verification.database_rows import DATABASE_ROWS, SERVER_ROWS
from tests.verification.sides import NOW, different_rules, fake_side, verification_of
from tests.verification.test_writing import STEPS

WRITE_RULES = {(step.service, step.rule) for step in STEPS}


def open_fake(settings: Mapping[str, str]) -> Asker:
    asker = Asker(fake_side(**settings), NOW)
    asker.read_lists()
    return asker


def found_remedies(cloud: Mapping[str, str]) -> dict[tuple[str, str], str]:
    verification = verification_of(open_fake(cloud), open_fake({}))
    results = verification.run()
    remedies.find(verification, results, open_fake)
    return {key: results[key].remedy for key in different_rules(results)}


def test_the_other_database_is_named_and_the_rules_that_it_changes() -> None:
    found = found_remedies({"database": "sqlite"})
    assert set(found) == (DATABASE_ROWS | SERVER_ROWS) - WRITE_RULES
    assert set(found.values()) == {"--database sqlite"}


@pytest.mark.parametrize(
    ("cloud", "rows"),
    [
        (
            {"dialect": "huaweicloud"},
            {
                ("compute", "order of lists"): "--dialect huaweicloud",
                ("compute", "which images are listed"): "--dialect huaweicloud",
                ("compute", "limit above the maximum"): "--dialect huaweicloud",
                ("compute", "filter status by Nova's words"): "--dialect huaweicloud",
                ("compute", "filter status UNKNOWN"): "--dialect huaweicloud",
                ("compute", "links of images"): "--dialect huaweicloud",
                ("identity", "API v2.0"): "--dialect huaweicloud",
            },
        ),
        (
            {"dialect": "huaweicloud", "max_limit": "500"},
            {("compute", "limit above the maximum"): "--dialect huaweicloud --max-limit 500"},
        ),
        ({"import_methods": "web-download"}, {("image", "import methods"): "--import-methods web-download"}),
    ],
    ids=["dialect", "maximum", "import methods"],
)
def test_other_settings_are_named(cloud: Mapping[str, str], rows: Mapping[tuple[str, str], str]) -> None:
    found = found_remedies(cloud)
    assert {key: found[key] for key in rows} == dict(rows)


FIVE_ROWS = "nova,order=oldest_first,limit=capped,status=nova,identity_v2=present,alternate_link=project"


@pytest.mark.parametrize(
    ("cloud", "options"),
    [
        ({}, {"dialect": "nova", "database": "mariadb"}),
        ({"dialect": FIVE_ROWS}, {"dialect": FIVE_ROWS, "database": "mariadb"}),
        (
            {"dialect": "nova,limit=capped,killed=listed", "max_limit": "500", "database": "sqlite"},
            {"dialect": "nova,limit=capped,killed=listed", "max_limit": "500", "database": "sqlite"},
        ),
    ],
    ids=["nothing", "five rows", "a maximum and a database"],
)
def test_the_rows_of_an_old_cloud_are_learned(cloud: Mapping[str, str], options: Mapping[str, str]) -> None:
    verification = verification_of(open_fake(cloud), open_fake({}))
    settings = {"dialect": "nova", "database": "mariadb"}
    lesson = learn(verification, verification.run(), open_fake, settings)
    assert lesson.options == options
    after = verification_of(open_fake(cloud), open_fake(lesson.options))
    assert different_rules(after.run()) == []
