"""Hide faces in a video that is drawn from a recording."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from limner.core.poses import Poses
from limner.core.steps import AtOnce, Chain, Seen, Step
from limner.drawing.faces import FaceBlur, hide
from limner.errors import RecordingError
from limner.recording.header import Header
from limner.settings import Settings


def hiding_for(header: Header, settings: Settings, recording: Iterable[Poses]) -> Step[Seen, Seen]:
    """Return what hides the faces that the run hid, or that are to be hidden now.

    Args:
        header: the recording's.
        settings: how it is to be drawn.
        recording: its frames, from the first on.
    """
    if settings.background != "keep":
        return Chain()
    if header.copy is not None and header.copy.faces_blurred:
        return HideAgain()
    return HideRecorded(recording) if settings.blur_faces else Chain()


class HideAgain(AtOnce):
    """Hides what a run hid: the faces of everyone it found, also of those it did not show."""

    def push(self, item: Seen) -> list[Seen]:
        """Hide faces in the next frame.

        Raises:
            RecordingError: it is not recorded where they were.
        """
        hidden = item.found.hidden
        if hidden is None:
            raise RecordingError(
                "the run hid faces, and its recording does not say where, so they would be shown; "
                "draw it with --background black, or annotate the video again with --blur-faces"
            )
        hide(item.frame, hidden)
        return [item]


class HideRecorded(AtOnce):
    """Hides the faces of everyone who was recorded, shown or not.

    Args:
        recording: the frames of the recording, from the first on. They are read ahead, which
            tells where heads are shortly before they were found.
    """

    def __init__(self, recording: Iterable[Poses]) -> None:
        self._faces = FaceBlur()
        self._ahead = iter(recording)
        self._next = next(self._ahead, None)

    def push(self, item: Seen) -> list[Seen]:
        """Hide faces in the next frame."""
        while self._next is not None and self._next.time <= item.frame.time + self._faces.hold:
            self._faces.see(self._next)
            self._next = next(self._ahead, None)
        hidden = self._faces.blur(item.frame)
        return [replace(item, people=replace(item.people, hidden=hidden))]
