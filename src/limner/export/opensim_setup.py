"""OpenSim's set-up files for one person's TRC: scaling of Pose2Sim's model, inverse kinematics.

The files name each other, the TRC, the model and its marker set by their bare names: put them
into one folder, and run

    opensim-cmd run-tool dance_pose_scaling.xml
    opensim-cmd run-tool dance_pose_ik.xml

Segments are scaled by the mean distances of markers over the longest time in which all that is
measured is seen. Markers are not moved on the model: that takes a person who stands still.
Inverse kinematics stops with an error at a sample without markers, so it goes over the longest
time in which the person is there.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from limner.errors import RecordingError
from limner.export.markers import Markers
from limner.export.pose2sim import MODEL, check_name_set, marker_set
from limner.export.trc import pose2sim_markers
from limner.recording.recording import Recording

SCALING, KINEMATICS = "_scaling.xml", "_ik.xml"


class _Measurement(NamedTuple):
    """The bodies of the model that become as long as the distances of some markers say."""

    name: str
    pairs: tuple[tuple[str, str], ...]
    bodies: tuple[str, ...]


def _both(name: str, start: str, end: str, *bodies: str) -> _Measurement:
    """Measure a segment on both sides and scale both by the mean: people are about even."""
    return _Measurement(
        name,
        tuple((f"{side}{start}", f"{side}{end}") for side in "LR"),
        tuple(f"{body}_{side}" for body in bodies for side in "lr"),
    )


_MEASUREMENTS = (
    _Measurement("pelvis", (("LHip", "RHip"),), ("pelvis", "sacrum")),
    _Measurement("trunk", (("LShoulder", "LHip"), ("RShoulder", "RHip")), ("torso", "head")),
    _both("thigh", "Hip", "Knee", "femur"),
    _both("shank", "Knee", "Ankle", "tibia", "talus"),
    _both("foot", "Heel", "BigToe", "calcn", "toes"),
    _both("upper arm", "Shoulder", "Elbow", "humerus"),
    _both("forearm", "Elbow", "Wrist", "ulna", "radius", "hand"),
)
_NEEDED = ("pelvis", "trunk", "thigh", "shank")
_LONG_ENOUGH = 0.5  # seconds over which to measure, where the recording is not shorter
_ENOUGH = 6  # markers in a sample to pose a body by
# How much a marker counts, against 1 for joints of the limbs. Trunk and pelvis are large and hold
# the rest; the head's keypoints are far from the joint they turn about.
_WEIGHTS = {"Shoulder": 2.0, "Hip": 2.0, "Eye": 0.1, "Nose": 0.1, "Head": 0.1}
# The trunk's own bend is hardly seen by shoulders and hips, and is kept near none.
_KEPT = {"L5_S1_Flex_Ext": 0.1}


def write_scaling(
    recording: Recording,
    path: Path,
    name: str,
    /,
    *,
    height: float | None = None,
    scale: float | None = None,
    rate: float | None = None,
    markers: str | None = None,
) -> None:
    """Write the set-up of OpenSim's scaling for a TRC that was written with the same options.

    Args:
        recording: a recording of one person.
        path: where to write.
        name: the file's name.
        height: see `limner.export.trc.write`.
        scale: likewise.
        rate: likewise.
        markers: ``pose2sim``, whose model is scaled.

    Raises:
        UsageError: as the TRC.
        RecordingError: as the TRC; or a segment without which the model has no size is never
            seen.
    """
    check_name_set(markers)
    found = pose2sim_markers(recording, height=height, scale=scale, rate=rate)
    stem = name.removesuffix(SCALING)
    root = ElementTree.Element("OpenSimDocument", Version="40000")
    tool = ElementTree.SubElement(root, "ScaleTool", name=stem)
    # Nobody said the mass. It has no part in scaling, and OpenSim wants one above 0.
    _put(tool, notes="The mass is that of the model; write the person's own.", mass="-1")
    maker = ElementTree.SubElement(tool, "GenericModelMaker")
    _put(maker, model_file=MODEL, marker_set_file=marker_set(recording.skeleton))
    scaler = ElementTree.SubElement(tool, "ModelScaler")
    _put(scaler, apply="true", scaling_order="measurements")
    measurements = _objects(scaler, "MeasurementSet")
    measured = _measured(found, recording)
    for each in measured.measurements:
        measurement = ElementTree.SubElement(measurements, "Measurement", name=each.name)
        _put(measurement, apply="true")
        pairs = _objects(measurement, "MarkerPairSet")
        for pair in each.pairs:
            _put(ElementTree.SubElement(pairs, "MarkerPair"), markers=" ".join(pair))
        bodies = _objects(measurement, "BodyScaleSet")
        for body in each.bodies:
            _put(ElementTree.SubElement(bodies, "BodyScale", name=body), axes="X Y Z")
    _put(
        scaler,
        marker_file=f"{stem}.trc",
        time_range=_time_range(found, measured.first, measured.last),
        preserve_mass_distribution="true",
        output_model_file=_scaled(stem),
    )
    _write(root, path)


def write_kinematics(
    recording: Recording,
    path: Path,
    name: str,
    /,
    *,
    height: float | None = None,
    scale: float | None = None,
    rate: float | None = None,
    markers: str | None = None,
) -> None:
    """Write the set-up of OpenSim's inverse kinematics for a TRC and the scaled model.

    Args:
        recording: a recording of one person.
        path: where to write.
        name: the file's name.
        height: see `limner.export.trc.write`.
        scale: likewise.
        rate: likewise.
        markers: ``pose2sim``, whose model is posed.

    Raises:
        UsageError, RecordingError: as the TRC.
    """
    check_name_set(markers)
    found = pose2sim_markers(recording, height=height, scale=scale, rate=rate)
    first, last = _longest_run(np.isfinite(found.positions[..., 0]).sum(axis=1) >= _ENOUGH)
    if last < first:
        raise RecordingError(
            f"no more than {_ENOUGH - 1} markers of person {recording.people[0]} are ever seen at "
            "a time, so the model cannot be posed; leave --markers out"
        )
    stem = name.removesuffix(KINEMATICS)
    root = ElementTree.Element("OpenSimDocument", Version="40000")
    tool = ElementTree.SubElement(root, "InverseKinematicsTool", name=stem)
    _put(
        tool,
        results_directory=".",
        model_file=_scaled(stem),
        constraint_weight="Inf",
        accuracy="1e-05",
        time_range=_time_range(found, first, last),
        output_motion_file=f"{stem}_ik.mot",
        report_errors="true",
        marker_file=f"{stem}.trc",
    )
    tasks = _objects(tool, "IKTaskSet")
    for marker in _seen(found):
        weight = _WEIGHTS.get(marker, _WEIGHTS.get(marker[1:], 1.0))
        task = ElementTree.SubElement(tasks, "IKMarkerTask", name=marker)
        _put(task, apply="true", weight=f"{weight:g}")
    for coordinate, weight in _KEPT.items():
        task = ElementTree.SubElement(tasks, "IKCoordinateTask", name=coordinate)
        _put(task, apply="true", weight=f"{weight:g}", value_type="default_value")
    _write(root, path)


class _Measured(NamedTuple):
    """What is measured, and the samples, first and last, over which it is."""

    measurements: list[_Measurement]
    first: int
    last: int


def _measured(found: Markers, recording: Recording) -> _Measured:
    """Choose what is measured: as many pairs as are all seen together for a while.

    OpenSim has no way to leave out a sample: one missing marker makes the scale NaN.
    """
    known = np.isfinite(found.positions[..., 0])
    seen = {
        pair: known[:, [found.names.index(marker) for marker in pair]].all(axis=1)
        for each in _MEASUREMENTS
        for pair in each.pairs
        if all(marker in found.names for marker in pair)
    }
    by_presence = sorted(seen, key=lambda pair: -int(seen[pair].sum()))
    while by_presence:
        together = np.logical_and.reduce([seen[pair] for pair in by_presence])
        first, last = _longest_run(together)
        if last - first + 1 >= min(_LONG_ENOUGH * found.rate, len(known)):
            break
        by_presence.pop()
    measurements = []
    for each in _MEASUREMENTS:
        pairs = tuple(pair for pair in each.pairs if pair in by_presence)
        if pairs:
            measurements.append(each._replace(pairs=pairs))
        elif each.name in _NEEDED:
            raise RecordingError(
                f"the {each.name} of person {recording.people[0]} is not seen for {_LONG_ENOUGH:g} "
                "s on end together with the rest, so the model cannot be scaled; leave --markers "
                "out"
            )
    return _Measured(measurements, first, last)


def _longest_run(kept: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the first and the last place of the longest run of True; last < first if none."""
    steps = np.diff(np.concatenate([[0], kept.astype(np.int8), [0]]))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    if len(starts) == 0:
        return 0, -1
    longest = int(np.argmax(ends - starts))
    return int(starts[longest]), int(ends[longest]) - 1


def _seen(found: Markers) -> list[str]:
    known = np.any(np.isfinite(found.positions[..., 0]), axis=0)
    return [name for name, ever in zip(found.names, known.tolist(), strict=True) if ever]


def _time_range(found: Markers, first: int, last: int) -> str:
    return f"{found.times[first]:.6f} {found.times[last]:.6f}"


def _scaled(stem: str) -> str:
    return f"{stem}_scaled.osim"


def _objects(parent: ElementTree.Element, kind: str) -> ElementTree.Element:
    return ElementTree.SubElement(ElementTree.SubElement(parent, kind), "objects")


def _put(parent: ElementTree.Element, **values: str) -> None:
    for name, value in values.items():
        ElementTree.SubElement(parent, name).text = value


def _write(root: ElementTree.Element, path: Path) -> None:
    ElementTree.indent(root)
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
