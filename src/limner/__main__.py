"""Lets ``python -m limner`` do what ``limner`` does."""

from limner.cli import main

if __name__ == "__main__":
    main()
