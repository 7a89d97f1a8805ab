"""A request on its way."""

from __future__ import annotations

from uuid import UUID

from tests.conftest import Cloud


def test_the_id_of_each_answer_is_another_random_uuid(cloud: Cloud) -> None:
    ids = [cloud.ask("GET", "/v2.1/images").headers["x-openstack-request-id"] for _ in range(20)]
    assert len(set(ids)) == 20
    for text in ids:
        assert text == f"req-{UUID(text[4:])}"
        assert UUID(text[4:]).version == 4
