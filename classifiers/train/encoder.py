"""Training of the built-in encoder's adapter, and the build of the encoder with it."""

import tempfile
from pathlib import Path

from classifiers import encoder
from classifiers.build import assembly
from classifiers.train import adapter


def run(data: Path) -> None:
    """Train the adapter on `data`, ship it, and build the default encoder with it."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch) / "base"
        assembly.build(base)
        adapter.train(data, base, encoder.ADAPTER)
    assembly.build(encoder.default_encoder_dir(), adapt=encoder.ADAPTER)
