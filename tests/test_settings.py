"""Settings come from arguments, else from the environment, else from the defaults."""

from __future__ import annotations

import pytest

from fake_nova.errors import ConfigurationError
from fake_nova.settings import Settings, load_settings

ADDRESS = "tcp://10.0.0.7:8774"


def test_arguments_override_the_environment_and_the_environment_overrides_defaults() -> None:
    variables = {
        "FAKE_NOVA_DIALECT": "nova",
        "FAKE_NOVA_DATABASE": "sqlite",
        "FAKE_NOVA_PORT": "99",
        "FAKE_NOVA_FIXTURES": "a:b",
        "PATH": "/bin",
    }
    settings = load_settings(variables, port=5)
    assert settings == Settings(port=5, dialect="nova", database="sqlite", fixtures=("a", "b"))


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(
        ConfigurationError, match=r"^colour: unknown setting; expected one of: access_log, admin, "
    ):
        load_settings({}, colour="red")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dialect", "aws"),
        ("database", "oracle"),
        ("port", -1),
        ("max_limit", 0),
        ("threads", "x"),
        ("dialect", ("nova",)),
        ("port", [1]),
    ],
)
def test_an_invalid_value_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name}: invalid value \(got .*\); expected "):
        load_settings({}, **{name: value})


def test_a_choice_that_contains_a_comma_is_quoted_in_the_error() -> None:
    with pytest.raises(ConfigurationError) as error_info:
        load_settings({"FAKE_NOVA_IMPORT_METHODS": "copy-image"})
    assert str(error_info.value) == (
        'FAKE_NOVA_IMPORT_METHODS: invalid value (got "copy-image"); expected glance-direct, web-download, '
        '"glance-direct,web-download" or none'
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FAKE_NOVA_SERVICE_HOST", "10.0.0.7"),
        ("FAKE_NOVA_SERVICE_PORT", "8774"),
        ("FAKE_NOVA_SERVICE_PORT_HTTP", "8774"),
        ("FAKE_NOVA_PORT", ADDRESS),
        ("FAKE_NOVA_PORT_8774_TCP", ADDRESS),
        ("FAKE_NOVA_PORT_8774_TCP_PROTO", "tcp"),
        ("FAKE_NOVA_PORT_8774_TCP_PORT", "8774"),
        ("FAKE_NOVA_PORT_8774_TCP_ADDR", "10.0.0.7"),
        ("FAKE_NOVA_PORT_53_UDP", "udp://10.0.0.7:53"),
        # A service ``fake-nova-host``, and a Docker link with that name.
        ("FAKE_NOVA_HOST_SERVICE_HOST", "10.0.0.7"),
        ("FAKE_NOVA_HOST_SERVICE_PORT", "8774"),
        ("FAKE_NOVA_HOST_PORT", ADDRESS),
        ("FAKE_NOVA_HOST_PORT_8774_TCP_ADDR", "10.0.0.7"),
    ],
)
def test_variables_of_kubernetes_and_docker_for_a_service_named_fake_nova_are_ignored(
    name: str, value: str
) -> None:
    assert load_settings({name: value}) == Settings()


def test_a_numeric_port_variable_counts_despite_kubernetes() -> None:
    variables = {
        "FAKE_NOVA_SERVICE_HOST": "10.0.0.7",
        "FAKE_NOVA_PORT_8774_TCP": ADDRESS,
        "FAKE_NOVA_PORT": "8775",
    }
    assert load_settings(variables) == Settings(port=8775)


@pytest.mark.parametrize("name", ["FAKE_NOVA_PORT", "FAKE_NOVA_PORTS"])
def test_an_invalid_variable_of_an_overridden_setting_is_ignored(name: str) -> None:
    assert load_settings({name: "nonsense"}, port=8775) == Settings(port=8775)
    with pytest.raises(ConfigurationError, match=rf"^{name}: "):
        load_settings({name: "nonsense"})


def test_allowed_hosts_are_separated_by_commas_in_the_variable() -> None:
    expected = Settings(allowed_host=("one.example.com", "two.example.com"))
    variables = {"FAKE_NOVA_ALLOWED_HOST": "One.example.com, two.example.com"}
    assert load_settings(variables) == expected
    assert load_settings({}, allowed_host=("one.example.com", "two.example.com")) == expected


@pytest.mark.parametrize("name", ["", "a b", "http://a", "a:80", "a,,b"])
def test_an_invalid_allowed_host_is_refused(name: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^FAKE_NOVA_ALLOWED_HOST: invalid value \(got .*\); expected a host name"
    ):
        load_settings({"FAKE_NOVA_ALLOWED_HOST": name})


def test_prefixes_regions_and_services_of_the_catalog_are_separated_by_commas_in_the_variables() -> None:
    variables = {
        "FAKE_NOVA_PREFIX": "compute=/compute, image=/os/glance/",
        "FAKE_NOVA_REGION": "RegionOne,cn-north-1",
        "FAKE_NOVA_CATALOG": "network,Placement",
        "FAKE_NOVA_COMPUTE_PROJECT_ID": "true",
    }
    settings = load_settings(variables)
    assert settings == Settings(
        prefix=("compute=/compute", "image=/os/glance"),
        region=("RegionOne", "cn-north-1"),
        catalog=("network", "placement"),
        compute_project_id=True,
    )
    assert settings.service_paths == {"compute": "/compute", "image": "/os/glance", "identity": "/identity"}


@pytest.mark.parametrize(
    "value", ["identity=/identity", "image=/image", "compute=/a", "compute=/a.b/~c/d-e_f"]
)
def test_a_prefix_may_be_any_path_and_the_services_own(value: str) -> None:
    assert load_settings({}, prefix=value).prefix == (value,)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "/compute",
        "compute",
        "compute=compute",
        "compute=/",
        "compute=",
        "nova=/compute",
        "compute=/a//b",
        "compute=/a b",
        "compute=/a?b",
        "compute=/ä",
        "compute=/v2.1",
        "compute=/v2/x",
        "compute=/_admin",
        "compute=/image",
        "image=/identity/v3",
        "identity=/identity/v3",
        "compute=/placement",
        "image=/healthcheck",
        "compute=/1/2/3/4/5/6",
    ],
)
def test_an_invalid_prefix_is_refused(value: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^prefix: invalid value \(got .*\); expected a service and a path"
    ):
        load_settings({}, prefix=value)


def test_two_services_cannot_have_the_same_prefix() -> None:
    prefixes = ("compute=/a", "compute=/a", "image=/b")
    assert load_settings({}, prefix=prefixes).prefix == prefixes
    with pytest.raises(ConfigurationError) as error_info:
        load_settings({}, prefix=("compute=/a", "image=/a"))
    assert str(error_info.value) == (
        'prefix: another service has this path too (got "image=/a"); expected different paths'
    )


@pytest.mark.parametrize(("name", "value"), [("region", "a/b"), ("region", ""), ("catalog", "dns")])
def test_an_invalid_region_or_service_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name}: invalid value \(got .*\); expected "):
        load_settings({}, **{name: value})
