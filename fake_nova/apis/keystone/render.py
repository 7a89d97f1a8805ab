"""The identity service's documents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fake_nova.apis.keystone.tables import CATALOGUE, DOMAIN, IMPLIED_ROLES, INTERFACES, REGION, made_id
from fake_nova.cloud.directory import Project, User
from fake_nova.cloud.tokens import Token

Document = dict[str, Any]


def moment(when: datetime) -> str:
    """Write a time as the identity service does: always with six digits of a fraction."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def version(root: str) -> Document:
    """Return the description of v3."""
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{root}/v3/"}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }


def version_2(root: str) -> Document:
    """Return the description of v2.0."""
    media_type = "application/vnd.openstack.identity-v2.0+json"
    return {
        "id": "v2.0",
        "status": "deprecated",
        "updated": "2016-08-04T00:00:00Z",
        "links": [
            {"rel": "self", "href": f"{root}/v2.0/"},
            {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
        ],
        "media-types": [{"base": "application/json", "type": media_type}],
    }


def catalogue(origin: str) -> list[Document]:
    """Return the catalogue, with the address that the client used."""
    return [
        {
            "endpoints": [
                {
                    "id": made_id("endpoint", entry.type, interface),
                    "interface": interface,
                    "region_id": REGION,
                    "url": origin + entry.path,
                    "region": REGION,
                }
                for interface in INTERFACES
            ],
            "id": made_id("service", entry.type),
            "type": entry.type,
            "name": entry.name,
        }
        for entry in CATALOGUE
    ]


def role_names(token: Token) -> list[str]:
    """Return the names of the roles that a token gives, implied ones too."""
    return sorted({implied for role in token.roles for implied in IMPLIED_ROLES[role]})


def _in_domain(one: Project | User) -> Document:
    return {"domain": DOMAIN, "id": one.id, "name": one.name}


def token(held: Token, origin: str, with_catalogue: bool) -> Document:
    """Return what a token stands for."""
    shown: Document = {
        "methods": list(held.methods),
        "user": {**_in_domain(held.user), "password_expires_at": None},
        "audit_ids": list(held.audit_ids),
        "expires_at": moment(held.expires_at),
        "issued_at": moment(held.issued_at),
    }
    if held.project is None and not held.system:
        return {"token": shown}
    if held.project is not None:
        shown["project"] = _in_domain(held.project)
        shown["is_domain"] = False
    else:
        shown["system"] = {"all": True}
    shown["roles"] = [{"id": made_id("role", name), "name": name} for name in role_names(held)]
    if with_catalogue:
        shown["catalog"] = catalogue(origin)
    return {"token": shown}


def project(one: Project, root: str) -> Document:
    """Return a project."""
    return {
        "id": one.id,
        "name": one.name,
        "domain_id": DOMAIN["id"],
        "description": "Bootstrap project for initializing the cloud." if one.name == "admin" else "",
        "enabled": True,
        "parent_id": DOMAIN["id"],
        "is_domain": False,
        "tags": [],
        "options": {},
        "links": {"self": f"{root}/v3/projects/{one.id}"},
    }


def domain(root: str) -> Document:
    """Return the domain as the project that it is, too."""
    return {
        **project(Project(DOMAIN["id"], DOMAIN["name"]), root),
        "domain_id": None,
        "description": "The default domain",
        "parent_id": None,
        "is_domain": True,
    }
