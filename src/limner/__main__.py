"""The command ``limner``, also as ``python -m limner``."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it as quietly as later."""
    try:
        from limner.cli import main as run
    except KeyboardInterrupt:
        print("limner: interrupted", file=sys.stderr)  # noqa: T201 - nothing else is loaded yet
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
