"""A torch module written as an ONNX graph with quantized weights."""

from pathlib import Path
from typing import Any


def export(
    module: Any, sample: Any, axes: dict[str, dict[int, str]], path: Path, narrow: bool
) -> None:
    """Write a torch module of one input as ONNX with weights in 8 bits (7 where `narrow`).

    `axes` names the input, then the outputs, each with its axes of any length.
    """
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    full = path.with_suffix(".fp32.onnx")
    names = list(axes)
    torch.onnx.export(
        module.eval(),
        (sample,),
        str(full),
        input_names=names[:1],
        output_names=names[1:],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(full, path, weight_type=QuantType.QInt8, per_channel=True, reduce_range=narrow)
    full.unlink()
