"""The command: ``fake-nova``, or ``python -m fake_nova``."""

import sys


def main() -> int:
    """Run the command and return its exit code; Ctrl-C ends it without a traceback, from the first moment."""
    try:
        from fake_nova import cli  # noqa: PLC0415  # an interrupt may come while it is loaded

        return cli.main()
    except KeyboardInterrupt:
        return 130  # what shells say of SIGINT


if __name__ == "__main__":
    sys.exit(main())
