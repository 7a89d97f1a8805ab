"""The greeting of ``fake-nova serve``: where it listens, what it loaded, and how clients log in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fake_nova._version import __version__
from fake_nova.cloud.directory import anonymous_client_variables
from fake_nova.serving import logs
from fake_nova.settings import Settings
from fake_nova.support.messages import count_of, quote_python

if TYPE_CHECKING:
    from fake_nova.cloud.emulator import Emulator


def startup_banner(url: str, emulator: Emulator, ca_file: str | None = None) -> list[str]:
    """Return the lines of the greeting: URL, fixtures, an example, the page, and commands for a shell.

    Args:
        url: the URL of the server.
        emulator: its emulator.
        ca_file: the file with its CA certificate, or None if clients need none.
    """
    settings = emulator.cloud.settings
    user = next(iter(emulator.cloud.directory.users), None)
    local_url = client_url(url)
    example = _example_command(local_url, emulator, ca_file)
    lines = [_summary(url, settings), f"loaded {_contents(emulator)} from {', '.join(settings.fixtures)}"]
    if example is not None:
        lines.append(f"try    {example}")
    if settings.admin != "off":
        lines.append(f"page   {page_url(url)}")
    lines += export_commands(_client_environment(local_url, emulator, ca_file))
    if user is not None:
        label = user.name if user.name.isprintable() else quote_python(user.name)  # the command is one line
        prompt = shlex.quote(f"Password of {label} in the fixtures: ")
        lines.append(f"printf %s {prompt}; read -r OS_PASSWORD; export OS_PASSWORD")
    elif settings.auth_strategy == "keystone":
        lines.append("nobody can log in, because the fixtures have no user")
    return lines


def _contents(emulator: Emulator) -> str:
    """Return the number of images, and of servers if there are any."""
    images = count_of(len(emulator.cloud.images), "image")
    server_count = len(emulator.cloud.servers)
    return f"{images} and {count_of(server_count, 'server')}" if server_count else images


def client_url(url: str) -> str:
    """Return the URL that a client on this machine uses, if *url* stands for all its addresses."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


def page_url(url: str) -> str:
    """Return the URL of the page for browsers on this machine.

    Args:
        url: the URL of the server.
    """
    return f"{client_url(url)}/_admin/"


def export_commands(variables: Mapping[str, str]) -> list[str]:
    """Return the commands for a shell that set *variables*."""
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]


def startup_banner_as_json(url: str, emulator: Emulator, ca_file: str | None = None) -> str:
    """Return the greeting as one line of a JSON log; see `startup_banner`."""
    settings = emulator.cloud.settings
    return logs.json_line(
        "info",
        "fake_nova",
        _summary(url, settings),
        url=url,
        page=None if settings.admin == "off" else page_url(url),
        version=__version__,
        dialect=settings.dialect,
        database=settings.database,
        auth_strategy=settings.auth_strategy,
        fixtures=settings.fixtures,
        images=len(emulator.cloud.images),
        servers=len(emulator.cloud.servers),
        environment=_client_environment(client_url(url), emulator, ca_file),
    )


def _summary(url: str, settings: Settings) -> str:
    services = f"dialect {settings.dialect}, {settings.auth_strategy}"
    return f"fake_nova {__version__} listens on {url} ({services})"


def _example_command(url: str, emulator: Emulator, ca_file: str | None) -> str | None:
    """Return a command that works with this server; None if there is none."""
    trust = "" if ca_file is None else f"--cacert {shlex.quote(ca_file)} "
    ca_option = trust.replace("--cacert", " --tls-ca-file").rstrip()
    settings = emulator.settings
    directory = emulator.cloud.directory
    if settings.auth_strategy != "keystone":
        path = f"{settings.service_paths['compute']}/v2.1/{directory.first_project.id}/images/detail"
        return f"curl -s {trust}{shlex.quote(url + path)}"
    admin_is_open = settings.admin != "off" and settings.admin_token is None
    if directory.users and admin_is_open:  # curl without a token gets a 401
        return f'eval "$(fake-nova env --url {shlex.quote(url)}{ca_option})" && openstack image list'
    if directory.users:
        return "openstack image list   # with the variables below"
    return f"curl -s {trust}-X POST {shlex.quote(f'{url}/_admin/scopes')}" if admin_is_open else None


def _client_environment(url: str, emulator: Emulator, ca_file: str | None) -> dict[str, str]:
    """Return the variables with which a client logs in as the fixtures' first user, without the password.

    Without users there is no log-in; the variables are then those of a client without a token.
    """
    directory = emulator.cloud.directory
    trust = {} if ca_file is None else {"OS_CACERT": ca_file}
    if not directory.users:
        if emulator.settings.auth_strategy == "keystone":
            return {}
        return anonymous_client_variables(directory.first_project.id, url, emulator.settings) | trust
    variables = directory.users[0].client_variables(url, emulator.settings)
    del variables["OS_PASSWORD"]
    return variables | trust
