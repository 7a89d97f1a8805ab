"""The service catalog: its URLs, its regions and its services, as the settings say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cloud

DEMO = "9c53a566cb3443ab910cf0daebca90c4"
ADMIN = "5f705771bb3e4e8fa4b0c6a0a4f4c6a1"
ADDED_TYPES = ("network", "volumev3", "object-store", "placement")


def catalog_cloud(**settings: Any) -> Cloud:
    return Cloud(auth_strategy="keystone", **settings)


def catalog(cloud: Cloud, prefix: str = "/identity", user: str = "demo") -> list[dict[str, Any]]:
    services: list[dict[str, Any]] = cloud.get(f"{prefix}/v3/auth/catalog", user)["catalog"]
    return services


def urls(services: list[dict[str, Any]], region: str = "RegionOne") -> dict[str, str]:
    """Return type of service -> its public URL in a region."""
    return {
        service["type"]: endpoint["url"]
        for service in services
        for endpoint in service["endpoints"]
        if (endpoint["interface"], endpoint["region_id"]) == ("public", region)
    }


def test_without_settings_the_catalog_has_the_services_own_paths() -> None:
    assert urls(catalog(catalog_cloud())) == {
        "compute": "http://localhost/v2.1",
        "image": "http://localhost/image",
        "identity": "http://localhost/identity/v3/",
    }


@pytest.mark.parametrize(("prefix", "identity"), [("/identity", "/a"), ("/a", "/a"), ("/b", "/b")])
def test_the_catalog_has_the_first_prefix_of_each_service_and_that_of_the_request(
    prefix: str, identity: str
) -> None:
    cloud = catalog_cloud(prefix=("compute=/compute", "compute=/nova", "identity=/a", "identity=/b"))
    assert urls(catalog(cloud, prefix)) == {
        "compute": "http://localhost/compute/v2.1",
        "image": "http://localhost/image",
        "identity": f"http://localhost{identity}/v3/",
    }


def test_a_log_in_and_a_listed_endpoint_have_the_urls_of_the_catalog() -> None:
    cloud = catalog_cloud(prefix=("compute=/compute", "image=/glance"))
    user = {"name": "demo", "password": "demo-secret", "domain": {"id": "default"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    auth = {"identity": identity, "scope": {"project": {"id": DEMO}}}
    token = cloud.ask("POST", "/identity/v3/auth/tokens", json={"auth": auth}).json["token"]
    assert token["catalog"] == catalog(cloud)
    endpoints = cloud.get("/identity/v3/endpoints?interface=public", "admin")["endpoints"]
    listed_urls = {(endpoint["id"], endpoint["url"]) for endpoint in endpoints}
    assert listed_urls == {
        (endpoint["id"], endpoint["url"])
        for service in catalog(cloud)
        for endpoint in service["endpoints"]
        if endpoint["interface"] == "public"
    }


def test_each_region_has_an_endpoint_of_each_service_and_interface() -> None:
    cloud = catalog_cloud(region=("eu-1", "us-1", "eu-1"))
    services = catalog(cloud)
    for service in services:
        places = [(endpoint["region_id"], endpoint["interface"]) for endpoint in service["endpoints"]]
        interfaces = ("admin", "internal", "public")
        assert places == [(region, name) for region in ("eu-1", "us-1") for name in interfaces]
    ids = [endpoint["id"] for service in services for endpoint in service["endpoints"]]
    assert len(set(ids)) == 18
    assert urls(services, "us-1") == urls(services, "eu-1")
    endpoints = cloud.get("/identity/v3/endpoints?region_id=us-1", "admin")["endpoints"]
    assert {endpoint["region"] for endpoint in endpoints} == {"us-1"}
    assert len(endpoints) == 9


def test_regions_are_listed_and_shown() -> None:
    cloud = catalog_cloud(region=("eu-1", "us-1"))
    assert [each["id"] for each in cloud.get("/identity/v3/regions", "demo")["regions"]] == ["eu-1", "us-1"]
    assert cloud.get("/identity/v3/regions/us-1", "demo")["region"]["parent_region_id"] is None
    assert cloud.ask("GET", "/identity/v3/regions/RegionOne", "demo").status_code == 404


def test_the_first_region_has_the_ids_of_the_only_one() -> None:
    alone, first = catalog_cloud(), catalog_cloud(region=("eu-1", "us-1"))
    ids = [[each["endpoints"][0]["id"] for each in catalog(cloud)] for cloud in (alone, first)]
    assert ids[0] == ids[1]


def test_the_compute_url_may_end_in_the_project_and_the_image_url_in_the_version() -> None:
    cloud = catalog_cloud(
        compute_project_id=True, image_version_in_url=True, prefix=("compute=/compute", "image=/glance")
    )
    for user, project in (("demo", DEMO), ("admin", ADMIN)):
        assert urls(catalog(cloud, user=user))["compute"] == f"http://localhost/compute/v2.1/{project}"
    assert urls(catalog(cloud))["image"] == "http://localhost/glance/v2"


def test_a_listed_endpoint_has_a_placeholder_for_the_project() -> None:
    cloud = catalog_cloud(compute_project_id=True)
    listed_urls = {each["url"] for each in cloud.get("/identity/v3/endpoints", "admin")["endpoints"]}
    assert "http://localhost/v2.1/%(project_id)s" in listed_urls


def test_a_token_without_a_project_has_no_endpoint_that_needs_one() -> None:
    cloud = catalog_cloud(compute_project_id=True)
    user = {"name": "admin", "password": "admin-secret", "domain": {"id": "default"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    auth = {"identity": identity, "scope": {"system": {"all": True}}}
    services = cloud.ask("POST", "/identity/v3/auth/tokens", json={"auth": auth}).json["token"]["catalog"]
    assert {service["type"]: len(service["endpoints"]) for service in services} == {
        "image": 3,
        "identity": 3,
        "compute": 0,
    }


def test_the_catalog_has_the_services_of_the_setting_catalog() -> None:
    cloud = catalog_cloud(catalog=(*ADDED_TYPES, "network"))
    services = catalog(cloud)
    assert [service["type"] for service in services] == ["image", "identity", "compute", *ADDED_TYPES]
    added_urls = urls(services)
    assert [added_urls[type] for type in ADDED_TYPES] == [
        "http://localhost/networking",
        f"http://localhost/volume/v3/{DEMO}",
        f"http://localhost/object-store/v1/AUTH_{DEMO}",
        "http://localhost/placement",
    ]
    listed_services = cloud.get("/identity/v3/services", "admin")["services"]
    names = {each["type"]: each["name"] for each in listed_services}
    assert [names[type] for type in ADDED_TYPES] == ["neutron", "cinderv3", "swift", "placement"]
    assert len(names) == len(listed_services) == 7


def test_the_catalog_of_api_v2_has_the_same_urls() -> None:
    cloud = catalog_cloud(prefix=("compute=/compute",), region=("eu-1", "us-1"), compute_project_id=True)
    auth = {"passwordCredentials": {"username": "demo", "password": "demo-secret"}, "tenantName": "demo"}
    access = cloud.ask("POST", "/identity/v2.0/tokens", json={"auth": auth}).json["access"]
    endpoints = {each["type"]: each["endpoints"] for each in access["serviceCatalog"]}
    assert [each["region"] for each in endpoints["compute"]] == ["eu-1", "us-1"]
    assert endpoints["compute"][0]["publicURL"] == f"http://localhost/compute/v2.1/{DEMO}"
    assert endpoints["identity"][0]["publicURL"] == "http://localhost/identity/v2.0"
