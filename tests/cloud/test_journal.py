"""The journal: order under concurrent requests, times of the cloud's clock, and size limits."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from fake_nova.cloud.clock import ClockMode, CloudClock, SystemClock
from fake_nova.cloud.journal import Entry, Journal
from tests.conftest import Cloud

#: The most that rounding up can add to a time.
ROUNDED = timedelta(microseconds=1)


class CustomClock:
    """A clock other than SystemClock, at a fixed time."""

    def now(self) -> datetime:
        return datetime(2031, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)


@pytest.fixture
def frequent_thread_switches() -> Iterator[None]:
    """Make Python switch threads as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def entry(clock: CloudClock | None = None) -> Entry:
    return Entry((clock or CloudClock(SystemClock())).cheap_timestamp(), "GET", "/", "", "req-")


@pytest.mark.usefixtures("frequent_thread_switches")
def test_concurrent_requests_are_complete_and_in_the_order_of_their_numbers() -> None:
    journal = Journal(10_000)

    def ask() -> None:
        for _ in range(1000):
            journal.record(entry())

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        numbers = [record.number for record in journal.entries()]
        assert numbers == sorted(set(numbers))
    assert [record.number for record in journal.entries()] == list(range(1, 4001))


def test_numbering_continues_after_the_journal_is_cleared() -> None:
    journal = Journal(2)
    for _ in range(3):
        journal.record(entry())
    assert [record.number for record in journal.entries()] == [2, 3]
    journal.clear()
    journal.record(entry())
    assert [record.number for record in journal.entries()] == [4]


def test_the_arrival_time_comes_from_the_scopes_clock() -> None:
    clock = CloudClock(SystemClock())
    before = datetime.now(UTC)
    assert before <= entry(clock).received_at <= datetime.now(UTC) + ROUNDED
    clock.advance(3600)
    assert (
        before + timedelta(hours=1)
        <= entry(clock).received_at
        <= datetime.now(UTC) + timedelta(hours=1) + ROUNDED
    )
    clock.set(ClockMode.FROZEN, datetime(8999, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))
    assert entry(clock).received_at == datetime(8999, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def test_the_arrival_time_can_come_from_a_custom_clock() -> None:
    assert entry(CloudClock(CustomClock())).received_at == CustomClock().now()


def test_the_journal_truncates_long_texts(cloud: Cloud) -> None:
    cloud.ask(
        "M" * 100,
        "/v2.1/" + "p" * 3_000,
        query_string="q" * 3_000,
        headers={"User-Agent": "u" * 3_000, "X-OpenStack-Request-ID": "r" * 3_000},
    )
    headers = {"Content-Type": "application/json"}
    cloud.ask("POST", "/v2.1/servers/x/action", json={"createImage": {"name": "b" * 3_000}}, headers=headers)
    first, second = cloud.emulator.cloud.journal.entries()
    assert first.method == "M" * 50
    assert first.path == "/v2.1/" + "p" * 1_994
    assert first.query == "q" * 2_000
    assert first.user_agent == "u" * 2_000
    assert first.global_request_id == "r" * 2_000
    assert len(second.body) == 2_000
