"""``python -m fake_nova``: the command without its script."""

import sys

from fake_nova.cli import main

if __name__ == "__main__":
    sys.exit(main())
