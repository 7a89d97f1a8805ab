"""Settings: chosen, else from the environment, else the default."""

from __future__ import annotations

from dataclasses import fields

import pytest

from fake_nova.errors import Unusable
from fake_nova.settings import SETTINGS, Settings, from_environment


def test_each_setting_is_one_row_and_one_field() -> None:
    assert [setting.name for setting in SETTINGS] == [field.name for field in fields(Settings)]


def test_what_is_chosen_goes_before_the_environment_and_that_before_the_default() -> None:
    variables = {
        "FAKE_NOVA_DIALECT": "nova",
        "FAKE_NOVA_PORT": "99",
        "FAKE_NOVA_FIXTURES": "a:b",
        "PATH": "/bin",
    }
    settings = from_environment(variables, port=5)
    assert settings == Settings(port=5, dialect="nova", fixtures=("a", "b"))


def test_a_setting_that_there_is_not_is_refused() -> None:
    with pytest.raises(Unusable, match=r"^colour: no such setting; allowed: access_log, admin, "):
        from_environment({}, colour="red")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dialect", "aws"),
        ("port", -1),
        ("max_limit", 0),
        ("threads", "x"),
        ("dialect", ("nova",)),
        ("port", [1]),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_however_it_was_chosen(name: str, value: object) -> None:
    with pytest.raises(Unusable, match=rf"^{name}: .* is not allowed; allowed: "):
        from_environment({}, **{name: value})
