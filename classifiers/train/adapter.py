"""A low-rank adapter (LoRA, Hu et al. 2021) that fine-tunes the encoder for this domain.

The lower eight layers are frozen, so that their output is computed once and cached; the upper
four are trained contrastively within a batch (InfoNCE, both ways) to bring two wordings of one
matter together. Each batch comes from one source: its other members are negatives in the same
style. Runs on one core in about ten minutes; the adapter is merged when the encoder is
built.
"""

from __future__ import annotations

import math
import random
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from classifiers import encoder
from classifiers.build.assembly import LAYER_NAMES
from classifiers.train import wordings
from classifiers.train.wordings import WordingPair

if TYPE_CHECKING:
    import torch

FROZEN, RANK, MAX_TOKENS = 8, 16, 64
SEED = 20200220
# The sub-layers adapted.
TARGETS = ("q", "k", "v", "ao", "fi", "fo")


def _adapted(linear: Any, rank: int) -> Any:
    import torch

    class Adapted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.base = linear
            scale = 1 / math.sqrt(linear.in_features)
            self.a = torch.nn.Parameter(torch.randn(rank, linear.in_features) * scale)
            self.b = torch.nn.Parameter(torch.zeros(linear.out_features, rank))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            adapted: torch.Tensor = self.base(x) + x @ self.a.T @ self.b.T
            return adapted

    return Adapted()


class Learner:
    """The encoder with its lower layers frozen and adapters in the upper ones."""

    def __init__(self, directory: Path) -> None:
        import torch
        from tokenizers import Tokenizer
        from transformers import AutoModel

        torch.manual_seed(SEED)
        self._tokenizer = Tokenizer.from_file(str(directory / encoder.TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._bert = AutoModel.from_pretrained(directory, attn_implementation="eager").eval()
        self._bert.requires_grad_(False)
        self.adapters: dict[str, Any] = {}
        for index in range(FROZEN, len(self._bert.encoder.layer)):
            self._adapt(index)

    def _adapt(self, index: int) -> None:
        layer = self._bert.encoder.layer[index]
        for short in TARGETS:
            parent, _, name = LAYER_NAMES[short].rpartition(".")
            owner = layer.get_submodule(parent)
            adapted = _adapted(getattr(owner, name), RANK)
            setattr(owner, name, adapted)
            self.adapters[f"l{index}.{short}"] = adapted

    def parameters(self) -> list[Any]:
        """The trainable parameters."""
        return [p for adapter in self.adapters.values() for p in (adapter.a, adapter.b)]

    def _layers(self, x: torch.Tensor, mask: torch.Tensor, first: int, last: int) -> torch.Tensor:
        hidden = (1 - mask[:, None, None].float()) * -1e4
        for layer in self._bert.encoder.layer[first:last]:
            x = layer(x, hidden)
            x = x[0] if isinstance(x, tuple) else x
        return x

    def prepare(self, texts: Sequence[str]) -> list[Any]:
        """bfloat16 (tokens, hidden) of each text after the frozen layers."""
        import torch

        encoded = self._tokenizer.encode_batch([encoder.PREFIX + text for text in texts])
        ids = [torch.tensor(e.ids) for e in encoded]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        done: list[Any] = [None] * len(ids)
        for start in range(0, len(order), 64):
            rows = order[start : start + 64]
            batch = torch.nn.utils.rnn.pad_sequence([ids[i] for i in rows], True, 1)
            mask = batch != 1
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                x = self._layers(self._bert.embeddings(batch), mask, 0, FROZEN)
            for row, i in enumerate(rows):
                done[i] = x[row, : len(ids[i])].to(torch.bfloat16).clone()
        return done

    def vectors(self, prepared: Sequence[Any]) -> torch.Tensor:
        """Unit vectors (n, hidden) of prepared texts, with gradients if enabled."""
        import torch

        x = torch.nn.utils.rnn.pad_sequence(list(prepared), True)
        lengths = torch.tensor([len(p) for p in prepared])
        mask = torch.arange(x.shape[1])[None] < lengths[:, None]
        with torch.autocast("cpu", torch.bfloat16):
            x = self._layers(x, mask, FROZEN, len(self._bert.encoder.layer))
        mean = (x.float() * mask[..., None]).sum(1) / lengths[:, None]
        unit: torch.Tensor = torch.nn.functional.normalize(mean, dim=1)
        return unit

    def save(self, path: Path) -> None:
        """Write the adapters as half floats."""
        from safetensors.numpy import save_file

        arrays = {}
        for name, adapter in self.adapters.items():
            arrays[f"{name}.a"] = adapter.a.detach().numpy().astype(np.float16)
            arrays[f"{name}.b"] = adapter.b.detach().numpy().astype(np.float16)
        save_file(arrays, path)


def _batches(
    pairs: Sequence[WordingPair], size: int, steps: int, weights: dict[str, float]
) -> Iterator[list[int]]:
    """`steps` batches of indices into `pairs`, each of one source, sources by weight x size."""
    generator = random.Random(SEED)
    rows: dict[str, list[int]] = defaultdict(list)
    for index, pair in enumerate(pairs):
        rows[pair.source].append(index)
    for members in rows.values():
        generator.shuffle(members)
    sources = list(rows)
    shares = [weights.get(source, len(rows[source])) for source in sources]
    at = dict.fromkeys(sources, 0)
    for _ in range(steps):
        source = generator.choices(sources, shares)[0]
        start = at[source]
        at[source] = (start + size) % max(1, len(rows[source]) - size)
        yield rows[source][start : start + size]


def fit(
    learner: Learner,
    pairs: Sequence[WordingPair],
    *,
    steps: int,
    rate: float,
    temperature: float,
    weights: dict[str, float],
    size: int = 64,
) -> None:
    """Train the adapters on pairs of wordings; prints the running loss to stderr."""
    import torch

    batches = list(_batches(pairs, size, steps, weights))
    used = sorted({index for rows in batches for index in rows})
    print(f"adapter: preparing {len(used)} of {len(pairs)} pairs", file=sys.stderr, flush=True)
    sides = {
        side: dict(zip(used, learner.prepare([getattr(pairs[i], side) for i in used]), strict=True))
        for side in ("first", "second", "against")
    }
    parameters = learner.parameters()
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, (step + 1) / 30) * max(0.02, 1 - step / steps)
    )
    cross_entropy = torch.nn.functional.cross_entropy
    for step, rows in enumerate(batches):
        first, second = (learner.vectors([sides[s][i] for i in rows]) for s in ("first", "second"))
        answers = second
        if pairs[rows[0]].against:
            answers = torch.cat([second, learner.vectors([sides["against"][i] for i in rows])])
        target = torch.arange(len(rows))
        loss = cross_entropy(first @ answers.T / temperature, target)
        loss = loss + cross_entropy(second @ first.T / temperature, target)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        if step % 20 == 0:
            print(f"adapter: step {step}/{steps} loss {loss.item():.3f}", file=sys.stderr)


SETTINGS: dict[str, Any] = {"steps": 140, "rate": 3e-4, "temperature": 0.03}


def train(data: Path, base: Path, out: Path) -> None:
    """Train on `data` from the unadapted encoder in `base` and write `out`."""
    import torch

    torch.set_num_threads(1)
    pairs = wordings.titled(data) + wordings.questions(data, random.Random(SEED))
    learner = Learner(base)
    fit(learner, pairs, weights={}, **SETTINGS)
    learner.save(out)
