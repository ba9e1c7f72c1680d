"""A command line beside the hub."""

import pytest


@pytest.fixture
def run(app):
    """`run(*words)`: what `flask words...` says."""
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=list(words))
