"""Networks that take images of any size, compiled for those sizes that many frames have."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from limner.runtime import Network, Runtime, load_network, resolve
from limner.system.cores import usable_cores

Size: TypeAlias = tuple[int, int]
"""Width and height, pixels."""

# Networks compiled for one size each that are kept at a time: as many as a video needs, its
# several sizes included.
_KEPT = 4


class SizedNetworks:
    """A network's file, loaded for the sizes that are asked for.

    Attributes:
        chosen: the backend and device that run it.
        at_once: how many images of a video may be run at the same time, in threads.
    """

    def __init__(self, path: Path, runtime: Runtime) -> None:
        self._path = path
        self._runtime = runtime
        self._loaded: OrderedDict[tuple[Size | None, int], Network] = OrderedDict()
        self._loading = Lock()
        # Only OpenVINO's networks may be run by several threads.
        self.chosen = resolve(path, runtime)
        parallel = self.chosen.backend == "openvino"
        self.at_once = (runtime.threads or usable_cores()) if parallel else 1

    def __len__(self) -> int:
        """How many are kept at the moment."""
        return len(self._loaded)

    def load(self, size: Size | None, *, repeated: bool = False) -> Network:
        """Return the network for one input size, or for any.

        A network compiled by OpenVINO for one size is a fifth faster than one for any, but
        compiling takes half a second: it pays for the frames of a video, not for images
        of every shape. Several frames of a video run at the same time, a thread for each.

        Args:
            size: width and height, or None for any.
            repeated: more images of this size will come.
        """
        streams = self.at_once if repeated else 1
        key = (size, streams)
        with self._loading:
            if key not in self._loaded:
                if len(self._loaded) == _KEPT:
                    self._loaded.popitem(last=False)
                shape = None if size is None else (1, size[1], size[0], 3)
                runtime = self._runtime
                if streams > 1:
                    runtime = replace(runtime, threads=streams, streams=streams)
                self._loaded[key] = load_network(self._path, runtime, input_shape=shape)
            self._loaded.move_to_end(key)
            return self._loaded[key]
