"""The last steps of a written video: its index goes to the front, and it is read back."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from limner.core.wording import counted
from limner.errors import InputError, OutputError
from limner.media.container import file_url, open_container, reason, video_stream
from limner.system.files import writing
from limner.system.scratch import scratch_folder

FRAGMENTED = (".mp4", ".m4v", ".mov")
"""The endings of what is written in fragments at first."""


def put_index_first(path: Path, last: Fraction, end: Fraction) -> None:
    """Write a fragmented MP4 or MOV anew as an ordinary one, with its index at the front.

    Players can begin before all of such a file is loaded, and seek in it. The packets stay as
    they are. The file is replaced when the new one is whole.

    Args:
        path: the file.
        last: when its last image is shown, seconds.
        end: when that ends.

    Raises:
        OutputError: it cannot be written; then the fragmented one is still there.
    """
    with writing(path), scratch_folder(path.parent) as folder:
        whole = folder / f"whole{path.suffix}"
        try:
            _copy(path, whole, last, end)
        except (av.error.FFmpegError, ValueError) as error:
            raise OutputError(f"{path}: the video cannot be finished: {reason(error)}") from error
        whole.replace(path)


def _copy(path: Path, target: Path, last: Fraction, end: Fraction) -> None:
    with (
        av.open(file_url(path), metadata_errors="replace") as fragments,
        av.open(file_url(target), "w", container_options={"movflags": "+faststart"}) as output,
    ):
        output.metadata.update(fragments.metadata)
        streams = {}
        for stream in fragments.streams:
            copied = output.add_stream_from_template(stream, opaque=True)
            copied.codec_context.codec_tag = stream.codec_context.codec_tag
            streams[stream.index] = copied
        for packet in fragments.demux():
            if packet.dts is not None:
                if packet.stream.type == "video":
                    _limit(packet, last, end)
                packet.stream = streams[packet.stream.index]
                output.mux_one(packet)


def _limit(packet: av.Packet, last: Fraction, end: Fraction) -> None:  # type: ignore[type-arg]
    """Let an image last until the video's end at most, the last one until then.

    Fragments hold the distances of packets, whose order is not that of the images.
    """
    base, shown = packet.time_base, packet.pts
    if shown is not None and base is not None:
        until_end = round(end / base) - shown
        is_last = shown >= round(last / base)
        packet.duration = until_end if is_last else min(packet.duration or 0, until_end)


def check(path: Path, images: int) -> None:
    """See that a finished video can be read and holds all that was written.

    Args:
        path: the video.
        images: how many packets of images were written.

    Raises:
        OutputError: it cannot, or does not.
    """
    try:
        found, decodes = _images(path)
    except (InputError, av.error.FFmpegError) as error:
        raise OutputError(f"{path}: the finished video cannot be read: {reason(error)}") from error
    if not decodes or found != images:
        raise OutputError(
            f"{path}: the finished video is damaged: expected {counted(images, 'image')} in it, "
            f"got {found if decodes else 'none that can be decoded'}"
        )


def plays(path: Path) -> bool:
    """Say whether there is something in an unfinished video that can be shown."""
    try:
        _, decodes = _images(path, all_of_them=False)
    except (InputError, av.error.FFmpegError):
        return False
    return decodes


def _images(path: Path, *, all_of_them: bool = True) -> tuple[int, bool]:
    """Return how many packets of images a video has, and whether one of them can be decoded."""
    found, decodes = 0, False
    with open_container(path) as container:
        stream = video_stream(path, container)
        for packet in container.demux(stream):
            found += packet.size > 0
            if not decodes:
                decodes = bool(stream.decode(packet))
            elif not all_of_them:
                break
    return found, decodes
