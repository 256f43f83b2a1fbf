"""What a pixel is in metres, for each person: the value that a recording's header holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner.core.arrays import Doubles
from limner.errors import RecordingError
from limner.motion.scale.camera import Camera
from limner.motion.scale.floor import Horizon


@dataclass(frozen=True)
class Plane:
    """The upright plane in which a person moves, as the image shows it.

    Attributes:
        metres_per_pixel: where they are; of a camera that stands askew, at their feet.
        origin: x and y of the pixel that is 0, 0 in metres.
        on_floor: whether the origin is on the floor, found by where their feet stand; else it
            is the lower left corner of the image.
        foot: world x and y in metres of the origin, where the camera's place is known.
        along: world x and y of the unit vector to the right in the plane, likewise.
    """

    metres_per_pixel: float
    origin: tuple[float, float]
    on_floor: bool = False
    foot: tuple[float, float] | None = None
    along: tuple[float, float] | None = None


@dataclass(frozen=True)
class Scale:
    """How pixels become metres.

    Attributes:
        source: what was given for it, in words.
        people: identity to the plane in which that person moves.
        everyone: the plane of people who are not in `people`, None where nothing is known of
            theirs.
        floor_angle: degrees, positive where the floor rises to the right; None where it was not
            found, and then the camera counts as level.
        floor_error: standard error of the angle; None likewise.
        horizon: where it is, None where that is not known.
        camera: what undistorts the pixels first, None where there is no calibration.
    """

    source: str
    people: Mapping[int, Plane] = field(default_factory=dict)
    everyone: Plane | None = None
    floor_angle: float | None = None
    floor_error: float | None = None
    horizon: Horizon | None = None
    camera: Camera | None = None

    def plane(self, person: int) -> Plane:
        """Return the plane in which somebody moves.

        Raises:
            RecordingError: nothing is known of it.
        """
        plane = self.people.get(person, self.everyone)
        if plane is None:
            known = ", ".join(map(str, self.people)) or "nobody"
            raise RecordingError(
                f"metres are known of {known} here ({self.source}), and not of person {person}, "
                f"of whom nothing was given or too little is seen; give their own height, such as "
                f"--height {person}=1.75, or a --distance"
            )
        return plane

    def metres(self, points: NDArray[Any], person: int) -> Doubles:
        """Return places in the plane in which a person moves.

        Args:
            points: (..., 2) pixels, NaN where missing.
            person: their identity.

        Returns:
            (..., 2) metres, x along the floor to the right and y up, from `Plane.origin`.

        Raises:
            RecordingError: nothing is known of this person's plane.
        """
        plane, camera = self.plane(person), self.camera
        if camera is not None and plane.foot is not None and plane.along is not None:
            return camera.on_wall(points, np.array(plane.foot), np.array(plane.along))
        straight = np.asarray(points, np.float64)
        if camera is not None:
            straight = camera.undistort(straight)
        right, down = np.moveaxis(straight - plane.origin, -1, 0)
        turn = np.radians(self.floor_angle or 0.0)
        along = right * np.cos(turn) - down * np.sin(turn)
        up = -right * np.sin(turn) - down * np.cos(turn)
        metres: Doubles = np.stack([along, up], axis=-1) * plane.metres_per_pixel
        return metres
