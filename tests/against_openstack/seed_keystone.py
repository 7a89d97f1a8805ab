"""Puts the cloud into Keystone: ``python seed_keystone.py CONFIG CLOUD``. Runs in the environment of the services.

CLOUD is a JSON file: projects, users, the administrator's password, and the endpoints of the catalog.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import Any

import keystone.conf  # type: ignore[import-not-found]  # in the other environment
from keystone.cmd import bootstrap  # type: ignore[import-not-found]  # in the other environment
from keystone.common import provider_api, sql  # type: ignore[import-not-found]  # in the other environment

API = provider_api.ProviderAPIs
REGION = "RegionOne"


def create_admin(cloud: dict[str, Any]) -> dict[str, str]:
    """Create domain, roles and administrator as ``keystone-manage bootstrap`` does; return the roles' ids by name."""
    admin = next(user for user in cloud["users"] if "admin" in user["roles"])
    strapper = bootstrap.Bootstrapper()
    strapper._bootstrap_default_domain()
    for project in cloud["projects"]:
        content = {"id": project["id"], "name": project["name"], "domain_id": "default", "enabled": True}
        description = (
            "Bootstrap project for initializing the cloud." if project["name"] == admin["project"] else ""
        )
        API.resource_api.create_project(project["id"], {**content, "description": description})
    create_user(admin)
    strapper.admin_username = admin["name"]
    strapper.admin_password = admin["password"]
    strapper.project_name = admin["project"]
    strapper.admin_role_name = "admin"
    strapper.region_id = REGION
    strapper.service_name = "keystone"
    strapper.public_url = strapper.internal_url = strapper.admin_url = cloud["endpoints"]["identity"]["url"]
    strapper.bootstrap()
    return {role["name"]: role["id"] for role in API.role_api.list_roles()}


def create_user(user: dict[str, Any]) -> None:
    """Create a user with the id that fake_nova gives it."""
    content = {"id": user["id"], "name": user["name"], "domain_id": "default", "enabled": True}
    API.identity_api.driver.create_user(user["id"], {**content, "password": user["password"]})


def create_endpoints(endpoints: dict[str, dict[str, str]]) -> None:
    """Create the services besides Keystone, and their endpoints."""
    for kind, endpoint in endpoints.items():
        if kind == "identity":
            continue
        service_id = uuid.uuid4().hex
        service = {"id": service_id, "type": kind, "name": endpoint["name"], "enabled": True}
        API.catalog_api.create_service(service_id, service)
        for interface in ("public", "internal", "admin"):
            row = {"id": uuid.uuid4().hex, "service_id": service_id, "interface": interface, "enabled": True}
            API.catalog_api.create_endpoint(row["id"], {**row, "url": endpoint["url"], "region_id": REGION})


def main() -> None:
    """Fill the empty database."""
    config, path = sys.argv[1:]
    cloud = json.loads(Path(path).read_text(encoding="utf-8"))
    keystone.conf.configure()
    sql.initialize()
    keystone.conf.CONF(args=[], project="keystone", default_config_files=[config])
    roles = create_admin(cloud)
    projects = {project["name"]: project["id"] for project in cloud["projects"]}
    for user in cloud["users"]:
        if "admin" not in user["roles"]:
            create_user(user)
            for role in user["roles"]:
                project_id = projects[user["project"]]
                API.assignment_api.add_role_to_user_and_project(user["id"], project_id, roles[role])
    create_endpoints(cloud["endpoints"])


if __name__ == "__main__":
    main()
