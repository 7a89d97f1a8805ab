"""The text of fixtures: YAML and JSON, and where each thing stands in it."""

from __future__ import annotations

import pytest

from fake_nova.cloud.problems import DocumentPath
from fake_nova.cloud.text import FixtureError, Places, parsed

YAML = """\
projects:
  - id: abc
    name: one
images: [{name: a}, {name: b,
  size: 5}]
"""
JSON = '{"images": [{"name": "a"},\n {"name": "\\ud83d\\ude00", "size": 5}]}'


def test_json_is_yaml_too() -> None:
    assert (
        parsed("a", '{"images": [{"name": "x"}]}')
        == parsed("a", "images: [{name: x}]")
        == {"images": [{"name": "x"}]}
    )


def test_an_emoji_in_json_is_one_character() -> None:
    assert parsed("a", '{"\\ud83d\\ude00": "\\ud83d\\ude00"}') == {"\U0001f600": "\U0001f600"}


def test_an_alias_outside_of_anchors_is_what_it_stands_for() -> None:
    text = "- {name: &x a, properties: &p {k: v}}\n- {name: *x, properties: *p}\n"
    assert parsed("a", text) == [{"name": "a", "properties": {"k": "v"}}] * 2


def test_a_time_stays_text() -> None:
    assert parsed("a", "at: 2014-02-10T17:05:01Z") == {"at": "2014-02-10T17:05:01Z"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a: 1\na: 2\n", "cloud.yaml:2:1: a: the key comes twice; allowed: once"),
        ('{"a": 1,\n "a": 2}', "cloud.yaml:2:2: a: the key comes twice; allowed: once"),
        ("1: x\n", "cloud.yaml:1:1: 1 is not a key; allowed: text (put it in quotes)"),
        ("a: !!set {x}\n", "cloud.yaml:1:4: tag:yaml.org,2002:set: tags are not read; allowed: plain values"),
        ("[" * 70, "cloud.yaml:1:65: nested too deep; expected at most 64 levels"),
    ],
)
def test_what_would_be_lost_or_do_harm_is_refused_with_its_place(text: str, wrong: str) -> None:
    with pytest.raises(FixtureError) as error:
        parsed("cloud.yaml", text)
    assert str(error.value) == wrong


@pytest.mark.parametrize(
    ("text", "path", "place"),
    [
        (YAML, ("projects", 0, "name"), (3, 5)),
        (YAML, ("images", 1, "size"), (5, 3)),
        (YAML, ("images", 1, "min_ram"), (4, 21)),
        (YAML, ("images", 7, "size"), (4, 1)),
        (YAML, ("servers",), (1, 1)),
        (JSON, ("images", 1, "size"), (2, 27)),
    ],
)
def test_a_path_leads_to_its_place_or_to_the_nearest_one_above_it(
    text: str, path: DocumentPath, place: tuple[int, int]
) -> None:
    assert Places(text).of(path) == place
