import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from classifiers import encoder, registry
from classifiers.build.assembly import PROBES
from classifiers.registry import ArtifactError


def test_vectors_are_unit_rows_whatever_the_order(model):
    texts = ["口罩涨价", "", "a" * 5000, "\ud800", "武汉下雪了吗" * 40]
    vectors = model.encode(texts)
    assert vectors.shape == (5, model.dim) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert np.array_equal(vectors, model.encode(texts[::-1])[::-1])


def test_one_pass_tells_the_vectors_and_the_states_of_the_middle(model):
    texts = ["口罩涨价", "武汉下雪了吗" * 40]
    vectors, middles = model.states(texts)
    assert [of_text.shape[1] for of_text in middles] == [model.dim, model.dim]
    assert len(middles[0]) < len(middles[1]) <= encoder.MAX_TOKENS
    assert np.array_equal(vectors, model.encode(texts))
    read = encoder.unit(encoder.means(middles))
    assert (read * vectors).sum(1).max() < 0.9  # another layer, not this one


def test_a_text_without_states_has_no_mean():
    told, untold = np.ones((3, 2), np.float32), np.zeros((0, 0), np.float32)
    means = encoder.means([told, untold])
    assert means[0].tolist() == [1, 1] and np.isnan(means[1]).all()
    assert encoder.means([untold]).shape == (1, 0) and encoder.means([]).shape == (0, 0)


def test_a_text_has_one_vector_whatever_stands_beside_it(model):
    texts = ["口罩涨价", "某地明天全城停水,请大家互相转告" * 9, "a", "N95 mask 50一只"]
    vectors, middles = model.states(texts)
    for text, vector, middle in zip(texts, vectors, middles, strict=True):
        alone = model.states([text])
        assert np.array_equal(alone[0][0], vector) and np.array_equal(alone[1][0], middle)


def test_no_texts_no_rows(model):
    assert model.encode([]).shape == (0, model.dim)


def test_meaning_is_nearer_than_wording(model):
    a, b, c = model.encode(
        ["口罩马上要卖光了,快去囤货", "一次性口罩即将断货", "口罩厂的工人今天过生日"]
    )
    assert a @ b > a @ c


def test_encoding_imports_no_torch(encoder_dir):
    code = (
        "import sys; from pathlib import Path; from classifiers.encoder import Encoder;"
        "Encoder.load(Path(sys.argv[1])).encode(['口罩']);"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(encoder_dir.resolve())], check=True)


def test_a_flipped_bit_is_refused(encoder_dir, tmp_path):
    copy = tmp_path / "encoder"
    shutil.copytree(encoder_dir, copy, copy_function=os.link)
    target = copy / encoder.TOKENIZER
    content = bytearray(target.read_bytes())
    content[len(content) // 2] ^= 1
    target.unlink()
    target.write_bytes(content)
    with pytest.raises(ArtifactError, match="tokenizer.json"):
        encoder.Encoder.load(copy)


def test_an_encoder_built_with_another_adapter_is_not_current(encoder_dir, monkeypatch, tmp_path):
    assert encoder.is_current(encoder_dir)
    (tmp_path / "adapter.safetensors").write_bytes(b"another")
    monkeypatch.setattr("classifiers.encoder.ADAPTER", tmp_path / "adapter.safetensors")
    assert not encoder.is_current(encoder_dir)


def test_an_encoder_built_without_the_second_output_is_not_current(tmp_path):
    (tmp_path / encoder.ONNX).write_bytes(b"one output")
    facts = {"settings": encoder.recipe()}
    registry.write_manifest(tmp_path, "e5", [encoder.ONNX], **facts)
    assert not encoder.is_current(tmp_path)
    registry.write_manifest(tmp_path, "e5", [encoder.ONNX], **facts, labels=encoder.OUTPUTS)
    assert encoder.is_current(tmp_path)


def test_a_build_older_than_the_adapter_says_so(encoder_dir, monkeypatch, tmp_path, caplog):
    encoder.Encoder.load(encoder_dir)
    assert not caplog.records
    (tmp_path / "adapter.safetensors").write_bytes(b"another")
    monkeypatch.setattr("classifiers.encoder.ADAPTER", tmp_path / "adapter.safetensors")
    encoder.Encoder.load(encoder_dir)
    assert "outdated" in caplog.text and str(encoder_dir) in caplog.text


@pytest.mark.parametrize("content", [None, b"not a model"])
def test_a_directory_without_a_model_is_refused(tmp_path, content):
    if content:
        (tmp_path / encoder.ONNX).write_bytes(content)
    with pytest.raises(ArtifactError):
        encoder.Encoder.load(tmp_path)


def test_another_sentence_transformers_directory_is_taken(encoder_dir, model, tmp_path):
    """The built one without our ONNX file is just such a directory."""
    for source in encoder_dir.rglob("*"):
        if source.is_file() and source.name not in {encoder.ONNX, "manifest.json"}:
            target = tmp_path / source.relative_to(encoder_dir)
            target.parent.mkdir(exist_ok=True)
            os.link(source, target)
    foreign = encoder.Encoder.load(tmp_path)
    assert foreign.version != model.version
    ours = encoder.Encoder.open(encoder_dir).encode(PROBES)
    assert (foreign.encode(PROBES) * ours).sum(1).min() > 0.97
