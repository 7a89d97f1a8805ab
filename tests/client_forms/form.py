"""What a form is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

OPENSTACK: Final = "openstack image list --limit 2 -f value -c Name"

DEMO_PROJECT: Final = "9c53a566cb3443ab910cf0daebca90c4"


class Form(NamedTuple):
    """A configuration of a client, and what happens with it.

    Its texts may have ``{url}`` (of the server), ``{token}`` and ``{unscoped}`` (tokens of demo), ``{credential}`` (the id
    of demo's application credential ``ci``), ``{folder}`` (of the file), ``{ca}`` (the server's CA file).

    Attributes:
        group: the number of the form, as in the documentation's table.
        name: what is special.
        settings: what the server needs, besides ``auth_strategy: keystone`` and the dialect nova.
        variables: of the environment.
        clouds: the content of clouds.yaml under ``clouds``.
        secure: the content of secure.yaml under ``clouds``.
        command: what the user runs; ``sdk compute`` stands for a script with openstacksdk.
        error: what the client says, if it does not connect.
        hint: what the server's log says about it.
    """

    group: int
    name: str
    settings: Mapping[str, Any] = {}
    variables: Mapping[str, str] = {}
    clouds: Mapping[str, Any] = {}
    secure: Mapping[str, Any] = {}
    command: str = OPENSTACK
    error: str = ""
    hint: str = ""
