"""Every decoded image in one form: upright, square pixels, one size, yuv420p.

An image that has this form already passes through untouched, not even copied. All others
go through a graph of FFmpeg's filters, made once per kind of image.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, cast

import av
import numpy as np
from av.filter import Graph
from av.sidedata.sidedata import SideDataContainer, Type

from limner.media.hdr import HLG, PQ, ToStandard

if TYPE_CHECKING:
    from av.sidedata.sidedata import SideData

# ITU-T H.273: matrix coefficients.
RGB, BT709, UNSPECIFIED, SMPTE170M = 0, 1, 2, 6
LIMITED, FULL = 1, 2

# More kinds of side data than FFmpeg has.
_KINDS_OF_SIDE_DATA = 64

# Filters that turn an image upright, by the top left 2x2 of its display matrix (x to the
# right, y down): where the stored x axis and the stored y axis point to when displayed.
_TURNS: dict[tuple[int, int, int, int], tuple[str, ...]] = {
    (1, 0, 0, 1): (),
    (0, 1, -1, 0): ("transpose=clock",),
    (-1, 0, 0, -1): ("hflip", "vflip"),
    (0, -1, 1, 0): ("transpose=cclock",),
    (-1, 0, 0, 1): ("hflip",),
    (1, 0, 0, -1): ("vflip",),
    (0, 1, 1, 0): ("transpose=cclock_flip",),
    (0, -1, -1, 0): ("transpose=clock_flip",),
}


class _Form(NamedTuple):
    """All that decides how a decoded image is converted."""

    pixel_format: str
    width: int
    height: int
    matrix: int
    full_range: bool
    hdr: bool = False
    interlaced: bool = False


class Upright:
    """Converts the images of one stream.

    Attributes:
        width, height: the size of every image that comes out, in square pixels.
        rotation: how far the stored image is turned clockwise to be upright, degrees.
        resized: how many images had another size than the first and were scaled to it.
        deinterlaced: whether interlaced images were met. Each frame of two fields becomes
            one whole image at the frame's time.
    """

    def __init__(self, first: av.VideoFrame, sample_aspect: Fraction | None) -> None:
        self._turn = _turn(first)
        self._source_size = first.width, first.height
        self._size = _square(first.width, first.height, sample_aspect)
        turned = "transpose" in "".join(self._turn)
        self.width, self.height = self._size[::-1] if turned else self._size
        self.rotation = _ROTATIONS.get(self._turn, 0)
        self.resized = 0
        self.deinterlaced = False
        self._form: _Form | None = None
        self._graph: Graph | None = None
        self._to_standard: ToStandard | None = None
        self._waiting: deque[int] = deque()

    def __call__(self, picture: av.VideoFrame, tick: int) -> Iterator[tuple[av.VideoFrame, int]]:
        """Convert the next image.

        Args:
            picture: as it was decoded.
            tick: its place on the timeline.

        Yields:
            Images in the common form, each with its tick: usually this one; while
            deinterlacing, which looks ahead, the one before.
        """
        self.deinterlaced |= picture.interlaced_frame
        form = _Form(
            picture.format.name,
            picture.width,
            picture.height,
            picture.colorspace,
            picture.color_range == FULL or picture.format.name.startswith("yuvj"),
            picture.color_trc in (PQ, HLG),
            self.deinterlaced,
        )
        self.resized += (form.width, form.height) != self._source_size
        if form != self._form:
            yield from self.flush()
            self._form = form
            filters = self._filters(form)
            self._graph = _graph(form, filters) if filters else None
            self._to_standard = None
            if form.hdr:
                self._to_standard = ToStandard(picture.color_trc, form.full_range)
        if self._graph is None:
            yield picture if self._to_standard is None else self._to_standard(picture), tick
            return
        # Filters may not see the true times: some double the time base.
        picture.pts, picture.time_base = tick, Fraction(1, 1000)
        self._waiting.append(tick)
        self._graph.push(picture)
        yield from self._pull(self._graph)

    def flush(self) -> Iterator[tuple[av.VideoFrame, int]]:
        """Yield the images still inside."""
        graph, self._graph, self._form = self._graph, None, None
        if graph is not None:
            graph.push(None)
            yield from self._pull(graph)

    def _pull(self, graph: Graph) -> Iterator[tuple[av.VideoFrame, int]]:
        while self._waiting:
            try:
                picture = graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if self._to_standard is not None:
                picture = self._to_standard(picture)
            yield picture, self._waiting.popleft()

    def _filters(self, form: _Form) -> list[str]:
        """Return the filters this kind of image needs, in order; none if it is right."""
        filters = []
        if form.interlaced and form.width > 3 and form.height > 3:
            filters.append("bwdif=mode=send_frame:deint=interlaced")
        width, height = self._size
        size = f"w={width}:h={height}:flags=bicubic+accurate_rnd+full_chroma_int"
        if form.hdr:
            # Only what keeps the colours: those are converted after the filters.
            return [
                *filters,
                f"scale={size}",
                "format=pix_fmts=yuv420p10le",
                *self._turn,
                "setsar=1",
            ]
        matrix = form.matrix
        if matrix in (RGB, UNSPECIFIED):
            # What is not stated is taken as players take it, see limner.frame.
            matrix = BT709 if form.height >= 720 else SMPTE170M
        # The matrix stays what it was, unless the image has none.
        colors = ""
        if form.matrix == RGB:
            colors = f":out_color_matrix={'bt709' if matrix == BT709 else 'smpte170m'}"
        if (
            form.pixel_format != "yuv420p"
            or form.full_range
            or (form.width, form.height) != self._size
        ):
            filters += [f"scale={size}:out_range=tv{colors}", "format=pix_fmts=yuv420p"]
        filters += self._turn
        if filters:
            filters.append(f"setparams=range=tv:colorspace={matrix}")
            filters.append("setsar=1")
        return filters


def _through(form: _Form, filters: list[str], picture: av.VideoFrame) -> av.VideoFrame:
    graph = _graph(form, filters)
    graph.push(picture)
    return graph.vpull()


def _turn(picture: av.VideoFrame) -> tuple[str, ...]:
    """Return the filters that turn an image upright, from its display matrix.

    A matrix that is no multiple of a quarter turn is rounded to the nearest.
    """
    data = _side_data(picture).get("DISPLAYMATRIX")
    if data is None:
        return ()
    a, b, _, c, d = np.frombuffer(memoryview(data), "<i4")[:5].astype(float)
    straight = max(abs(a), abs(d)) >= max(abs(b), abs(c))
    key = (a, 0, 0, d) if straight else (0, b, c, 0)
    return _TURNS.get(tuple(int(np.sign(value)) for value in key), ())  # type: ignore[arg-type]


def _side_data(picture: av.VideoFrame) -> Mapping[str, SideData]:
    """Return what comes with an image's pixels, without what PyAV has no name for.

    Newer kinds, such as EXIF, which FFmpeg turns into a display matrix as well, keep PyAV from
    giving any.
    """
    try:
        # The image's own `side_data` would refer back to it, and such a cycle keeps all the memory
        # of its decoder until the garbage collector comes.
        return cast("Mapping[str, SideData]", SideDataContainer(picture))  # type: ignore[call-arg]
    except ValueError:
        named = {int(str(each.value)) for each in Type}
    unnamed = (kind for kind in range(_KINDS_OF_SIDE_DATA) if kind not in named)
    form = _Form(picture.format.name, picture.width, picture.height, picture.colorspace, False)
    bare = _through(form, [f"sidedata=mode=delete:type={kind}" for kind in unnamed], picture)
    return cast("Mapping[str, SideData]", bare.side_data)


_ROTATIONS = {
    ("transpose=clock",): 90,
    ("hflip", "vflip"): 180,
    ("transpose=cclock",): 270,
    ("transpose=clock_flip",): 90,
    ("transpose=cclock_flip",): 270,
}


def _square(width: int, height: int, sample_aspect: Fraction | None) -> tuple[int, int]:
    """Return the size in square pixels: one side grows, none shrinks, so no detail is lost."""
    aspect = sample_aspect or Fraction(1)
    if aspect == 1 or not Fraction(1, 16) <= aspect <= 16:
        return width, height
    if aspect > 1:
        return round(width * aspect), height
    return width, round(height / aspect)


def _graph(form: _Form, filters: list[str]) -> Graph:
    graph = Graph()
    # The stages around this one have their own threads.
    graph.threads = 1
    last = graph.add(
        "buffer",
        f"video_size={form.width}x{form.height}:pix_fmt={form.pixel_format}"
        f":time_base=1/1000:pixel_aspect=1/1:colorspace={form.matrix}"
        f":range={FULL if form.full_range else LIMITED}",
    )
    for text in filters:
        name, _, arguments = text.partition("=")
        node = graph.add(name, arguments or None)
        last.link_to(node)
        last = node
    last.link_to(graph.add("buffersink"))
    graph.configure()
    return graph
