"""Pose fusion, from looks at people to poses: one by one, or several looks at a body in one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from limner.core.frame import Frame
from limner.core.oks import nms_oks, pose_similarity
from limner.core.poses import Poses
from limner.core.skeletons import Skeleton
from limner.models.topdown.parts import Look


def poses_of(looks: Sequence[Look], skeleton: Skeleton, frame: Frame) -> Poses:
    """Return looks at people in a frame as poses, in their order."""
    if not looks:
        return Poses.empty(skeleton, frame.index, frame.time)
    metric = [look.keypoints_3d for look in looks if look.keypoints_3d is not None]
    return Poses.build(
        skeleton,
        np.array([look.keypoints for look in looks]),
        np.array([look.scores for look in looks]),
        np.array([look.person_score for look in looks], np.float32),
        keypoints_3d=np.array(metric) if len(metric) == len(looks) else None,
        index=frame.index,
        time=frame.time,
    )


def fuse(
    looks: Sequence[Look],
    skeleton: Skeleton,
    frame: Frame,
    *,
    one_body: float,
    same_look: float,
    sharpness: int,
) -> Poses:
    """Return one pose per body: the weighted mean of the looks at it, the surest body first.

    The region differs a little from look to look, and so do a network's errors. Each
    keypoint is averaged over the looks that agree with the surest, weighted by how sure
    each is of it.

    Args:
        looks: at people in one image.
        skeleton: of their keypoints.
        frame: the image.
        one_body: looks with a higher OKS than this are at one body.
        same_look: of these, the ones with a higher OKS than this with the surest are averaged.
        sharpness: a keypoint's weight is its score to this power.
    """
    poses = poses_of(sorted(looks, key=lambda look: -look.person_score), skeleton, frame)
    if len(poses) < 2:
        return poses
    alike = pose_similarity(poses, poses)
    bodies = nms_oks(poses, one_body, either_side=True)
    # What a look does not see has no say in where it is.
    unseen = np.isnan(poses.keypoints[..., 0])
    weights = np.where(unseen, np.float32(0), poses.scores**sharpness + 1e-6)
    keypoints = np.where(unseen[..., None], np.float32(0), poses.keypoints)
    fused = poses[bodies]
    for place, body in enumerate(bodies):
        same = np.flatnonzero(alike[body] > same_look)
        with np.errstate(invalid="ignore"):  # NaN where no look sees it
            share = (weights[same] / weights[same].sum(axis=0))[..., None]
        fused.keypoints[place] = (keypoints[same] * share).sum(axis=0)
        own = fused.scores[place]
        fused.scores[place] = np.where(np.isnan(own), np.fmax.reduce(poses.scores[same]), own)
        if fused.keypoints_3d is not None and poses.keypoints_3d is not None:
            fused.keypoints_3d[place] = (poses.keypoints_3d[same] * share).sum(axis=0)
    return Poses.build(
        skeleton,
        fused.keypoints,
        fused.scores,
        fused.person_scores,
        keypoints_3d=fused.keypoints_3d,
        index=frame.index,
        time=frame.time,
    )
