"""The collation of MariaDB: weights, equality and order."""

from __future__ import annotations

from functools import cache
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_nova.images.collation import equality_key, order_key, weight_of

SURROGATES = range(0xD800, 0xE000)


@cache
def measured_weights() -> dict[int, int]:
    """Return the weight of each code point of the BMP, as MariaDB 10.11.19 has it."""
    weights = {code: code for code in range(0x10000) if code not in SURROGATES}
    text = (Path(__file__).parent / "utf8mb3_general_ci.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        weight, _, ranges = line.partition(":")
        for part in ranges.split():
            first, _, last = part.partition("-")
            for code in range(int(first, 16), int(last or first, 16) + 1):
                weights[code] = int(weight, 16)
    return weights


def test_every_code_point_has_the_measured_weight() -> None:
    weights = measured_weights()
    assert len(weights) == 63_488
    assert {
        hex(code): (hex(weight), hex(ord(weight_of(chr(code)))))
        for code, weight in weights.items()
        if ord(weight_of(chr(code))) != weight
    } == {}


def reference_order(text: str, other: str) -> int:
    """Return -1, 0 or 1: two texts compared weight by weight, the shorter one filled up with blanks."""
    weights = measured_weights()
    for char, other_char in zip_longest(text, other, fillvalue=" "):
        difference = weights[ord(char)] - weights[ord(other_char)]
        if difference:
            return 1 if difference > 0 else -1
    return 0


def order_of_keys(text: str, other: str) -> int:
    return (order_key(text) > order_key(other)) - (order_key(text) < order_key(other))


#: Few characters, so that texts are often equal or nearly so: letters, blanks and characters below them.
CHARACTERS = st.sampled_from(
    "aAá\u0101bBsß\u017f \t\x00\x01\x1f!_~\u0439\u0419\u0438\u00e6\uff21"
) | st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
TEXTS = st.text(CHARACTERS, max_size=5)


@settings(max_examples=500)
@given(TEXTS, TEXTS)
def test_keys_compare_as_the_weights_do(text: str, other: str) -> None:
    expected = reference_order(text, other)
    assert order_of_keys(text, other) == expected
    assert (equality_key(text) == equality_key(other)) == (expected == 0)


@given(TEXTS, TEXTS, TEXTS)
def test_equality_is_an_equivalence_and_agrees_with_the_order(first: str, second: str, third: str) -> None:
    def are_equal(text: str, other: str) -> bool:
        return equality_key(text) == equality_key(other)

    assert are_equal(first, first)
    assert are_equal(first, second) == are_equal(second, first)
    assert are_equal(first, third) or not (are_equal(first, second) and are_equal(second, third))
    assert are_equal(first, second) == (order_key(first) == order_key(second))


@given(TEXTS, TEXTS, TEXTS)
def test_the_order_is_total(first: str, second: str, third: str) -> None:
    assert order_of_keys(first, second) == -order_of_keys(second, first)
    if order_of_keys(first, second) <= 0 and order_of_keys(second, third) <= 0:
        assert order_of_keys(first, third) <= 0


@given(TEXTS, st.integers(0, 3))
def test_trailing_blanks_do_not_count(text: str, number: int) -> None:
    assert equality_key(text + " " * number) == equality_key(text)
    assert order_key(text + " " * number) == order_key(text)


@pytest.mark.parametrize(
    "texts",
    [
        ("twin", "Twin", "TWIN", "tw\u0131n", "t\u0175\u00edn  "),
        ("e", "E", "é", "ê"),
        ("\u03b5", "\u03ad", "\u0395"),
        ("\u0435", "\u0451", "\u0401", "\u0415"),
        ("s", "S", "ß", "\u017f"),
        ("i", "I", "İ", "\u0131"),
        ("y", "ÿ", "Ÿ"),
        ("\u03c3", "\u03c2", "\u03a3", "\u03f2"),
        ("\u03bc", "\u00b5", "\u039c"),
        ("\uff41", "\uff21"),
        ("\u24d0", "\u24b6"),
        ("\u2177", "\u2167"),
        ("\u01c6", "\u01c5", "\u01c4"),
        ("đ", "Đ"),
        ("ł", "Ł"),
        ("ø", "Ø"),
        ("œ", "Œ"),
        ("\u056f", "\u053f"),
        ("", " ", "  "),
    ],
)
def test_these_texts_are_equal(texts: tuple[str, ...]) -> None:
    assert len(set(map(equality_key, texts))) == 1


@pytest.mark.parametrize(
    "texts",
    [
        ("ß", "ss", "\u1e9e"),
        ("æ", "ae"),
        ("œ", "oe"),
        ("ø", "o"),
        ("ł", "l"),
        ("đ", "d"),
        ("\uff41", "a"),
        ("\u0438", "\u0439"),
        ("か", "が", "カ"),
        ("k", "\u212a"),
        ("①", "¹", "1"),
        ("\ufb01", "fi"),
        ("e\u0301", "é"),
        ("\uac01", "\u1100\u1161\u11a8"),
        ("\u03ac", "\u1f71"),
        ("\u0180", "\u0243"),
        ("\u0501", "\u0500"),
        ("\u10d0", "\u1c90"),
        ("pad", " pad", "pad\t", "pad\n", "pad\r", "pad\u00a0", "pad\u2003", "pad\u3000", "pad\x00"),
        ("a b", "a  b", "ab"),
        ("a\x00b", "ab", "a"),
    ],
)
def test_these_texts_are_not_equal(texts: tuple[str, ...]) -> None:
    assert len(set(map(equality_key, texts))) == len(texts)


#: The measured order of names; those in one tuple are equal.
ORDER = [
    *(("", " "), ("09",), ("10",), ("9",), ("a\x01",), ("a\t",), ("a", "A", "ä", "a "), ("a b",), ("a-b",)),
    *(("ab", "aB", "Ab"), ("ae",), ("az",), ("a_b",), ("B", "b"), ("d",), ("é", "e"), ("f",), ("h",)),
    *(("İ", "\u0131"), ("j",), ("ß", "s"), ("ss",), ("st",), ("ÿ", "y"), ("z", "Z"), ("[",), ("_",), ("~",)),
    *(("æ",), ("đ",), ("\u03a9", "\u03c9"), ("\u0451",), ("\u044f", "\u042f"), ("か",), ("が",), ("漢",)),
    *(("\ufb01",), ("\uff5a",)),
]


def test_names_sort_in_the_measured_order() -> None:
    keys = [{order_key(text) for text in texts} for texts in ORDER]
    assert [len(each) for each in keys] == [1] * len(ORDER)
    flat_keys = [key for each in keys for key in each]
    assert flat_keys == sorted(flat_keys)
    assert len(set(flat_keys)) == len(ORDER)


def test_a_name_in_lower_case_is_its_own_key_and_takes_no_more_memory() -> None:
    for text in ("ubuntu-22.04", "", "a b", "か"):
        assert equality_key(text) is text
