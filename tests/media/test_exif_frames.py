"""Videos of camera images, whose EXIF says which way is up."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image as Pillow
from PIL import ImageOps

from limner.media.probe import probe
from limner.media.read import VideoReader
from support.clips import number_of, picture, white_corner

KINDS = [("a.avi", "mjpeg"), ("a.mov", "mjpeg"), ("a.mkv", "mjpeg"), ("a.mov", "png")]
_ORIENTATION = 0x0112


def make(path: Path, codec: str, orientation: int) -> Path:
    """Write a video of upright images that are stored as EXIF's orientation says."""
    exif = Pillow.Exif()
    exif[_ORIENTATION] = orientation
    back = {6: 8, 8: 6}.get(orientation, orientation)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=10)
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "rgb24"
        stream.width, stream.height = (96, 160) if orientation > 4 else (160, 96)
        for number in range(4):
            turned = Pillow.fromarray(picture(number, 160, 96))
            turned.getexif()[_ORIENTATION] = back
            image = ImageOps.exif_transpose(turned)
            assert image.size == (stream.width, stream.height)
            data = io.BytesIO()
            image.save(data, "JPEG" if codec == "mjpeg" else "PNG", exif=exif.tobytes())
            packet: Any = av.Packet(data.getvalue())
            packet.stream, packet.time_base = stream, Fraction(1, 10)
            packet.pts = packet.dts = number
            packet.is_keyframe = True
            container.mux(packet)
    return path


@pytest.mark.parametrize(("name", "codec"), KINDS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_frames(tmp_path: Path, name: str, codec: str, orientation: int) -> None:
    path = make(tmp_path / name, codec, orientation)
    with VideoReader(path) as reader:
        frames = list(reader)
        assert reader.problems == []
    assert [(frame.width, frame.height) for frame in frames] == [(160, 96)] * 4
    assert [number_of(frame.image) for frame in frames] == [0, 1, 2, 3]
    assert {white_corner(frame.image) for frame in frames} == {"top left"}
    assert (probe(path).width, probe(path).height) == (160, 96)
