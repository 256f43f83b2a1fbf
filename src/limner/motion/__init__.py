"""Motion: what is derived from poses. Angles, speeds, rhythm."""

from limner.motion.angles import angle_names, angles, angles_3d, frame_angles
from limner.motion.rhythm import Rhythm, cadence, repetitions, rhythm
from limner.motion.speeds import body_length, speeds, velocities

__all__ = [
    "Rhythm",
    "angle_names",
    "angles",
    "angles_3d",
    "body_length",
    "cadence",
    "frame_angles",
    "repetitions",
    "rhythm",
    "speeds",
    "velocities",
]
