"""Recordings: what a run measured, as a file of one JSON object a line, and read back from it."""

from limner.core.info import InputInfo
from limner.recording.header import SCHEMA_VERSION, Header
from limner.recording.reader import RecordingReader, read_frames
from limner.recording.recording import Recording, load

__all__ = [
    "SCHEMA_VERSION",
    "Header",
    "InputInfo",
    "Recording",
    "RecordingReader",
    "load",
    "read_frames",
]
