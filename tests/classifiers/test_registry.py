import json

import pytest

from classifiers import registry
from classifiers.registry import ArtifactError


@pytest.fixture
def artifact(tmp_path):
    (tmp_path / "weights.bin").write_bytes(b"\x01\x02\x03")
    registry.write_manifest(tmp_path, "toy", ["weights.bin"], settings={"cut": 0.5}, labels=["a"])
    return tmp_path


def test_an_untouched_artifact_is_verified(artifact):
    manifest = registry.verified(artifact)
    assert manifest.name == "toy" and manifest.settings == {"cut": 0.5}
    assert manifest.version.startswith("toy-")


def test_a_flipped_bit_is_refused(artifact):
    (artifact / "weights.bin").write_bytes(b"\x01\x02\x02")
    with pytest.raises(ArtifactError, match="weights.bin"):
        registry.verified(artifact)


def test_a_missing_file_is_refused(artifact):
    (artifact / "weights.bin").unlink()
    with pytest.raises(ArtifactError, match="missing"):
        registry.verified(artifact)


def test_a_changed_threshold_is_refused(artifact):
    path = artifact / registry.MANIFEST
    path.write_text(path.read_text().replace("0.5", "0.4"))
    with pytest.raises(ArtifactError, match="altered"):
        registry.verified(artifact)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "x"}', "\udcff"])
def test_a_broken_manifest_is_refused(tmp_path, content):
    (tmp_path / registry.MANIFEST).write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ArtifactError):
        registry.verified(tmp_path)


def test_a_manifest_cannot_point_outside(tmp_path):
    outside = tmp_path / "outside.bin"
    outside.write_bytes(b"x")
    inside = tmp_path / "artifact"
    inside.mkdir()
    registry.write_manifest(inside, "toy", ["../outside.bin"])
    with pytest.raises(ArtifactError, match="outside"):
        registry.verified(inside)


def test_the_version_follows_the_settings(artifact):
    before = registry.verified(artifact).version
    after = registry.write_manifest(artifact, "toy", ["weights.bin"], settings={"cut": 0.6})
    assert after.version != before


def test_skops_files_hold_only_what_was_vouched_for(tmp_path):
    import skops.io
    from sklearn.feature_extraction.text import CountVectorizer

    from classifiers.segment import words

    path = tmp_path / "model.skops"
    skops.io.dump(CountVectorizer(tokenizer=words).fit(["口罩涨价"]), path)
    with pytest.raises(ArtifactError, match=r"classifiers\.segment\.words"):
        registry.load_skops(path, [])
    model = registry.load_skops(path, ["classifiers.segment.words"])
    assert model.transform(["口罩"]).sum() == 1
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ArtifactError):
        registry.load_skops(path, ["classifiers.segment.words"])


def test_a_manifest_is_readable_json(artifact):
    body = json.loads((artifact / registry.MANIFEST).read_text())
    assert body["files"]["weights.bin"]["bytes"] == 3
