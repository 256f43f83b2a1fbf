"""What OpenCV shares with all of the process."""

from __future__ import annotations

from contextlib import AbstractContextManager

import cv2

from limner.system.process import ProcessSetting

_LOG_LEVEL = ProcessSetting(cv2.utils.logging.getLogLevel, cv2.utils.logging.setLogLevel)


def quiet() -> AbstractContextManager[None]:
    """Keep OpenCV from logging its own errors, which are said in limner's words."""
    return _LOG_LEVEL.held(cv2.utils.logging.LOG_LEVEL_SILENT)
