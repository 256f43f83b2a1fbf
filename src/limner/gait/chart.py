"""Charts of joint angles over the gait cycle, for page and PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from limner.errors import UsageError
from limner.gait.analysis import Gait
from limner.gait.cycles import JOINTS, PERCENT, Cycles
from limner.gait.measures import Statistic

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# As on the drawn people and in plots: the right side is blue, the left one orange. In black and
# white the left one is dashed.
_LOOKS: dict[str, dict[str, Any]] = {
    "left": {"color": "#D55E00", "linestyle": "--"},
    "right": {"color": "#0072B2", "linestyle": "-"},
}
_UP = {"hip": "flexion +", "knee": "flexion +", "ankle": "dorsiflexion +"}


@contextmanager
def plotting() -> Iterator[None]:
    """Let matplotlib write text as text, the same each time.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import matplotlib
    except ImportError:
        raise UsageError(
            "a gait's charts need matplotlib, which is not installed; "
            "install it with: pip install 'limner[plot]'"
        ) from None
    with matplotlib.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "limner",
            "pdf.fonttype": 42,
            "text.parse_math": False,  # a file's name may have dollars
        }
    ):
        yield


def joints(gait: Gait) -> list[str]:
    """Return the joints that can be charted."""
    return [joint for joint in JOINTS if any(c.count for c in gait.cycles if c.joint == joint)]


def draw(axes: Axes, gait: Gait, joint: str) -> None:
    """Draw a joint's mean angle and its band, left and right, and the toe-offs."""
    for cycle in gait.cycles:
        if cycle.joint == joint and cycle.count:
            _draw_side(axes, cycle, [s.stance for s in gait.strides if s.side == cycle.side])
    axes.set_title(f"{joint}, degrees ({_UP[joint]})", fontsize=8, loc="left")
    axes.set_xlabel("% of the stride, from foot strike", fontsize=7)
    axes.set_xlim(0, 100)
    axes.axhline(0, color="#888888", linewidth=0.5)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=6, frameon=False, loc="best")


def _draw_side(axes: Axes, cycle: Cycles, stances: Sequence[float]) -> None:
    look = _LOOKS[cycle.side]
    axes.plot(PERCENT, cycle.mean, linewidth=1.3, label=f"{cycle.side}, n = {cycle.count}", **look)
    low, high = cycle.mean - cycle.spread, cycle.mean + cycle.spread
    if not np.isnan(low).any():
        axes.fill_between(PERCENT, low, high, color=look["color"], alpha=0.2, linewidth=0)
    toe_off = Statistic.of(stances).mean
    if not np.isnan(toe_off):
        axes.axvline(toe_off, linewidth=0.7, **look)


def svg(gait: Gait, joint: str) -> str:
    """Return a joint's chart as an SVG element."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.4, 2.7), layout="constrained")
    draw(figure.subplots(), gait, joint)
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    label = f'role="img" aria-label="{joint} angle over the gait cycle, left and right"'
    # The page says how wide a chart is.
    return re.sub(r'<svg ([^>]*?)(height|width)="[^"]*" ', rf"<svg {label} \1", text, count=1)
