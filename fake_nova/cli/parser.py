"""The options of the commands, and errors about them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fake_nova._version import __version__
from fake_nova.errors import ConfigurationError
from fake_nova.settings import REPEATABLE_SETTINGS, SETTINGS, Setting
from fake_nova.support.messages import suggest

#: The names of the commands.
COMMANDS: Final = ("serve", "wait", "env", "check", "schema", "record", "verify")

_EXPECTED_COMMAND: Final = f"expected one of {', '.join(COMMANDS)}"

#: Name of a setting -> the kind of its value, if it is neither the setting's name nor just a number.
_METAVARS: Final[Mapping[str, str]] = {
    "port": "PORT",
    "fixtures": "PATH",
    "token_lifetime": "SECONDS",
    "max_image_size": "BYTES",
    "admin_token": "TOKEN",
    "allowed_host": "HOST",
    "cors": "ORIGIN",
    "head_timeout": "SECONDS",
    "body_timeout": "SECONDS",
    "tls_cert": "FILE",
    "tls_key": "FILE",
    "tls_ca_file": "FILE",
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `ConfigurationError` with one line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, exit_on_error=False, **options)

    def parse_arguments(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Parse the arguments of the command.

        Raises:
            ConfigurationError: if they are invalid.
        """
        first = next(iter(arguments), "")
        if first.startswith("-") and first not in ("-h", "--help", "--version"):
            option = first.partition("=")[0]
            raise ConfigurationError(
                f"{option}: no command before it; {_EXPECTED_COMMAND} (try {self.prog} --help)"
            )
        try:
            options, extra_arguments = self.parse_known_args(arguments)
        except argparse.ArgumentError as error:
            program = f"{self.prog} {first}" if first in COMMANDS else self.prog
            raise ConfigurationError(
                f"{error.argument_name or ''}: {_describe_problem(error, first)} (try {program} --help)"
            ) from error
        command = getattr(options, "command", None)
        if command is None:
            raise ConfigurationError(f"COMMAND: none given; {_EXPECTED_COMMAND} (try {self.prog} --help)")
        if extra_arguments:
            option = extra_arguments[0].partition("=")[0]
            hint = suggest(option, [*options.options, "--help"])
            problem = "unknown option" if option.startswith("-") else "unexpected argument"
            raise ConfigurationError(
                f"{option}: {problem}{hint}; expected one that {self.prog} {command} --help lists"
            )
        return options


def _describe_problem(error: argparse.ArgumentError, first: str) -> str:
    """Return what is wrong with an argument.

    Args:
        error: the error of argparse.
        first: the first argument, which has to be a command.
    """
    is_option = (error.argument_name or "").startswith("-")
    if not is_option:
        return f"unknown command; {_EXPECTED_COMMAND}{suggest(first, COMMANDS)}"
    if error.message.startswith("ignored explicit argument"):
        return "takes no value"
    return "no value; expected one after it"


def _add_setting(parser: Parser, setting: Setting) -> None:
    """Add the option of a setting, and if it is a boolean, the option that switches it off."""
    options: dict[str, Any] = {
        "metavar": "|".join(setting.kind.choices) or _metavar(setting),
        "help": f"{setting.help} (default {setting.default_text}; variable {setting.variable})",
    }
    if isinstance(setting.default, bool):
        negative_option = setting.option.replace("--", "--no-", 1)
        parser.add_argument(setting.option, nargs="?", const="true", **options)
        parser.add_argument(
            negative_option,
            dest=setting.name,
            action="store_const",
            const="false",
            help=f"the same as {setting.option} false",
        )
    else:
        action = "append" if setting.name in REPEATABLE_SETTINGS else "store"
        parser.add_argument(setting.option, action=action, **options)


def _metavar(setting: Setting) -> str:
    """Return the kind of a setting's value, for the help."""
    kind = "NUMBER" if isinstance(setting.default, int) else setting.name.upper()
    return _METAVARS.get(setting.name, kind)


def _add_check_options(check: Parser) -> None:
    check.add_argument(
        "paths", metavar="PATH", nargs="*", help="a file, a folder, or the name of a bundled fixture"
    )
    check.add_argument("--each", action="store_true", help="check each PATH by itself, not as one cloud")
    check.add_argument(
        "--database",
        metavar="DATABASE",
        help="mariadb or sqlite: the database on which ids, keys and members must differ (default: as the "
        "files say, or mariadb)",
    )


def _add_serve_options(serve: Parser) -> None:
    for setting in SETTINGS:
        _add_setting(serve, setting)
    serve.add_argument(
        "--state", metavar="FILE", help="start from an export, or from the state file of a failed test"
    )
    serve.add_argument(
        "--url-file", metavar="FILE", help="write the URL there when ready, and remove the file at the end"
    )
    serve.add_argument("--open", action="store_true", help="open the page of the server in a browser")
    serve.add_argument("--workers", help=argparse.SUPPRESS)


#: Option of ``record`` -> the kind of its value, and its help.
_RECORD_OPTIONS: Final = {
    "--output": ("FILE", "the fixture file to write, in one step; an existing file is replaced"),
    "--name": ("NAME", "only images of this name"),
    "--status": ("STATUS", "only images of this status, in the image service's word, such as active"),
    "--owner": ("PROJECT", "only images of the project with this id, and an admin's servers"),
    "--limit": ("NUMBER", "at most so many images, and so many servers, the newest ones"),
    "--since": ("TIME", "only images and servers that were updated at this time or later"),
    "--dialect": ("DIALECT", "huaweicloud or nova: the dialect to write (default: from the cloud)"),
    "--database": ("DATABASE", "mariadb or sqlite: the database to write (default: from the cloud)"),
    "--rate": ("NUMBER", "maximum requests per second (default 10)"),
}


def _add_record_options(parser: Parser) -> None:
    parser.add_argument(
        "--cloud", metavar="NAME", help="cloud in clouds.yaml (default: from the variables OS_CLOUD or OS_…)"
    )
    for option, (metavar, text) in _RECORD_OPTIONS.items():
        parser.add_argument(option, metavar=metavar, help=text)
    parser.add_argument(
        "--members", action="store_true", help="record the members of shared images of the own project, too"
    )
    parser.add_argument(
        "--servers", action="store_true", help="record servers, flavors, key pairs and quotas, too"
    )
    parser.add_argument(
        "--anonymize",
        action="store_true",
        default=True,
        help="replace ids, names and addresses by pseudonyms (the default)",
    )
    parser.add_argument(
        "--no-anonymize",
        dest="anonymize",
        action="store_false",
        help="write ids, names and addresses as they are",
    )


#: Option of ``verify`` -> the kind of its value, and its help.
_VERIFY_OPTIONS: Final = {
    "--cloud": ("NAME", "cloud in clouds.yaml (default: from the variables OS_CLOUD or OS_…)"),
    "--dialect": ("DIALECT", "huaweicloud or nova: the dialect of the fake (default nova)"),
    "--database": ("DATABASE", "mariadb or sqlite: the database of the fake (default mariadb)"),
    "--max-limit": ("NUMBER", "maximum images per page of the fake (default 1000)"),
    "--import-methods": ("METHODS", "import methods of the fake (default glance-direct)"),
    "--json": ("FILE", "write the report there as JSON"),
    "--junit": ("FILE", "write the report there as JUnit's XML"),
    "--since": ("FILE", "say what is new since this report, written by --json; fail only for that"),
    "--learn": ("FILE", "write a fixture file there with the dialect and database that agree with the cloud"),
    "--rate": ("NUMBER", "maximum requests per second (default 10)"),
}


def _add_verify_options(parser: Parser) -> None:
    for option, (metavar, text) in _VERIFY_OPTIONS.items():
        parser.add_argument(option, metavar=metavar, help=text)
    parser.add_argument(
        "--write",
        action="store_true",
        help="create, change and delete small private images named fake-nova-verify-…, too",
    )


def _server_options() -> Parser:
    """Return a parser of the options that name a server, for the commands that need one."""
    server = Parser(add_help=False)
    server.add_argument(
        "--url", metavar="URL", help="URL of the server (default: from the variables for host and port)"
    )
    server.add_argument(
        "--url-file", metavar="FILE", help="file with the URL, as of fake-nova serve --url-file FILE"
    )
    server.add_argument(
        "--admin-token", metavar="TOKEN", help="admin token of the server (variable FAKE_NOVA_ADMIN_TOKEN)"
    )
    server.add_argument(
        "--tls-ca-file",
        metavar="FILE",
        help="file with the CA certificate of an https server (variable FAKE_NOVA_TLS_CA_FILE)",
    )
    return server


def build_parser() -> Parser:
    """Return the parser of the command and its options."""
    parser = Parser(prog="fake-nova", description="OpenStack Nova's images API as a test double.")
    parser.add_argument("--version", action="version", version=f"fake-nova {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", parser_class=Parser)
    _add_serve_options(commands.add_parser("serve", help="run an emulated cloud until Ctrl-C or SIGTERM"))
    server = _server_options()
    wait = commands.add_parser("wait", parents=[server], help="wait until a server is ready")
    wait.add_argument("--timeout", default="30", metavar="SECONDS", help="seconds to wait (default 30)")
    wait.add_argument(
        "--pid", metavar="PID", help="process of the server; if it ends, stop waiting, with exit code 1"
    )
    commands.add_parser(
        "env", parents=[server], help="print the variables of OpenStack clients as export commands"
    )
    _add_check_options(commands.add_parser("check", help="check fixture files and report all problems"))
    commands.add_parser("schema", help="print the JSON Schema of fixture files, for editors")
    _add_record_options(commands.add_parser("record", help="record a real cloud as a fixture file"))
    _add_verify_options(commands.add_parser("verify", help="compare a real cloud with a fake of it"))
    for command in commands.choices.values():
        command.set_defaults(options=list(command._option_string_actions))
    return parser
