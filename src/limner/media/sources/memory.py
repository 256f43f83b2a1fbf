"""What sources share that read no file while their frames are taken."""

from __future__ import annotations

from typing import Self


class InMemory:
    """A source without sound and with nothing to close; see `Source`."""

    live, has_audio, complete = False, False, True

    def audio(self) -> None:
        """Return None: there is no sound."""

    def close(self) -> None:
        """Do nothing: nothing is open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
