"""BlazePose: a detector that finds people, and a network that places 33 keypoints on each.

Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020,
https://arxiv.org/abs/2006.10204; Google's description of the networks:
https://github.com/google-ai-edge/mediapipe/blob/master/docs/solutions/pose.md.
"""

from limner.models.blazepose.model import BlazePose

__all__ = ["BlazePose"]
