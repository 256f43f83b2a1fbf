"""Any recording is read, or refused in a sentence, by everything that reads recordings.

A short run is part of the tests. For a long one:

    LIMNER_FUZZ_EXAMPLES=100000 pytest --timeout=0 tests/recording/test_fuzz_recordings.py
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from limner.errors import LimnerError
from limner.evaluation.run import run as evaluate
from limner.export import export_file
from limner.recording.recording import load
from limner.report.page import report_file
from limner.report.plot import plot_file
from support import walkers

EXAMPLES = int(os.environ.get("LIMNER_FUZZ_EXAMPLES", "60"))

Use = Callable[[Path], object]


def _export(name: str, **options: Any) -> Use:
    return lambda path: export_file(path, [name], path.parent / "out", **options)


def _evaluate(path: Path) -> object:
    def no_model() -> Any:
        raise AssertionError

    out = path.parent
    return evaluate(
        no_model, recording=path, summary=out / "s.json", timeline=out / "t.png", overwrite=True
    )


USES: dict[str, Use] = {
    "csv": _export("csv", metres=True),
    "csv with angles": _export("csv", angles=True),
    "csv of one": _export("csv", person=1),
    "jsonl": _export("jsonl"),
    "parquet": _export("parquet", angles=True),
    "coco": _export("coco"),
    "openpose": _export("openpose"),
    "mot-challenge": _export("mot-challenge"),
    "trc": _export("trc"),
    "trc by height": _export("trc", height=1.7),
    "trc by scale": _export("trc", scale=0.01),
    "opensim-mot": _export("opensim-mot"),
    "report": lambda path: report_file(path, names=None),
    "plot": lambda path: plot_file(path, dpi=40),
    "eval": _evaluate,
    "pandas": lambda path: load(path).to_pandas(angles=True),
    "arrays": lambda path: (load(path).angles_3d(), load(path).boxes, repr(load(path))),
}

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 2, 0.5, 7, 1e-9, -1e-9, 1e6, 1e9, 1e15, 1e300, -1e300),
    *(10**20, 10**400, float("nan"), float("inf"), float("-inf"), "", "a", "1", "nan", "1/0"),
    *("\ud800", "\0", "a\nb", "=1+1", "../../a", "left_knee", [], {}, [[]], [None], {"id": 1}),
]
values = st.one_of(
    st.sampled_from(ODD),
    st.floats(allow_nan=True),
    st.floats(-2000, 2000),
    st.integers(-5, 40),
    st.text(max_size=5),
)


def _lines() -> list[Any]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.jsonl"
        with path.open("w") as file:
            walk = walkers.recording(seconds=0.8, cleaned=True)
            frames = walk.frames[13:19]  # the second person comes in
            file.write(json.dumps(walk.header.as_dict()) + "\n")
        from limner.export import export
        from limner.recording.recording import Recording

        export(Recording(walk.header, frames), "jsonl", path, overwrite=True)
        return [json.loads(line) for line in path.read_text().splitlines()]


LINES = _lines()


@st.composite
def recordings(draw: st.DrawFn) -> bytes:
    """Return a recording with a few things wrong in it."""
    lines = json.loads(json.dumps(LINES))
    for _ in range(draw(st.integers(1, 4))):
        line = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["value", "value", "value", "times", "drop", "copy", "swap"]))
        if what == "value":
            _change(draw, lines[line])
        elif what == "times":
            _shift_times(draw, lines)
        elif what == "drop" and len(lines) > 1:
            del lines[line]
        elif what == "copy":
            lines.insert(line, json.loads(json.dumps(lines[line])))
        else:
            other = draw(st.integers(0, len(lines) - 1))
            lines[line], lines[other] = lines[other], lines[line]
    text = "".join(json.dumps(each) + "\n" for each in lines).encode()
    if draw(st.integers(0, 9)) == 0:  # bytes, too
        at = draw(st.integers(0, len(text) - 1))
        text = text[:at] + draw(st.binary(max_size=4)) + text[at + draw(st.integers(0, 9)) :]
    return text


def _change(draw: st.DrawFn, content: Any) -> None:
    """Replace or remove something somewhere in a line."""
    depth = draw(st.integers(0, 6))
    while isinstance(content, (dict, list)) and content:
        keys = list(content) if isinstance(content, dict) else list(range(len(content)))
        key = draw(st.sampled_from(keys))
        if depth == 0 or not isinstance(content[key], (dict, list)) or not content[key]:
            if draw(st.integers(0, 5)) == 0:
                del content[key]
            else:
                content[key] = deepcopy(draw(values))  # a later change must not reach `ODD`
            return
        content, depth = content[key], depth - 1


def _shift_times(draw: st.DrawFn, lines: list[Any]) -> None:
    """Let time jump at a line, or stretch."""
    line = draw(st.integers(0, len(lines) - 1))
    jump = draw(st.sampled_from([0.0, 1e-6, 1.0, 1e3, 1e6, 9e8, -1.0, -1e9]))
    stretch = draw(st.sampled_from([0.0, 1e-6, 1.0, 1e3]))
    for content in lines[line:]:
        if isinstance(content, dict) and isinstance(content.get("time"), (int, float)):
            with suppress(OverflowError):  # a whole number that is no float stays as it is
                content["time"] = content["time"] * stretch + jump


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(content=recordings(), name=st.sampled_from(sorted(USES)))
def test_whatever_it_holds(content: bytes, name: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "odd.jsonl"
        path.write_bytes(content)
        try:
            USES[name](path)
        except LimnerError as problem:
            told = str(problem)
            assert told, "nothing is said"
            assert "\n" not in told, told
