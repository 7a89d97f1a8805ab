"""SETTINGS: every option of the emulator, one row each; command line, environment and README follow it."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Any, NamedTuple

from fake_nova.dialect import DIALECTS, Dialect
from fake_nova.errors import Unusable

AUTH_STRATEGIES = ("noauth", "keystone")

IMPORT_METHODS = ("glance-direct", "web-download", "glance-direct,web-download", "none")
SERVERS = ("gunicorn", "granian")


@dataclass(frozen=True, slots=True)
class Settings:
    """How one emulator behaves; each field is a row of `SETTINGS`, which says what it means."""

    host: str = "127.0.0.1"
    port: int = 8774
    fixtures: tuple[str, ...] = ("default",)
    auth_strategy: str = "noauth"
    token_lifetime: int = 3600
    dialect: str = "huaweicloud"
    max_limit: int = 1000
    metadata_quota: int = 128
    max_image_size: int = 10 * 2**20
    import_methods: str = "glance-direct"
    trust_forwarded: bool = False
    hints: bool = True
    journal: int = 1000
    admin: str = "local"
    admin_token: str | None = None
    allowed_host: tuple[str, ...] = ()
    access_log: str = "off"
    threads: int = 256
    head_timeout: float = 10
    body_timeout: float = 10
    server: str = "gunicorn"

    @property
    def import_ways(self) -> tuple[str, ...]:
        """The import methods, each by itself."""
        return () if self.import_methods == "none" else tuple(self.import_methods.split(","))

    @property
    def dialect_row(self) -> Dialect:
        """The choices of the dialect."""
        return DIALECTS[self.dialect]


class Setting(NamedTuple):
    """One row: a field of `Settings`, how its text is read, what is allowed, and what it means.

    Attributes:
        name: the field; the option is ``--name`` with hyphens, the variable ``FAKE_NOVA_NAME``.
        read: makes the value of the text of a variable or option; ValueError where it cannot.
        allowed: what the text may be, for people.
        help: what the setting does.
    """

    name: str
    read: Callable[[str], Any]
    allowed: str
    help: str

    @property
    def option(self) -> str:
        """The option of the command."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The variable of the environment."""
        return "FAKE_NOVA_" + self.name.upper()

    @property
    def default(self) -> str:
        """The default as people read it."""
        value = getattr(Settings(), self.name)
        return (", ".join(value) or "none") if isinstance(value, tuple) else str(value).lower()

    def value(self, text: str, source: str) -> Any:
        """Read *text*, which came from *source* (an option's or a variable's name).

        Raises:
            Unusable: the text is not what is allowed; the message names the source.
        """
        try:
            return self.read(text)
        except ValueError as error:
            raise Unusable(f"{source}: {text!r} is not allowed; allowed: {self.allowed}") from error

    def several(self, texts: Iterable[str], source: str) -> tuple[str, ...]:
        """Read the texts of a setting that may be given several times; see `value`."""
        if self.name == "fixtures":  # a path may have the sign in it that separates paths in a variable
            return tuple(map(str, texts))
        return tuple(one for text in texts for one in self.value(str(text), source))


def _within(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return read


def _seconds(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not low <= value <= high:  # false for nan, too
            raise ValueError(text)
        return value

    return read


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return read


def _yes_or_no(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
        _one_of(("1", "true", "yes", "0", "false", "no"))(text.lower())
    ]


def _secret(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text.strip()


def _paths(text: str) -> tuple[str, ...]:
    paths = tuple(path for path in text.split(os.pathsep) if path)
    if not paths:
        raise ValueError(text)
    return paths


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(","))
    if not all(_HOST_NAME.fullmatch(name) for name in names):
        raise ValueError(text)
    return names


#: A host name as a Host header has it, without a port.
_HOST_NAME = re.compile(r"[a-z0-9_.-]{1,253}")


#: Every setting, in the order of the help and of README's table.
SETTINGS: tuple[Setting, ...] = (
    Setting("host", str, "a name or address of this machine", "address to listen on"),
    Setting("port", _within(0, 65535), "0 to 65535", "port to listen on; 0 takes a free one"),
    Setting(
        "fixtures",
        _paths,
        f"a file, a folder, or the name of a shipped one; in the variable {os.pathsep!r} is between several",
        "fixture file or folder to seed the cloud from; may be given several times",
    ),
    Setting(
        "auth_strategy",
        _one_of(AUTH_STRATEGIES),
        " or ".join(AUTH_STRATEGIES),
        "noauth takes any token or none; keystone only its own tokens",
    ),
    Setting(
        "token_lifetime",
        _within(1, 10**9),
        "1 or more",
        "seconds until a token of the identity service expires",
    ),
    Setting(
        "dialect",
        _one_of(tuple(DIALECTS)),
        " or ".join(DIALECTS),
        "whose images API to speak where the two differ",
    ),
    Setting("max_limit", _within(1, 10**9), "1 or more", "most images in a page (Nova's max_limit)"),
    Setting("metadata_quota", _within(1, 10**6), "1 or more", "most metadata keys of an image"),
    Setting(
        "max_image_size",
        _within(0, 2**40),
        "0 or more",
        "most bytes of data that an image may be given",
    ),
    Setting(
        "import_methods",
        _one_of(IMPORT_METHODS),
        ", ".join(IMPORT_METHODS[:-1]) + f" or {IMPORT_METHODS[-1]}",
        "how the image service lets data be imported",
    ),
    Setting(
        "trust_forwarded",
        _yes_or_no,
        "true or false",
        "build links from X-Forwarded-Proto, -Host, -Port and -Prefix of one proxy in front",
    ),
    Setting(
        "hints",
        _yes_or_no,
        "true or false",
        "say in the log and the header X-Fake-Nova-Hint why an answer is what it is",
    ),
    Setting("journal", _within(0, 10**6), "0 or more", "most requests that the journal of a cloud keeps"),
    Setting(
        "admin",
        _one_of(("local", "public", "off")),
        "local, public or off",
        "whether /_admin is there; on a public address it needs a token, unless public insists",
    ),
    Setting(
        "admin_token", _secret, "text of 1 character or more", "what /_admin wants as Authorization: Bearer"
    ),
    Setting(
        "allowed_host",
        _names,
        "a host name without a port, or several in the variable, separated by commas",
        "a host name that requests to /_admin may use; may be given several times",
    ),
    Setting(
        "access_log",
        _one_of(("off", "text", "json")),
        "off, text or json",
        "a line a request in the log, for people or as JSON",
    ),
    Setting(
        "threads",
        _within(1, 1024),
        "1 to 1024",
        "requests in progress at the same time, including those that wait",
    ),
    Setting(
        "head_timeout",
        _seconds(0.1, 3600),
        "seconds from 0.1 to 3600",
        "seconds that the head of a request may take",
    ),
    Setting(
        "body_timeout",
        _seconds(0.1, 3600),
        "seconds from 0.1 to 3600",
        "seconds without a byte after which a body, sent or received, is given up (gunicorn only)",
    ),
    Setting(
        "server",
        _one_of(SERVERS),
        " or ".join(SERVERS),
        "what serves; granian (an extra) answers several times as many requests, for tests with load",
    ),
)


#: Settings that may be given several times.
REPEATED = frozenset(("fixtures", "allowed_host"))


def check_exposure(settings: Settings) -> None:
    """Refuse an address that others can reach, where they could drive the admin API.

    Raises:
        Unusable: it is one, and neither is there a token nor does anybody insist.
    """
    if settings.admin != "local" or settings.admin_token is not None:
        return
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return  # listening says what is wrong with it
    if not all(ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in found):
        raise Unusable(
            f"host: {settings.host} can be reached by others, who could drive /_admin; allowed: an address "
            "such as 127.0.0.1, or --admin-token, or --admin off, or --admin public to insist"
        )


#: Variables that Kubernetes and Docker make for a service or a container of the emulator's name.
_FOREIGN = re.compile(
    r"FAKE_NOVA_((.*_)?SERVICE_HOST|(.*_)?SERVICE_PORT(_.*)?|(.*_)?PORT_[0-9]+_[A-Z]+(_.*)?)"
)


def _is_foreign(name: str, value: str) -> bool:
    """Whether a variable is not meant for the emulator, though its name begins so.

    Kubernetes sets ``FAKE_NOVA_PORT=tcp://10.0.0.1:8774`` for a service ``fake-nova``, and Docker for a link.
    """
    return _FOREIGN.fullmatch(name) is not None or (name.endswith("_PORT") and "://" in value)


def _own_variables(environment: Mapping[str, str] | None, chosen: Collection[str]) -> dict[str, str]:
    """Return the variables that count: those of settings that are not *chosen* already.

    Raises:
        Unusable: if one is the misspelt name of such a setting.
    """
    variables = os.environ if environment is None else environment
    names = {setting.variable: setting.name for setting in SETTINGS}
    own = {}
    for name in sorted(variables):
        if not name.startswith("FAKE_NOVA_") or _is_foreign(name, variables[name]):
            continue
        meant = [name] if name in names else get_close_matches(name, names, 1, cutoff=0.9)
        if not meant or names[meant[0]] in chosen:
            continue
        if meant != [name]:
            raise Unusable(f"{name}: no such setting; is it {meant[0]}? expected one of {', '.join(names)}")
        own[names[name]] = variables[name]
    return own


def from_environment(environment: Mapping[str, str] | None = None, **chosen: Any) -> Settings:
    """Return the settings: *chosen* ones first, then the ``FAKE_NOVA_…`` variables, then the defaults.

    The variable of a chosen setting is not read.

    Raises:
        Unusable: if there is no such setting, or a value is not what it must be; the message names the option
            or variable, and says what is expected.
    """
    rows = {setting.name: setting for setting in SETTINGS}
    values: dict[str, Any] = {}
    for name, value in chosen.items():
        if name not in rows:
            raise Unusable(f"{name}: no such setting; allowed: {', '.join(sorted(rows))}")
        if name in REPEATED and isinstance(value, (tuple, list)):
            values[name] = rows[name].several(value, name)
        elif value is not None:
            values[name] = rows[name].value(str(value), name)
    for name, text in _own_variables(environment, values).items():
        values[name] = rows[name].value(text, rows[name].variable)
    return Settings(**values)


def server_from_environment(url: str | None, admin_token: str | None) -> tuple[str, str | None]:
    """Return the URL and the admin token of a running server.

    Args:
        url: the URL if it is chosen; None for the one of the variables of host and port.
        admin_token: the token if it is chosen; None for the one of its variable.

    Raises:
        Unusable: if one of these variables counts, and is not what it must be.
    """
    wanted = {"admin_token"} if url is not None else {"admin_token", "host", "port"}
    wanted -= set() if admin_token is None else {"admin_token"}
    others = {setting.name for setting in SETTINGS} - wanted
    rows = {setting.name: setting for setting in SETTINGS}
    values = {
        name: rows[name].value(text, rows[name].variable)
        for name, text in _own_variables(None, others).items()
    }
    settings = Settings(**values)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return url or f"http://{host}:{settings.port}", admin_token or settings.admin_token
