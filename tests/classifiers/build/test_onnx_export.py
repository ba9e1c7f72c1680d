"""An exported module answers as it did, in whole bytes and for inputs of any length."""

import numpy as np
import pytest


@pytest.mark.filterwarnings("ignore:You are using the legacy TorchScript:DeprecationWarning")
@pytest.mark.parametrize("narrow", [False, True])
def test_an_exported_module_answers_nearly_as_itself(tmp_path, narrow):
    import onnxruntime
    import torch  # takes its time to load

    from classifiers.build.onnx_export import export

    torch.manual_seed(1)
    linear = torch.nn.Linear(8, 4)
    path = tmp_path / "model.onnx"
    export(linear, torch.zeros(1, 3, 8), {"x": {1: "n"}, "y": {1: "n"}}, path, narrow)
    assert [p.name for p in tmp_path.iterdir()] == ["model.onnx"]
    x = np.random.default_rng(1).normal(size=(1, 5, 8)).astype(np.float32)
    (said,) = onnxruntime.InferenceSession(path).run(["y"], {"x": x})
    itself = linear(torch.tensor(x)).detach().numpy()
    assert said.shape == (1, 5, 4) and np.abs(said - itself).max() < 0.1
