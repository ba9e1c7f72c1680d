"""The encoder is built near its source, or not at all."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from classifiers import build
from classifiers.build import assembly


def test_the_build_records_how_near_it_is_to_its_source(encoder_dir):
    metrics = json.loads((encoder_dir / "manifest.json").read_text())["metrics"]
    assert metrics["source_cosine_min"] >= 0.999  # to the package's vectors, before adapting
    assert (
        min(metrics["int8_cosine_min"], metrics["int8_middle_cosine_min"]) >= 0.97
    )  # to the same weights in full precision


@pytest.mark.parametrize("straying, bits", [({}, 8), ({8}, 7)])
def test_a_processor_that_overflows_8_bits_is_given_7(straying, bits, monkeypatch, tmp_path):
    tried, said = [], []

    def exported(model, work, theirs, bits):
        tried.append(bits)
        if bits in straying:
            raise ValueError("the built encoder strays from its source")
        return {"weight_bits": bits}

    monkeypatch.setattr(assembly, "_exported", exported)
    monkeypatch.setattr(assembly, "_probed", lambda *args: np.zeros((1, 1)))
    assert assembly._quantized(None, None, tmp_path, said.append) == {"weight_bits": bits}
    assert tried == [8, 7][: len(straying) + 1]
    assert bool(said) == bool(straying)


def test_a_build_that_strays_in_7_bits_too_is_refused(monkeypatch, tmp_path):
    def exported(*args, **facts):
        raise ValueError("the built encoder strays from its source")

    monkeypatch.setattr(assembly, "_exported", exported)
    monkeypatch.setattr(assembly, "_probed", lambda *args: np.zeros((1, 1)))
    with pytest.raises(ValueError, match="strays"):
        assembly._quantized(None, None, tmp_path, lambda line: None)


def test_a_finished_build_takes_the_place_of_an_outdated_one(tmp_path, monkeypatch):
    old, new = tmp_path / "encoder", tmp_path / ".work"
    for directory, text in ((old, "old"), (new, "new")):
        directory.mkdir()
        (directory / "file").write_text(text)
    monkeypatch.setattr(build, "is_current", lambda directory: False)
    assembly._put_in_place(new, old)
    assert [p.name for p in tmp_path.iterdir()] == ["encoder"]
    assert (old / "file").read_text() == "new"


def test_a_build_replaces_a_link_and_keeps_what_it_points_to(tmp_path):
    target, link, work = (tmp_path / name for name in ("target", "link", ".work"))
    for directory in (target, work):
        directory.mkdir()
        (directory / "file").write_text(directory.name)
    link.symlink_to(target)
    assembly._put_in_place(work, link)
    assert not link.is_symlink() and (link / "file").read_text() == ".work"
    assert (target / "file").read_text() == "target"


def test_the_adapter_is_added_to_the_weights_it_belongs_to(tmp_path):
    a, b = np.array([[1.0, 2.0]], np.float16), np.array([[1.0], [3.0]], np.float16)
    save_file({"l8.q.a": a, "l8.q.b": b}, tmp_path / "adapter.safetensors")
    tensors = {"l8.q.w": np.ones(4, np.float32), "l8.k.w": np.ones(4, np.float32)}
    assembly.merge_adapter(tensors, tmp_path / "adapter.safetensors")
    assert tensors["l8.q.w"].tolist() == [2, 3, 4, 7]
    assert tensors["l8.k.w"].tolist() == [1, 1, 1, 1]
