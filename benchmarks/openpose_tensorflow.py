"""Compare OpenVINO's and OpenCV's heatmaps with TensorFlow's, at 368x368.

    python benchmarks/openpose_tensorflow.py graph_opt.pb PICTURE... --python /tmp/tf/bin/python

TensorFlow runs in an environment of its own, given by its interpreter: it is needed for
this check only.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from limner.errors import BackendError
from limner.runtime import Runtime, load_network

TENSORFLOW = """
import sys
import numpy as np
import tensorflow as tf

graph = tf.Graph()
with graph.as_default(), open(sys.argv[1], "rb") as file:
    definition = tf.compat.v1.GraphDef()
    definition.ParseFromString(file.read())
    tf.import_graph_def(definition, name="")
image, maps = graph.get_operations()[0].outputs[0], graph.get_operations()[-1].outputs[0]
session = tf.compat.v1.Session(graph=graph)
batches = np.load(sys.argv[2])
np.save(sys.argv[3], [session.run(maps, {image: batch[None]})[0] for batch in batches])
"""


def main() -> None:
    """Print the largest difference per image and runtime."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--python", default=sys.executable, help="interpreter with tensorflow")
    arguments = parser.parse_args()
    images = [cv2.imread(str(path)) for path in arguments.pictures]
    batches = np.stack([cv2.resize(image, (368, 368)) for image in images]).astype(np.float32)
    truth = tensorflow_maps(arguments.python, arguments.model, batches)
    for backend in ("openvino", "opencv"):
        try:
            network = load_network(arguments.model, Runtime(backend), input_shape=(1, 368, 368, 3))
        except BackendError as error:
            print(error)
            continue
        for path, batch, expected in zip(arguments.pictures, batches, truth, strict=True):
            (maps,) = network(batch[None]).values()
            print(f"{backend:10}{path.name:20}{np.abs(maps[0] - expected).max():.6f}")


def tensorflow_maps(python: str, model: Path, batches: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what TensorFlow makes of the images."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder, "given.npy"), Path(folder, "made.npy")
        np.save(given, batches)
        command = [python, "-c", TENSORFLOW, str(model), str(given), str(made)]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        return np.asarray(np.load(made), np.float32)


if __name__ == "__main__":
    main()
