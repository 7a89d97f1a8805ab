"""Records the real services, serves the record, and compares every page of the lists of images, servers and so on.

``python -m tests.against_openstack.record_check --database sqlite`` starts the services, checks, and ends them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import cycle, product
from os.path import commonpath
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest import mock
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from fake_nova import cli
from fake_nova.cloud.roles import BUILT_IN_ROLES
from fake_nova.recording import Pacing, Recording, RecordOptions, connect, record
from fake_nova.recording.fixture_writer import FixtureFile
from fake_nova.testing.fake_nova import FakeNova
from tests.against_openstack import compute_check, compute_content, installation, mariadb, services, values

#: Lists of Nova and Glance, as path and query.
LISTS: Final = {
    "compute": (
        *("/images/detail", "/images/detail?limit=7", "/images?limit=50"),
        *("/images/detail?status=active", "/images/detail?changes-since=2015-01-01T00:00:00Z"),
    ),
    "image": (
        *("/v2/images", "/v2/images?limit=7", "/v2/images?limit=1000", "/v2/images?visibility=all&limit=100"),
        *("/v2/images?os_hidden=true", "/v2/images?visibility=community", "/v2/images?member_status=all"),
        *("/v2/images?sort=name:asc,created_at:desc", "/v2/images?sort_key=updated_at&sort_dir=asc&limit=9"),
    ),
}

#: Owner, another project with images, and admin.
USERS: Final = ("alice", "bob", "carol", "admin")

#: Words that stay in an anonymized record, although projects or users are called so.
COMMON_NAMES: Final = frozenset((*(role.name for role in BUILT_IN_ROLES), "default"))

ODD_NAMES: Final = (
    *(
        None,
        "",
        " ",
        "no: yes",
        "22.10",
        "0x10",
        "~",
        "null",
        "- a",
        "#x",
        "'",
        '"',
        "a\tb",
        "a\nb",
        "\u2028",
    ),
    *(
        "{a}",
        "[a]",
        "&a",
        "*a",
        "!a",
        "%a",
        "@a",
        "`a",
        "x" * 255,
        "ünïcödé",
        "かな",
        "\u00a0",
        "a\\b",
        "1e3",
    ),
)


def more_images() -> list[dict[str, Any]]:
    """Return 200 images: every status and visibility, odd names, and times that many of them share."""
    projects = [user["project"] for user in values.users().values()]
    owners = cycle(dict.fromkeys(projects))
    names = cycle(ODD_NAMES)
    statuses = (
        "active",
        "queued",
        "saving",
        "deactivated",
        "importing",
        "uploading",
        "pending_delete",
        "killed",
    )
    visibilities = ("public", "private", "shared", "community")
    images = []
    for number, (status, visibility, hidden) in enumerate(
        product(statuses, visibilities, (False, True, False))
    ):
        for copy in range(2):
            owner = next(owners)
            index = 2 * number + copy
            time = f"2019-05-{1 + number % 9:02}T08:00:{copy:02}Z"
            image: dict[str, Any] = {
                "id": f"30000000-0000-4000-8000-{(index * 7919) % 100000:012x}",
                "name": next(names),
                "status": status,
                "visibility": visibility,
                "owner": owner,
                "size": None if status in ("queued", "importing") else 1024 + index,
                "min_ram": index % 3 * 512,
                "min_disk": index % 5,
                "protected": index % 4 == 0,
                "os_hidden": hidden,
                "tags": [f"tag {index % 6}", "Å"][: index % 3],
                "created_at": time,
                "updated_at": time if copy else f"2020-01-01T00:00:{number % 60:02}Z",
                "properties": {"number": str(index), "note": "0100", "ключ": "no"},
            }
            if visibility == "shared":
                member = next(each for each in projects if each != owner)
                image["members"] = [
                    {"member": member, "status": ("accepted", "pending", "rejected")[index % 3]}
                ]
            images.append(image)
    return images


class Service(NamedTuple):
    """A cloud to compare: the URLs of its services, and a token of each user.

    Attributes:
        urls: service -> the URL that its paths start from.
        tokens: user -> token.
        words: the beginning of a link -> what stands for it, in order.
    """

    urls: Mapping[str, str]
    tokens: Mapping[str, str]
    words: Sequence[tuple[str, str]]


def real_service(addresses: services.Addresses, tokens: Mapping[str, str]) -> Service:
    """Return the real cloud."""
    urls = {"compute": f"{addresses.nova}/v2.1", "image": addresses.glance}
    return Service(urls, tokens, ((f"{addresses.glance}/", "IMAGE/"), (f"{addresses.nova}/", "COMPUTE/")))


def fake_service(url: str, tokens: Mapping[str, str]) -> Service:
    """Return the fake one."""
    urls = {"compute": f"{url}/v2.1", "image": f"{url}/image"}
    return Service(urls, tokens, ((f"{url}/image/", "IMAGE/"), (f"{url}/", "COMPUTE/")))


def log_in(keystone: str, user_id: str, password: str, project_id: str) -> str:
    """Return a token."""
    identity = {"methods": ["password"], "password": {"user": {"id": user_id, "password": password}}}
    body = json.dumps({"auth": {"identity": identity, "scope": {"project": {"id": project_id}}}})
    request = Request(f"{keystone}/v3/auth/tokens", body.encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as response:
        return str(response.headers["X-Subject-Token"])


def pages(service: Service, kind: str, path: str, user: str) -> Iterator[Any]:
    """Yield each page of a list, walked to the end, with other words for hosts."""
    url: str | None = service.urls[kind] + path
    while url is not None:
        request = Request(url, headers={"X-Auth-Token": service.tokens[user]})
        with urlopen(request, timeout=60) as response:
            text = response.read().decode()
        document = json.loads(text)
        link = document.get("next") or next((each["href"] for each in document.get("images_links", ())), None)
        url = None
        if link is not None:
            url = f"{service.urls[kind]}{path.partition('?')[0]}?{urlsplit(link).query}"
        for base, word in service.words:
            text = text.replace(base, word)
        document = json.loads(text)
        for image in document["images"]:
            if "tags" in image:
                image["tags"].sort()
        yield document


def differences(real: Service, fake: Service, recording: Recording) -> list[str]:
    """Return a line for each page of the real services that the fake does not have after the same renaming."""
    lines = []
    for user in USERS:
        for kind, paths in LISTS.items():
            for path in paths:
                expected = [rename(page, recording.replacements) for page in pages(real, kind, path, user)]
                actual = [rename(page, {}) for page in pages(fake, kind, path, user)]
                lines += [
                    f"{user}: GET {path}, page {number}: {first_difference(*each)}"
                    for number, each in enumerate(zip(expected, actual, strict=False), 1)
                    if each[0] != each[1]
                ]
                if len(expected) != len(actual):
                    lines.append(f"{user}: GET {path}: {len(expected)} pages, but {len(actual)} of the fake")
    return lines


def rename(page: Any, replacements: Mapping[str, str]) -> str:
    """Return a page as JSON, with each text replaced; the longest texts come first."""
    return replace_texts(json.dumps(page, ensure_ascii=False, sort_keys=True), replacements)


def replace_texts(text: str, replacements: Mapping[str, str]) -> str:
    """Return a text with each text replaced; the longest ones come first."""
    for old in sorted(replacements, key=len, reverse=True):
        if old.lower() not in COMMON_NAMES:
            text = text.replace(json.dumps(old, ensure_ascii=False)[1:-1], replacements[old])
    return text


def first_difference(expected: str, actual: str) -> str:
    """Return the place where two texts begin to differ."""
    place = len(commonpath((expected, actual)))
    return f"real …{expected[max(place - 200, 0) : place + 80]}… fake …{actual[max(place - 200, 0) : place + 80]}…"


def left_over(text: str, recording: Recording) -> list[str]:
    """Return the originals that an anonymized file still contains."""
    names = (old for old in recording.replacements if old.lower() not in COMMON_NAMES)
    return [f"the anonymized file contains {old!r}" for old in names if old.lower() in text.lower()]


def check(addresses: services.Addresses, database: str, folder: Path) -> list[str]:
    """Record the services twice, with and without pseudonyms, and return what is wrong, line by line."""
    users = values.users()
    admin = users["admin"]
    os.environ.update(
        OS_AUTH_URL=f"{addresses.keystone}/v3",
        OS_USER_ID=admin["id"],
        OS_PASSWORD=admin["password"],
        OS_PROJECT_ID=admin["project"],
    )
    keystone = {
        name: log_in(addresses.keystone, users[name]["id"], users[name]["password"], users[name]["project"])
        for name in USERS
    }
    compute_content.fill(addresses.nova, keystone, has_servers=True)
    real = real_service(addresses, keystone)
    cloud = connect(None, Pacing(rate=1000))
    problems: list[str] = []
    for anonymize in (False, True):
        recording = record(cloud, RecordOptions(members=True, servers=True, anonymize=anonymize))
        path = folder / f"{database}-{anonymize}.yaml"
        FixtureFile(str(path)).write(["A record of the real services."], recording.document)
        if cli.main(["check", str(path)]) != 0:
            problems.append(f"{path}: does not load")
            continue
        if recording.document["database"] != database:
            problems.append(f"database: {recording.document['database']} is found on {database}")
        problems += left_over(path.read_text(encoding="utf-8"), recording) if anonymize else []
        problems += list(recording.notes)
        with FakeNova(fixtures=(str(path),), auth_strategy="keystone") as nova:
            fake_users = {user["id"]: user for user in recording.document["users"]}
            names = recording.replacements
            tokens = {}
            for name in USERS:
                user_id, project = users[name]["id"], users[name]["project"]
                user_id, project = names.get(user_id, user_id), names.get(project, project)
                tokens[name] = log_in(
                    f"{nova.url}/identity", user_id, fake_users[user_id]["password"], project
                )
            fake = fake_service(nova.url, tokens)
            problems += differences(real, fake, recording)
            replace = partial(replace_texts, replacements=names)
            problems += compute_check.differences(
                compute_check.Side(real.urls["compute"], f"{addresses.nova}/", keystone, replace),
                compute_check.Side(fake.urls["compute"], f"{nova.url}/", tokens),
                anonymize,
            )
    return problems


def check_on(database: str, environment: Path) -> list[str]:
    """Start the services with more images, check their records, and return what is wrong, line by line."""
    with (
        services.running(database, environment, more_images(), has_network=True) as addresses,
        tempfile.TemporaryDirectory() as folder,
        mock.patch.dict(os.environ),
    ):
        return check(addresses, database, Path(folder))


def main() -> int:
    """Run the check on the databases of the options, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=services.DATABASES, action="append")
    databases = parser.parse_args().database or services.DATABASES
    environment = installation.install()
    if "mariadb" in databases:
        mariadb.install()
    problems = [f"{name}: {line}" for name in databases for line in check_on(name, environment)]
    sys.stdout.write(
        "".join(f"{line}\n" for line in problems) or "records of the real services: no difference\n"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
