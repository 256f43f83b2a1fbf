"""Flags: what is to be known of a keypoint besides its score."""

from __future__ import annotations

from enum import IntFlag


class Flag(IntFlag):
    """What happened to a keypoint, or speaks against it. 0 is a keypoint as it was measured.

    The numbers are those of the recording and the tables; several add up.
    """

    FILLED = 1
    """It was missing, and lies where the frames before and after suggest."""
    EXCHANGED = 2
    """Left and right were exchanged, and were put right."""
    REPLACED = 4
    """It had jumped away and was dropped; where it could be, it is filled in."""
    OUTSIDE = 8
    """It lies outside of the image."""
    DOUBTFUL = 16
    """The limb's length is not the person's own, or both legs lie on one another, or a foot
    slides while the body stands."""
