"""Which codec goes into which container, and how each encoder is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from av.codec.codec import Codec, UnknownCodecError, codecs_available

from limner.errors import OutputError, UsageError
from limner.system.files import STANDARD_OUTPUT


@dataclass(frozen=True, slots=True)
class Encoder:
    """How one encoder is used.

    Attributes:
        name: FFmpeg's name of the encoder.
        codec: FFmpeg's name of the format it writes.
        quality: its default quality, on the encoder's own scale, lower is better.
        quality_option: the option that takes the quality; empty for a fixed quantiser.
        quality_range: lowest and highest quality the encoder takes.
        options: what else is set.
        preset_option: the option that takes a preset; empty if there is none.
        pixel_format: what it is fed.
        even: whether it only takes even sizes.
    """

    name: str
    codec: str
    quality: int | None = None
    quality_option: str = "crf"
    quality_range: tuple[int, int] = (0, 51)
    options: Mapping[str, str] = field(default_factory=dict)
    preset_option: str = ""
    pixel_format: str = "yuv420p"
    even: bool = False


# Measured on the 1768x994 sample clip, CPU ms per frame, Mbit/s, luma PSNR in dB:
#   superfast              12.0   3.8   41.5
#   ultrafast               7.6   7.7   42.1
#   ultrafast, as below     8.0   4.8   42.0
# Fixed B-frames, arithmetic coding and the deblocking filter cost ultrafast almost no time
# and take away a third of its size. docs/media.md has the whole table.
_FAST_H264 = {
    "preset": "ultrafast",
    "x264-params": "bframes=3:b-adapt=0:cabac=1:deblock=1,0,0:weightb=1:8x8dct=1",
}

ENCODERS: dict[str, Encoder] = {
    encoder.codec: encoder
    for encoder in (
        Encoder("libx264", "h264", 23, options=_FAST_H264, preset_option="preset", even=True),
        Encoder(
            "libx265",
            "hevc",
            25,
            # With B-frames x265 gives a video of one frame a decoding time out of thin air.
            options={"preset": "ultrafast", "x265-params": "log-level=error:bframes=0"},
            preset_option="preset",
            even=True,
        ),
        Encoder(
            "libvpx-vp9",
            "vp9",
            32,
            quality_range=(0, 63),
            options={"deadline": "realtime", "cpu-used": "8", "row-mt": "1", "b": "0"},
            preset_option="cpu-used",
        ),
        Encoder(
            "libsvtav1",
            "av1",
            35,
            quality_range=(0, 63),
            options={"preset": "9"},
            preset_option="preset",
        ),
        Encoder("mpeg4", "mpeg4", 4, quality_option="", quality_range=(1, 31)),
        Encoder(
            "mjpeg",
            "mjpeg",
            4,
            quality_option="",
            quality_range=(1, 31),
            pixel_format="yuvj420p",
        ),
        Encoder("gif", "gif", quality_option="", pixel_format="pal8"),
    )
}

# What the players of a container can be expected to show; the first is the default.
CONTAINERS: dict[str, tuple[str, ...]] = {
    ".mp4": ("h264", "hevc", "av1", "vp9", "mpeg4", "mjpeg"),
    ".m4v": ("h264", "mpeg4"),
    ".mov": ("h264", "hevc", "mpeg4", "mjpeg"),
    ".mkv": ("h264", "hevc", "av1", "vp9", "mpeg4", "mjpeg"),
    ".webm": ("vp9", "av1"),
    ".avi": ("mpeg4", "mjpeg"),
    ".gif": ("gif",),
}

# What holds transparency, by container: ProRes 4444 is what video editors take, VP9 what
# browsers show. FFmpeg's other ProRes encoder, prores_ks, takes 160 CPU ms per 1768x994 frame
# of two skeletons where this one takes 43, for the same size.
ALPHA: dict[str, Encoder] = {
    ".mov": Encoder(
        "prores_aw",
        "prores",
        quality_option="",
        options={"profile": "4"},
        pixel_format="yuva444p10le",
    ),
    ".webm": replace(ENCODERS["vp9"], pixel_format="yuva420p"),
}

HARDWARE = ("_nvenc", "_qsv", "_amf", "_mf", "_videotoolbox", "_v4l2m2m")


def ending_of(path: Path) -> str:
    """Return the ending that names the container: Matroska's for standard output (``-``)."""
    return ".mkv" if path == STANDARD_OUTPUT else path.suffix.lower()


def choose(path: Path, codec: str = "auto", *, alpha: bool = False) -> Encoder:
    """Return the encoder for a file.

    Args:
        path: the file to be; its ending names the container.
        codec: `auto`, one of `ENCODERS`, or the name of a hardware encoder that this build
            of FFmpeg has.
        alpha: whether the images are transparent.

    Raises:
        OutputError: no video, or no transparent one, can be written with this ending.
        UsageError: no such codec, or it does not go into this container.
    """
    ending = ending_of(path)
    allowed = CONTAINERS.get(ending)
    if allowed is None:
        raise OutputError(
            f"{path}: a video cannot be written with the ending {ending!r}; "
            f"use one of {', '.join(CONTAINERS)}"
        )
    if alpha:
        return _choose_alpha(path, codec)
    name = allowed[0] if codec == "auto" else codec
    encoder = ENCODERS.get(name) or _hardware(name)
    if encoder is None or encoder.name not in codecs_available:
        raise UsageError(f"there is no codec {codec!r} here; use one of {', '.join(available())}")
    if encoder.codec not in allowed:
        raise UsageError(
            f"{ending} does not hold {name}; use one of {', '.join(allowed)}, or another ending"
        )
    return encoder


def _choose_alpha(path: Path, codec: str) -> Encoder:
    encoder = ALPHA.get(path.suffix.lower())
    if encoder is None:
        raise OutputError(
            f"{path}: a video with this ending cannot hold a transparent background; "
            f"use one of {', '.join(ALPHA)}"
        )
    if codec not in ("auto", encoder.codec):
        raise UsageError(
            f"a transparent {path.suffix.lower()} is made with the codec {encoder.codec}, "
            f"not {codec!r}; leave --codec out"
        )
    if encoder.name not in codecs_available:
        raise UsageError(f"this build of FFmpeg lacks {encoder.name}, which transparency needs")
    return encoder


def available() -> list[str]:
    """Return the codecs that can be asked for: software ones, then hardware encoders.

    A hardware encoder in this list is known to FFmpeg; whether the machine has it shows
    only when it is opened.
    """
    software = [codec for codec, encoder in ENCODERS.items() if encoder.name in codecs_available]
    hardware = sorted(name for name in codecs_available if _hardware(name))
    return software + hardware


def _hardware(name: str) -> Encoder | None:
    codec = name.partition("_")[0]
    if not name.endswith(HARDWARE) or codec not in ("h264", "hevc", "av1", "vp9"):
        return None
    try:
        formats = [each.name for each in Codec(name, "w").video_formats or ()]
    except UnknownCodecError:  # There is only a decoder of this name.
        return None
    return Encoder(
        name,
        codec,
        quality_option="",
        pixel_format="nv12" if formats and "yuv420p" not in formats else "yuv420p",
        even=True,
    )
