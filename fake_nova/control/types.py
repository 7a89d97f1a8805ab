"""The keywords of `Control`, `FakeNova` and `create_app`, and their values, for type checkers.

`tests/control/test_types.py` compares each with the schema or table that checks the value at run time, and
`tests/typing_tests` has programs with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Literal, NotRequired, Required, TypedDict

#: The status of an image, in Glance's words.
ImageStatus = Literal[
    "queued",
    "saving",
    "uploading",
    "importing",
    "active",
    "deactivated",
    "killed",
    "pending_delete",
    "deleted",
]
Visibility = Literal["public", "private", "shared", "community"]
MemberStatus = Literal["pending", "accepted", "rejected"]
DiskFormat = Literal["ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"]
ContainerFormat = Literal["ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"]
HashAlgorithm = Literal["md5", "sha1", "sha256", "sha512"]
ClockMode = Literal["real", "frozen", "auto"]

#: A dialect, or one with other rows, such as ``nova,order=oldest_first``.
DialectName = Literal["huaweicloud", "nova"] | str

DatabaseName = Literal["mariadb", "sqlite"]
AuthStrategy = Literal["noauth", "keystone"]
TlsMode = Literal["off", "self-signed"]

#: The codes of hints in the journal.
HintCode = Literal["image_deleted", "image_name", "misspelt_path", "refused_token"]

#: A time: an aware datetime, or ISO 8601 text.
Time = datetime | str


class ImageMember(TypedDict, total=False):
    """A project with which an image is shared."""

    member: Required[str]
    status: MemberStatus
    created_at: Time
    updated_at: Time


class _CommonFields(TypedDict, total=False):
    name: str | None
    status: ImageStatus
    size: int | None
    min_ram: int
    min_disk: int
    created_at: Time
    updated_at: Time
    owner: str | None
    visibility: Visibility
    protected: bool
    os_hidden: bool
    disk_format: DiskFormat | None
    container_format: ContainerFormat | None
    tags: list[str] | tuple[str, ...]
    properties: dict[str, str]
    checksum: str | None
    os_hash_algo: HashAlgorithm | None
    os_hash_value: str | None
    virtual_size: int | None
    stores: str
    removed_keys: list[str] | tuple[str, ...]
    member_rows: list[str] | tuple[str, ...]


class ImageMatch(_CommonFields, total=False):
    """The fields that a new image must have; texts may contain the wildcards ``*`` and ``?``."""

    id: str


class ImageTemplate(_CommonFields, total=False):
    """The fields that generated images share."""

    members: list[ImageMember] | tuple[ImageMember, ...]


class ImageFields(ImageTemplate, total=False):
    """The fields of an image."""

    id: str


class NewImage(ImageFields, total=False):
    """The fields of an image to add, and the plan that it follows."""

    plan: str


class PlanStep(TypedDict, total=False):
    """A step of a plan; ``looks`` are polls."""

    status: Required[ImageStatus]
    seconds: float
    looks: int


class StoredImage(TypedDict):
    """An image as the emulator returns it: a dictionary that `Images.add_all` accepts again."""

    id: str
    name: str | None
    status: ImageStatus
    size: int | None
    min_ram: int
    min_disk: int
    created_at: str
    updated_at: str
    owner: str | None
    visibility: Visibility
    protected: bool
    os_hidden: bool
    disk_format: DiskFormat | None
    container_format: ContainerFormat | None
    tags: list[str]
    members: list[ImageMember]
    properties: dict[str, str]
    checksum: str | None
    os_hash_algo: HashAlgorithm | None
    os_hash_value: str | None
    virtual_size: int | None
    stores: NotRequired[str]
    removed_keys: NotRequired[list[str]]
    member_rows: NotRequired[list[str]]


class StoredAssignment(TypedDict):
    """The plan that new images start, and the fields that they must have."""

    match: dict[str, Any]
    plan: str


class StoredPlans(TypedDict):
    """The plans by name, the default plans, the assignments to new images, and what follows a plan."""

    plans: dict[str, list[PlanStep]]
    default: str | None
    servers: str | None
    assign: list[StoredAssignment]
    active: list[dict[str, Any]]
    active_servers: list[dict[str, Any]]


class StoredFault(TypedDict):
    """A fault as the emulator returns it: ``met`` counts the requests that triggered it."""

    id: str
    match: dict[str, Any]
    effect: dict[str, Any]
    times: NotRequired[int]
    seconds: NotRequired[float]
    owner: NotRequired[str]
    until: str | None
    matched: int
    met: int
    in_force: bool


class JournalEntry(TypedDict):
    """A request in the journal; None for what is not there, such as the status before the response."""

    number: int
    at: str
    method: str
    path: str
    query: str
    operation: str
    project: str
    status: int | None
    milliseconds: float | None
    listed: int | None
    image_status: str | None
    fault: str | None
    hint: str | None
    hint_code: HintCode | None
    body: str
    body_bytes: int | None
    request_id: str
    global_request_id: str | None
    user_agent: str | None


class FaultFields(TypedDict, total=False):
    """The fields of a fault: its match, its effect and its bounds."""

    operation: str
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    path: str
    project: str
    header: dict[str, str]
    query: dict[str, str]
    nth: int
    probability: float
    seed: int
    delay: float
    status: int
    message: str
    retry_after: int
    token: Literal["expired"]
    connection: Literal["reset", "cut", "lost"]
    body: Literal["empty", "truncated", "malformed"]
    stale: float
    since: Literal["write"]
    stall: float
    times: int
    seconds: float
    owner: str


class RequestMatch(TypedDict, total=False):
    """The attributes that a request in the journal must have, with the wildcards ``*`` and ``?``."""

    operation: str
    method: str
    path: str
    query: str
    project: str
    status: int | str
    body: str
    user_agent: str
    global_request_id: str
    fault: str


class ScopeOptions(TypedDict, total=False):
    """The settings of a scope that may differ from those of the server."""

    dialect: DialectName
    database: DatabaseName
    auth_strategy: AuthStrategy


class CloudOptions(ScopeOptions, total=False):
    """The options of the marker ``fake_nova``, of an indirect parameter, and of ``make_fake_nova``."""

    images: Sequence[NewImage | StoredImage]
    flavors: Sequence[Mapping[str, Any]]
    keypairs: Sequence[Mapping[str, Any]]
    servers: Sequence[Mapping[str, Any]]
    fixtures: str | PathLike[str] | Sequence[str | PathLike[str]]
    plan: str
    clock: ClockMode | Time
    strict: bool
    prefix: str | Sequence[str]
    region: str | Sequence[str]
    compute_project_id: bool
    image_version_in_url: bool
    catalog: str | Sequence[str]
    tls: TlsMode


#: Settings as Python values or as text, as in the environment variables; None for the default.
_Integer = int | str | None
_Boolean = bool | str | None
_Seconds = float | str | None
_Path = str | PathLike[str]


class SettingOptions(TypedDict, total=False):
    """The settings of an emulator by name, as Python values or as text; None means the default."""

    host: str | None
    port: _Integer
    fixtures: _Path | Sequence[_Path] | None
    watch: _Boolean
    auth_strategy: AuthStrategy | None
    token_lifetime: _Integer
    dialect: DialectName | None
    database: DatabaseName | None
    max_limit: _Integer
    metadata_quota: _Integer
    max_image_size: _Integer
    import_methods: Literal["glance-direct", "web-download", "glance-direct,web-download", "none"] | None
    prefix: str | Sequence[str] | None
    region: str | Sequence[str] | None
    compute_project_id: _Boolean
    image_version_in_url: _Boolean
    catalog: str | Sequence[str] | None
    trust_forwarded: _Boolean
    hints: _Boolean
    journal: _Integer
    admin: Literal["local", "public", "off"] | None
    admin_token: str | None
    allowed_host: str | Sequence[str] | None
    cors: str | Sequence[str] | None
    access_log: Literal["off", "text", "json"] | None
    threads: _Integer
    head_timeout: _Seconds
    body_timeout: _Seconds
    server: Literal["gunicorn", "granian"] | None
    tls: TlsMode | None
    tls_cert: _Path | None
    tls_key: _Path | None
    tls_ca_file: _Path | None
