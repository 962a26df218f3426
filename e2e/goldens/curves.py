"""Trains the models of curves.ts for 20 steps in PyTorch and writes the losses to fixtures/curves/<model>.json.

    python3 e2e/goldens/curves.py [--check]

Needs PyTorch (CPU, 1.13 or newer). The fixtures are float32, as the GPU computes. --check writes nothing and prints
how far float64 is from float32: what a correct implementation may differ by.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import torch
from torch import nn

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures" / "curves"
STREAMS = "each parameter: its state_dict key; samples: classes, pictures, noise; see makeCurveStart in curves.ts"


def export():
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "curves.json"
        command = ["npx", "tsx", str(HERE / "export-curves.ts"), str(target)]
        if subprocess.run(command, cwd=HERE.parents[1]).returncode:
            raise SystemExit("the models could not be exported")
        return json.loads(target.read_text())


def decode(tensor, dtype):
    values = numpy.frombuffer(base64.b64decode(tensor["data"]), dtype=dtype)
    return torch.tensor(values).reshape(tensor["shape"])


LAYERS = {
    "conv2d": lambda a: nn.Conv2d(a["inChannels"], a["outChannels"], a["kernelSize"], padding=a.get("padding", 0)),
    "linear": lambda a: nn.Linear(a["inFeatures"], a["outFeatures"]),
    "maxPool2d": lambda a: nn.MaxPool2d(a["kernelSize"]),
    "relu": lambda a: nn.ReLU(),
    "flatten": lambda a: nn.Flatten(),
}

OPTIMIZERS = {
    "sgd": lambda p, a: torch.optim.SGD(
        p, a["lr"], momentum=a["momentum"], nesterov=a["nesterov"], weight_decay=a["weightDecay"]
    ),
    "adam": lambda p, a: torch.optim.Adam(p, a["lr"]),
    "adamW": lambda p, a: torch.optim.AdamW(p, a["lr"], weight_decay=a["weightDecay"]),
}


def train(entry, optimizer_options, settings, dtype):
    model = nn.Sequential(*(LAYERS[layer["type"]](layer) for layer in entry["layers"]))
    model.load_state_dict({key: decode(tensor, "<f4") for key, tensor in entry["stateDict"].items()})
    model.to(dtype)
    x = decode(entry["x"], "<f4").to(dtype)
    y = decode(entry["y"], "<i4").long()
    optimizer = OPTIMIZERS[optimizer_options["type"]](model.parameters(), optimizer_options)
    batch, samples = settings["batchSize"], settings["samples"]
    losses = []
    for step in range(settings["steps"]):
        start = step * batch % samples
        loss = nn.functional.cross_entropy(model(x[start : start + batch]), y[start : start + batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    final = {key: value.double() for key, value in model.state_dict().items()}
    return losses, final


def check(entry, optimizer, settings):
    single, weights = train(entry, optimizer, settings, torch.float32)
    double, exact = train(entry, optimizer, settings, torch.float64)
    loss_error = max(abs(a - b) / abs(b) for a, b in zip(single, double))
    weight_error = max(((weights[k] - exact[k]).norm() / exact[k].norm()).item() for k in weights)
    print(
        f"{entry['model']} {optimizer['type']}: loss {single[0]:.4f} to {single[-1]:.4f}; "
        f"float64 differs by {loss_error:.1e} in the losses, {weight_error:.1e} in the weights"
    )


def curve(entry, optimizer, settings):
    losses, final = train(entry, optimizer, settings, torch.float32)
    sums = {
        key: {"sum": float(f"{value.sum().item():.8g}"), "sumOfSquares": float(f"{(value ** 2).sum().item():.8g}")}
        for key, value in final.items()
    }
    return {"optimizer": optimizer, "losses": [float(f"{loss:.9g}") for loss in losses], "final": sums}


def main():
    torch.set_num_threads(1)
    exported = export()
    settings = exported["settings"]
    for entry in exported["models"]:
        if "--check" in sys.argv[1:]:
            for optimizer in exported["optimizers"]:
                check(entry, optimizer, settings)
            continue
        curves = [curve(entry, optimizer, settings) for optimizer in exported["optimizers"]]
        fixture = {"model": entry["model"], **settings, "streams": STREAMS, "curves": curves}
        FIXTURES.mkdir(parents=True, exist_ok=True)
        (FIXTURES / f"{entry['model']}.json").write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main()
