"""The command ``fake-nova``, also ``python -m fake_nova``."""

import sys


def main() -> int:
    """Run the command and return its exit code; Ctrl-C ends it without a traceback, even during imports."""
    try:
        from fake_nova import cli  # noqa: PLC0415  # Ctrl-C may interrupt the import

        return cli.main()
    except KeyboardInterrupt:
        return 130  # 128 + SIGINT, as shells report it


if __name__ == "__main__":
    sys.exit(main())
