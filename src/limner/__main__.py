"""The command ``limner``, also as ``python -m limner``."""

import sys


def main() -> None:
    """Run the command line; a signal while it is still being loaded ends it as later."""
    code = 130
    try:
        from limner.system.signals import signals

        with signals:
            try:
                # An interrupt within the import of a library may come out as another error.
                with signals.held():
                    from limner.cli import main as run
                run()
            finally:
                code = signals.exit_code
    except KeyboardInterrupt:
        print("limner: interrupted", file=sys.stderr)  # noqa: T201 - nothing else is loaded yet
        sys.exit(code)


if __name__ == "__main__":
    main()
