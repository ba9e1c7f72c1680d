"""Chinese word segmentation, in functions that skops can name when it saves a vectorizer."""

import functools
import logging
import os
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import jieba

# Longer texts are cut for jieba: a report makes its point long before.
MAX_CHARS = 5_000

jieba.setLogLevel(logging.CRITICAL)
_loading = threading.Lock()


def _private_cache() -> str:
    """A directory only this user can write, for jieba's dictionary cache.

    jieba reads its cache with `marshal`, which must not read untrusted files, and by default
    keeps it under a fixed name in the shared temporary directory.
    """
    path = Path(tempfile.gettempdir()) / f"segment-{os.getuid()}"
    path.mkdir(mode=0o700, exist_ok=True)
    info = path.lstat()
    if stat.S_ISDIR(info.st_mode) and info.st_uid == os.getuid() and not info.st_mode & 0o022:
        return str(path)
    return tempfile.mkdtemp(prefix="segment-")


@functools.cache
def _tokenizer() -> jieba.Tokenizer:
    """One dictionary per process, loaded on first use; its cache is written by rename, so
    processes that start together may each build it but none reads half of it."""
    with _loading:
        tokenizer = jieba.Tokenizer()
        tokenizer.tmp_dir = _private_cache()
        tokenizer.initialize()
    return tokenizer


def words(text: str) -> list[str]:
    """Words of `text` in order, without spaces; at most the first 5,000 characters are read."""
    return [word for word in _tokenizer().cut(text[:MAX_CHARS]) if not word.isspace()]


def content_words(text: str) -> Iterator[str]:
    """Like `words`, without those that hold no letter or digit (punctuation, symbols), lazily."""
    for word in _tokenizer().cut(text[:MAX_CHARS]):
        if any(c.isalnum() for c in word):
            yield word


def is_word(text: str) -> bool:
    """Whether the dictionary lists `text` as a word of its own."""
    return bool(_tokenizer().FREQ.get(text))
