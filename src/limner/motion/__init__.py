"""Motion: what is derived from poses. Angles, speeds, rhythm."""

from limner.motion.angles import angle_names, angles, angles_3d, frame_angles
from limner.motion.rhythm import Rhythm, cadence, repetitions, rhythm
from limner.motion.speeds import body_length, speeds, velocities
from limner.motion.summary import Movement, movements

__all__ = [
    "Movement",
    "Rhythm",
    "angle_names",
    "angles",
    "angles_3d",
    "body_length",
    "cadence",
    "frame_angles",
    "movements",
    "repetitions",
    "rhythm",
    "speeds",
    "velocities",
]
