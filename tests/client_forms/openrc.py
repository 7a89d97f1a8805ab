"""Forms of openrc files."""

from __future__ import annotations

from typing import Final

from tests.client_forms.form import DEMO_PROJECT, Form

_USER: Final = {"OS_USERNAME": "demo", "OS_PASSWORD": "demo-secret"}
_URL: Final = {"OS_AUTH_URL": "{url}/identity/v3"}
_DOMAINS: Final = {"OS_USER_DOMAIN_NAME": "Default", "OS_PROJECT_DOMAIN_NAME": "Default"}
_PROJECT: Final = {"OS_PROJECT_NAME": "demo"}
_REST: Final = {"OS_IDENTITY_API_VERSION": "3", "OS_REGION_NAME": "RegionOne"}
_WHOLE: Final = {**_URL, **_USER, **_PROJECT, **_DOMAINS, **_REST}
_OLD: Final = {"OS_AUTH_URL": "{url}/identity/v2.0", **_USER, "OS_TENANT_NAME": "demo"}
_CREDENTIAL: Final = {
    "OS_AUTH_TYPE": "v3applicationcredential",
    **_URL,
    "OS_APPLICATION_CREDENTIAL_SECRET": "not-a-secret",
}
_TOKEN: Final = {**_URL, "OS_TOKEN": "{token}"}
_TOKEN_PROJECT: Final = {"OS_PROJECT_NAME": "demo", "OS_PROJECT_DOMAIN_NAME": "Default"}
_NOAUTH: Final = {"auth_strategy": "noauth"}
_TLS: Final = {"tls": "self-signed"}

_UNAUTHORIZED: Final = "The request you have made requires authentication. (HTTP 401)"
_NO_CATALOG: Final = (
    "Service 'image' is disabled because its configuration could not be loaded. "
    "The service is not present in the service catalog: "
)
_NOT_FOUND: Final = (
    "Could not find versioned identity endpoints when attempting to authenticate. "
    "Please check that your auth_url is correct."
)


def _without(*names: str) -> dict[str, str]:
    return {name: value for name, value in _WHOLE.items() if name not in names}


_NO_DOMAINS: Final = _without(*_DOMAINS)

FORMS: Final = (
    Form(1, "names, the domain by its name", variables=_WHOLE),
    Form(
        2,
        "the domain by its id",
        variables={**_NO_DOMAINS, "OS_USER_DOMAIN_ID": "default", "OS_PROJECT_DOMAIN_ID": "default"},
    ),
    Form(
        3,
        "the domain's name in lower case",
        variables={**_WHOLE, "OS_USER_DOMAIN_NAME": "default", "OS_PROJECT_DOMAIN_NAME": "default"},
    ),
    Form(
        3,
        "the same on SQLite",
        settings={"database": "sqlite"},
        variables={**_WHOLE, "OS_USER_DOMAIN_NAME": "default", "OS_PROJECT_DOMAIN_NAME": "default"},
        error=_UNAUTHORIZED,
        hint="""The project's domain has the name "default"; existing ones: "Default".""",
    ),
    Form(
        4, "the project by its id", variables={**_without("OS_PROJECT_NAME"), "OS_PROJECT_ID": DEMO_PROJECT}
    ),
    Form(
        4,
        "the project by its id and its name, no project domain",
        variables={**_without("OS_PROJECT_DOMAIN_NAME"), "OS_PROJECT_ID": DEMO_PROJECT},
    ),
    Form(4, "the project by its name, no project domain", variables=_without("OS_PROJECT_DOMAIN_NAME")),
    Form(5, "Keystone's root", variables={**_WHOLE, "OS_AUTH_URL": "{url}/identity"}),
    Form(5, "Keystone's root with a slash", variables={**_WHOLE, "OS_AUTH_URL": "{url}/identity/"}),
    Form(5, "a slash at the end", variables={**_WHOLE, "OS_AUTH_URL": "{url}/identity/v3/"}),
    Form(
        5,
        "no path before the version",
        variables={**_WHOLE, "OS_AUTH_URL": "{url}/v3"},
        error="Invalid response from server.",
        hint="No service has this path; the path begins with /identity in Keystone.",
    ),
    Form(
        5,
        "no path",
        variables={**_WHOLE, "OS_AUTH_URL": "{url}"},
        error="Cannot use v2 authentication with domain scope",
        hint="These are Nova's versions; a client logs in at /identity, Keystone's path.",
    ),
    Form(
        5,
        "another path of Keystone",
        settings={"prefix": ("identity=/keystone",)},
        variables={**_WHOLE, "OS_AUTH_URL": "{url}/keystone/v3"},
    ),
    Form(
        5,
        "another path, without the setting",
        variables={**_WHOLE, "OS_AUTH_URL": "{url}/keystone/v3"},
        error=_NOT_FOUND,
        hint="No service has this path; serve with --prefix identity=/keystone, or leave /keystone out.",
    ),
    Form(5, "the internal interface", variables={**_WHOLE, "OS_INTERFACE": "internal"}),
    Form(5, "the internal interface, older", variables={**_WHOLE, "OS_ENDPOINT_TYPE": "internalURL"}),
    Form(
        6,
        "Keystone v2.0",
        settings={"dialect": "huaweicloud"},
        variables={**_OLD, "OS_TENANT_ID": DEMO_PROJECT},
    ),
    Form(6, "Keystone v2.0, the tenant's name alone", settings={"dialect": "huaweicloud"}, variables=_OLD),
    Form(
        6,
        "Keystone v2.0 in dialect nova",
        variables=_OLD,
        error=_NOT_FOUND,
        hint="Keystone no longer has API v2.0; use /identity/v3, or dialect huaweicloud.",
    ),
    Form(
        7,
        "an application credential",
        variables={**_CREDENTIAL, "OS_APPLICATION_CREDENTIAL_ID": "{credential}"},
    ),
    Form(
        7,
        "an application credential by its name",
        variables={
            **_CREDENTIAL,
            "OS_APPLICATION_CREDENTIAL_NAME": "ci",
            "OS_USERNAME": "demo",
            "OS_USER_DOMAIN_NAME": "Default",
        },
    ),
    Form(
        7,
        "an application credential and a project",
        variables={**_CREDENTIAL, "OS_APPLICATION_CREDENTIAL_ID": "{credential}", **_TOKEN_PROJECT},
        error="Error authenticating with application credential: Application credentials cannot request a scope.",
    ),
    Form(
        7,
        "a wrong secret",
        variables={
            **_CREDENTIAL,
            "OS_APPLICATION_CREDENTIAL_ID": "{credential}",
            "OS_APPLICATION_CREDENTIAL_SECRET": "x",
        },
        error=_UNAUTHORIZED,
        hint="The secret of application credential ci is wrong.",
    ),
    Form(8, "a token and a project", variables={"OS_AUTH_TYPE": "v3token", **_TOKEN, **_TOKEN_PROJECT}),
    Form(
        8,
        "an unscoped token and a project",
        variables={"OS_AUTH_TYPE": "v3token", **_TOKEN, **_TOKEN_PROJECT, "OS_TOKEN": "{unscoped}"},
    ),
    Form(8, "a token, any version", variables={"OS_AUTH_TYPE": "token", **_TOKEN, **_TOKEN_PROJECT}),
    Form(
        8,
        "a token without a project",
        variables={"OS_AUTH_TYPE": "token", **_TOKEN, "OS_TOKEN": "{unscoped}"},
        error=_NO_CATALOG + "The service catalog is empty.",
    ),
    Form(
        8,
        "a token beside a user",
        variables={"OS_AUTH_TYPE": "token", **_WHOLE, "OS_TOKEN": "{token}"},
        error="Token.__init__() got an unexpected keyword argument 'user_domain_name'",
    ),
    Form(
        8,
        "an administrator's token and an endpoint, noauth",
        settings=_NOAUTH,
        variables={"OS_AUTH_TYPE": "admin_token", "OS_TOKEN": "x", "OS_ENDPOINT": "{url}/image/v2"},
    ),
    Form(
        8,
        "the same, no version in the endpoint",
        settings=_NOAUTH,
        variables={"OS_AUTH_TYPE": "admin_token", "OS_TOKEN": "x", "OS_ENDPOINT": "{url}/image"},
        error="'images'",
        hint="The path lacks a version; the path begins with /v2 in Glance.",
    ),
    Form(
        8,
        "no log-in, noauth",
        settings=_NOAUTH,
        variables={"OS_AUTH_TYPE": "none", "OS_ENDPOINT": "{url}/image"},
    ),
    Form(
        8,
        "no log-in, the server asks for tokens",
        variables={"OS_AUTH_TYPE": "none", "OS_ENDPOINT": "{url}/image"},
        error="HttpException: 401: Client Error for url: {url}/image/v2/images?limit=2, "
        "This server could not verify that you are authorized",
        hint="The token was not issued here, or it has expired, was revoked, or was forgotten by a reset.",
    ),
    Form(
        9,
        "system scope, as an administrator",
        variables={
            **_URL,
            "OS_USERNAME": "admin",
            "OS_PASSWORD": "admin-secret",
            "OS_USER_DOMAIN_NAME": "Default",
            "OS_SYSTEM_SCOPE": "all",
        },
        error="ForbiddenException: 403: Client Error for url: {url}/image/v2/images?limit=2, "
        "You are not authorized to complete get_images action.",
    ),
    Form(
        9,
        "system scope, without a role in the system",
        variables={**_URL, **_USER, "OS_USER_DOMAIN_NAME": "Default", "OS_SYSTEM_SCOPE": "all"},
        error=_UNAUTHORIZED,
        hint="User demo has no role in the system; an admin has one.",
    ),
    Form(
        9,
        "system scope and a project",
        variables={**_WHOLE, "OS_SYSTEM_SCOPE": "all"},
        error="Authentication cannot be scoped to multiple targets. "
        "Pick one of: project, domain, trust, system or unscoped",
    ),
    Form(
        9,
        "domain scope, without a role in the domain",
        variables={**_URL, **_USER, "OS_USER_DOMAIN_NAME": "Default", "OS_DOMAIN_NAME": "Default"},
        error=_UNAUTHORIZED,
        hint="User demo has no role in domain Default, only in demo.",
    ),
    Form(
        9,
        "no project",
        variables={**_URL, **_USER, "OS_USER_DOMAIN_NAME": "Default"},
        error=_NO_CATALOG + "The service catalog is empty.",
    ),
    Form(
        10,
        "versions of the APIs",
        variables={
            **_WHOLE,
            "OS_COMPUTE_API_VERSION": "2.1",
            "OS_IMAGE_API_VERSION": "2",
            "OS_VOLUME_API_VERSION": "3",
        },
    ),
    Form(10, "a microversion", variables={**_WHOLE, "OS_COMPUTE_API_VERSION": "2.35"}),
    Form(10, "OS_INSECURE with http", variables={**_WHOLE, "OS_INSECURE": "true"}),
    Form(10, "OS_CACERT with http", variables={**_WHOLE, "OS_CACERT": "{folder}/ca.pem"}),
    Form(10, "https and its CA", settings=_TLS, variables={**_WHOLE, "OS_CACERT": "{ca}"}),
    Form(10, "https, unverified", settings=_TLS, variables={**_WHOLE, "OS_INSECURE": "true"}),
    Form(
        10,
        "https without the CA",
        settings=_TLS,
        variables=_WHOLE,
        error=f"{_NOT_FOUND} SSL exception connecting to {{url}}/identity/v3",
    ),
    Form(
        10,
        "https, and the server speaks http",
        variables={**_WHOLE, "OS_AUTH_URL": "{https}/identity/v3"},
        error=f"{_NOT_FOUND} SSL exception connecting to {{https}}/identity/v3",
    ),
    Form(
        10,
        "OS_CLOUD beside other variables",
        variables={**_without(*_USER), "OS_CLOUD": "fake"},
        clouds={
            "fake": {
                "auth": {
                    "auth_url": "{url}/identity/v3",
                    "username": "demo",
                    "password": "demo-secret",
                    "project_name": "demo",
                    "user_domain_id": "default",
                    "project_domain_id": "default",
                }
            }
        },
    ),
)
