"""How a result looks: which annotators draw what the settings ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from limner.core.frame import Color, TransparentFrame
from limner.core.info import ModelInfo
from limner.core.steps import AtOnce, Seen
from limner.drawing import (
    AngleAnnotator,
    Annotator,
    BlackAnnotator,
    BoxAnnotator,
    Canvas,
    FaceBlur,
    IdAnnotator,
    SkeletonAnnotator,
    TrailAnnotator,
    parse_style,
)
from limner.drawing.colors import parse_color
from limner.drawing.tutorial import TutorialAnnotator, TutorialStyle
from limner.settings import Settings


class Render(AtOnce):
    """Draws the people of each frame on it, in place.

    Args:
        annotators: what to draw, in this order.
        faces: hides faces first, if any; the people know where, then.
        transparent: draw on an empty frame in the place of each.
    """

    def __init__(
        self,
        annotators: Sequence[Annotator],
        faces: FaceBlur | None = None,
        *,
        transparent: bool = False,
    ) -> None:
        self._annotators = annotators
        self._faces = faces
        self._transparent = transparent

    def push(self, item: Seen) -> Sequence[Seen]:
        """Draw on the next frame."""
        frame, people = item.frame, item.people
        if self._transparent:
            frame = TransparentFrame(frame.width, frame.height, frame.index, frame.time)
        elif self._faces is not None:
            people = replace(people, hidden=self._faces.blur(frame))
        if self._annotators:
            canvas = Canvas(frame)
            for annotator in self._annotators:
                annotator.draw(canvas, people)
        return [replace(item, frame=frame, people=people)]


class WatchFaces(AtOnce):
    """Shows everyone who is found to what hides faces, before their frame's turn comes."""

    def __init__(self, faces: FaceBlur) -> None:
        self._faces = faces

    def push(self, item: Seen) -> Sequence[Seen]:
        """Show it the next frame's people."""
        self._faces.see(item.found)
        return [item]


def annotators_for(settings: Settings, model: ModelInfo) -> list[Annotator]:
    """Return what draws what the settings ask for, in drawing order; new ones for each video."""
    if not settings.video:
        return []
    if settings.tutorial:
        return [TutorialAnnotator(_tutorial_style(settings))]
    style = replace(
        parse_style(settings.style),
        threshold=threshold_for(settings, model),
        solid=(1 + model.keypoint_threshold) / 2,
    )
    annotators: list[Annotator] = []
    if settings.background == "black":
        annotators.append(BlackAnnotator())
    if settings.trails:
        annotators.append(TrailAnnotator(settings.trails, style))
    annotators.append(SkeletonAnnotator(style, flags=settings.show_flags))
    if settings.boxes:
        annotators.append(BoxAnnotator(style))
    if "angles" in settings.labels:
        annotators.append(AngleAnnotator(style, settings.track, settings.angles_auto))
    if "ids" in settings.labels:
        annotators.append(IdAnnotator(style))
    elif "auto" in settings.labels:
        annotators.append(IdAnnotator(style, least=2))
    return annotators


def faces_for(settings: Settings) -> FaceBlur | None:
    """Return what hides faces; None where there are none to hide."""
    shown = settings.video and settings.background == "keep"
    return FaceBlur() if settings.blur_faces and shown else None


def threshold_for(settings: Settings, model: ModelInfo) -> float:
    """Return the score under which a keypoint counts as unseen: the user's, else the model's."""
    return model.keypoint_threshold if settings.threshold is None else settings.threshold


def _tutorial_style(settings: Settings) -> TutorialStyle:
    own = TutorialStyle()

    def color(option: str, text: str | None, default: Color) -> Color:
        return default if text is None else parse_color(option, text)

    return TutorialStyle(
        line=color("line-color", settings.line_color, own.line),
        dot=color("dot-color", settings.dot_color, own.dot),
        text=color("text-color", settings.text_color, own.text),
    )
