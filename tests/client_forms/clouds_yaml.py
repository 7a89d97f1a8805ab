"""Forms of clouds.yaml."""

from __future__ import annotations

from typing import Any, Final

from tests.client_forms.form import DEMO_PROJECT, OPENSTACK, Form

_LOGIN: Final = {"auth_url": "{url}/identity/v3", "username": "demo", "password": "demo-secret"}
_NAMES: Final = {
    **_LOGIN,
    "project_name": "demo",
    "user_domain_name": "Default",
    "project_domain_name": "Default",
}
_WHOLE: Final = {"auth": _NAMES, "region_name": "RegionOne", "interface": "public", "identity_api_version": 3}
_CREDENTIAL: Final = {"auth_url": "{url}/identity/v3", "application_credential_secret": "not-a-secret"}
_TOKEN: Final = {"auth_url": "{url}/identity/v3", "token": "{token}"}
_TOKEN_PROJECT: Final = {"project_name": "demo", "project_domain_name": "Default"}
_NOAUTH: Final = {"auth_strategy": "noauth"}
_TLS: Final = {"tls": "self-signed"}
_COMPUTE: Final = "sdk compute"
_IMAGE: Final = "sdk image"
_REGIONS: Final = {"region": ("RegionOne", "RegionTwo")}


def _form(group: int, name: str, cloud: dict[str, Any], **rest: Any) -> Form:
    """Return a form whose clouds.yaml has one cloud, which ``OS_CLOUD`` names."""
    return Form(group, name, variables={"OS_CLOUD": "fake"}, clouds={"fake": cloud}, **rest)


FORMS: Final = (
    _form(1, "names", _WHOLE),
    _form(1, "names, Nova's images API", _WHOLE, command=_COMPUTE),
    _form(
        2,
        "the domain by its id",
        {
            **_WHOLE,
            "auth": {
                **_LOGIN,
                "project_name": "demo",
                "user_domain_id": "default",
                "project_domain_id": "default",
            },
        },
    ),
    _form(
        2,
        "the project by its id",
        {**_WHOLE, "auth": {**_LOGIN, "project_id": DEMO_PROJECT, "user_domain_id": "default"}},
    ),
    _form(2, "no domain of the user", {**_WHOLE, "auth": {**_LOGIN, "project_id": DEMO_PROJECT}}),
    _form(
        3,
        "an application credential",
        {
            "auth_type": "v3applicationcredential",
            "auth": {**_CREDENTIAL, "application_credential_id": "{credential}"},
        },
    ),
    _form(
        3,
        "an application credential by its name",
        {
            "auth_type": "v3applicationcredential",
            "auth": {
                **_CREDENTIAL,
                "application_credential_name": "ci",
                "username": "demo",
                "user_domain_name": "Default",
            },
        },
    ),
    _form(
        4,
        "no log-in: the endpoint of Nova",
        {"auth_type": "none", "auth": {"endpoint": "{url}/v2.1"}},
        settings=_NOAUTH,
        command=_COMPUTE,
    ),
    _form(
        4,
        "no log-in: an endpoint of each service",
        {
            "auth_type": "none",
            "auth": {"endpoint": "{url}/v2.1"},
            "compute_endpoint_override": "{url}/v2.1",
            "image_endpoint_override": "{url}/image",
        },
        settings=_NOAUTH,
    ),
    _form(
        4,
        "the same, Nova's images API",
        {
            "auth_type": "none",
            "auth": {"endpoint": "{url}/v2.1"},
            "compute_endpoint_override": "{url}/v2.1",
            "image_endpoint_override": "{url}/image",
        },
        settings=_NOAUTH,
        command=_COMPUTE,
    ),
    _form(5, "a token", {"auth_type": "token", "auth": {**_TOKEN, **_TOKEN_PROJECT}}),
    _form(5, "a token and a project", {"auth_type": "v3token", "auth": {**_TOKEN, **_TOKEN_PROJECT}}),
    _form(
        5,
        "an unknown token",
        {"auth_type": "v3token", "auth": {**_TOKEN, **_TOKEN_PROJECT, "token": "x"}},
        error="Could not recognize Fernet token (HTTP 404)",
        hint="The token was not issued here, or it has expired, was revoked, or was forgotten by a reset.",
    ),
    _form(
        6,
        "versions of the APIs",
        {
            **_WHOLE,
            "compute_api_version": "2.1",
            "image_api_version": "2",
            "image_endpoint_override": "{url}/image/v2",
        },
    ),
    _form(
        6,
        "a microversion, Nova's images API",
        {**_WHOLE, "compute_api_version": "2", "compute_default_microversion": "2.35"},
        command=_COMPUTE,
    ),
    _form(
        6,
        "a microversion in both places",
        {**_WHOLE, "compute_api_version": "2.1", "compute_default_microversion": "2.35"},
        command=_COMPUTE,
        error="default_microversion of 2.35 was given for compute, but api_version looks like a microversion as well. "
        "Please set api_version to just the desired major version, or omit default_microversion",
    ),
    _form(
        6,
        "a microversion without the images API",
        {**_WHOLE, "compute_default_microversion": "2.36"},
        command=_COMPUTE,
        error="NotFoundException: 404: Client Error for url: {url}/v2.1/images/detail",
        hint="images.detail ends with microversion 2.35; the request asks for 2.36.",
    ),
    _form(
        7,
        "regions, one by an option",
        {"auth": _NAMES, "regions": ["RegionOne", "RegionTwo"]},
        settings=_REGIONS,
        command=f"openstack --os-region-name RegionTwo {OPENSTACK.removeprefix('openstack ')}",
    ),
    _form(
        7,
        "regions, the first by default",
        {"auth": _NAMES, "regions": ["RegionOne", "RegionTwo"]},
        settings=_REGIONS,
    ),
    _form(
        7,
        "a region that the server does not have",
        {"auth": _NAMES, "region_name": "RegionTwo"},
        error="Service 'image' is disabled because its configuration could not be loaded. The service is not present "
        "in the service catalog: public endpoint for image service in RegionTwo region not found",
    ),
    _form(7, "the internal interface", {"auth": _NAMES, "interface": "internal"}),
    _form(8, "verify: false with https", {**_WHOLE, "verify": False}, settings=_TLS),
    _form(8, "a CA file with https", {**_WHOLE, "cacert": "{ca}"}, settings=_TLS),
    _form(8, "verify: false with http", {**_WHOLE, "verify": False}),
    _form(8, "a CA file with http", {**_WHOLE, "cacert": "{folder}/ca.pem"}),
    _form(
        9,
        "all services behind prefixes",
        {**_WHOLE, "auth": {**_NAMES, "auth_url": "{url}/identity"}},
        settings={"prefix": ("compute=/compute", "image=/image", "identity=/identity")},
        command=_COMPUTE,
    ),
    _form(
        9,
        "all services behind prefixes, the image service",
        {**_WHOLE, "auth": {**_NAMES, "auth_url": "{url}/identity"}},
        settings={"prefix": ("compute=/compute", "image=/image", "identity=/identity")},
        command=_IMAGE,
    ),
    Form(
        10,
        "several clouds, passwords in secure.yaml",
        variables={"OS_CLOUD": "second"},
        clouds={
            "first": {"auth": {"auth_url": "{url}/nothing"}},
            "second": {**_WHOLE, "auth": {**_NAMES, "password": None}},
        },
        secure={"second": {"auth": {"password": "demo-secret"}}},
    ),
    Form(
        10,
        "a cloud that the file does not have",
        variables={"OS_CLOUD": "third"},
        clouds={"first": _WHOLE},
        error="Cloud third was not found.",
    ),
    _form(10, "an unknown vendor's profile", {**_WHOLE, "profile": "nobody"}),
)
