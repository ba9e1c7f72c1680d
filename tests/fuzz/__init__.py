"""Fuzzing: `python -m tests.fuzz parser|verifier|api --runs N`; exit 1 at the first crash."""
