"""Local regression smoothing, as wide as the noise allows and the movement bears.

Around the frame in question a parabola is fitted to each keypoint by weighted least
squares, near frames and sure keypoints counting most (local regression; Cleveland, "Robust
locally weighted regression and smoothing scatterplots", 1979). Its value in the middle has
no delay. How wide to look is decided for each keypoint in each frame, from narrow to wide:
a wider fit is taken as long as it differs from the narrower by no more than the noise
explains (Lepski's rule; Goldenshluger and Nemirovski, "On spatially adaptive estimation of
nonparametric regression", 1997). So someone who stands is averaged over half a second, and
a wrist in a flip over hardly more than its own frame. Offsets are seconds, so frames may
come at any rate.
"""

from __future__ import annotations

import numpy as np

from limner.core.arrays import Doubles, Mask

# Standard deviations of the time kernels in seconds, from one that hardly looks beyond a
# frame at 30 frames/s to one that covers the window.
WIDTHS = np.array([0.03, 0.05, 0.08, 0.15])
# A trace of weight at every distance, so that the narrow kernels too can bridge a gap.
_TRACE = 1e-12
# Steadies a fit to fewer points than a parabola has parameters: it becomes a line or a mean.
_RIDGE = 1e-6


def weights_of(scores: Doubles, seen: Mask) -> Doubles:
    """Return the weight of keypoints by their score, 0 where missing.

    The standard deviation of the noise is taken to grow as the score falls.
    """
    # fmax and fmin take the number where the other is NaN.
    weights: Doubles = np.where(seen, np.fmin(np.fmax(scores, 0.1), 1.0) ** 2, 0.0)
    return weights


def local_kernels(offsets: Doubles, weights: Doubles, widths: Doubles = WIDTHS) -> Doubles:
    """Return what each frame contributes to the fitted parabola's value at offset 0.

    Args:
        offsets: (n,) seconds from the frame in question.
        weights: (n, M) how much each of M keypoints counts, 0 where it is missing.
        widths: (H,) standard deviations of the kernels in seconds.

    Returns:
        (H, n, M) factors that sum to 1 over n; the fit is their product with the values.
        NaN for keypoints that are missing everywhere.
    """
    t1 = offsets / widths[:, None]
    t2 = t1 * t1
    powers = np.array([np.ones_like(t1), t1, t2, t1 * t2, t2 * t2])
    powers *= np.exp(-0.5 * t2) + _TRACE
    moments = powers @ weights
    with np.errstate(invalid="ignore", divide="ignore"):
        _, s1, s2, s3, s4 = moments / moments[0]
        # The first row of the inverse of the normal equations' matrix, by cofactors.
        d2, d4 = s2 + _RIDGE, s4 + _RIDGE
        row = np.array([d2 * d4 - s3 * s3, s2 * s3 - s1 * d4, s1 * s3 - s2 * d2])
        row /= (row[0] + s1 * row[1] + s2 * row[2]) * moments[0]
        # Some processors' products of what is missing everywhere warn, too.
        kernels: Doubles = powers[:3].transpose(1, 2, 0) @ row.swapaxes(0, 1)
        kernels *= weights
    return kernels


def adaptive_fit(
    kernels: Doubles, values: Doubles, weights: Doubles, deviations: Doubles
) -> tuple[Doubles, Doubles]:
    """Return the fitted values, each as wide as the noise allows.

    Args:
        kernels: (H, n, M) from :func:`local_kernels`, from narrow to wide.
        values: (n, M, D) coordinates, 0 where missing.
        weights: (n, M) as for the kernels.
        deviations: (M, D) standard deviation of the noise at weight 1.

    Returns:
        (M, D) coordinates, and (M, D) their standard errors: what the noise leaves of itself in a
        mean of these weights, and what the fit gave way to where it was made narrower.
    """
    # A product of matrices for each keypoint.
    fits = (kernels.transpose(2, 0, 1) @ values.swapaxes(0, 1)).swapaxes(0, 1)
    variances = np.where(weights > 0, 1 / np.maximum(weights, 1e-6), 0.0)
    fit, kernel = fits[0], kernels[0]
    for wider_fit, wider in zip(fits[1:], kernels[1:], strict=True):
        change, move = wider - kernel, wider_fit - fit
        expected = (change * change * variances).sum(axis=0) + 1e-12
        excess = ((move / deviations) ** 2).mean(axis=1) / expected
        # A soft choice: a hard one would jump between widths and shake by itself.
        trust = 1 / (1 + excess * excess)
        fit = fit + move * trust[:, None]
        kernel = kernel + change * trust
    left: Doubles = np.sqrt((kernel * kernel * variances).sum(axis=0))
    return fit, left[:, None] * deviations
