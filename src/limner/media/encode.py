"""Encoding frames, one codec context at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.codec.context import CodecContext, Flags
from av.filter import Graph
from av.video.codeccontext import VideoCodecContext

from limner.core.arrays import Image
from limner.errors import OutputError, UsageError
from limner.media.codecs import Encoder
from limner.media.container import reason
from limner.media.upright import BT709, SMPTE170M
from limner.system.cores import usable_cores
from limner.system.priority import give_way
from limner.system.process import environment_variable

# FFmpeg's MPEG-4 encoder stores the time base in 16 bits.
_MPEG4_TICKS = 65535
# One step of the fixed quantiser scale (FF_QP2LAMBDA).
_LAMBDA = 118
_SVT_LOG = environment_variable("SVT_LOG")


class VideoEncoder:
    """Turns images into packets.

    Attributes:
        context: the open encoder.
        time_base: seconds per tick of the packets.
    """

    def __init__(
        self,
        path: Path,
        encoder: Encoder,
        template: av.VideoFrame,
        *,
        frame_rate: Fraction,
        time_base: Fraction,
        quality: int | None = None,
        preset: str | None = None,
        threads: int | None = None,
    ) -> None:
        """Open the encoder.

        Args:
            path: the file that is written, for messages.
            encoder: which encoder, and how it is set.
            template: an image like those to come, for its size and colours.
            frame_rate: frames per second, as a hint for the encoder and players.
            time_base: seconds per tick that times should be kept in.
            quality: on the encoder's scale, or None for its default.
            preset: the encoder's preset, or None for limner's setting.
            threads: threads of the encoder, or None for one per core, at most 8.

        Raises:
            UsageError: quality or preset do not suit the encoder.
            OutputError: the encoder cannot be opened for such images.
        """
        self._path, self._encoder = path, encoder
        width, height = template.width, template.height
        if encoder.even:
            width, height = width + width % 2, height + height % 2
        context = CodecContext.create(encoder.name, "w")
        assert isinstance(context, VideoCodecContext)  # noqa: S101 - for the type checker
        context.width, context.height = width, height
        context.pix_fmt = encoder.pixel_format
        context.framerate = frame_rate
        context.time_base = _ticks(encoder, frame_rate, time_base)
        context.thread_count = _threads() if threads is None else threads
        # Players want the headers in the container, not in the stream; frame durations
        # give the last image its time.
        context.flags |= Flags.global_header | Flags.frame_duration
        context.color_range = 2 if encoder.pixel_format.startswith("yuvj") else 1
        context.colorspace = template.colorspace
        context.color_primaries = template.color_primaries
        context.color_trc = template.color_trc
        context.sample_aspect_ratio = Fraction(1)
        context.options = self._options(quality, preset)
        if not encoder.quality_option and encoder.quality is not None:
            context.qscale = True
            context.global_quality = (quality or encoder.quality) * _LAMBDA
        try:
            with _quiet(encoder):
                give_way(context.open)
        except (av.error.FFmpegError, ValueError) as error:
            raise OutputError(
                f"{path}: the encoder {encoder.name} cannot be opened for {width}x{height} "
                f"images: {reason(error)}; try another --codec or a smaller video"
            ) from error
        self.context = context
        self.time_base = context.time_base
        self._palette = _palette_graph(template, self.time_base) if encoder.codec == "gif" else None

    def _options(self, quality: int | None, preset: str | None) -> dict[str, str]:
        encoder = self._encoder
        options = dict(encoder.options)
        if quality is not None:
            low, high = encoder.quality_range
            if encoder.quality is None:
                raise UsageError(f"{encoder.name} has no --quality to set")
            if not low <= quality <= high:
                raise UsageError(
                    f"--quality is from {low} (best) to {high} for {encoder.name}, got {quality}"
                )
        if encoder.quality_option:
            chosen = encoder.quality if quality is None else quality
            options[encoder.quality_option] = str(chosen)
        if preset is not None:
            if not encoder.preset_option:
                raise UsageError(f"{encoder.name} has no --preset to set")
            # A preset that is asked for is the encoder's own, without limner's changes to it.
            options.pop("x264-params", None)
            options[encoder.preset_option] = preset
        return options

    def encode(self, picture: av.VideoFrame) -> Iterator[av.Packet]:  # type: ignore[type-arg]
        """Encode the next image, whose pts counts in `time_base`; yield finished packets.

        Raises:
            OutputError: the encoder failed.
        """
        # The encoder must choose key frames itself, not repeat the source's.
        picture.pict_type = 0
        for each in self._prepared(picture):
            yield from self._packets(each)

    def flush(self) -> Iterator[av.Packet]:  # type: ignore[type-arg]
        """Yield the packets still inside; the encoder is done after this."""
        if self._palette is not None:
            self._palette.push(None)
            for each in _pull(self._palette):
                yield from self._packets(each)
        yield from self._packets(None)

    def _packets(self, picture: av.VideoFrame | None) -> Iterator[av.Packet]:  # type: ignore[type-arg]
        try:
            packets = self.context.encode(picture)
        except av.error.FFmpegError as error:
            raise OutputError(
                f"{self._path}: {self._encoder.name} cannot encode this video: {reason(error)}"
            ) from error
        yield from packets

    def _prepared(self, picture: av.VideoFrame) -> Iterator[av.VideoFrame]:
        """Yield the image in the form the encoder takes."""
        context = self.context
        if self._palette is not None:
            self._palette.push(picture)
            yield from _pull(self._palette)
        elif context.pix_fmt == "yuvj420p":
            yield picture.reformat(format="yuvj420p", src_color_range=1, dst_color_range=2)
        elif (context.width, context.height) != (picture.width, picture.height):
            yield _padded(picture, context.width, context.height)
        else:
            yield picture


def to_yuv(image: Image) -> av.VideoFrame:
    """Return an (height, width, 3) RGB image as limited range yuv420p.

    The matrix is the one players assume for that size: BT.709 from 720 lines on, else BT.601.
    """
    matrix = BT709 if image.shape[0] >= 720 else SMPTE170M
    # FFmpeg's scaler has its own numbers for the matrices: 1 is BT.709, 5 is BT.601.
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24").reformat(
        format="yuv420p", dst_colorspace=1 if matrix == BT709 else 5, dst_color_range=1
    )
    picture.colorspace, picture.color_range = matrix, 1
    return picture


def to_yuva(image: Image, pixel_format: str) -> av.VideoFrame:
    """Return an (height, width, 4) RGBA image in a YUV format with opacity; see `to_yuv`."""
    matrix = BT709 if image.shape[0] >= 720 else SMPTE170M
    picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgba").reformat(
        format=pixel_format, dst_colorspace=1 if matrix == BT709 else 5, dst_color_range=1
    )
    picture.colorspace, picture.color_range = matrix, 1
    return picture


def _quiet(encoder: Encoder) -> AbstractContextManager[None]:
    """Keep an encoder that is opened from writing its settings to stderr."""
    if encoder.name != "libsvtav1":
        return nullcontext()
    # It reads this once in a process, when its first encoder is opened. 1 is errors only; what
    # the user has set counts.
    return _SVT_LOG.held(os.environ.get("SVT_LOG", "1"))


def _threads() -> int:
    # Each thread of x264 holds frames of its own; more than 8 only cost memory.
    return min(usable_cores(), 8)


def _ticks(encoder: Encoder, frame_rate: Fraction, time_base: Fraction) -> Fraction:
    """Return the time base the encoder can keep, nearest to the one wanted."""
    if encoder.codec != "mpeg4" or time_base.denominator <= _MPEG4_TICKS:
        return time_base
    per_second = frame_rate.limit_denominator(1001).numerator
    return Fraction(1, per_second * max(1, _MPEG4_TICKS // per_second))


def _padded(picture: av.VideoFrame, width: int, height: int) -> av.VideoFrame:
    """Return the image with its last column and row repeated up to an even size.

    The colour planes of an odd image are rounded up already, so only luma grows.
    """
    even = av.VideoFrame(width, height, "yuv420p")
    for source, target in zip(picture.planes, even.planes, strict=True):
        old = np.frombuffer(memoryview(source), np.uint8).reshape(-1, source.line_size)
        new = np.frombuffer(memoryview(target), np.uint8).reshape(-1, target.line_size)
        old = old[: source.height, : source.width]
        bottom, right = target.height - source.height, target.width - source.width
        new[: target.height, : target.width] = np.pad(old, ((0, bottom), (0, right)), "edge")
    even.pts, even.time_base, even.duration = picture.pts, picture.time_base, picture.duration
    even.colorspace, even.color_range = picture.colorspace, picture.color_range
    return even


def _palette_graph(template: av.VideoFrame, time_base: Fraction) -> Graph:
    """Return filters that give each image the 256 colours that suit it."""
    graph = Graph()
    graph.threads = 1
    source = graph.add(
        "buffer",
        f"video_size={template.width}x{template.height}:pix_fmt={template.format.name}"
        f":time_base={time_base}:pixel_aspect=1/1"
        f":colorspace={template.colorspace}:range=1",
    )
    split = graph.add("split")
    generate = graph.add("palettegen", "stats_mode=single")
    use = graph.add("paletteuse", "new=1:dither=bayer:bayer_scale=3")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(generate, 1, 0)
    generate.link_to(use, 0, 1)
    use.link_to(graph.add("buffersink"))
    graph.configure()
    return graph


def _pull(graph: Graph) -> Iterator[av.VideoFrame]:
    while True:
        try:
            yield graph.vpull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
