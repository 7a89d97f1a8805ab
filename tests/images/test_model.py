"""Who may see and change an image."""

from __future__ import annotations

from datetime import UTC, datetime

from fake_nova.images.model import Caller, Image, is_visible, may_change

NOW = datetime(2024, 1, 1, tzinfo=UTC)


def test_only_an_admin_can_change_an_image_without_an_owner() -> None:
    image = Image(id="1", created_at=NOW, updated_at=NOW, owner=None)
    members = [Caller("p", frozenset(("member",))), Caller(None, frozenset(("member",)))]
    admin = Caller(None, frozenset(("admin",)))
    assert all(is_visible(image, caller) for caller in (*members, admin))
    assert [may_change(image, caller) for caller in (*members, admin)] == [False, False, True]
