"""`python -m tests.bench.picture FIGURES.json OUT.svg`: the curve of a match by indexed claims."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from hub.web.common import charts

# A file of its own has no style sheet and no policy that forbids one.
_STYLE = (
    "<style>svg{background:#fff;font-family:sans-serif}.rule{stroke:#dde3ea}.axis{font-size:12px;"
    "fill:#5b6776}.mid{text-anchor:middle}.end{text-anchor:end}.ink{fill:none;stroke-width:2}"
    ".s0{stroke:#24578f}.s1{stroke:#c0562f}.s2{stroke:#1a7f4b}.dot-mark{fill:#fff}</style>"
)
LINES = {"match_p50_ms": "p50", "match_p95_ms": "p95", "match_cpu_ms": "CPU"}


def drawn(figures: dict) -> str:
    """An SVG file of the curve in what `python -m tests.bench million` printed."""
    curve = figures["match_curve"]
    figure = charts.line(
        "ms per match by indexed claims: p50 (blue), p95 (red), processor time (green)",
        [f"{point['claims']:,}" for point in curve],
        {name: [point[key] for point in curve] for key, name in LINES.items()},
        unit=" ms",
    )
    (svg,) = re.findall(r'<svg viewBox="0 0 620.*?</svg>', figure, re.S)
    return svg.replace("</desc>", f"</desc>{_STYLE}", 1)


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(drawn(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
