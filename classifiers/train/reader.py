"""Training of the topic reader: the encoder's upper layers, fine-tuned on Weibo21.

Their input, the states of the encoder's middle layer, never changes and is computed once. The rumor
label is an auxiliary task; the rumor score gained nothing from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import joblib
import numpy as np
import torch
from torch import nn
from transformers import AutoModel

from classifiers import build, encoder, reader, registry, theme
from classifiers.build import onnx_export
from classifiers.evaluate.folds import SEED
from classifiers.normalize import normalize
from classifiers.train import corpus
from classifiers.train import theme as train_theme

SETTINGS: dict[str, Any] = {
    "epochs": 5, "rate": 3e-4, "head_rate": 1e-3, "batch": 32, "smoothing": 0.05,
    "dropout": 0.25, "rumor": 0.5, "tokens": reader.TOKENS, "share": theme.READER_SHARE,
}  # fmt: skip
NONE = -1  # the topic of a post without a label
_LABELS = registry.Manifest("reader", labels=list(theme.TOPICS))
PROCESSES = 2  # of up to 6 GB each
_DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


class Upper(nn.Module):
    """The encoder's layers above its middle, and two heads over the mean of their states."""

    def __init__(self, directory: Path, topics: int) -> None:
        super().__init__()
        bert = AutoModel.from_pretrained(
            directory,
            attn_implementation="eager",
            hidden_dropout_prob=SETTINGS["dropout"],
            attention_probs_dropout_prob=SETTINGS["dropout"],
        )
        self.layers = bert.encoder.layer[encoder.MIDDLE :]
        self.drop = nn.Dropout(0.1)
        self.topics = nn.Linear(bert.config.hidden_size, topics)
        self.rumor = nn.Linear(bert.config.hidden_size, 1)

    def forward(
        self, states: torch.Tensor, there: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits (n, k) and (n,) of states (n, tokens, m), `there` (n, tokens) the mask."""
        hidden = (1 - there[:, None, None]) * -1e4
        for layer in self.layers:
            states = layer(states, hidden)
        mean = (states * there[..., None]).sum(1) / there.sum(1, keepdim=True)
        mean = self.drop(mean)
        return self.topics(mean), self.rumor(mean)[:, 0]


class Shipped(nn.Module):
    """The same for one text without padding: log-probabilities of the topics."""

    def __init__(self, upper: Upper) -> None:
        super().__init__()
        self.upper = upper

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        """(1, k) of states (1, tokens, m)."""
        topics: torch.Tensor = self.upper(states, torch.ones(states.shape[:2]))[0]
        return topics.log_softmax(1)


@dataclass(frozen=True)
class ReaderExamples:
    """Posts as states of the encoder's middle layer, (all tokens, m), float16, of post i those
    from starts[i] to starts[i + 1]; their topics (NONE: unlabelled); whether they are rumors."""

    states: np.ndarray
    starts: np.ndarray
    topics: np.ndarray
    rumors: np.ndarray
    groups: np.ndarray

    def of(self, row: int) -> np.ndarray:
        """(tokens, m) of one post."""
        return self.states[self.starts[row] : self.starts[row + 1]]

    def beside(self, held_out: np.ndarray) -> np.ndarray:
        """The posts that are neither among these nor near-duplicates of them."""
        return np.flatnonzero(~np.isin(self.groups, self.groups[held_out]))

    def padded(self, rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        """The padded input of `Upper`."""
        found = [torch.tensor(self.of(i)) for i in rows]
        states = nn.utils.rnn.pad_sequence(found, True).float()
        lengths = torch.tensor([len(of_post) for of_post in found])
        there = torch.arange(states.shape[1])[None] < lengths[:, None]
        return states.to(_DEVICE), there.float().to(_DEVICE)

    def batches(self, rows: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """All of them once, in batches of similar lengths."""
        size, rows, found = SETTINGS["batch"], rng.permutation(rows), []
        for start in range(0, len(rows), 16 * size):
            some = sorted(rows[start : start + 16 * size], key=lambda i: len(self.of(i)))
            found += [np.array(some[at : at + size]) for at in range(0, len(some), size)]
        rng.shuffle(found)
        yield from found


def fit(lessons: ReaderExamples, rows: np.ndarray, directory: Path, say: str) -> Upper:
    """Fine-tune the layers of the encoder at `directory` on these rows."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    upper: Upper = Upper(directory, len(theme.TOPICS)).to(_DEVICE)
    heads = [*upper.topics.parameters(), *upper.rumor.parameters()]
    rates = (SETTINGS["rate"], SETTINGS["head_rate"])
    groups = [{"params": upper.layers.parameters()}, {"params": heads}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    met = np.bincount(lessons.topics[rows][lessons.topics[rows] != NONE])
    weights = torch.tensor(np.sqrt(met.mean() / met), dtype=torch.float32, device=_DEVICE)
    steps = SETTINGS["epochs"] * -(-len(rows) // SETTINGS["batch"])
    step = 0
    for epoch in range(SETTINGS["epochs"]):
        upper.train()
        for batch in lessons.batches(rows, rng):
            pace = min(1, step / (0.06 * steps)) * max(0, 1 - step / steps)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * pace
            loss = _loss(upper, lessons, batch, weights)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(upper.parameters(), 1.0)
            optimizer.step()
            step += 1
        corpus.progress(f"reader: {say}, {epoch + 1} of {SETTINGS['epochs']} epochs")
    upper.eval().cpu()
    return upper


def _loss(
    upper: Upper, lessons: ReaderExamples, batch: np.ndarray, weights: torch.Tensor
) -> torch.Tensor:
    with torch.autocast(_DEVICE, torch.bfloat16):
        topics, rumor = upper(*lessons.padded(batch))
    placed = torch.tensor(lessons.topics[batch], device=_DEVICE)
    topic_loss = nn.functional.cross_entropy(
        topics.float(), placed, weights, ignore_index=NONE, label_smoothing=SETTINGS["smoothing"]
    )
    rumors = torch.tensor(lessons.rumors[batch], dtype=torch.float32, device=_DEVICE)
    rumor_loss = nn.functional.binary_cross_entropy_with_logits(rumor.float(), rumors)
    total: torch.Tensor = topic_loss + SETTINGS["rumor"] * rumor_loss
    return total


def _ship(upper: Upper, out: Path) -> None:
    """In 7 bits, right on every processor (see `build.assembly`)."""
    states, topics = "states", "topics"
    axes = {states: {1: "tokens"}, topics: {}}
    sample = torch.zeros(1, 8, upper.topics.in_features)
    onnx_export.export(Shipped(upper), sample, axes, out / encoder.ONNX, narrow=True)


def _trained(
    lessons: ReaderExamples, directory: Path, out: Path, held_out: np.ndarray
) -> np.ndarray:
    """Predictions (n, k) for `held_out` by a reader that never saw it, in 7 bits too, which is
    left in `out`."""
    torch.set_num_threads(1)
    rows = lessons.beside(held_out)
    out.mkdir(parents=True, exist_ok=True)
    _ship(fit(lessons, rows, directory, f"{out.name}, {len(rows)} posts"), out)
    return reader.TopicReader(out / encoder.ONNX, _LABELS).read(
        [lessons.of(i).astype(np.float32) for i in held_out]
    )


def _lessons(posts: corpus.Posts, topics: np.ndarray) -> ReaderExamples:
    model = build.load_default()
    pieces = []
    for start in range(0, len(posts.rows), 64):
        texts = [normalize(row["text"]) for row in posts.rows[start : start + 64]]
        pieces += [s[: reader.TOKENS].astype(np.float16) for s in model.states(texts)[1]]
        corpus.progress(f"reader: {len(pieces)} of {len(posts.rows)} read", end="\r")
    starts = np.cumsum([0, *map(len, pieces)])
    rumors = np.array([row["label"] for row in posts.rows])
    return ReaderExamples(np.concatenate(pieces), starts, topics, rumors, posts.groups)


def run(data: Path) -> None:
    """Train a reader for each fold and one that ships, evaluate, and write the artifact.

    Takes up to 70 minutes on two cores.
    """
    posts = corpus.posts(data / "rumor" / "weibo21_dev.jsonl")
    placed, labels = train_theme.placed(posts)
    topics = np.full(len(posts.rows), NONE)
    topics[placed] = labels
    lessons = _lessons(posts, topics)
    views = train_theme.out_of_fold(posts.take(placed), labels)
    held_out = [placed[held] for _, held in views.folds]
    directory = encoder.default_encoder_dir()
    with TemporaryDirectory() as scratch:
        outs = [Path(scratch) / f"fold {n}" for n in range(len(held_out))]
        tasks = [*zip(outs, held_out, strict=True), (reader.DIRECTORY, np.zeros(0, int))]
        *found, _ = joblib.Parallel(n_jobs=PROCESSES)(
            joblib.delayed(_trained)(lessons, directory, out, held) for out, held in tasks
        )
    read = np.concatenate(found)[np.argsort(np.concatenate([held for _, held in views.folds]))]
    chances = views.probabilities(labels)
    metrics = {
        "cross_validation": train_theme.cross_validation_figures(
            theme.with_reader(chances, read), labels
        ),
        "cross_validation_alone": train_theme.cross_validation_figures(read, labels),
        "cross_validation_without": train_theme.cross_validation_figures(chances, labels),
    }
    corpus.progress(f"reader: {metrics}")
    registry.write_manifest(
        reader.DIRECTORY, "reader", [encoder.ONNX], labels=list(theme.TOPICS), metrics=metrics,
        settings={
            **SETTINGS, "encoder": posts.encoder,
            "protocol": "5 folds, near-duplicates in one fold, beside the views of theme",
        },
        **corpus.manifest_facts("weibo21_dev"),
    )  # fmt: skip
