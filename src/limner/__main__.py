"""The command ``limner``, also as ``python -m limner``."""

import sys

from limner.system.signals import signals


def main() -> None:
    """Run the command line; a signal while it is still being loaded ends it as later."""
    with signals:
        try:
            from limner.cli import main as run
        except KeyboardInterrupt:
            print("limner: interrupted", file=sys.stderr)  # noqa: T201 - nothing else is loaded yet
            sys.exit(signals.exit_code)
        run()


if __name__ == "__main__":
    main()
