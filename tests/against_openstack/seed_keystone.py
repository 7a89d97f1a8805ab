"""Puts the cloud into Keystone: ``python seed_keystone.py CONFIG CLOUD``. Runs in the environment of the services.

CLOUD is a JSON file: projects, users, roles and services, with their ids.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import keystone.conf  # type: ignore[import-not-found]  # in the other environment
from keystone.cmd import bootstrap  # type: ignore[import-not-found]  # in the other environment
from keystone.common import provider_api, sql  # type: ignore[import-not-found]  # in the other environment

API = provider_api.ProviderAPIs
REGION = "RegionOne"


def create_admin(cloud: dict[str, Any]) -> None:
    """Create domain, projects, roles and administrator as ``keystone-manage bootstrap`` does, which keeps what exists."""
    admin = next(user for user in cloud["users"] if "admin" in user["roles"])
    strapper = bootstrap.Bootstrapper()
    strapper._bootstrap_default_domain()
    for project in cloud["projects"]:
        content = {"id": project["id"], "name": project["name"], "domain_id": "default", "enabled": True}
        description = (
            "Bootstrap project for initializing the cloud." if project["name"] == admin["project"] else ""
        )
        API.resource_api.create_project(project["id"], {**content, "description": description})
    for name, role_id in cloud["roles"].items():
        API.role_api.create_role(role_id, {"id": role_id, "name": name})
    create_user(admin)
    strapper.admin_username = admin["name"]
    strapper.admin_password = admin["password"]
    strapper.project_name = admin["project"]
    strapper.admin_role_name = "admin"
    strapper.region_id = REGION
    strapper.bootstrap()


def create_user(user: dict[str, Any]) -> None:
    """Create a user with the id that fake_nova gives it."""
    content = {"id": user["id"], "name": user["name"], "domain_id": "default", "enabled": True}
    API.identity_api.driver.create_user(user["id"], {**content, "password": user["password"]})


def create_services(services: dict[str, dict[str, Any]]) -> None:
    """Create the services of the catalog, and their endpoints."""
    for service in services.values():
        row = {name: service[name] for name in ("id", "type", "name", "enabled")}
        API.catalog_api.create_service(service["id"], row)
        common = {"service_id": service["id"], "enabled": True, "url": service["url"], "region_id": REGION}
        for interface, endpoint_id in service["endpoints"].items():
            endpoint = {**common, "id": endpoint_id, "interface": interface}
            API.catalog_api.create_endpoint(endpoint_id, endpoint)


def main() -> None:
    """Fill the empty database."""
    config, path = sys.argv[1:]
    cloud = json.loads(Path(path).read_text(encoding="utf-8"))
    keystone.conf.configure()
    sql.initialize()
    keystone.conf.CONF(args=[], project="keystone", default_config_files=[config])
    create_admin(cloud)
    projects = {project["name"]: project["id"] for project in cloud["projects"]}
    for user in cloud["users"]:
        if "admin" not in user["roles"]:
            create_user(user)
            for role in user["roles"]:
                project_id = projects[user["project"]]
                API.assignment_api.add_role_to_user_and_project(user["id"], project_id, cloud["roles"][role])
    create_services(cloud["services"])


if __name__ == "__main__":
    main()
