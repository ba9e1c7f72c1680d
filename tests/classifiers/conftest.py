"""The encoder, built once a machine and loaded once a run."""

from pathlib import Path

import pytest

from classifiers import build, encoder


@pytest.fixture(scope="session")
def encoder_dir() -> Path:
    directory = encoder.default_encoder_dir()
    build.build(directory)
    return directory


@pytest.fixture(scope="session")
def model(encoder_dir: Path) -> encoder.Encoder:
    return encoder.Encoder.load(encoder_dir)
