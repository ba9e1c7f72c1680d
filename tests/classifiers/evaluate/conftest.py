"""What stands in for the default encoder while figures are computed."""

import pytest

from classifiers.assess import Assessor
from classifiers.evaluate import batches


@pytest.fixture
def no_encoder(monkeypatch):
    """The n-gram halves alone, where a test is about the files, not the figures."""
    monkeypatch.setattr(batches, "assessor", Assessor.load)


@pytest.fixture
def one_encoder(monkeypatch, model):
    """The encoder of this run, loaded once."""
    monkeypatch.setattr("classifiers.build.load_default", lambda: model)
