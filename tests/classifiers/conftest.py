"""The encoder, built once a machine and loaded once a run; toy posts in the forms models read."""

from pathlib import Path

import numpy as np
import pytest

from classifiers import build, encoder
from classifiers.ensemble import counts, written
from tests.classifiers.samples import TOY, TOY_LABELS


@pytest.fixture(scope="session")
def encoder_dir() -> Path:
    directory = encoder.default_encoder_dir()
    build.build(directory)
    return directory


@pytest.fixture(scope="session")
def model(encoder_dir: Path) -> encoder.Encoder:
    return encoder.Encoder.load(encoder_dir)


@pytest.fixture(scope="session")
def hashed():
    return counts([written(text) for text in TOY])


@pytest.fixture(scope="session")
def vectors():
    noise = np.random.default_rng(0).normal(size=(len(TOY), 6))
    noise[:, 0] += TOY_LABELS * 3
    return (noise / np.linalg.norm(noise, axis=1, keepdims=True)).astype(np.float32)
