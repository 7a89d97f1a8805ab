"""OverlayMap behaves like a dict."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from fake_nova.images.overlay_map import OverlayMap

CHANGES = st.lists(
    st.dictionaries(st.integers(0, 200), st.none() | st.integers(0, 9), max_size=60), max_size=12
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.integers(0, 200), st.integers(0, 9)), CHANGES)
def test_any_changes_behave_as_in_a_dict_and_leave_older_maps_unchanged(
    base: dict[int, int], changes: list[dict[int, int | None]]
) -> None:
    overlay_map = OverlayMap(base)
    model = dict(base)
    history = [(overlay_map, dict(model))]
    for change in changes:
        overlay_map = overlay_map.with_changes(change)
        for key, value in change.items():
            if value is None:
                model.pop(key, None)
            else:
                model[key] = value
        history.append((overlay_map, dict(model)))
    for version, expected in history:
        assert len(version) == len(expected)
        assert sorted(version.values()) == sorted(expected.values())
        assert {key: version.get(key) for key in range(201)} == {key: expected.get(key) for key in range(201)}


def test_a_deleted_key_stays_deleted_after_the_overlay_is_merged() -> None:
    overlay_map: OverlayMap[int, int] = OverlayMap(dict.fromkeys(range(100), 0))
    overlay_map = overlay_map.with_changes({7: None, 300: None})
    overlay_map = overlay_map.with_changes(
        dict.fromkeys(range(200, 400), 1)
    )  # too many changes for an overlay: it is merged
    overlay_map = overlay_map.with_changes({300: None})
    assert len(overlay_map) == 99 + 199
    assert overlay_map.get(7) is None
    assert overlay_map.get(300) is None
    assert sum(1 for _ in overlay_map.values()) == 99 + 199
