"""How likely a post is a rumor, by the way it is written: a hint, never a verdict."""

from dataclasses import dataclass, field

from classifiers.explain import Cue


@dataclass(frozen=True)
class RumorScore:
    """Calibrated chance that the text is a rumor, or None when nothing could score it.

    `abstained` says that nobody should rely on the score; `note` says why, in Chinese.
    """

    score: float | None
    abstained: bool
    cues: list[Cue] = field(default_factory=list)
    note: str = ""


def unscored(note: str) -> RumorScore:
    """No score at all, because of `note`."""
    return RumorScore(None, True, [], note)
