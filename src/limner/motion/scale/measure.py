"""Measure the scale: what was given and what is seen of people, brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.core.skeletons import Skeleton
from limner.errors import RecordingError, UsageError
from limner.motion.height import segment_lengths, standing_height
from limner.motion.scale.camera import Camera
from limner.motion.scale.floor import Floor, find_horizon, fit_floor
from limner.motion.scale.reference import EVERYONE, Distance, Reference
from limner.motion.scale.stance import Stance, find_stances, has_feet, upright
from limner.motion.scale.value import Plane, Scale

# In so many frames somebody must be seen upright, or in all there are where they are fewer.
_UPRIGHT = 5
# Feet that stand farther apart on the floor than this show the way somebody goes, metres.
_WAY = 0.5


@dataclass(frozen=True)
class Person:
    """All sightings of one person, as far as the scale needs them.

    Attributes:
        skeleton: of the K keypoints.
        times: (F,) seconds.
        keypoints: (F, K, 2) pixels, NaN where unseen.
    """

    skeleton: Skeleton
    times: NDArray[Any]
    keypoints: NDArray[Any]


def measure(
    people: Mapping[int, Person], reference: Reference, size: tuple[int, int], source: str
) -> Scale:
    """Return the scale of a recording.

    - A height tells the metres per pixel of that person: shank, thigh and trunk in the frames
      in which they are upright.
    - A distance tells them for everybody, who are taken to move in one plane with it.
    - A camera that is known to stand somewhere sees on which place of its floor people stand,
      and so the plane in which each of them moves. Any other undistorts the pixels first.

    Args:
        people: what is seen of everybody, by identity.
        reference: what was given.
        size: width and height of the images in pixels.
        source: what to call the recording in messages.

    Raises:
        UsageError: heights are of people who are not there, or points outside the image.
        RecordingError: what is needed is not seen.
    """
    absent = sorted(reference.heights.keys() - people.keys() - {EVERYONE})
    if absent:
        there = ", ".join(map(str, sorted(people))) or "nobody"
        raise UsageError(f"height: {source} has no person {absent[0]}; it has {there}")
    if not people:
        raise RecordingError(f"{source} shows nobody, and metres are measured on people")
    camera = reference.camera
    if camera is not None and not reference.heights and reference.distance is None:
        return _from_place(people, camera, reference, source)
    if camera is not None:
        people = {
            who: Person(each.skeleton, each.times, camera.undistort(each.keypoints))
            for who, each in people.items()
        }
    if reference.distance is not None:
        return _from_distance(people, reference.distance, reference, size, source)
    return _from_heights(people, reference, size, source)


def _from_heights(
    people: Mapping[int, Person], reference: Reference, size: tuple[int, int], source: str
) -> Scale:
    given = reference.heights
    measured = [who for who in sorted(people) if who in given or EVERYONE in given]
    scales, problems = {}, []
    for who in measured:
        try:
            pixels = height_in_pixels(people[who], who)
            scales[who] = given.get(who, given.get(EVERYONE, np.nan)) / pixels
        except RecordingError as problem:
            if who in given:
                raise
            problems.append(problem)
    if not scales:
        raise problems[0]
    floor = _floor(people, reference.camera, size)
    planes = {
        who: _plane(scale, floor, who, reference.camera, size) for who, scale in scales.items()
    }
    return Scale(
        str(reference),
        planes,
        floor_angle=floor.angle,
        floor_error=floor.error,
        horizon=find_horizon(floor, scales),
        camera=reference.camera,
    )


def _from_distance(
    people: Mapping[int, Person],
    distance: Distance,
    reference: Reference,
    size: tuple[int, int],
    source: str,
) -> Scale:
    ends = np.array([distance.start, distance.end])
    for x, y in ends.tolist():
        if not (0 <= x <= size[0] and 0 <= y <= size[1]):
            raise UsageError(
                f"distance: the point {x:g},{y:g} lies outside the images of {source}, which are "
                f"{size[0]}x{size[1]} pixels"
            )
    if reference.camera is not None:
        ends = reference.camera.undistort(ends)
    pixels = float(np.linalg.norm(ends[1] - ends[0]))
    if not pixels > 0:
        raise UsageError("distance: the calibration has no place for its points; choose others")
    scale = distance.metres / pixels
    floor = _floor(people, reference.camera, size)
    # All are in one plane, so they have one floor. Whoever stands higher is on something.
    lowest = max(floor.levels, key=lambda who: floor.levels[who], default=EVERYONE)
    return Scale(
        str(reference),
        everyone=_plane(scale, floor, lowest, reference.camera, size),
        floor_angle=floor.angle,
        floor_error=floor.error,
        camera=reference.camera,
    )


def _from_place(
    people: Mapping[int, Person], camera: Camera, reference: Reference, source: str
) -> Scale:
    if not camera.place[2] > 0:
        raise UsageError(
            f"the calibration {camera.name} puts the camera under the floor, at z "
            f"{camera.place[2]:.2f} m: expected a world whose z axis points up; give --height or "
            "--distance as well to use only what it says of the lens"
        )
    planes = {}
    reasons = []
    for who, person in people.items():
        floor = _standing_places(person, camera)
        if len(floor) == 0:
            reasons.append(_why_no_stance(person, who))
            continue
        planes[who] = _wall(camera, floor)
    if not planes:
        raise RecordingError(
            f"{source}, with the calibration {camera.name}: {reasons[0]}, so it is not known how "
            "far from the camera people are; give --height METRES as well"
        )
    return Scale(str(reference), planes, floor_angle=camera.roll, floor_error=0.0, camera=camera)


def height_in_pixels(person: Person, who: int) -> float:
    """Return somebody's standing height in pixels, from the frames in which they are upright.

    Raises:
        RecordingError: a segment is never seen, or they are never upright.
    """
    keypoints, skeleton = person.keypoints, person.skeleton
    unseen = [part for part, size in segment_lengths(keypoints, skeleton).items() if np.isnan(size)]
    if unseen:
        raise RecordingError(
            f"person {who}: a height in pixels is not known, as no frame shows the person's "
            f"{', '.join(unseen)} (skeleton {skeleton.name}); give --scale METRES_PER_PIXEL, or "
            "--distance"
        )
    stands = upright(keypoints, skeleton)
    seen = np.isfinite(keypoints).any(axis=(1, 2)).sum()
    if stands.sum() < min(_UPRIGHT, seen):
        raise RecordingError(
            f"person {who} is upright in {stands.sum()} of {seen} frames, so their height in "
            "pixels is not known; give --scale METRES_PER_PIXEL, or --distance"
        )
    return standing_height(keypoints[stands], skeleton)


def _stances(person: Person) -> tuple[list[Stance], float]:
    """Return where somebody stands, and about how many pixels they are tall."""
    height = standing_height(person.keypoints, person.skeleton)
    return find_stances(person.keypoints, person.skeleton, person.times, height), height


def _middle(camera: Camera | None, size: tuple[int, int]) -> tuple[float, float]:
    return (size[0] / 2, size[1] / 2) if camera is None else camera.middle


def _floor(people: Mapping[int, Person], camera: Camera | None, size: tuple[int, int]) -> Floor:
    stances: dict[int, Sequence[Stance]] = {}
    heights = {}
    for who, person in people.items():
        stances[who], heights[who] = _stances(person)
    return fit_floor(stances, heights, _middle(camera, size)[0])


def _plane(
    scale: float, floor: Floor, who: int, camera: Camera | None, size: tuple[int, int]
) -> Plane:
    """Return somebody's plane: from the floor under the image's middle, else from its corner.

    Under the middle, as seen by the floor, is the same place across the image for everybody,
    however far away they are.
    """
    if who not in floor.levels:
        return Plane(scale, (0.0, float(size[1])))
    right, down = _middle(camera, size)
    level = floor.levels[who]
    aside = (down - level) * floor.slope / (1 + floor.slope**2)
    return Plane(scale, (right + aside, level + aside * floor.slope), on_floor=True)


def _standing_places(person: Person, camera: Camera) -> Doubles:
    """Return (N, 2) metres: where on the floor somebody's feet stand."""
    stances, _ = _stances(person)
    pixels = np.array([(stance.x, stance.y) for stance in stances]).reshape(-1, 2)
    places = camera.on_floor(pixels)
    return places[np.isfinite(places).all(axis=1)]


def _why_no_stance(person: Person, who: int) -> str:
    if not has_feet(person.skeleton):
        return f"skeleton {person.skeleton.name} has no feet"
    if not _stances(person)[0]:
        return f"person {who} never stands on the floor while the camera is at rest"
    return "the camera sees the floor too flat to tell places on it"


def _wall(camera: Camera, places: Doubles) -> Plane:
    """Return the upright plane over the floor along which somebody went.

    Whoever stays where they are is in the plane that faces the camera.
    """
    foot = np.median(places, axis=0)
    rest = places - foot
    along = np.array([camera.forward[1], -camera.forward[0]])
    ways = np.linalg.svd(rest, full_matrices=False)[2] if len(places) > 1 else along[None]
    way = ways[0] * (1 if ways[0] @ along >= 0 else -1)
    span = np.ptp(rest @ way)
    # Towards the camera nothing of a plane is seen.
    if span > _WAY and way @ along > np.sqrt(0.5):
        along = way
    right = camera.depth(foot)
    origin = _pixel(camera, foot)
    return Plane(
        right / camera.focal,
        origin,
        on_floor=True,
        foot=(float(foot[0]), float(foot[1])),
        along=(float(along[0]), float(along[1])),
    )


def _pixel(camera: Camera, foot: Doubles) -> tuple[float, float]:
    x, y = camera.project(np.array([[foot[0], foot[1], 0.0]]))[0].tolist()
    return x, y
