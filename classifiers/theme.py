"""What a rumor is about: the nine topics of Weibo21 and the debunking platforms' themes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Labelled:
    """A class with its Chinese label and the model's probability of it."""

    code: str
    label: str
    score: float
