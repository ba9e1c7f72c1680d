"""The reader of topics: upper layers of the encoder, taught to tell what a post is about.

The encoder's own upper layers learned which texts say the same. These begin where its lower layers
end, at the states of its middle, and learned the nine topics instead. To read a text takes a third
of the encoder's pass.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from classifiers import registry
from classifiers.encoder import ONNX, SLOWER
from classifiers.registry import ARTIFACTS, Manifest

DIRECTORY = ARTIFACTS / "reader"
TOKENS = 128  # of a text, the first: it learned from no more


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
        """Raises ArtifactError when a file is missing, altered or no graph."""
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
            if len(of_text):  # alone, as the encoder reads: see there
                said[row] = self._session.run(None, {"states": of_text[None, :TOKENS]})[0][0]
        return said
