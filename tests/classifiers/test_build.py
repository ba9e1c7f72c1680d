"""The encoder is built where it is missing or outdated, and nowhere else."""

from classifiers import build


def test_a_foreign_directory_is_never_rebuilt(tmp_path):
    (tmp_path / "modules.json").write_text("[]")
    build.build(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["modules.json"]
