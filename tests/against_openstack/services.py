"""Keystone, Glance and Nova's API as processes on loopback, over SQLite or MariaDB.

``python -m tests.against_openstack.services --database mariadb`` starts them, and says how to ask them by hand.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.against_openstack import empty_network, installation, mariadb
from tests.against_openstack.cloud import write_seed
from tests.against_openstack.waiting import wait_until

HERE: Final = Path(__file__).parent

DATABASES: Final = ("sqlite", "mariadb")

#: The databases that the services need.
DATABASE_NAMES: Final = ("keystone", "glance", "nova_api", "nova_cell0", "nova")

#: Service -> the module of its application.
MODULES: Final = {
    "keystone": "keystone.wsgi.api",
    "glance": "glance.wsgi.api",
    "nova": "nova.wsgi.osapi_compute",
}

PATIENCE: Final = 120

_AUTHENTICATION: Final = """
[keystone_authtoken]
www_authenticate_uri = {keystone}
auth_url = {keystone}/v3
auth_type = password
username = admin
password = secret
project_name = admin
user_domain_id = default
project_domain_id = default
"""

#: Configuration file -> its text. Everything that it does not say is the service's default. The import methods are those
#: that fake_nova knows.
CONFIGURATION: Final = {
    "keystone/keystone.conf": """
[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = {keystone_database}
[fernet_tokens]
key_repository = {folder}/keystone/fernet
[credential]
key_repository = {folder}/keystone/credential
[identity]
password_hash_rounds = 4
""",
    "glance/glance-api.conf": """
[DEFAULT]
log_file = {folder}/glance.log
enabled_backends = files:file
worker_self_reference_url = {glance}
enabled_import_methods = [glance-direct,web-download]
[database]
connection = {glance_database}
[glance_store]
default_backend = files
[files]
filesystem_store_datadir = {folder}/glance/images
[os_glance_staging_store]
filesystem_store_datadir = {folder}/glance/staging
[os_glance_tasks_store]
filesystem_store_datadir = {folder}/glance/tasks
[paste_deploy]
flavor = keystone
config_file = {environment}/etc/glance/glance-api-paste.ini
"""
    + _AUTHENTICATION
    + "service_type = image\n",
    "nova/nova.conf": """
[DEFAULT]
log_file = {folder}/nova.log
transport_url = fake://
state_path = {folder}/nova/state
[api_database]
connection = {nova_api_database}
[database]
connection = {nova_database}
[glance]
api_servers = {glance}
"""
    + _AUTHENTICATION
    + "service_type = compute\n",
}

#: Service -> its commands, in order: the database, the keys. A command's first word is a program of the environment.
PREPARATIONS: Final = {
    "keystone": (
        "keystone-manage --config-file {folder}/keystone/keystone.conf db_sync",
        "keystone-manage --config-file {folder}/keystone/keystone.conf fernet_setup --keystone-user {user} "
        "--keystone-group {group}",
        "python -P {here}/seed_keystone.py {folder}/keystone/keystone.conf {folder}/cloud.json",
    ),
    "glance": (
        "glance-manage --config-file {folder}/glance/glance-api.conf db_sync",
        "python -P {here}/seed_glance.py {glance_database} {folder}/cloud.json {folder}/glance/images",
    ),
    "nova": (
        "nova-manage --config-file {folder}/nova/nova.conf api_db sync",
        "nova-manage --config-file {folder}/nova/nova.conf cell_v2 map_cell0 "
        "--database_connection {nova_cell0_database}",
        "nova-manage --config-file {folder}/nova/nova.conf db sync",
    ),
}


class Addresses(NamedTuple):
    """The base URLs of the services, without a slash at the end."""

    keystone: str
    glance: str
    nova: str


def free_ports(count: int) -> list[int]:
    """Return free ports of loopback."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


class _Services:
    """Three services in one folder."""

    def __init__(self, environment: Path, folder: Path, database_urls: Mapping[str, str]) -> None:
        ports = dict(zip(MODULES, free_ports(len(MODULES)), strict=True))
        self.addresses: Final = Addresses(
            **{name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        )
        self.processes: Final[list[subprocess.Popen[bytes]]] = []
        self._ports: Final = ports
        self._folder: Final = folder
        self._bin: Final = environment / "bin"
        self._values: Final = {
            **self.addresses._asdict(),
            **{f"{name}_database": url for name, url in database_urls.items()},
            "folder": folder,
            "environment": environment,
            "here": HERE,
            "user": os.geteuid(),
            "group": os.getegid(),
        }

    def configure(self, more_images: Iterable[dict[str, Any]]) -> None:
        """Write the configuration of all services, and the cloud that they are seeded from, with more images."""
        for name in (
            "keystone/fernet",
            "keystone/credential",
            "glance/images",
            "glance/staging",
            "glance/tasks",
            "nova",
        ):
            (self._folder / name).mkdir(parents=True)
        for name, text in CONFIGURATION.items():
            (self._folder / name).write_text(text.format(**self._values), encoding="utf-8")
        shutil.copy(self._bin.parent / "etc" / "nova" / "api-paste.ini", self._folder / "nova")
        keystone, glance, nova = self.addresses
        urls = {"identity": f"{keystone}/v3/", "image": glance, "compute": f"{nova}/v2.1"}
        write_seed(self._folder / "cloud.json", urls, more_images)

    def prepare(self, service: str) -> None:
        """Make the databases of a service, and fill them.

        Raises:
            InstallationError: if a command fails.
        """
        for text in PREPARATIONS[service]:
            program, *arguments = text.format(**self._values).split()
            command = [str(self._bin / program), *arguments]
            try:
                subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)
            except subprocess.SubprocessError as error:
                output = str(getattr(error, "stderr", None) or error)
                raise installation.InstallationError(f"{program} fails: {output.strip()[-1500:]}") from error

    def start(self) -> None:
        """Start the services, and return when all of them answer."""
        for service, module in MODULES.items():
            environment = {**os.environ, f"OS_{service.upper()}_CONFIG_DIR": str(self._folder / service)}
            command = [
                str(self._bin / "python"),
                "-P",
                str(HERE / "real_service.py"),
                module,
                str(self._ports[service]),
            ]
            with (self._folder / f"{service}.out").open("wb") as output:
                process = subprocess.Popen(
                    command, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
                )
            self.processes.append(process)
        for service, process in zip(MODULES, self.processes, strict=True):
            self._wait_for(service, process)

    def _wait_for(self, service: str, process: subprocess.Popen[bytes]) -> None:
        address = getattr(self.addresses, service)
        wait_until(lambda: process.poll() is not None or _responds(address), PATIENCE)
        if process.poll() is None and _responds(address):
            return
        output = (self._folder / f"{service}.out").read_text(encoding="utf-8", errors="replace")
        raise installation.InstallationError(f"{service} does not start: {output.strip()[-1500:]}")

    def stop(self) -> None:
        """End the processes."""
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()


def _make_databases(server: mariadb.MariaDB, environment: Path) -> None:
    statements = [f"CREATE DATABASE {name}" for name in DATABASE_NAMES]
    code = (
        "import sys, pymysql\n"
        "cursor = pymysql.connect(unix_socket=sys.argv[1], user='root').cursor()\n"
        "for statement in sys.argv[2:]: cursor.execute(statement)"
    )
    subprocess.run([environment / "bin" / "python", "-c", code, server.socket, *statements], check=True)


@contextmanager
def running(
    database: str, environment: Path, more_images: Iterable[dict[str, Any]] = (), *, has_network: bool = False
) -> Iterator[Addresses]:
    """Run the three services, seeded, until the end of the block.

    Args:
        database: a name of DATABASES.
        environment: the folder of the services' environment.
        more_images: images besides those of the fixture.
        has_network: whether Nova has an empty network service; without one, it cannot show servers.

    Raises:
        InstallationError: if something does not start.
    """
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="fake-nova-openstack-"))
        folder = Path(name)
        urls = {name: f"sqlite:///{folder / name}.sqlite" for name in DATABASE_NAMES}
        if database == "mariadb":
            server = stack.enter_context(mariadb.MariaDB(folder))
            _make_databases(server, environment)
            urls = {name: server.url(name) for name in DATABASE_NAMES}
        services = _Services(environment, folder, urls)
        services.configure(more_images)
        if has_network:
            url = stack.enter_context(empty_network.running())
            with (folder / "nova" / "nova.conf").open("a", encoding="utf-8") as configuration:
                configuration.write(f"[neutron]\nauth_type = none\nendpoint_override = {url}\n")
        with ThreadPoolExecutor() as pool:
            list(pool.map(services.prepare, MODULES))
        stack.callback(services.stop)
        services.start()
        yield services.addresses


def main() -> None:
    """Run the services until Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=DATABASES, default="mariadb")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    start = time.monotonic()
    environment = installation.install()
    if options.database == "mariadb":
        mariadb.install()
    end_of_installation = time.monotonic()
    with running(options.database, environment) as addresses:
        sys.stdout.write(
            f"installed in {end_of_installation - start:.0f} s, started in {time.monotonic() - end_of_installation:.0f} s\n"
        )
        for name, url in addresses._asdict().items():
            sys.stdout.write(f"export {name.upper()}={url}\n")
        sys.stdout.flush()
        try:
            signal.pause()
        except KeyboardInterrupt:
            sys.stdout.write("stopped\n")


def _responds(address: str) -> bool:
    """Return whether a service answers a request, with whatever status."""
    try:
        urlopen(address, timeout=PATIENCE).close()
    except HTTPError:
        return True
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
