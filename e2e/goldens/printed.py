"""What PyTorch prints for some tensors: fixtures/functions/printed.json.

    python3 e2e/goldens/printed.py

Each entry has the values, the shape and the type that `formatTensor` gets, and PyTorch's text.
"""

import json
import pathlib

import torch

TARGET = pathlib.Path(__file__).resolve().parent / "fixtures" / "functions" / "printed.json"
NAMES = {torch.float32: "f32", torch.int32: "i32", torch.bool: "bool"}
NAN, INF = float("nan"), float("inf")
TENSORS = [
    torch.tensor(3.5),
    torch.tensor(-2.0),
    torch.tensor([1.0, 2.5]),
    torch.tensor([-0.5, 0.25]),
    torch.tensor([0.0, 0.0]),
    torch.tensor([[1.0, 2.0], [3.0, 4.0]]),
    torch.arange(24.0).reshape(2, 3, 4) / 7,
    torch.arange(16.0).reshape(2, 2, 2, 2),
    torch.tensor([1e-5, 1.0]),
    torch.tensor([1.0, 2000.0]),
    torch.tensor([1.0, 100000.0]),
    torch.tensor([123456.0, 123457.0]),
    torch.tensor([1e9, 2e9]),
    torch.tensor([0.0001, 0.0002]),
    torch.tensor([0.00001, 0.00002]),
    torch.tensor([NAN, 1.0, INF]),
    torch.tensor([NAN, 1.5, -INF]),
    torch.tensor([NAN, INF]),
    torch.arange(30.0),
    torch.arange(2000.0),
    torch.arange(1008.0).reshape(3, 336),
    torch.arange(1024.0).reshape(8, 8, 16),
    torch.tensor([0.03125, 0.09375, 2.5, -0.15625]),
    torch.tensor([0.140625, 1e-5, -0.203125]),
    torch.cos(torch.arange(1001.0)),
    torch.zeros(0),
    torch.zeros(0, 3),
    torch.tensor([True, False]),
    torch.tensor([1, -20], dtype=torch.int32),
    torch.arange(40, dtype=torch.int32),
    torch.arange(1500, dtype=torch.int32).reshape(30, 50),
]


def entry(tensor):
    values = [v if v == v and abs(v) != INF else str(v) for v in tensor.flatten().tolist()]
    arange = values == [float(i) for i in range(len(values))] and len(values) > 100
    return {
        "shape": list(tensor.shape),
        "dtype": NAMES[tensor.dtype],
        **({"count": len(values)} if arange else {"values": values}),
        "text": str(tensor).replace("torch.", ""),
    }


def main():
    lines = ",\n".join(json.dumps(entry(tensor), separators=(",", ":")) for tensor in TENSORS)
    TARGET.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
