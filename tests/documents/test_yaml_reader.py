"""The YAML and JSON of fixtures, and the position of each value in it."""

from __future__ import annotations

import pytest

from fake_nova.documents.validation import DocumentPath
from fake_nova.documents.yaml_reader import SourcePositions, parse_document
from fake_nova.errors import FixtureError
from fake_nova.support.json_reader import MAX_DEPTH
from fake_nova.support.messages import AmbiguousNumber

YAML = """\
projects:
  - id: abc
    name: one
images: [{name: a}, {name: b,
  size: 5}]
"""
JSON = '{"images": [{"name": "a"},\n {"name": "\\ud83d\\ude00", "size": 5}]}'


def test_json_is_accepted_as_yaml() -> None:
    assert (
        parse_document("a", '{"images": [{"name": "x"}]}')
        == parse_document("a", "images: [{name: x}]")
        == {"images": [{"name": "x"}]}
    )


def test_an_emoji_in_json_is_one_character() -> None:
    assert parse_document("a", '{"\\ud83d\\ude00": "\\ud83d\\ude00"}') == {"\U0001f600": "\U0001f600"}


def test_aliases_are_resolved() -> None:
    text = "- {name: &x a, properties: &p {k: v}}\n- {name: *x, properties: *p}\n"
    assert parse_document("a", text) == [{"name": "a", "properties": {"k": "v"}}] * 2


def test_a_time_is_read_as_text() -> None:
    assert parse_document("a", "at: 2014-02-10T17:05:01Z") == {"at": "2014-02-10T17:05:01Z"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", "cloud.yaml:2:1: a: duplicate key; expected it once"),
        ('{"a": 1,\n "a": 2}', "cloud.yaml:2:2: a: duplicate key; expected it once"),
        ("1: x\n", "cloud.yaml:1:1: invalid key (got 1); expected text (put it in quotes)"),
        (
            "a: !!set {x}\n",
            "cloud.yaml:1:4: tag:yaml.org,2002:set: tags are not supported; expected plain values",
        ),
        ("[" * 70, "cloud.yaml:1:65: nested too deep; expected at most 64 levels"),
        (
            "%TAG ! tag:x,2000:\n---\na: 1\n",
            "cloud.yaml:1:1: %: directives are not supported; expected plain YAML",
        ),
        ("# x\n%FOO\n---\na: 1\n", "cloud.yaml:2:1: %: directives are not supported; expected plain YAML"),
    ],
)
def test_unsupported_yaml_is_refused_with_its_position(text: str, expected: str) -> None:
    with pytest.raises(FixtureError) as error:
        parse_document("cloud.yaml", text)
    assert str(error.value) == expected


@pytest.mark.parametrize(
    ("text", "path", "position"),
    [
        (YAML, ("projects", 0, "name"), (3, 5)),
        (YAML, ("images", 1, "size"), (5, 3)),
        (YAML, ("images", 1, "min_ram"), (4, 21)),
        (YAML, ("images", 7, "size"), (4, 1)),
        (YAML, ("servers",), (1, 1)),
        (JSON, ("images", 1, "size"), (2, 27)),
    ],
)
def test_a_path_gives_its_position_or_that_of_the_nearest_parent(
    text: str, path: DocumentPath, position: tuple[int, int]
) -> None:
    assert SourcePositions(text).find(path) == position


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_document_can_declare_its_yaml_version(version: str) -> None:
    assert parse_document("a", f"%YAML {version}\n---\na: 1\n") == {"a": 1}


@pytest.mark.parametrize(
    "digits",
    [
        *("0100", "-0100", "00", "1_0", "1:30", "-1:30", "0x10", "0b11", "1_0.5", "1:30.5", ".inf", ".nan"),
        "0x" + "f" * 5_000,
        "1" * 32,
        "1" * 5_000,
        "1." + "0" * 31,
    ],
    ids=lambda digits: digits[:10],
)
def test_an_ambiguous_or_too_long_number_is_not_a_number(digits: str) -> None:
    number = parse_document("a", f"a: {digits}\n")["a"]
    assert isinstance(number, AmbiguousNumber)
    assert number.text == digits


def test_a_number_with_too_many_digits_in_json_is_ambiguous() -> None:
    (number,) = parse_document("a", f'{{"a": [{"1" * 32}]}}')["a"]
    assert isinstance(number, AmbiguousNumber)


@pytest.mark.parametrize(
    ("digits", "number"),
    [("0", 0), ("-7", -7), ("+5", 5), ("9" * 31, int("9" * 31)), ("22.10", 22.1), ("1.0e+5", 100_000.0)],
)
def test_an_unambiguous_number_is_a_number(digits: str, number: float) -> None:
    assert parse_document("a", f"a: {digits}\n") == {"a": number}


@pytest.mark.parametrize("line", ["-\n", "a:\n"])
def test_the_nesting_limit_applies_to_blocks(line: str) -> None:
    def nested(levels: int) -> str:
        return "".join(" " * level + line for level in range(levels)) + " " * levels + "x"

    assert parse_document("a", nested(MAX_DEPTH))
    with pytest.raises(FixtureError, match="nested too deep; expected at most 64 levels"):
        parse_document("a", nested(MAX_DEPTH + 1))


def test_a_mapping_can_merge_others_whose_keys_it_overrides() -> None:
    text = """
      - &base {size: 5, min_ram: 1}
      - &derived {<<: *base, min_ram: 2}
      - {min_ram: 3, <<: *derived}
      - <<: [*derived, *base]
      - <<: {size: 7}
    """
    assert parse_document("a", text)[1:] == [
        {"size": 5, "min_ram": 2},
        {"size": 5, "min_ram": 3},
        {"size": 5, "min_ram": 2},
        {"size": 7},
    ]


def test_an_anchor_can_contain_aliases() -> None:
    assert parse_document("a", "[&a [x], &b [*a, *a], *b]") == [["x"], [["x"], ["x"]], [["x"], ["x"]]]


@pytest.mark.parametrize(("use", "count"), [("*a", 10), ("{<<: *a}", 15)])
def test_aliases_may_expand_a_document_to_ten_times_its_length(use: str, count: int) -> None:
    anchored = f"[&a {{k: {'x' * 200}}}"
    written_out = len(anchored + f", {{k: {'x' * 200}}}" * count)
    assert 9 < written_out / len(anchored + f",{use}" * count) < 10
    assert len(parse_document("a", anchored + f",{use}" * count + "]")) == count + 1
    with pytest.raises(FixtureError) as error:
        parse_document("cloud.yaml", anchored + f",{use}" * (count + 1) + "]")
    assert str(error.value).endswith(
        "*a: aliases expand too far; expected at most 10 times the length of the document"
    )


def test_nested_aliases_may_not_multiply() -> None:
    levels = ["- &a0 [x]", *(f"- &a{n + 1} [*a{n}, *a{n}, *a{n}, *a{n}]" for n in range(30))]
    with pytest.raises(FixtureError, match=r"cloud\.yaml:7:8: \*a5: aliases expand too far"):
        parse_document("cloud.yaml", "\n".join(levels))


def test_nested_aliases_may_not_be_deeper_than_the_limit() -> None:
    levels = ["- &a0 [x]", *(f"- &a{n + 1} [*a{n}]" for n in range(70))]
    with pytest.raises(FixtureError, match="nested too deep; expected at most 64 levels"):
        parse_document("a", "\n".join(levels))


def test_a_percent_sign_within_a_document_is_text() -> None:
    assert parse_document("a", 'a: "x\n%b"\n') == {"a": "x %b"}


def test_a_fraction_can_start_with_a_point() -> None:
    assert parse_document("a", "a: .5\n") == {"a": 0.5}


@pytest.mark.parametrize("form", ["{{{0}}}", "{0}"])
def test_a_mapping_is_limited_to_5000_keys(form: str) -> None:
    def document(keys: int) -> str:
        separator = ", " if form == "{{{0}}}" else "\n"
        return form.format(separator.join(f'"k{number}": 1' for number in range(keys)))

    assert len(parse_document("a", document(5_000))) == 5_000
    with pytest.raises(FixtureError, match=r"too many keys in a mapping \(got 5001\); expected at most 5000"):
        parse_document("a", document(5_001))
