"""The table of formats tried, for docs/media.md.

`PYTHONPATH=tests python -m support.media_table` writes it; a test makes it again and compares.
"""

from __future__ import annotations

import re
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np

from limner.errors import LimnerError
from limner.media.codecs import CONTAINERS
from limner.media.probe import probe
from limner.media.read import VideoReader
from limner.media.write import VideoWriter
from support.clips import FORMATS, Clip, make, number_of

PAGE = Path(__file__).parents[2] / "docs" / "media.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->\n"

UNEVEN = [0, 3000, 3100, 9000, 9001, 9500, 20000, 31000, 31500, 40000, 80000, 83003]
MORE = {
    "rotated_90.mp4": Clip(rotation=90),
    "rotated_180.mp4": Clip(rotation=180),
    "wide_pixels.mp4": Clip(sample_aspect=Fraction(4, 3)),
    "variable_rate.mp4": Clip(ticks=UNEVEN),
    "one_frame.mp4": Clip(frames=1),
    "100000x2.mkv": Clip("ffv1", width=100_000, height=2),
    "aac.mp4": Clip(audio="aac"),
    "opus.webm": Clip("libvpx-vp9", audio="libopus"),
    "pcm.mov": Clip(audio="pcm_s16le"),
}


def table() -> str:
    """Return the table in Markdown: every input through the default mp4, then every output."""
    lines = [
        "| file | codec | stored as | read as | written as | frames | times differ by | audio |",
        "|---|---|---|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, clip in (FORMATS | MORE).items():
            source = make(Path(folder) / name, clip)
            lines.append(row(source, source.with_name(f"{name}_pose.mp4"), "auto"))
        source = make(Path(folder) / "source.mp4", Clip(ticks=UNEVEN, audio="aac"))
        for ending, codecs in CONTAINERS.items():
            for codec in codecs:
                target = source.with_name(f"pose_{codec}{ending}")
                lines.append(row(source, target, codec))
    return "\n".join(lines) + "\n"


def row(source: Path, target: Path, codec: str) -> str:
    """Write a clip anew and say what came of it, by reading the result back."""
    info = probe(source)
    cells = [
        source.name,
        info.codec + (f" + {info.audio_codec}" if info.audio_codec else ""),
        f"{info.coded_width}x{info.coded_height} {info.pixel_format}",
        f"{info.width}x{info.height}",
    ]
    before, numbers = [], []
    try:
        with VideoReader(source) as reader:
            writer = VideoWriter(
                target, width=reader.width, height=reader.height, source=reader, codec=codec
            )
            with writer:
                for frame in reader:
                    before.append(frame.time)
                    numbers.append(number_of(frame.image) if frame.height > 2 else 0)
                    writer.write(frame)
    except LimnerError as error:
        sentence = re.sub(r"^.*?: ", "", str(error)).partition(":")[0]
        return f"| {' | '.join([*cells, sentence, '', '', ''])} |"
    result = probe(target)
    with VideoReader(target) as reader:
        frames = list(reader)
    same = [number_of(frame.image) for frame in frames] == numbers
    after = [frame.time for frame in frames]
    count = f"{len(after)} of {len(before)}"
    difference = "-"
    if len(after) == len(before):
        worst = np.abs(np.array(after) - np.array(before)).max()
        difference = "0" if worst < 1e-6 else f"{np.ceil(worst * 1e4) / 10:g} ms"
    cells += [
        f"{result.codec} {target.suffix} {result.width}x{result.height}",
        count if same else f"{count}, images differ",
        difference,
        result.audio_codec or "",
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    head, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    PAGE.write_text(head + BEGIN + table() + END + rest.split(END)[1], encoding="utf-8")
