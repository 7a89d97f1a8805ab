"""Requests to the image service with methods that their paths do not have (measured with Glance 33.0.0)."""

from __future__ import annotations

import pytest

from tests.conftest import Cloud

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/versions", "/versions/", "/versions/x"])
def test_every_method_lists_the_versions_with_status_200(cloud: Cloud, method: str, path: str) -> None:
    response = cloud.ask(method, f"/image{path}")
    assert response.status_code == 200
    assert response.get_json() == cloud.get("/image/")


@pytest.mark.parametrize("method", [method for method in METHODS if method != "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/nope", "/versionsx"])
def test_another_path_lists_the_versions_with_status_300(cloud: Cloud, method: str, path: str) -> None:
    assert cloud.ask(method, f"/image{path}").status_code == 300
