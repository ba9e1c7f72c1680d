"""Near-duplicates by MinHash (Broder 1997) over overlapping runs of three characters."""

import hashlib
import struct
from dataclasses import dataclass

import numpy as np
from rensa import RMinHash

from classifiers.normalize import skeleton

PERMUTATIONS = 128
# 32 bands of 4 rows: two texts share a band with probability 1-(1-j^4)^32, which is
# .13 at Jaccard .26, .88 at .50 and .9998 at .70.
BANDS = 32
GRAM = 3
# A signature of 128 values settles long before; this bounds the work on one text.
MAX_CHARS = 20_000
_SEED = 20_200_220


@dataclass(frozen=True)
class Fingerprint:
    """`signature`: 128 little-endian uint32. `bands`: 32 signed 64-bit keys; two texts whose
    bands meet in any key are candidates. A text without words has no bands."""

    signature: bytes
    bands: tuple[int, ...]


def grams(normalized: str) -> set[str]:
    """The text's runs of three letters or digits; a shorter text is one run of its own."""
    text = skeleton(normalized)[:MAX_CHARS]
    if len(text) <= GRAM:
        return {text} if text else set()
    return {text[i : i + GRAM] for i in range(len(text) - GRAM + 1)}


def fingerprint(normalized: str) -> Fingerprint:
    """MinHash signature and its bands of a normalized text."""
    runs = grams(normalized)
    if not runs:
        return Fingerprint(b"", ())
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    sketch.update(sorted(runs))
    signature = np.asarray(sketch.digest(), dtype="<u4").tobytes()
    width = len(signature) // BANDS
    return Fingerprint(
        signature, tuple(_band(i, signature[i * width : (i + 1) * width]) for i in range(BANDS))
    )


def _band(index: int, rows: bytes) -> int:
    key = hashlib.blake2b(rows, digest_size=8, salt=struct.pack("<H", index)).digest()
    return int.from_bytes(key, "little", signed=True)


def jaccard(sig_a: bytes, sig_b: bytes) -> float:
    """Estimated Jaccard similarity of two signatures, 0 where either is empty.

    Standard error at most 0.045. Raises ValueError for signatures of different length.
    """
    if not sig_a or not sig_b:
        return 0.0
    if len(sig_a) != len(sig_b):
        raise ValueError("signatures of different length cannot be compared")
    a, b = np.frombuffer(sig_a, "<u4"), np.frombuffer(sig_b, "<u4")
    return int(np.count_nonzero(a == b)) / len(a)
