"""Nothing of a run stays behind, so that memory does not grow over many inputs."""

from __future__ import annotations

import gc
from pathlib import Path

import av
import pytest

from limner.core.frame import Frame
from limner.media.audio import Audio
from limner.media.encode import VideoEncoder
from limner.media.inputs import Input
from limner.media.read import VideoReader
from limner.media.write import VideoWriter
from limner.pipeline.annotate import annotate_input
from limner.settings import Settings
from support.clips import Clip, make
from support.people import FakeModel

HEAVY = (VideoReader, VideoWriter, VideoEncoder, Audio, Frame, av.VideoFrame)


@pytest.mark.parametrize(
    "clip",
    [
        Clip(frames=24, audio="aac"),
        Clip(frames=24, audio="ac3", rotation=90),
        Clip("ffv1", "yuv444p", frames=24),
    ],
)
def test_nothing_waits_for_the_garbage_collector(tmp_path: Path, clip: Clip) -> None:
    """What lies in a cycle keeps a decoder's or an encoder's images until the collector comes."""
    source = make(tmp_path / "clip.mkv", clip)
    # A reader that stops on the way has not come to the end of its own work.
    settings = Settings(output=tmp_path / "made", end=0.4)
    gc.collect()
    before = {id(each) for each in gc.get_objects() if isinstance(each, HEAVY)}
    gc.disable()
    try:
        annotate_input(Input(source, "video"), FakeModel(), settings)
        found = [each for each in gc.get_objects() if isinstance(each, HEAVY)]
        left = [type(each).__name__ for each in found if id(each) not in before]
    finally:
        gc.enable()
    assert left == []
