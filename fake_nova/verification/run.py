"""One run: a record of the cloud, a fake from it, the questions, and the settings that would agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fake_nova._version import __version__
from fake_nova.errors import CloudFailure
from fake_nova.recording import RecordOptions, record
from fake_nova.verification import learning, remedies
from fake_nova.verification.cloud_side import CloudSide, identity_of
from fake_nova.verification.compute_samples import ComputeSamples
from fake_nova.verification.fake_side import Document, FakeSide, Identity, fake_settings, with_identity
from fake_nova.verification.questions import Question
from fake_nova.verification.report import Report
from fake_nova.verification.rules import RULES
from fake_nova.verification.samples import Samples
from fake_nova.verification.sides import Asker
from fake_nova.verification.verification import Verification, add_results
from fake_nova.verification.writing import verify_writes

if TYPE_CHECKING:
    from fake_nova.recording.connection import Cloud
    from fake_nova.verification.questions import Rule


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a run.

    Attributes:
        settings: the settings of the fake, by name; the others have the defaults of `fake_settings`.
        learns: whether to learn the rows of the cloud's dialect.
        writes: whether to ask also what needs images of one's own.
        on_question: called before each question.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    learns: bool = False
    writes: bool = False
    on_question: Callable[[], None] = lambda: None


class Fakes:
    """Starts fakes of one record, with different settings.

    Args:
        document: the record.
        identity: the user.
        options: the options of the run.
        started_at: the start of the run.
    """

    def __init__(
        self, document: Document, identity: Identity, options: Options, started_at: datetime
    ) -> None:
        self._document, self._password = with_identity(document, identity)
        self._identity = identity
        self._options = options
        self._started_at = started_at

    def open(self, overrides: Mapping[str, str]) -> Asker:
        """Start a fake with these settings besides those of the run, and read its lists."""
        settings = {**self._options.settings, **overrides}
        side = FakeSide(self._document, self._identity, self._password, **settings)
        asker = Asker(side, self._started_at)
        asker.read_lists()
        return asker


def verify(cloud: Cloud, options: Options, rules: Mapping[str, tuple[Rule, ...]] = RULES) -> Report:
    """Compare a cloud with a fake of it.

    Args:
        cloud: the cloud.
        options: the options of the run.
        rules: service -> the rules to ask about.

    Raises:
        CloudFailure: if the cloud cannot be recorded or gives no response, or if it has no images API.
        ConfigurationError: if a setting is invalid.
        FixtureError: if no fake can be started from the record.
    """
    started_at = datetime.now(UTC)
    settings = fake_settings(**options.settings)
    asker = Asker(CloudSide(cloud), started_at)
    _require_images_api(cloud.name, asker)
    has_servers = "compute" in asker.side.roots
    options_of_record = RecordOptions(anonymize=False, members=True, servers=has_servers, is_own_only=True)
    document = record(cloud, options_of_record).document
    identity = identity_of(cloud)
    fakes = Fakes(document, identity, options, started_at)
    asker.read_lists()
    samples = Samples(
        document["images"],
        asker.orders["compute"].ids,
        asker.orders["image"].ids,
        identity.project_id,
        identity.user_id,
        _compute_samples(document),
    )
    verification = Verification(asker, fakes.open({}), samples, rules, options.on_question)
    results = verification.run()
    remedies.find(verification, results, fakes.open)
    shown_settings = {"dialect": settings.dialect, "database": settings.database, **options.settings}
    lesson = None
    if options.learns:
        lesson = learning.learn(verification, results, fakes.open, shown_settings)
    leftovers: tuple[str, ...] = ()
    if options.writes:
        write_results, leftovers = verify_writes(asker, fakes.open, options.on_question)
        add_results(results, write_results)
    at = started_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    return Report(cloud.name, at, __version__, shown_settings, results, leftovers, lesson)


def _compute_samples(document: Document) -> ComputeSamples:
    servers = [server for server in document.get("servers", ()) if server["status"] != "BUILD"]
    return ComputeSamples(servers, document.get("flavors", ()), document.get("keypairs", ()))


def _require_images_api(name: str, asker: Asker) -> None:
    """Check that the compute service, if there is one, has the images API that is to be compared.

    Raises:
        CloudFailure: if it has not.
    """
    if "compute" not in asker.side.roots:
        return
    status = asker.ask("compute", Question("/v2.1/images?limit=1"))[0].status
    if status == 200:
        return
    url = f"{asker.side.roots['compute']}/v2.1/images"
    expectation = "200 from Nova's image proxy, which exists up to microversion 2.35"
    raise CloudFailure(
        f"{name}: no images in the compute service (got status {status} from {url}); expected {expectation}"
    )
