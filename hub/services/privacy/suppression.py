"""Small-count suppression: fewer than FEW people could be identified by their number.

A hidden cell of a table with totals can be found by subtraction. So in every row and column
that hides something, cells are hidden until at least two are and they sum to FEW or more
(complementary suppression; Hundepool et al., Statistical Disclosure Control, 2012, chapter 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

FEW = 5
SMALL, HIDDEN = "<5", "—"
Shown = int | str


def shown(n: int) -> Shown:
    """A single number: as it is, or "<5"."""
    return SMALL if 0 < n < FEW else n


def table(cells: Sequence[Sequence[int]]) -> list[list[Shown]]:
    """`cells` as they may be published beside the sums of rows and columns: "<5" for what is
    small, "—" for what is hidden so that nobody finds a small one by subtraction."""
    hidden = {(r, c) for r, row in enumerate(cells) for c, n in enumerate(row) if 0 < n < FEW}
    while True:
        more = next(
            (cell for line in _lines(cells) if (cell := _needed(cells, line, hidden))), None
        )
        if more is None:
            break
        hidden.add(more)
    return [
        [shown(n) if (r, c) not in hidden or 0 < n < FEW else HIDDEN for c, n in enumerate(row)]
        for r, row in enumerate(cells)
    ]


Cell = tuple[int, int]


def _lines(cells: Sequence[Sequence[int]]) -> Iterator[list[Cell]]:
    rows, columns = range(len(cells)), range(len(cells[0]) if cells else 0)
    yield from ([(r, c) for c in columns] for r in rows)
    yield from ([(r, c) for r in rows] for c in columns)


def _needed(cells: Sequence[Sequence[int]], line: list[Cell], hidden: set[Cell]) -> Cell | None:
    """The cell to hide next in a row or column whose total is published: the smallest that is
    not nought. None where nothing is hidden, enough is, or the total is hidden itself."""
    gone = [cells[r][c] for r, c in line if (r, c) in hidden]
    if not gone or (len(gone) > 1 and sum(gone) >= FEW):
        return None
    if 0 < sum(cells[r][c] for r, c in line) < FEW:
        return None
    left = [(cells[r][c], (r, c)) for r, c in line if (r, c) not in hidden and cells[r][c]]
    return min(left)[1] if left else None
