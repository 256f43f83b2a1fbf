"""Clips with known answers: every image carries its number, and one corner is white."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.audio.stream import AudioStream

from limner.core.arrays import Image

BITS = 6

# SVT-AV1 writes its settings to stderr unless told to report errors only.
os.environ.setdefault("SVT_LOG", "1")
RATE = Fraction(30)


@dataclass(frozen=True)
class Clip:
    """What to put into a generated file."""

    codec: str = "libx264"
    pixel_format: str = "yuv420p"
    width: int = 160
    height: int = 96
    frames: int = 12
    rate: Fraction = RATE
    time_base: Fraction = Fraction(1, 90000)
    ticks: Sequence[int] | None = None
    rotation: int = 0
    flip: bool = False
    sample_aspect: Fraction | None = None
    full_range: bool = False
    transfer: int | None = None
    audio: str | None = None
    audio_start: float = 0.0
    audio_seconds: float | None = None
    options: tuple[tuple[str, str], ...] = ()
    container_format: str | None = None


FORMATS = {
    "h264.mp4": Clip(),
    "h264.mov": Clip(),
    "h264.mkv": Clip(),
    "h264.ts": Clip(),
    "hevc.mp4": Clip("libx265", options=(("x265-params", "log-level=error"),)),
    "vp9.webm": Clip("libvpx-vp9"),
    "av1.mkv": Clip("libsvtav1", options=(("preset", "9"), ("crf", "15"))),
    "mpeg4.avi": Clip("mpeg4", time_base=Fraction(1, 30)),
    "mjpeg.avi": Clip("mjpeg", "yuvj420p", time_base=Fraction(1, 30), full_range=True),
    "gif.gif": Clip("gif", "rgb8", rate=Fraction(25), time_base=Fraction(1, 100)),
    "mpeg2.mpg": Clip("mpeg2video", rate=Fraction(25), time_base=Fraction(1, 25)),
    "h264_10bit.mp4": Clip(pixel_format="yuv420p10le"),
    "h264_422.mp4": Clip(pixel_format="yuv422p"),
    "h264_444.mp4": Clip(pixel_format="yuv444p"),
    "h264_full_range.mp4": Clip(pixel_format="yuvj420p", full_range=True),
    "ffv1_grey.mkv": Clip("ffv1", "gray", full_range=True),
    "h264_interlaced.mp4": Clip(options=(("flags", "+ildct+ilme"), ("x264-params", "tff=1"))),
    "ffv1_odd.mkv": Clip("ffv1", width=161, height=97),
    "ffv1_alpha.mkv": Clip("ffv1", "yuva420p"),
    "png_rgba.mov": Clip("png", "rgba"),
    "prores.mov": Clip("prores_ks", "yuv422p10le"),
}


def picture(number: int, width: int, height: int) -> Image:
    """Draw a number: dark blue, the top left corner white, grey bars in the lower half.

    The bars are the number's bits, the highest at the left.
    """
    image = np.zeros((height, width, 3), np.uint8)
    image[:] = (20, 30, 90)
    image[: height // 4, : width // 4] = 255
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        image[height // 2 :, left:right] = 220 if number >> (BITS - 1 - bit) & 1 else 40
    return image


def noisy(number: int, width: int, height: int) -> Image:
    """Draw a number on a ground that takes many bytes, so that damage stays local."""
    ground = np.random.default_rng(number).integers(0, 60, (height, width, 3), np.uint8)
    return np.asarray(np.maximum(picture(number, width, height), ground), np.uint8)


def number_of(image: Image) -> int:
    """Read the number back."""
    height, width = image.shape[:2]
    value = 0
    for bit in range(BITS):
        middle = (2 * bit + 1) * width // (2 * BITS)
        patch = image[height * 5 // 8 : height * 7 // 8, max(middle - 2, 0) : middle + 3]
        value = value * 2 + int(patch.mean() > 130)
    return value


def white_corner(image: Image) -> str:
    """Say which corner is white."""
    height, width = image.shape[:2]
    y, x = height // 12, width // 12
    corners = {
        "top left": image[y, x],
        "top right": image[y, -1 - x],
        "bottom left": image[-1 - y, x],
        "bottom right": image[-1 - y, -1 - x],
    }
    return max(corners, key=lambda corner: int(corners[corner].min()))


def make(path: Path, clip: Clip, draw: Callable[[int, int, int], Image] = picture) -> Path:
    """Write a clip."""
    with av.open(str(path), "w", format=clip.container_format) as container:
        stream: Any = container.add_stream(clip.codec, rate=clip.rate)
        stream.width, stream.height = clip.width, clip.height
        stream.pix_fmt = clip.pixel_format
        stream.codec_context.time_base = clip.time_base
        stream.options = dict(clip.options)
        if clip.full_range:
            stream.codec_context.color_range = 2
        if clip.transfer is not None:
            # BT.2020, the colours HDR comes with.
            stream.codec_context.color_trc = clip.transfer
            stream.codec_context.colorspace = stream.codec_context.color_primaries = 9
        if clip.sample_aspect is not None:
            stream.codec_context.sample_aspect_ratio = clip.sample_aspect
        if clip.rotation or clip.flip:
            stream.set_display_rotation(clip.rotation, hflip=clip.flip)
        sound = _sound(container, clip) if clip.audio else None
        step = 1 / (clip.rate * clip.time_base)
        for number in range(clip.frames):
            frame = av.VideoFrame.from_ndarray(draw(number, clip.width, clip.height))
            frame = frame.reformat(
                format=clip.pixel_format, dst_color_range=2 if clip.full_range else 1
            )
            frame.pts = round(number * step) if clip.ticks is None else clip.ticks[number]
            frame.time_base = clip.time_base
            frame.duration = round(step)
            container.mux(stream.encode(frame))
        if sound is not None:
            _add_sound(container, sound, clip)
        container.mux(stream.encode(None))
    return path


def _sound(container: Any, clip: Clip) -> AudioStream:
    rate = 48000 if clip.audio == "libopus" else 44100
    stream = cast("AudioStream", container.add_stream(clip.audio, rate=rate))
    stream.codec_context.layout = "stereo"
    return stream


def _add_sound(container: Any, stream: AudioStream, clip: Clip) -> None:
    """Add a tone that swells, so that no two packets are equal."""
    context = stream.codec_context
    rate, size = context.sample_rate, context.frame_size or 1024
    seconds = clip.audio_seconds or float(clip.frames / clip.rate)
    format_name = context.format.name
    for begin in range(0, round(seconds * rate), size):
        time = np.arange(begin, begin + size) / rate
        wave = np.sin(2 * np.pi * 440 * time) * (0.1 + 0.8 * time / seconds)
        samples = np.tile(wave.astype(np.float32), (2, 1))
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.sample_rate = rate
        frame.pts = begin + round(clip.audio_start * rate)
        frame.time_base = Fraction(1, rate)
        resampler = av.AudioResampler(format_name, "stereo", rate)
        for part in resampler.resample(frame):
            container.mux(stream.encode(part))
    container.mux(stream.encode(None))


def truncate(path: Path, share: float) -> Path:
    """Cut a file off after a share of its bytes."""
    data = path.read_bytes()
    cut = path.with_name(f"cut_{path.name}")
    cut.write_bytes(data[: int(len(data) * share)])
    return cut


def index_first(plain: Path, path: Path) -> None:
    """Write the video of an MP4 anew, with its index at the front."""
    options = {"movflags": "+faststart"}
    with av.open(str(plain)) as source, av.open(str(path), "w", options=options) as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
