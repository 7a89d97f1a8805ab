"""Records of real clouds: read its images, projects and users, and write them as a fixture file.

`connect` logs in to a cloud, and `record` reads it. Both need the extra ``fake_nova[cloud]``; importing this
package does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fake_nova.errors import ConfigurationError
from fake_nova.recording.options import RecordOptions
from fake_nova.recording.pacing import Pacing
from fake_nova.recording.recorder import Recording, record

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud

__all__ = ["Pacing", "RecordOptions", "Recording", "connect", "record"]


def connect(cloud_name: str | None = None, pacing: Pacing | None = None) -> Cloud:
    """Log in to a cloud, as ``clouds.yaml`` and the variables ``OS_…`` say, and return it.

    Args:
        cloud_name: its name in ``clouds.yaml``; None for the one that ``OS_CLOUD`` or the other variables
            name.
        pacing: how fast to ask, and how to ask again; None for the default.

    Raises:
        ConfigurationError: if the extra ``fake_nova[cloud]`` is not installed.
        CloudFailure: if the configuration is wrong, or the cloud cannot be reached or refuses the log-in.
    """
    try:
        from fake_nova.recording import connection  # noqa: PLC0415  # needs the extra fake_nova[cloud]
    except ImportError as error:
        raise ConfigurationError(
            f"fake_nova[cloud]: not installed (no module {error.name}); "
            "expected this extra: pip install 'fake_nova[cloud]'"
        ) from error
    return connection.log_in(cloud_name, pacing or Pacing())
