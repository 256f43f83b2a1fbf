"""Damaged videos, made from seeds, and what must hold while they are read.

The tests run a few; by hand, for as long as wanted, each kept only where something is wrong::

    PYTHONPATH=src:tests python -m support.fuzz_videos --minutes 60 --keep found
"""

from __future__ import annotations

import argparse
import math
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import count, pairwise
from pathlib import Path

import av
import numpy as np

from limner.errors import InputError
from limner.media.probe import probe
from limner.media.read import VideoReader
from support.clips import Clip, make, noisy

_GROUPS = (("g", "8"), ("bf", "2"))
_AVI = Fraction(1, 30)
SOURCES = {
    "h264.mp4": Clip(options=_GROUPS, audio="aac"),
    "h264.mkv": Clip(options=_GROUPS, audio="libopus"),
    "vp9.webm": Clip("libvpx-vp9", audio="libopus", options=(("g", "8"),)),
    "h264.ts": Clip(options=_GROUPS, audio="aac"),
    "h264.avi": Clip(options=_GROUPS, time_base=_AVI),
    "mpeg4.avi": Clip("mpeg4", options=_GROUPS, time_base=_AVI),
    "mpeg2.mpg": Clip("mpeg2video", rate=Fraction(25), time_base=Fraction(1, 25), options=_GROUPS),
    "h264.flv": Clip(options=_GROUPS),
    "gif.gif": Clip("gif", "rgb8", rate=Fraction(25), time_base=Fraction(1, 100)),
    "raw.h264": Clip(options=_GROUPS, time_base=_AVI),
    "mjpeg.mov": Clip("mjpeg", "yuvj420p", full_range=True),
}
FRAMES = 24


def sources(folder: Path) -> list[Path]:
    """Write the videos that are to be damaged."""
    made = []
    for name, clip in SOURCES.items():
        path = folder / name
        if not path.exists():
            made.append(make(path, Clip(**{**vars(clip), "frames": FRAMES}), noisy))
        else:
            made.append(path)
    return made


def damage(data: bytes, seed: int) -> bytes:
    """Return a file's bytes with some damage."""
    random = np.random.default_rng(seed)
    result = bytearray(data)
    for _ in range(random.integers(1, 4)):
        size = len(result)
        if size < 64:
            break
        # Headers and indexes are at the ends.
        spot = random.choice(["head", "tail", "any"])
        at = int(random.integers(0, min(512, size))) if spot == "head" else 0
        at = int(size - random.integers(1, min(512, size))) if spot == "tail" else at
        at = int(random.integers(0, size)) if spot == "any" else at
        length = int(min(random.choice([1, 4, 64, 188, 2048]), size - at))
        match random.integers(0, 7):
            case 0:
                result[at : at + length] = random.integers(0, 256, length, np.uint8).tobytes()
            case 1:
                result[at : at + length] = bytes(length)
            case 2:
                del result[at : at + length]
            case 3:
                result[at:at] = result[at : at + length]
            case 4:
                result[at] ^= 1 << int(random.integers(0, 8))
            case 5:
                del result[int(size * random.uniform(0.1, 1)) :]
            case 6:
                for each in random.integers(0, size, size // 200 + 1):
                    result[each] ^= 1 << int(random.integers(0, 8))
    return bytes(result)


def check(path: Path) -> None:
    """Read a video, which may be damaged in any way.

    Raises:
        AssertionError: numbers or times are wrong, or differ with another beginning.
        Exception: anything but an `InputError` is a fault.
    """
    with suppress(InputError):
        probe(path)
    try:
        whole, intact = _clock(path)
    except InputError:
        return
    assert whole
    assert len(whole) <= 40 * FRAMES
    assert all(
        later[0] > earlier[0] and later[1] > earlier[1] for earlier, later in pairwise(whole)
    )
    assert all(math.isfinite(at) for _, at in whole)
    for start in (whole[len(whole) // 2][1], whole[-1][1]):
        try:
            part, _ = _clock(path, start)
        except InputError as error:
            if not intact:
                continue
            raise AssertionError(f"--start {start}: {error}") from error
        expected = [each for each in whole if each[1] >= start - 1e-6]
        # What a decoder makes of damage depends on where it begins.
        assert part == expected or not intact, f"--start {start}: {part[:4]}, not {expected[:4]}"


def _clock(path: Path, start: float | None = None) -> tuple[list[tuple[int, float]], bool]:
    """Return the frames' numbers and times, and whether no packet or image was damaged."""
    with VideoReader(path, start=start, audio=True) as reader:
        frames = [(frame.index, frame.time) for frame in reader]
        audio = reader.audio()
        if audio is not None:
            while audio.take() is not None:
                pass
            audio.close()
        return frames, not any("damaged" in problem for problem in reader.problems)


def runs(folder: Path, first: int = 0) -> Iterator[Path]:
    """Yield damaged videos, one after the other, without end."""
    originals = [(path, path.read_bytes()) for path in sources(folder)]
    for seed in count(first):
        path, data = originals[seed % len(originals)]
        damaged = folder / f"{path.stem}_{seed}{path.suffix}"
        # It stays where it is if the process crashes.
        damaged.write_bytes(damage(data, seed))
        yield damaged
        damaged.unlink()


def main() -> None:
    """Read damaged videos for some time; print and keep those that break something."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz_found"))
    given = parser.parse_args()
    av.logging.set_level(None)
    end = time.monotonic() + 60 * given.minutes
    done = faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in runs(Path(folder), given.seed):
            begun = time.monotonic()
            try:
                check(path)
                assert time.monotonic() - begun < 60, "it takes more than a minute"
            except Exception:
                faults += 1
                given.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, given.keep)
                print(path.name, traceback.format_exc(limit=-3), flush=True)
            done += 1
            if time.monotonic() > end:
                break
    print(f"{done} damaged videos, {faults} faults")


if __name__ == "__main__":
    main()
