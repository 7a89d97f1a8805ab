"""The options of a test's cloud: where they come from, and what relative paths in them are relative to."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Final

import pytest

from fake_nova.control import parse_seconds
from fake_nova.control.transport import ca_file_of_environment
from fake_nova.documents.bundled_fixtures import bundled_file
from fake_nova.errors import ConfigurationError
from fake_nova.support.messages import quote_python, suggest

#: The options that say where the endpoints of a cloud are. They are settings of a server, not of a scope.
ENDPOINT_OPTIONS: Final = ("prefix", "region", "compute_project_id", "image_version_in_url", "catalog")

#: The ini options that are lists of texts, and those that are true or false.
_LIST_OPTIONS: Final = frozenset(f"fake_nova_{name}" for name in ("fixtures", "prefix", "region", "catalog"))
_BOOLEAN_OPTIONS: Final = frozenset(
    f"fake_nova_{name}" for name in ("strict", "coverage", "compute_project_id", "image_version_in_url")
)

#: The name of the plugin that reports behaviour coverage, if the run wants it.
COVERAGE_PLUGIN: Final = "fake_nova_coverage"

#: The options of the marker that add something to the cloud.
CONTENT_OPTIONS: Final = ("images", "servers", "flavors", "keypairs")

#: The options of the marker.
MARKER_OPTIONS: Final = (
    *CONTENT_OPTIONS,
    "fixtures",
    "dialect",
    "database",
    "auth_strategy",
    "plan",
    "clock",
    "strict",
    *ENDPOINT_OPTIONS,
    "tls",
)

#: The options of the marker that concern the runs of a test, and not its cloud.
RUN_OPTIONS: Final = ("each_fault", "survives")


def check_ini_options(config: pytest.Config, names: Iterable[str]) -> None:
    """Check ini options when pytest starts, so that a wrong one is reported once.

    Args:
        config: pytest's configuration.
        names: the names of the options.

    Raises:
        UsageError: if one is invalid.
    """
    try:
        for name in names:
            ini_value(config, name)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from error


def wants_coverage(config: pytest.Config, names: Iterable[str]) -> bool:
    """Return whether the run reports behaviour coverage: an ini option or one of *names* asks for it."""
    is_asked_for = any(config.getoption(name) is not None for name in names)
    return is_asked_for or bool(ini_value(config, "fake_nova_coverage"))


def ini_value(config: pytest.Config, name: str) -> Any:
    """Return the value of an ini option.

    Args:
        config: pytest's configuration.
        name: the option's name, with the prefix ``fake_nova_``.

    Returns:
        A bool or a list of texts for the options of that kind, seconds or None for
        ``fake_nova_start_timeout``, and a text for the others.

    Raises:
        ConfigurationError: if the value is invalid.
    """
    value = _read_ini_value(config, name)
    if name in _BOOLEAN_OPTIONS:
        return parse_boolean(value, name)
    if name == "fake_nova_start_timeout":
        return None if value in (None, "") else parse_seconds(str(value), name)
    is_list = name in _LIST_OPTIONS
    if is_list and isinstance(value, str):
        return [line.strip() for line in value.splitlines() if line.strip()]
    expected_type = list if is_list else str
    if not isinstance(value, expected_type):
        raise ConfigurationError(f"{name}: invalid value (got {quote_python(value)}); expected text")
    return value


def _read_ini_value(config: pytest.Config, name: str) -> object:
    """Return an ini option with the type that pytest gives it, or as written if it has another type.

    pytest 9 refuses a text in native TOML for an option that is a bool or a float.
    """
    try:
        return config.getini(name)
    except (TypeError, ValueError, pytest.UsageError):
        content: Any = getattr(config, "_inicfg", None) or config.inicfg  # pytest 9.1, and older ones
        # The option -o of pytest 8:
        read_override = getattr(config, "_get_override_ini_value", lambda _: None)
        override = read_override(name)
        value: object = content[name] if override is None else override
        return getattr(value, "value", value)  # a record in pytest 9, a text in pytest 8


def parse_boolean(value: object, source: str) -> bool:
    """Return the truth value that a bool or a text stands for.

    Args:
        value: such as True, ``"true"``, ``"1"`` or ``"off"``; an empty text is false.
        source: the name of the option, for the error message.

    Raises:
        ConfigurationError: if it is neither true nor false.
    """
    text = str(value).lower() or "false"
    if text not in ConfigParser.BOOLEAN_STATES:
        raise ConfigurationError(
            f"{source}: invalid value (got {quote_python(value)}); expected true or false"
        )
    return ConfigParser.BOOLEAN_STATES[text]


def resolve_fixtures(fixtures: object, folder: Path) -> tuple[str, ...]:
    """Return fixtures with absolute paths, so that they mean the same in every working directory.

    Args:
        fixtures: a path, the name of a bundled fixture, or a collection of these; None for no fixtures.
        folder: the folder that relative paths are relative to.

    Raises:
        ConfigurationError: if *fixtures* is nothing of that kind.
    """
    if not fixtures:
        return ()
    paths = (fixtures,) if isinstance(fixtures, (str, Path)) else fixtures
    if not isinstance(paths, Iterable):
        raise ConfigurationError(
            f"fixtures: invalid value (got {quote_python(fixtures)}); "
            "expected paths or names of bundled fixtures"
        )
    return tuple(_resolve_fixture(str(path), folder) for path in paths)


def _resolve_fixture(text: str, folder: Path) -> str:
    return str(bundled_file(text) or (folder / text).resolve())


def resolve_settings(settings: object, function: Callable[..., object]) -> object:
    """Return the result of a fixture ``fake_nova_settings`` with absolute paths of fixtures.

    Args:
        settings: settings by name.
        function: the function of the fixture; relative paths are relative to the folder of its file.
    """
    if not isinstance(settings, Mapping) or not settings.get("fixtures"):
        return settings
    folder = Path(inspect.getfile(inspect.unwrap(function))).parent
    return {**settings, "fixtures": resolve_fixtures(settings["fixtures"], folder)}


def marker_options(item: pytest.Item, settings: Collection[str] = ()) -> dict[str, Any]:
    """Return the options of a test's cloud by name.

    The parameter of the fixture ``fake_nova`` wins over markers, the nearest marker over outer ones, and all
    of them over ini options.

    Args:
        item: the test.
        settings: names of options for which the ini options are ignored.

    Raises:
        ConfigurationError: if a marker or the parameter has an unknown option.
    """
    options = ini_options(item.config, settings)
    folder = item.path.parent
    for marker in reversed(list(item.iter_markers("fake_nova"))):
        kwargs = {name: value for name, value in marker.kwargs.items() if name not in RUN_OPTIONS}
        options.update(check_options(kwargs, folder, "@pytest.mark.fake_nova", marker.args, RUN_OPTIONS))
    return {**options, **_parameter_options(item)}


def survivable_errors(item: pytest.Item) -> tuple[type[BaseException], ...]:
    """Return the exceptions that a test may raise when it meets a fault: those of the nearest marker.

    Raises:
        ConfigurationError: if the option ``survives`` is neither a class of exceptions nor some of them.
    """
    markers = (marker for marker in item.iter_markers("fake_nova") if "survives" in marker.kwargs)
    value = next((marker.kwargs["survives"] for marker in markers), ())
    classes = (value,) if isinstance(value, type) else value
    is_valid = isinstance(classes, (tuple, list)) and all(
        isinstance(each, type) and issubclass(each, BaseException) for each in classes
    )
    if not is_valid:
        raise ConfigurationError(
            f"@pytest.mark.fake_nova: survives: invalid value (got {quote_python(value)}); "
            "expected classes of exceptions"
        )
    return tuple(classes)


def ini_options(config: pytest.Config, settings: Collection[str] = ()) -> dict[str, Any]:
    """Return the ini options for clouds by name, with absolute paths of fixtures.

    Args:
        config: pytest's configuration.
        settings: names of options to leave out.

    Raises:
        ConfigurationError: if an ini option is invalid.
    """
    names = set(MARKER_OPTIONS) - {*CONTENT_OPTIONS, *settings}
    options = {name: ini_value(config, f"fake_nova_{name}") for name in names}
    if "fixtures" in options:
        options["fixtures"] = resolve_fixtures(options["fixtures"], _ini_folder(config))
    return options


def ca_file_option(config: pytest.Config) -> str | None:
    """Return the file of ``fake_nova_ca_file``, with an absolute path; None for that of the environment."""
    path = ini_value(config, "fake_nova_ca_file")
    return str(_ini_folder(config) / path) if path else ca_file_of_environment()


def check_options(
    options: Mapping[str, Any],
    folder: Path,
    source: str,
    unnamed: Iterable[object] = (),
    other_names: Collection[str] = (),
) -> dict[str, Any]:
    """Return options of the marker, with absolute paths of fixtures.

    Args:
        options: the options by name.
        folder: the folder that relative paths are relative to.
        source: where the options come from, for the error message.
        unnamed: the arguments without a name.
        other_names: names of further options, for the error message.

    Raises:
        ConfigurationError: if an option is unknown, or has no name.
    """
    names = (*MARKER_OPTIONS, *other_names)
    unknown = [*sorted(map(str, set(options) - set(MARKER_OPTIONS))), *unnamed]
    if unknown:
        raise ConfigurationError(
            f"{source}: unexpected option (got {quote_python(unknown[0])}); "
            f"expected one of: {', '.join(names)}{suggest(unknown[0], names)}"
        )
    if "fixtures" not in options:
        return dict(options)
    if not options["fixtures"]:
        raise ConfigurationError(
            f"{source}: no fixture (got fixtures={options['fixtures']!r}); "
            'expected one, such as "empty" for a cloud without images'
        )
    return {**options, "fixtures": resolve_fixtures(options["fixtures"], folder)}


def _parameter_options(item: pytest.Item) -> dict[str, Any]:
    """Return the options in the test's parameter of the fixture ``fake_nova`` (``indirect=True``).

    Raises:
        ConfigurationError: if the parameter is not a mapping, or has an unknown option.
    """
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    if "fake_nova" not in parameters:
        return {}
    definitions = getattr(item, "_fixtureinfo").name2fixturedefs.get("fake_nova")  # noqa: B009
    if not definitions or definitions[-1].params is not None:
        return {}  # a fixture overrides ours, and has parameters of its own
    source = '@pytest.mark.parametrize("fake_nova")'
    value = parameters["fake_nova"]
    if not isinstance(value, Mapping):
        raise ConfigurationError(
            f"{source}: invalid parameter (got {quote_python(value)}); "
            'expected a mapping of options such as {"plan": "slow"}'
        )
    return check_options(value, item.path.parent, source)


def _ini_folder(config: pytest.Config) -> Path:
    return config.inipath.parent if config.inipath else config.rootpath


def is_strict(item: pytest.Item) -> bool:
    """Return whether a test is strict: faults, plans and parameters without effect fail it.

    Raises:
        ConfigurationError: if the option is neither true nor false.
    """
    return parse_boolean(marker_options(item)["strict"], "fake_nova_strict")
