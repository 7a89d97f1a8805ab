"""Loading of fixture files: YAML or JSON becomes a seed, or a list of all problems with their positions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Final

from fake_nova.cloud.compute import ComputeState
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.faults import MAX_FAULTS_IN_FORCE
from fake_nova.cloud.own_settings import FileSetting
from fake_nova.cloud.seed import Seed
from fake_nova.documents import schema
from fake_nova.documents.bundled_fixtures import bundled_file, bundled_names
from fake_nova.documents.clock import ClockStartSchema
from fake_nova.documents.dialect import dialect_field, dialect_or_rows_field
from fake_nova.documents.directory import (
    CredentialSchema,
    DomainSchema,
    ProjectSchema,
    RoleSchema,
    UserSchema,
)
from fake_nova.documents.faker_servers import GenerateServersSchema
from fake_nova.documents.fault import FaultSchema
from fake_nova.documents.fields import StrictField, enum_field, nested_field, nested_list_field
from fake_nova.documents.flavor import FlavorSchema, KeyPairSchema, QuotasSchema
from fake_nova.documents.image import GenerateSchema
from fake_nova.documents.own_settings import OWN_SETTINGS, database_of, own_settings
from fake_nova.documents.plan import AssignmentSchema, FixtureImageSchema, PlansField
from fake_nova.documents.seed_builder import SeedBuilder
from fake_nova.documents.server import FixtureServerSchema
from fake_nova.documents.source_file import SourceFile
from fake_nova.documents.validation import DocumentError
from fake_nova.documents.yaml_reader import SourcePositions, parse_document
from fake_nova.documents.zone import ZoneSchema
from fake_nova.errors import FixtureError
from fake_nova.images.database import DATABASES, Database
from fake_nova.settings import AUTH_STRATEGIES

#: Keys of a fixture file that begin so are ignored. They hold values for aliases and merge keys.
EXTENSION_PREFIX: Final = "x-"

_SUFFIXES: Final = (".yaml", ".yml", ".json")

_NO_FILE_IN_FOLDER: Final = (
    f"no fixture file in this folder; expected a file that ends with one of: {', '.join(_SUFFIXES)}"
)
_NO_FILE: Final = (
    "no such file or folder; expected a file, a folder, or one of the bundled fixtures: "
    + ", ".join(bundled_names())
)


class ExportedSettingsSchema(schema.StrictSchema):
    """The schema of the settings in an exported cloud."""

    dialect = dialect_field()
    database = enum_field(DATABASES, separator=" or ")
    auth_strategy = enum_field(AUTH_STRATEGIES, separator=" or ")


class FixtureSchema(schema.StrictSchema):
    """The schema of a fixture file: the contents of a cloud, and its behavior."""

    projects = nested_list_field(ProjectSchema, "mappings of id and name")
    users = nested_list_field(UserSchema, "mappings of name, password, project and roles")
    domains = nested_list_field(DomainSchema, "mappings of id and name")
    roles = nested_list_field(RoleSchema, "mappings of name and implies")
    application_credentials = nested_list_field(CredentialSchema, "application credentials")
    images = nested_list_field(FixtureImageSchema, "images")
    generate = nested_list_field(GenerateSchema, "mappings of count, seed and template")
    servers = nested_list_field(FixtureServerSchema, "servers")
    generate_servers = nested_list_field(GenerateServersSchema, "mappings of count, seed and template")
    flavors = nested_list_field(FlavorSchema, "flavors")
    keypairs = nested_list_field(KeyPairSchema, "mappings of name, user and public_key")
    quotas = nested_list_field(QuotasSchema, "mappings of project and limits")
    availability_zones = nested_list_field(ZoneSchema, "mappings of name, available and hosts")
    plans = PlansField()
    default_plan = StrictField((str,), "the name of a plan", null=True)
    default_server_plan = StrictField((str,), "the name of a plan", null=True)
    assign_plans = nested_list_field(AssignmentSchema, "mappings of match and plan")
    clock = nested_field(ClockStartSchema)
    faults = nested_list_field(FaultSchema, "faults", max_items=MAX_FAULTS_IN_FORCE)
    settings = nested_field(ExportedSettingsSchema)
    dialect = dialect_or_rows_field()
    database = enum_field(DATABASES, separator=" or ")


def find_files(paths: Sequence[str]) -> list[Path]:
    """Return the fixture files that *paths* name.

    Args:
        paths: files, folders or names of bundled fixtures; a folder's files are sorted by name. The name of a
            bundled fixture always means that fixture.

    Raises:
        FixtureError: if a path names no fixture file, or cannot be read.
    """
    files: list[Path] = []
    errors: list[str] = []
    for text in paths:
        try:
            files.extend(_files_of(text))
        except FixtureError as error:
            errors.extend(error.lines)
    if errors:
        raise FixtureError(errors)
    return files


def _files_of(text: str) -> list[Path]:
    """Return the fixture files of one path: itself, or those of the folder.

    Raises:
        FixtureError: if there are none, or if the path cannot be read.
    """
    path = bundled_file(text) or Path(text)
    try:
        mode = path.stat().st_mode
        if S_ISREG(mode):
            return [path]
        if not S_ISDIR(mode):
            raise FixtureError([f"{text}: {_NO_FILE}"])
        files = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES and file.is_file())
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # or it contains a null character
        raise FixtureError([f"{text}: {_NO_FILE}"]) from error
    except OSError as error:
        line = f"{text}: cannot be read ({error.strerror}); expected a readable file or folder"
        raise FixtureError([line]) from error
    if not files:
        raise FixtureError([f"{text}: {_NO_FILE_IN_FOLDER}"])
    return files


def load_files(
    paths: Sequence[str], now: datetime, operations: Collection[str] = (), database: Database | None = None
) -> Seed:
    """Load fixture files into one seed.

    Args:
        paths: files, folders or names of bundled fixtures; their contents are combined.
        now: the creation time of images that have none.
        operations: valid operation names for faults; empty disables the check.
        database: the database on which the ids, keys and members of images must differ; None for the one that
            the files name, by default MariaDB.

    Raises:
        FixtureError: if a file is invalid; it lists the problems of all files, with line and column.
    """
    errors: list[str] = []
    sources: list[SourceFile] = []
    for path in find_files(paths):
        try:
            sources.append(_read_source(str(path), path.read_bytes()))
        except OSError as error:
            errors.append(f"{path}: cannot be read ({error.strerror}); expected a readable file")
        except FixtureError as error:
            errors.extend(error.lines)
    settings: dict[str, FileSetting] = {}
    try:
        settings = own_settings(sources)
    except FixtureError as error:
        errors.extend(error.lines)
    database = database or database_of(settings)
    try:
        seed = SeedBuilder(
            sources, Directory(), now, operations, database=database, is_incomplete=bool(errors)
        ).build()
    except FixtureError as error:
        raise FixtureError([*errors, *error.lines]) from error
    if errors:
        raise FixtureError(errors)
    return seed._replace(own_settings=settings)


def settings_in_files(paths: Sequence[str]) -> dict[str, str]:
    """Return the settings that fixture files bring with them; see `OWN_SETTINGS`.

    Raises:
        FixtureError: if a file cannot be read, or two files disagree.
    """
    contents = {str(path): path.read_bytes() for path in find_files(paths)}
    names = [name.encode() for name in OWN_SETTINGS]
    sources = [
        _read_source(path, content)
        for path, content in contents.items()
        if any(name in content for name in names)  # most files need not be parsed for this
    ]
    return {name: setting.value for name, setting in own_settings(sources).items()}


def has_key(paths: Sequence[str], key: str) -> bool:
    """Return whether one of the valid fixture files that *paths* name has this key."""
    return any(key in _read_source(str(path), path.read_bytes()).values for path in find_files(paths))


def load_text(
    content: bytes,
    name: str,
    directory: Directory,
    now: datetime,
    operations: Collection[str] = (),
    *,
    database: Database | None = None,
    present: ComputeState | None = None,
) -> Seed:
    """Load one fixture document that a client sent.

    Args:
        content: YAML or JSON in UTF-8.
        name: the document's name in error messages.
        directory: existing projects and users, in addition to those of the document.
        now: the creation time of images that have none.
        operations: valid operation names for faults; empty disables the check.
        database: as for `load_files`.
        present: the flavors and zones of the cloud to which it is added; None for a new cloud.

    Raises:
        FixtureError: if the document is invalid; it lists the problems.
    """
    sources = [_read_source(name, content)]
    settings = own_settings(sources)
    database = database or database_of(settings)
    seed = SeedBuilder(sources, directory, now, operations, database=database, present=present).build()
    return seed._replace(own_settings=settings)


def _decode(name: str, content: bytes) -> str:
    """Return the text of a document.

    Raises:
        FixtureError: if it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = f"{name}:{line}: not UTF-8 (got byte 0x{content[error.start]:02x}); expected YAML in UTF-8"
        raise FixtureError([problem]) from error


def _read_source(name: str, content: bytes) -> SourceFile:
    """Parse a document and check it against the schema, without references to other documents.

    Raises:
        FixtureError: if the document cannot be read.
    """
    text = _decode(name, content)
    source = SourceFile(name, parse_document(name, text), SourcePositions(text))
    if source.raw is None:
        keys = ", ".join(FixtureSchema().fields)
        raise FixtureError([f"{name}:1: empty; expected some of the keys: {keys}"])
    document = source.raw
    if isinstance(document, dict):
        document = {key: value for key, value in document.items() if not key.startswith(EXTENSION_PREFIX)}
    try:
        return source._replace(values=schema.load(FixtureSchema(), document))
    except DocumentError as error:
        return source._replace(values=error.valid_values, problems=error.problems)
