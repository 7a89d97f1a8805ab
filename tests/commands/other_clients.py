"""The commands of Ansible, compared with the recorded ones.

``scripts/test-other-clients`` installs Ansible and names this file to pytest, which does not collect it otherwise.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fake_nova.testing.fake_nova import FakeNova
from tests.commands import record
from tests.commands.everything import SEQUENCES
from tests.commands.running import clients, run
from tests.commands.table import Sequence
from tests.commands.test_commands import cloud_of, seeded


@pytest.mark.parametrize(
    "sequence", [each for each in SEQUENCES if each.needs_ansible], ids=lambda sequence: sequence.name
)
def test_commands_do_what_they_do_with_the_recorded_services(sequence: Sequence, tmp_path: Path) -> None:
    with (
        FakeNova(**seeded(record.COMMON)) as server,
        clients(Path(os.environ["CLIENTS_ENVIRONMENT"])) as process,
    ):
        outcomes = run(sequence, cloud_of(server, tmp_path), process)
    assert record.differences(sequence, record.read(record.COMMON)[sequence.name], outcomes) == []
