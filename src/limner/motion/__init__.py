"""Motion: what is derived from poses. Angles, speeds, rhythm."""

from limner.motion.angles import angle_names, angles, angles_3d, frame_angles
from limner.motion.height import standing_height
from limner.motion.margins import margins
from limner.motion.meter import AngleMeter
from limner.motion.rhythm import Rhythm, cadence, repetitions, rhythm
from limner.motion.speeds import speeds, velocities

__all__ = [
    "AngleMeter",
    "Rhythm",
    "angle_names",
    "angles",
    "angles_3d",
    "cadence",
    "frame_angles",
    "margins",
    "repetitions",
    "rhythm",
    "speeds",
    "standing_height",
    "velocities",
]
