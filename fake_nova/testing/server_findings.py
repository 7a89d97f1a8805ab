"""Why the server that a test waits for has its status, and when that ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from fake_nova.control import Document
from fake_nova.control.types import JournalEntry
from fake_nova.support.messages import count_of
from fake_nova.testing.evidence import LOOP_LENGTH, SERVER_LIST_OPERATIONS, Evidence, Finding
from fake_nova.testing.plan_findings import author_of_status, plan_finding

#: The operations by which clients wait for a server.
_POLLS: Final = ("servers.show", *SERVER_LIST_OPERATIONS)


def find_waiting_server(evidence: Evidence) -> Iterator[Finding]:
    """Yield why a server has its status, and when that ends, if the last requests wait for it in a loop."""
    requests, rounds = evidence.repetitions[-1]
    polls = [each for each in requests if each["operation"] in _POLLS and each["status"] == 200]
    if rounds < LOOP_LENGTH or not polls:
        return
    server = _server_of(evidence, polls[-1])
    if server is not None:
        yield _finding(evidence, server, polls[-1], rounds)


def _server_of(evidence: Evidence, poll: JournalEntry) -> Document | None:
    """Return the server that is shown; of those in a list, the only one that follows a plan."""
    servers = evidence.servers()
    if poll["operation"] == "servers.show":
        server_id = poll["path"].rpartition("/")[2]
        return next((server for server in servers if server["id"] == server_id), None)
    followers = [server for server in servers if _plan_of(evidence, server) is not None]
    return followers[0] if len(followers) == 1 else None


def _plan_of(evidence: Evidence, server: Document) -> Document | None:
    """Return the plan of the work on a server, or of the image that is being created from it."""
    if "plan" in server:
        plan: Document = server["plan"]
        return plan
    plans: list[Document] = [image["plan"] for image in evidence.followers()]
    return next((plan for plan in plans if plan.get("capture", {}).get("server") == server["id"]), None)


def _finding(evidence: Evidence, server: Document, poll: JournalEntry, rounds: int) -> Finding:
    number = poll["number"]
    status = server["status"]
    name = json.dumps(server["name"], ensure_ascii=False)
    task = f", task {server['task_state']}" if server["task_state"] else ""
    subject = f"server {name} is {status}{task} after {count_of(rounds, 'poll')}"
    plan = _plan_of(evidence, server)
    if plan is not None:
        work = f", by its {plan['work']}" if "work" in plan else ", by its image"
        if evidence.clock_mode == "auto" and "looks" not in plan["steps"][0]:
            fact = f"{subject}{work}: plan {plan['name']}"
            return Finding(number, fact, "poll once more; each poll shows the next step")
        return plan_finding(number, f"{subject}{work}", plan, evidence.clock_mode)
    if server["task_state"]:
        call = f'fake_nova.servers.begin("{server["id"]}", "slow")'
        return Finding(number, f"{subject}: no plan ends it", f"let it boot by a plan: {call}")
    author = author_of_status(evidence.nova.servers.history(server["id"]), "server")
    loop_end = f"let the loop end at {status}"
    if status != "ACTIVE":
        loop_end += f', or change the server: fake_nova.servers.change("{server["id"]}", status="ACTIVE")'
    return Finding(number, f"{subject}: {author}; no plan changes it", loop_end)
