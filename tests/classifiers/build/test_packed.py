"""The packed weights are read only from a file of that format."""

import pytest

from classifiers.build.packed import read_weights


def test_a_file_of_another_format_is_not_read(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"nothing of the kind, but long enough to unpack")
    with pytest.raises(ValueError, match="packed encoder"):
        read_weights(path)
