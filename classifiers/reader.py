"""The topic reader: upper layers of the encoder, fine-tuned to classify the topic of a post.

The encoder's own upper layers were trained for similarity. These start from the states of its
middle layer and were trained on the nine topics instead. Reading a text takes a third of the time
of encoding it.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classifiers import registry
from classifiers.encoder import ONNX, SLOWER
from classifiers.registry import ARTIFACTS, Manifest

DIRECTORY = ARTIFACTS / "reader"
TOKENS = 128  # the first of a text, as in training


class TopicReader:
    """The shipped layers, as an ONNX graph in 7 bits; `manifest.labels` are its topics."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.manifest = manifest
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER
        )

    @classmethod
    def load(cls, directory: Path = DIRECTORY) -> "TopicReader":
        """Raises ArtifactError when a file is missing, altered or not a graph."""
        manifest = registry.verified(directory)
        try:
            return cls(directory / ONNX, manifest)
        except Exception as error:  # onnxruntime raises many kinds
            raise registry.ArtifactError(f"{directory}: {error}") from error

    def read(self, states: Sequence[np.ndarray]) -> np.ndarray:
        """(n, k) logarithms of the topics' chances, of texts by the states (tokens, m) of the
        encoder's middle; a row of NaN where a text has none."""
        said = np.full((len(states), len(self.manifest.labels)), np.nan, np.float32)
        for row, of_text in enumerate(states):
            if len(of_text):  # one at a time, see `encoder`
                said[row] = self._session.run(None, {"states": of_text[None, :TOKENS]})[0][0]
        return said
