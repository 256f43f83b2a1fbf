"""Smoothing that takes what the noise allows and leaves what the movement needs.

Around the frame in question a parabola is fitted to each keypoint by weighted least
squares, near frames and sure keypoints counting most (local regression; Cleveland, "Robust
locally weighted regression and smoothing scatterplots", 1979). Its value in the middle has
no delay. How wide to look is decided for each keypoint in each frame, from narrow to wide:
a wider fit is taken as long as it differs from the narrower by no more than the noise
explains (Lepski's rule; Goldenshluger and Nemirovski, "On spatially adaptive estimation of
nonparametric regression", 1997). So someone who stands is averaged over a third of a second,
and a wrist in a flip over hardly more than its own frame. Offsets are seconds, so frames
may come at any rate.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Standard deviations of the time kernels in seconds, from one that hardly looks beyond a
# frame at 30 frames/s to one that covers the window.
WIDTHS = np.array([0.02, 0.03, 0.045, 0.067, 0.1, 0.15])
# A trace of weight at every distance, so that the narrow kernels too can bridge a gap.
_TRACE = 1e-12
# Steadies a fit to fewer points than a parabola has parameters: it becomes a line or a mean.
_RIDGE = 1e-6


def local_kernels(offsets: Array, weights: Array, widths: Array = WIDTHS) -> Array:
    """Return what each frame contributes to the fitted parabola's value at offset 0.

    Args:
        offsets: (n,) seconds from the frame in question.
        weights: (n, M) how much each of M keypoints counts, 0 where it is missing.
        widths: (H,) standard deviations of the kernels in seconds.

    Returns:
        (H, n, M) factors that sum to 1 over n; the fit is their product with the values.
        NaN for keypoints that are missing everywhere.
    """
    scaled = offsets / widths[:, None]
    kernel = np.exp(-0.5 * scaled**2) + _TRACE
    powers = scaled[:, None] ** np.arange(5)[:, None]
    moments = (powers * kernel[:, None]).reshape(-1, len(offsets)) @ weights
    moments = moments.reshape(len(widths), 5, -1)
    with np.errstate(invalid="ignore", divide="ignore"):
        _, s1, s2, s3, s4 = np.moveaxis(moments / moments[:, :1], 1, 0)
        # The first row of the inverse of the normal equations' matrix, by cofactors.
        d2, d4 = s2 + _RIDGE, s4 + _RIDGE
        first, second, third = d2 * d4 - s3**2, s2 * s3 - s1 * d4, s1 * s3 - s2 * d2
        scale = 1 / ((first + s1 * second + s2 * third) * moments[:, 0])
    rows = np.stack([first * scale, second * scale, third * scale], axis=1)
    factors: Array = (powers[:, :3] * kernel[:, None]).transpose(0, 2, 1) @ rows
    factors *= weights
    return factors


def adaptive_fit(kernels: Array, values: Array, variances: Array) -> Array:
    """Return the fitted values, each as wide as the noise allows.

    Args:
        kernels: (H, n, M) from :func:`local_kernels`, from narrow to wide.
        values: (n, M, D) coordinates, 0 where missing.
        variances: (n, M) of the noise of each coordinate.

    Returns:
        (M, D) coordinates.
    """
    fits = np.einsum("hnm,nmd->hmd", kernels, values)
    fit, kernel = fits[0], kernels[0]
    for wider_fit, wider in zip(fits[1:], kernels[1:], strict=True):
        change = wider - kernel
        expected = np.einsum("nm,nm,nm->m", change, change, variances) + 1e-12
        excess = ((wider_fit - fit) ** 2).mean(axis=1) / expected
        # A soft choice: a hard one would jump between widths and shake by itself.
        trust = 1 / (1 + excess**2)
        fit = fit + (wider_fit - fit) * trust[:, None]
        kernel = kernel + change * trust
    result: Array = fit
    return result


def weights_of(scores: NDArray[Any], seen: NDArray[np.bool_]) -> Array:
    """Return the weight of keypoints by their score, 0 where missing.

    The noise's standard deviation is taken to grow as the score falls.
    """
    weights: Array = np.where(seen, np.clip(np.nan_to_num(scores), 0.1, 1.0) ** 2, 0.0)
    return weights
