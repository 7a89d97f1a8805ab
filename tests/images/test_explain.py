"""The explanation of why an image is not in a list."""

from __future__ import annotations

from fake_nova.images import conditions
from fake_nova.images.explain import EXPLAINERS


def test_every_class_of_conditions_has_an_explanation() -> None:
    classes = {
        value
        for name, value in vars(conditions).items()
        if isinstance(value, type) and hasattr(value, "index_keys") and name != "Condition"
    }
    assert classes == set(EXPLAINERS)
