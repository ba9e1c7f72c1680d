"""A small linear map over sentence vectors, shipped where it measures better than none."""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from classifiers import registry

FILE = "head.safetensors"
DIRECTORY = registry.ARTIFACTS / "same_claim"


@dataclass(frozen=True)
class Head:
    """x -> (x - mean) @ weight; mean (in,), weight (in, out)."""

    mean: np.ndarray
    weight: np.ndarray
    version: str

    @property
    def dim(self) -> int:
        return int(self.weight.shape[1])

    def apply(self, vectors: np.ndarray) -> np.ndarray:
        """float32 (n, in) to float32 (n, out), not normalised."""
        return (vectors - self.mean) @ self.weight

    def save(self, path: Path) -> None:
        """Write both arrays as safetensors."""
        from safetensors.numpy import save_file

        save_file({"mean": self.mean, "weight": np.ascontiguousarray(self.weight)}, path)


def load(path: Path) -> Head:
    """Read a head; its version is taken from its bytes. Raises OSError if it is missing."""
    from safetensors.numpy import load as parse

    raw = path.read_bytes()
    arrays = parse(raw)
    digest = hashlib.sha256(raw).hexdigest()
    return Head(arrays["mean"], arrays["weight"], f"head-{digest[:8]}")


@functools.cache
def shipped() -> Head | None:
    """The head in the artifacts, checked against its manifest; None when none is shipped."""
    if not (DIRECTORY / registry.MANIFEST).is_file():
        return None
    manifest = registry.verified(DIRECTORY)
    return load(DIRECTORY / FILE) if FILE in manifest.files else None
