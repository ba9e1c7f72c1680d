"""Which tests share a process when several run beside each other, and which begin first."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

# Files that talk to the running demo: one process starts it once.
_LIVE_HUB = ("tests/e2e/", "tests/hub/cli/test_commands.py")
# What takes longest begins first, so that nobody waits for it at the end.
_FIRST = ("tests/drills/", *_LIVE_HUB, "tests/hub/runner/", "tests/hub/cli/", "tests/test_")


def longest_first(items: list[pytest.Item]) -> None:
    """Sort in place; what is not among the longest keeps its order."""
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    return next((n for n, begins in enumerate(_FIRST) if nodeid.startswith(begins)), len(_FIRST))


class ByFile(LoadScopeScheduling):
    """A file is one piece of work, and so are all files that talk to the running demo."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False  # by the number of tests: a drill is one
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return "live hub" if nodeid.startswith(_LIVE_HUB) else nodeid.partition("::")[0]
