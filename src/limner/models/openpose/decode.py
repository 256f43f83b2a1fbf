"""Part affinity field decoding: from heatmaps and fields to people.

Follows Cao et al., "OpenPose: Realtime Multi-Person 2D Pose Estimation using Part Affinity
Fields" (TPAMI 2019): peaks of the part heatmaps, line integrals of the fields between them,
and matching and assembly of limbs in the order of their score. Everything works on the
network's own grid, with peaks found between its cells: enlarging the maps four times first
costs seven times as much and is no more accurate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from limner.core.arrays import Floats, Indices
from limner.models.openpose.layout import LIMB_CHANNELS, LIMBS, PARTS

# Bounds the memory for sampling the fields to some 20 MB.
_PAIRS_AT_ONCE = 20_000


@dataclass(frozen=True)
class Decoding:
    """When a peak is a part, a pair of parts a limb, and a group of parts a person.

    Attributes:
        peak: heatmap value a part needs.
        candidates: peaks of one part that are considered, the highest first; it bounds time
            and memory when an image is all texture.
        along: field value along the limb that a sample needs to agree.
        share: share of a limb's samples that must agree, so that no limb leaps a gap.
        samples: samples per limb.
        parts: parts a person needs.
    """

    peak: float = 0.05
    candidates: int = 100
    along: float = 0.05
    share: float = 0.7
    samples: int = 10
    parts: int = 3


@dataclass(frozen=True)
class Peaks:
    """Places where a part may be, ordered by part and highest first.

    Attributes:
        part: (P,) part indices, ascending.
        xy: (P, 2) places in cells, from the outer corner of the top left cell.
        score: (P,) heatmap values.
    """

    part: Indices
    xy: Floats
    score: Floats


@dataclass(frozen=True)
class Limbs:
    """Pairs of peaks that may be the ends of a limb.

    Attributes:
        limb: (L,) indices into `LIMBS`.
        ends: (L, 2) indices of the peaks.
        score: (L,) how well the field agrees, from 0 to about 1.
    """

    limb: Indices
    ends: Indices
    score: Floats


def find_peaks(maps: Floats, settings: Decoding) -> Peaks:
    """Find the local maxima of the part heatmaps in 3x3 cells, between the cells.

    Args:
        maps: (H, W, C), the first 18 channels being the parts.
        settings: the value a maximum needs, and how many are kept of each part.
    """
    height, width = maps.shape[:2]
    padded = np.zeros((height + 2, width + 2, PARTS), np.float32)
    padded[1:-1, 1:-1] = maps[..., :PARTS]
    y, x, part = np.nonzero(padded > settings.peak)
    value = padded[y, x, part]
    top = np.ones(len(value), bool)
    for dy, dx in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
        neighbour = padded[y + dy, x + dx, part]
        # Of equal neighbours the first is the peak.
        top &= value > neighbour if (dy, dx) < (0, 0) else value >= neighbour
    y, x, part, value = y[top], x[top], part[top], value[top]
    order = np.lexsort((-value, part))
    rank = np.arange(len(order)) - np.searchsorted(part[order], part[order])
    order = order[rank < settings.candidates]
    y, x, part, value = y[order], x[order], part[order], value[order]
    across = _vertex(padded[y, x - 1, part], value, padded[y, x + 1, part])
    down = _vertex(padded[y - 1, x, part], value, padded[y + 1, x, part])
    # On the border one of the three values is not the network's.
    across[(x == 1) | (x == width)] = 0
    down[(y == 1) | (y == height)] = 0
    # The padding moved every cell by one; a cell's centre is at .5.
    xy = np.stack([x - 0.5 + across, y - 0.5 + down], axis=1).astype(np.float32)
    return Peaks(part, xy, value)


def _vertex(before: Floats, at: Floats, after: Floats) -> Floats:
    """Return where the Gaussian through three equidistant values peaks, from -0.5 to 0.5."""
    before, at, after = (np.log(np.maximum(values, 1e-3)) for values in (before, at, after))
    curvature = before - 2 * at + after
    slope = (before - after) / 2
    flat = curvature > -1e-6
    return np.where(flat, 0, np.clip(slope / np.where(flat, 1, curvature), -0.5, 0.5))


def score_limbs(maps: Floats, peaks: Peaks, settings: Decoding) -> Limbs:
    """Integrate the fields along every pair of peaks that could be a limb.

    Args:
        maps: (H, W, 57).
        peaks: where the parts may be.
        settings: thresholds.

    Returns:
        The pairs whose field agrees, in no particular order.
    """
    starts = np.searchsorted(peaks.part, np.arange(PARTS + 1))
    counts = np.diff(starts)
    a_count, b_count = counts[LIMBS[:, 0]], counts[LIMBS[:, 1]]
    limb = np.repeat(np.arange(len(LIMBS)), a_count * b_count)
    within = np.concatenate([np.arange(n) for n in a_count * b_count])
    a = starts[LIMBS[limb, 0]] + within // np.maximum(b_count[limb], 1)
    b = starts[LIMBS[limb, 1]] + within % np.maximum(b_count[limb], 1)

    along = np.empty((len(limb), settings.samples), np.float32)
    for start in range(0, len(limb), _PAIRS_AT_ONCE):
        rows = slice(start, start + _PAIRS_AT_ONCE)
        along[rows] = _sample(
            maps, peaks.xy[a[rows]], peaks.xy[b[rows]], limb[rows], settings.samples
        )
    kept = (along > settings.along).mean(axis=1) >= settings.share
    return Limbs(limb[kept], np.stack([a, b], axis=1)[kept], along.mean(axis=1)[kept])


def _sample(maps: Floats, start: Floats, end: Floats, limb: Indices, samples: int) -> Floats:
    """Return the fields' component along straight lines.

    Args:
        maps: (H, W, 57).
        start: (M, 2) where the lines start, in cells.
        end: (M, 2) where they end.
        limb: (M,) whose field to take, indices into `LIMBS`.
        samples: points per line, its ends included.

    Returns:
        (M, samples), each of the cell it falls in: between cells the fields change so
        little that interpolation finds the same people, in four times the time.
    """
    width, channels = maps.shape[1:]
    vector = end - start
    unit = vector / np.maximum(np.linalg.norm(vector, axis=1, keepdims=True), 1e-6)
    steps = np.linspace(0, 1, samples, dtype=np.float32)
    # Peaks lie within the maps, and so do the lines between them.
    x, y = (start[:, axis, None] + vector[:, axis, None] * steps for axis in (0, 1))
    cell = (y.astype(np.intp) * width + x.astype(np.intp)) * channels
    flat = maps.reshape(-1)
    along: Floats = flat[cell + LIMB_CHANNELS[limb, 0, None]] * unit[:, 0, None]
    along += flat[cell + LIMB_CHANNELS[limb, 1, None]] * unit[:, 1, None]
    return along


def assemble(limbs: Limbs, peaks: Peaks) -> list[list[int]]:
    """Match and join limbs into people, surest limb first.

    A limb joins the groups its two ends belong to, unless these share a part: then they are
    different people and the limb is wrong. As a group never holds a part twice, this is
    also the greedy matching per limb: once an elbow has its wrist, no other wrist can join
    it. (The matching with the largest sum of scores, which the paper starts from, can give
    up one sure limb for two doubtful ones, and was no more accurate.)

    Returns:
        For each group of two or more parts its peaks.
    """
    group = list(range(len(peaks.part)))
    members = [[peak] for peak in group]
    # The parts a group has, as bits.
    parts = [1 << part for part in peaks.part.tolist()]
    for a, b in limbs.ends[np.argsort(-limbs.score, kind="stable")].tolist():
        keep, gone = group[a], group[b]
        if parts[keep] & parts[gone]:
            continue
        if len(members[keep]) < len(members[gone]):
            keep, gone = gone, keep
        for peak in members[gone]:
            group[peak] = keep
        members[keep] += members[gone]
        parts[keep] |= parts[gone]
        members[gone] = []
    return [peaks_of for peaks_of in members if len(peaks_of) > 1]


def decode(maps: Floats, settings: Decoding | None = None) -> tuple[Floats, Floats, Floats]:
    """Find everyone in the maps.

    Args:
        maps: (H, W, 57) heatmaps and fields.
        settings: thresholds.

    Returns:
        Keypoints (N, 18, 2) in cells from the outer corner of the top left cell, their
        scores (N, 18), and the people's scores (N,), best first. A part that was not found
        is NaN.
    """
    settings = settings or Decoding()
    peaks = find_peaks(maps, settings)
    groups = assemble(score_limbs(maps, peaks, settings), peaks)
    groups = [group for group in groups if len(group) >= settings.parts]
    keypoints = np.full((len(groups), PARTS, 2), np.nan, np.float32)
    scores = np.full((len(groups), PARTS), np.nan, np.float32)
    for person, group in enumerate(groups):
        keypoints[person, peaks.part[group]] = peaks.xy[group]
        scores[person, peaks.part[group]] = np.clip(peaks.score[group], 0, 1)
    person_scores = np.nansum(scores, axis=1) / PARTS
    order = np.argsort(-person_scores, kind="stable")
    return keypoints[order], scores[order], person_scores[order]
