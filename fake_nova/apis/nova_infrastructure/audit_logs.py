"""The views of the logs of usage audits, which no host has ever run (Nova 34.0.0). They are for admins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.policies import ADMIN, require
from fake_nova.apis.nova_common.requests import check_no_query, json_response
from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


def index(context: Context) -> Response:
    """Show the audit of the last whole month."""
    check_no_query(context)
    require(context, "os-instance-usage-audit-log:list", ADMIN, None)
    body = {"instance_usage_audit_logs": _log(context.cloud.clock.now())}
    return json_response(context, 200, body)


def show(context: Context) -> Response:
    """Show the audit of the last whole month before a time."""
    check_no_query(context)
    require(context, "os-instance-usage-audit-log:show", ADMIN, None)
    text = context.path_params["time"]
    seconds = "%S.%f" if "." in text else "%S"
    try:
        log = _log(datetime.strptime(text, f"%Y-%m-%d %H:%M:{seconds}").replace(tzinfo=UTC))
    except (ValueError, OverflowError):  # the year before the first has no months
        raise NovaError(400, f"Invalid timestamp for date {text}") from None
    return json_response(context, 200, {"instance_usage_audit_log": log})


def _log(before: datetime) -> dict[str, Any]:
    end = _first_of_month(before - timedelta(microseconds=1))
    begin = _first_of_month(end - timedelta(microseconds=1))
    return {
        "period_beginning": str(begin.replace(tzinfo=None)),
        "period_ending": str(end.replace(tzinfo=None)),
        "num_hosts": 1,
        "num_hosts_done": 0,
        "num_hosts_running": 0,
        "num_hosts_not_run": 1,
        "hosts_not_run": [DEFAULT_HOST],
        "total_instances": 0,
        "total_errors": 0,
        "overall_status": "0 of 1 hosts done. 0 errors.",
        "log": {},
    }


def _first_of_month(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
