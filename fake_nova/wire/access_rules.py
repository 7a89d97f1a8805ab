"""The access rules of application credentials, as keystonemiddleware 13.0.1 applies them.

The services are those of a cloud whose configuration names their types (``service_type`` in
``[keystone_authtoken]``); without it the real services refuse every token with access rules.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from fake_nova.cloud.tokens import Token
from fake_nova.wire.request import Request

#: The parts of a rule's path: a name in braces or ``*`` for one segment, ``**`` for anything, and characters.
_PARTS: Final = re.compile(r"(?P<segment>\{[^}]*\}|\*(?=$|[^*]))|(?P<rest>\*\*)|(?P<literal>[^{}*])")

#: The prefixes of the services whose real paths have none.
_PREFIXES: Final = ("/image", "/identity")


def permit(token: Token, request: Request, service: str) -> bool:
    """Return whether a token may be used for a request; only one of a credential with rules may not.

    Args:
        token: the token.
        request: the request.
        service: the type of the service, such as ``compute``.
    """
    rules = None if token.credential is None else token.credential.access_rules
    if rules is None or request.header("X-Service-Token"):
        return True
    path = request.path
    for prefix in _PREFIXES:
        path = path.removeprefix(prefix)
    if service == "identity" and request.method == "GET" and path.endswith("/v3/auth/tokens"):
        return True
    return any(
        (rule.method, rule.service) == (request.method, service) and _pattern(rule.path).fullmatch(path)
        for rule in rules
    )


@lru_cache(maxsize=256)
def _pattern(path: str) -> re.Pattern[str]:
    expressions = {"segment": "[^/]+", "rest": ".*"}
    parts = _PARTS.finditer(path)
    return re.compile("".join(expressions.get(str(part.lastgroup)) or re.escape(part[0]) for part in parts))
