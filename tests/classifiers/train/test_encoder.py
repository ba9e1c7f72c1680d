"""The adapter is trained on the unadapted encoder, then the default one is built with it."""

from pathlib import Path

from classifiers import encoder
from classifiers.train import encoder as train


def test_the_adapter_learns_from_a_plain_base_and_ships_with_the_default(monkeypatch, tmp_path):
    done = []
    monkeypatch.setattr(
        train.assembly, "build", lambda where, adapt=None: done.append(("build", where, adapt))
    )
    monkeypatch.setattr(train.adapter, "train", lambda *given: done.append(("train", *given)))
    train.run(tmp_path)
    base = done[0][1]
    assert done == [
        ("build", base, None),
        ("train", tmp_path, base, encoder.ADAPTER),
        ("build", encoder.default_encoder_dir(), encoder.ADAPTER),
    ]
    assert not Path(base).parent.exists()  # nothing of it is left
