# The public names of limner, and where each is at home: type checkers and `__init__.py` read this.
from ._version import __version__ as __version__
from .api import annotate as annotate, draw as draw, estimate as estimate
from .core.frame import Frame as Frame
from .core.poses import Poses as Poses
from .core.skeletons import SKELETONS as SKELETONS, Skeleton as Skeleton
from .errors import (
    BackendError as BackendError,
    DownloadError as DownloadError,
    InputError as InputError,
    LimnerError as LimnerError,
    ModelError as ModelError,
    OutputError as OutputError,
    RecordingError as RecordingError,
    UsageError as UsageError,
)
from .models.loading import load_model as load_model
from .pipeline.result import Progress as Progress, Result as Result
from .recording.recording import Recording as Recording, load as load
from .settings import Settings as Settings

__all__: list[str]
