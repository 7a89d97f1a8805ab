"""JSON as the libraries of Keystone 30.0.0 write it (measured).

Version documents and tokens are `wire.response.json_response`: plain JSON without a newline at the end.
"""

from __future__ import annotations

import json
from typing import Any

from fake_nova.wire.response import JSON_HEADERS, Response, dumps


def resource_response(value: Any, status: int = 200, *headers: tuple[str, str]) -> Response:
    """Return a response as Flask-RESTful writes it: JSON and a newline, with *headers* after Content-Type."""
    return Response(status, (*JSON_HEADERS, *headers), dumps(value) + b"\n")


def error_json_response(value: Any, status: int, *headers: tuple[str, str]) -> Response:
    """Return an error as Flask's `jsonify` writes it: compact JSON with sorted keys, and a newline."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True)
    return Response(status, (*JSON_HEADERS, *headers), f"{text}\n".encode("ascii"))
