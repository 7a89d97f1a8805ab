"""Layered against a dict."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fake_nova.images.overlay_map import OverlayMap

CHANGES = st.lists(
    st.dictionaries(st.integers(0, 200), st.none() | st.integers(0, 9), max_size=60), max_size=12
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(0, 200), st.integers(0, 9)), CHANGES)
def test_any_changes_give_what_a_dict_would_and_leave_the_earlier_ones_alone(
    base: dict[int, int], changes: list[dict[int, int | None]]
) -> None:
    layered = OverlayMap(base)
    model = dict(base)
    history = [(layered, dict(model))]
    for change in changes:
        layered = layered.with_changes(change)
        for key, value in change.items():
            if value is None:
                model.pop(key, None)
            else:
                model[key] = value
        history.append((layered, dict(model)))
    for version, expected in history:
        assert len(version) == len(expected)
        assert sorted(version.values()) == sorted(expected.values())
        assert {key: version.get(key) for key in range(201)} == {key: expected.get(key) for key in range(201)}


def test_a_key_that_is_forgotten_stays_so_when_the_differences_are_folded_in() -> None:
    layered: OverlayMap[int, int] = OverlayMap(dict.fromkeys(range(100), 0))
    layered = layered.with_changes({7: None, 300: None})
    layered = layered.with_changes(
        dict.fromkeys(range(200, 400), 1)
    )  # more differences than are kept beside the base
    layered = layered.with_changes({300: None})
    assert len(layered) == 99 + 199
    assert layered.get(7) is None
    assert layered.get(300) is None
    assert sum(1 for _ in layered.values()) == 99 + 199
