"""`python -m classifiers.evaluate.diagram > FILE.svg`: the reliability diagram of the rumor score.

Draws the out-of-fold bins kept in the manifest: confidence to the right, accuracy upwards, the
area of a dot by its number of posts.
"""

from collections.abc import Sequence

from classifiers import registry
from classifiers.rumor import DIRECTORY

SIDE, EDGE = 360, 50  # pixels of the plot and around it


def svg(bins: Sequence[tuple[float, float, int]]) -> str:
    """A picture of (confidence, accuracy, n) bins, both axes from 0.5 to 1."""

    def x(value: float) -> float:
        return EDGE + (value - 0.5) * 2 * SIDE

    def y(value: float) -> float:
        return EDGE + (1 - value) * 2 * SIDE

    most = max(n for _, _, n in bins)
    ticks = "".join(
        f'<text x="{x(v):.0f}" y="{y(0.5) + 18:.0f}" text-anchor="middle">{v:.1f}</text>'
        f'<text x="{EDGE - 8}" y="{y(v) + 4:.0f}" text-anchor="end">{v:.1f}</text>'
        for v in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    )
    dots = "".join(
        f'<circle cx="{x(c):.1f}" cy="{y(max(a, 0.5)):.1f}" r="{3 + 13 * (n / most) ** 0.5:.1f}">'
        f"<title>{n}: {c:.3f}, {a:.3f}</title></circle>"
        for c, a, n in bins
    )
    size = SIDE + 2 * EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'font-family="sans-serif" font-size="12"><rect width="{size}" height="{size}" '
        f'fill="white"/><rect x="{EDGE}" y="{EDGE}" width="{SIDE}" height="{SIDE}" fill="none" '
        f'stroke="gray"/><line x1="{x(0.5)}" y1="{y(0.5)}" x2="{x(1)}" y2="{y(1)}" stroke="gray" '
        f'stroke-dasharray="4"/>{ticks}<g fill="steelblue" fill-opacity="0.7">{dots}</g>'
        f'<text x="{size / 2}" y="{size - 10}" text-anchor="middle">confidence</text>'
        f'<text x="14" y="{size / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {size / 2})">accuracy</text></svg>\n'
    )


def main() -> None:
    """Print the picture of the shipped model."""
    metrics = registry.load_manifest(DIRECTORY).metrics
    print(svg(metrics["cross_validation"]["reliability"]), end="")


if __name__ == "__main__":
    main()
