"""The settings of the emulator, in one table; command line and environment variables derive from it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from typing import Any, Final, NamedTuple, TypeVar

from fake_nova.dialects import DIALECT_EXPECTATION, DIALECTS, Dialect
from fake_nova.errors import ConfigurationError
from fake_nova.images.database import DATABASES, Database
from fake_nova.support.endpoints import (
    CATALOG_TYPES,
    PREFIXES,
    REGIONS,
    advertised_paths,
    find_ambiguous_prefix,
)
from fake_nova.support.host_addresses import addresses_of
from fake_nova.support.messages import quote_python, suggest
from fake_nova.support.orchestrator_variables import is_set_by_orchestrator
from fake_nova.support.setting_values import (
    BOOLEAN,
    FIXTURES,
    HOST_NAMES,
    ORIGINS,
    SECONDS,
    TEXT,
    ValueKind,
    choice,
    number,
    whole_number,
)

T = TypeVar("T")

AUTH_STRATEGIES = ("noauth", "keystone")


def _setting(default: T, kind: ValueKind, help: str) -> T:
    """Return a dataclass field for a setting: its default, its kind of values, and its help."""
    return field(default=default, metadata={"kind": kind, "help": help})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one emulator, in the order of the help and of the table in the documentation.

    `explicit_names` is not a setting: it has the names of those that an option or a variable sets. A fixture
    file may set the others.
    """

    host: str = _setting(
        "127.0.0.1", ValueKind(str, "a name or address of this machine"), "address to listen on"
    )
    port: int = _setting(8774, number(int, 0, 65535, "0 to 65535"), "port to listen on; 0 picks a free one")
    fixtures: tuple[str, ...] = _setting(
        ("default",), FIXTURES, "fixture file or folder that seeds the cloud; may be repeated"
    )
    watch: bool = _setting(False, BOOLEAN, "reset to the fixtures whenever their files change")
    auth_strategy: str = _setting(
        "noauth",
        choice(*AUTH_STRATEGIES),
        "noauth accepts any token or none; keystone requires a token issued by this server",
    )
    token_lifetime: int = _setting(3600, whole_number(1, 10**9), "seconds until a token expires")
    dialect: str = _setting(
        "huaweicloud",
        ValueKind(lambda text: DIALECTS[text].name, DIALECT_EXPECTATION, tuple(DIALECTS)),
        "images API to emulate: that of Huawei Cloud or that of Nova",
    )
    database: str = _setting(
        "mariadb",
        choice(*DATABASES),
        "how text compares and sorts: as on MariaDB, which nearly every real cloud runs on, or on SQLite",
    )
    max_limit: int = _setting(1000, whole_number(1, 10**9), "maximum images per page (Nova's max_limit)")
    metadata_quota: int = _setting(128, whole_number(1, 10**6), "maximum metadata keys per image")
    max_image_size: int = _setting(
        10 * 2**20, whole_number(0, 2**40), "maximum size of an image's data, in bytes"
    )
    import_methods: str = _setting(
        "glance-direct",
        choice("glance-direct", "web-download", "glance-direct,web-download", "none"),
        "import methods that the image service offers",
    )
    prefix: tuple[str, ...] = _setting(
        (),
        PREFIXES,
        "path at which compute, image or identity responds too, such as compute=/compute; may be repeated",
    )
    region: tuple[str, ...] = _setting(
        ("RegionOne",), REGIONS, "region of the service catalog; may be repeated"
    )
    compute_project_id: bool = _setting(
        False, BOOLEAN, "end the compute URL of the service catalog in the id of the project"
    )
    image_version_in_url: bool = _setting(
        False, BOOLEAN, "end the image URL of the service catalog in the version, /v2"
    )
    catalog: tuple[str, ...] = _setting(
        (),
        CATALOG_TYPES,
        "service of the catalog that has only empty lists: network, volumev3, object-store or placement; "
        "may be repeated",
    )
    trust_forwarded: bool = _setting(
        False,
        BOOLEAN,
        "build links from the headers X-Forwarded-Proto, -Host, -Port and -Prefix of one proxy",
    )
    hints: bool = _setting(True, BOOLEAN, "explain responses in the log and in the header X-Fake-Nova-Hint")
    journal: int = _setting(1000, whole_number(0, 10**6), "maximum requests in the journal of a cloud")
    admin: str = _setting(
        "local",
        choice("local", "public", "off"),
        "admin API: local (a public address then needs a token), public (no token needed) or off",
    )
    admin_token: str | None = _setting(None, TEXT, "bearer token that /_admin requires")
    allowed_host: tuple[str, ...] = _setting(
        (), HOST_NAMES, "host name that requests to /_admin may use; may be repeated"
    )
    cors: tuple[str, ...] = _setting((), ORIGINS, "web origin that may use the cloud; may be repeated")
    access_log: str = _setting(
        "off", choice("off", "text", "json"), "log one line for each request, as text or as JSON"
    )
    threads: int = _setting(
        256, number(int, 1, 1024, "1 to 1024"), "maximum requests in progress, including those that wait"
    )
    head_timeout: float = _setting(10, SECONDS, "seconds within which the head of a request must arrive")
    body_timeout: float = _setting(
        10,
        SECONDS,
        "seconds without a byte before the server gives up on a request or response body (gunicorn only)",
    )
    server: str = _setting(
        "gunicorn",
        choice("gunicorn", "granian"),
        "server to run; granian (an extra) serves several times as many requests, for load tests",
    )
    tls: str = _setting(
        "off",
        choice("off", "self-signed"),
        "self-signed: speak https, with a new certificate for this machine (needs the extra tls)",
    )
    tls_cert: str | None = _setting(None, TEXT, "file with the certificate for https, in PEM")
    tls_key: str | None = _setting(None, TEXT, "file with the key of that certificate, in PEM")
    tls_ca_file: str | None = _setting(
        None, TEXT, "file with the CA certificate that clients trust; self-signed writes it"
    )

    explicit_names: frozenset[str] = field(default=frozenset(), compare=False)

    def is_explicit(self, name: str) -> bool:
        """Return whether an option or a variable sets this setting, or it differs from the default."""
        return name in self.explicit_names or getattr(self, name) != _DEFAULTS[name]

    @property
    def speaks_tls(self) -> bool:
        """Whether the server speaks https."""
        return self.tls != "off" or self.tls_cert is not None or self.tls_key is not None

    @property
    def enabled_import_methods(self) -> tuple[str, ...]:
        """The import methods as a tuple."""
        return () if self.import_methods == "none" else tuple(self.import_methods.split(","))

    @property
    def service_paths(self) -> Mapping[str, str]:
        """Service -> the path at which the service catalog has it."""
        return advertised_paths(self.prefix)

    @property
    def dialect_rules(self) -> Dialect:
        """The rules of the dialect."""
        return DIALECTS[self.dialect]

    @property
    def database_rules(self) -> Database:
        """The rules of the database."""
        return DATABASES[self.database]


class Setting(NamedTuple):
    """The definition of one setting.

    Attributes:
        name: the name of the field in `Settings`.
        default: the default value.
        kind: the kind of its values.
        help: the help text.
    """

    name: str
    default: Any
    kind: ValueKind
    help: str

    @property
    def option(self) -> str:
        """The command-line option, such as ``--max-limit``."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable, such as ``FAKE_NOVA_MAX_LIMIT``."""
        return "FAKE_NOVA_" + self.name.upper()

    @property
    def default_text(self) -> str:
        """The default value as text for the help and the documentation."""
        value = self.default
        return (", ".join(value) or "none") if isinstance(value, tuple) else str(value).lower()

    def parse_text(self, text: str, source: str) -> Any:
        """Parse the text of a setting.

        Args:
            text: the text, as a shell passes it.
            source: the name of its option or variable, for the error message.

        Raises:
            ConfigurationError: if the text is invalid.
        """
        try:
            return self.kind.parse(text)
        except (KeyError, ValueError) as error:
            raise ConfigurationError(
                f"{source}: invalid value (got {quote_python(text)}); expected {self.kind.expectation}"
            ) from error

    def parse_many(self, texts: Iterable[str], source: str) -> tuple[str, ...]:
        """Parse the texts of a repeatable setting, such as several options.

        Args:
            texts: the texts; each may contain several values.
            source: the name of their option or variable, for the error message.

        Raises:
            ConfigurationError: if a text is invalid.
        """
        if self.name == "fixtures":  # a path may contain os.pathsep, which separates paths in a variable
            return tuple(map(str, texts))
        return tuple(value for text in texts for value in self.parse_text(str(text), source))


#: All settings, in the order of the help and of the table in the documentation.
SETTINGS = tuple(
    Setting(field.name, field.default, **field.metadata) for field in fields(Settings) if field.metadata
)

#: Name of a setting -> its default.
_DEFAULTS: Final = {setting.name: setting.default for setting in SETTINGS}

#: Names of settings whose option can be repeated.
REPEATABLE_SETTINGS = frozenset(setting.name for setting in SETTINGS if isinstance(setting.default, tuple))


def refuse_unprotected_admin(settings: Settings) -> None:
    """Check that nobody on another machine can control an unprotected admin API.

    Raises:
        ConfigurationError: if others can reach the address, the admin API is ``local``, and it has no token.
    """
    if settings.admin != "local" or settings.admin_token is not None:
        return
    if not all(address.is_loopback for address in addresses_of(settings.host, settings.port)):
        raise ConfigurationError(
            f"host: others can reach this address and control /_admin (got {quote_python(settings.host)}); "
            "expected an address such as 127.0.0.1, or --admin-token, or --admin off, or --admin public to "
            "allow it"
        )


def read_variables(environment: Mapping[str, str] | None, names: Collection[str]) -> dict[str, Any]:
    """Return the values of the variables of settings, by the name of the setting.

    Args:
        environment: the environment variables; None for those of the process.
        names: the names of the settings to read. The variables of others are ignored.

    Raises:
        ConfigurationError: if a variable looks like a misspelt setting, or its value is invalid.
    """
    variables = os.environ if environment is None else environment
    by_variable = {setting.variable: setting for setting in SETTINGS}
    settings = []
    for variable in sorted(variables):
        if not variable.startswith("FAKE_NOVA_") or is_set_by_orchestrator(variable, variables[variable]):
            continue
        candidates = [variable]
        if variable not in by_variable:
            candidates = get_close_matches(variable, by_variable, 1, cutoff=0.9)
        if not candidates or by_variable[candidates[0]].name not in names:
            continue
        if candidates != [variable]:
            raise ConfigurationError(
                f"{variable}: unknown setting (is it {candidates[0]}?); "
                f"expected one of: {', '.join(by_variable)}"
            )
        settings.append(by_variable[variable])
    return {
        setting.name: setting.parse_text(variables[setting.variable], setting.variable)
        for setting in settings
    }


def load_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Return the settings: from *overrides*, or else from ``FAKE_NOVA_…`` variables, or else the defaults.

    Args:
        environment: the environment variables; None for those of the process.
        overrides: values by name; the variables of these settings are ignored.

    Raises:
        ConfigurationError: if a setting does not exist, or a value is invalid; the message names the setting
            or variable and what is expected.
    """
    settings_by_name = {setting.name: setting for setting in SETTINGS}
    values: dict[str, Any] = {}
    for name, value in overrides.items():
        if name not in settings_by_name:
            names = ", ".join(sorted(settings_by_name)) + suggest(name, settings_by_name)
            raise ConfigurationError(f"{name}: unknown setting; expected one of: {names}")
        if name in REPEATABLE_SETTINGS and isinstance(value, (tuple, list)):
            values[name] = settings_by_name[name].parse_many(value, name)
        elif value is not None:
            values[name] = settings_by_name[name].parse_text(str(value), name)
    other_names = settings_by_name.keys() - values.keys()
    values |= read_variables(environment, other_names)
    settings = Settings(**values, explicit_names=frozenset(values))
    ambiguous_prefix = find_ambiguous_prefix(settings.prefix)
    if ambiguous_prefix is not None:
        raise ConfigurationError(
            f"prefix: another service has this path too (got {quote_python(ambiguous_prefix)}); "
            "expected different paths"
        )
    return settings
