"""What Nova and the image service answer about an image."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"


@pytest.mark.parametrize("strategy", ["noauth", "keystone"])
@pytest.mark.parametrize("dialect", ["nova", "huaweicloud"])
def test_both_apis_show_every_image_of_a_user_of_its_project(strategy: str, dialect: str) -> None:
    cloud = Cloud(auth_strategy=strategy, dialect=dialect)
    for image in cloud.get("/_admin/images")["images"]:
        answers = cloud.get(f"/_admin/images/{image['id']}/answers")
        assert answers["nova"]["body"]["image"]["name"] == image["name"]
        assert answers["glance"]["body"]["name"] == image["name"]
        assert (answers["nova"]["status"], answers["glance"]["status"]) == (200, 200)
        assert answers["plan"] is None


def test_the_answers_are_those_of_clients(cloud: Cloud) -> None:
    answers = cloud.get(f"/_admin/images/{CIRROS}/answers")
    for service in ("nova", "glance"):
        assert answers[service]["body"] == cloud.get(answers[service]["path"])


def test_an_error_is_an_answer(cloud: Cloud) -> None:
    image_id = cloud.ask("POST", "/_admin/images", json={"name": "x"}).get_json()["id"]
    cloud.ask("DELETE", f"/v2.1/images/{image_id}")
    answers = cloud.get(f"/_admin/images/{image_id}/answers")
    assert answers["glance"]["status"] == 404
    assert "No image found" in answers["glance"]["body"]["message"]


def test_nothing_notices_the_question() -> None:
    cloud = Cloud(auth_strategy="keystone")
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}, "times": 1})
    plan = {"steps": [{"status": "saving", "looks": 2}, {"status": "active"}]}
    cloud.ask("PUT", "/_admin/plans/polled", json=plan)
    image_id = cloud.ask("POST", "/_admin/images", json={"name": "x", "plan": "polled"}).get_json()["id"]
    for _ in range(3):
        answers = cloud.get(f"/_admin/images/{image_id}/answers")
        assert answers["nova"]["body"]["image"]["status"] == "SAVING"
        assert answers["plan"] == {
            "name": "polled",
            "steps": plan["steps"],
            "elapsed": answers["plan"]["elapsed"],
            "looks": 0,
        }
    assert cloud.get("/_admin/requests")["requests"] == []
    assert cloud.get("/_admin/faults")["faults"][0]["met"] == 0
    assert not cloud.emulator.cloud.tokens


def test_an_unknown_image_is_a_404(cloud: Cloud) -> None:
    assert cloud.ask("GET", "/_admin/images/nope/answers").status_code == 404
