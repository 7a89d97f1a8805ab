"""The greeting of ``fake-nova serve``: where it listens, what it loaded, and how clients log in."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fake_nova._version import __version__
from fake_nova.serving import logs
from fake_nova.settings import Settings

if TYPE_CHECKING:
    from fake_nova.cloud.emulator import Emulator


def startup_banner(url: str, emulator: Emulator) -> list[str]:
    """Return the lines of the greeting: the URL, the fixtures, an example, and commands for a shell."""
    settings = emulator.settings
    user = next(iter(emulator.cloud.directory.users), None)
    lines = [
        _summary(url, settings),
        f"loaded {len(emulator.cloud.images)} images from {', '.join(settings.fixtures)}",
        f"try    {_example_command(url, emulator)}",
        *export_commands(_client_environment(url, emulator)),
    ]
    if user is not None:
        lines.append(f"export OS_PASSWORD=...   # the fixtures' password of {user.name}")
    return lines


def export_commands(variables: Mapping[str, str]) -> list[str]:
    """Return the commands for a shell that set *variables*."""
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]


def startup_banner_as_json(url: str, emulator: Emulator) -> str:
    """Return the greeting as one line of a JSON log."""
    settings = emulator.settings
    return logs.json_line(
        "info",
        "fake_nova",
        _summary(url, settings),
        url=url,
        version=__version__,
        dialect=settings.dialect,
        auth_strategy=settings.auth_strategy,
        fixtures=settings.fixtures,
        images=len(emulator.cloud.images),
        environment=_client_environment(url, emulator),
    )


def _summary(url: str, settings: Settings) -> str:
    services = f"dialect {settings.dialect}, {settings.auth_strategy}"
    return f"fake_nova {__version__} listens on {url} ({services})"


def _example_command(url: str, emulator: Emulator) -> str:
    if emulator.settings.auth_strategy == "keystone":  # curl without a token gets a 401
        return f'eval "$(fake-nova env --url {url})" && openstack image list'
    return f"curl -s {url}/v2.1/{emulator.cloud.directory.first_project.id}/images/detail"


def _client_environment(url: str, emulator: Emulator) -> dict[str, str]:
    """Return the variables with which a client logs in as the fixtures' first user, without the password."""
    directory = emulator.cloud.directory
    if not directory.users:
        return {"OS_AUTH_TYPE": "none", "OS_ENDPOINT": f"{url}/v2.1/{directory.first_project.id}"}
    variables = directory.users[0].client_variables(url)
    del variables["OS_PASSWORD"]
    return variables
