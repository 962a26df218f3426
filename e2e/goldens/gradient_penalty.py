"""Gradients of a gradient penalty by PyTorch, for an MLP and a ConvNet: fixtures/functions/gradient_penalty.json.

    python3 e2e/goldens/gradient_penalty.py

The penalty of WGAN-GP, mean over samples of (||dD/dx||_2 - 1)^2, differentiated by the parameters of D. Values are made
by `series`, so that the fixture holds results only. In float64.
"""

import json
import pathlib
import sys

import torch
from torch import nn

sys.dont_write_bytecode = True
TARGET = pathlib.Path(__file__).resolve().parent / "fixtures" / "functions" / "gradient_penalty.json"


def series(shape, scale, phase):
    """value[i] = scale * cos(1.3 i + phase)"""
    count = 1
    for size in shape:
        count *= size
    return (scale * torch.cos(1.3 * torch.arange(count, dtype=torch.float64) + phase)).reshape(shape)


MODELS = {
    "mlp": (
        nn.Sequential(nn.Linear(6, 16), nn.LeakyReLU(0.2), nn.Linear(16, 12), nn.Tanh(), nn.Linear(12, 1)),
        [5, 6],
    ),
    "convnet": (
        nn.Sequential(
            nn.Conv2d(2, 4, 3, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(4, 6, 3, stride=2, padding=1),
            nn.GroupNorm(2, 6),
            nn.SiLU(),
            nn.AvgPool2d(2),
            nn.Flatten(),
            nn.Linear(24, 1),
        ),
        [3, 2, 8, 8],
    ),
}


def penalty(model, shape):
    for i, parameter in enumerate(model.parameters()):
        parameter.data = series(parameter.shape, 0.5, i)
    x = series(shape, 1, 0.4).requires_grad_(True)
    (slope,) = torch.autograd.grad(model(x).sum(), x, create_graph=True)
    value = ((slope.flatten(1).norm(2, dim=1) - 1) ** 2).mean()
    value.backward()
    return {
        "penalty": value.item(),
        "gradients": {
            name: ((p.grad if p.grad is not None else torch.zeros_like(p)).flatten()).tolist()
            for name, p in model.named_parameters()
        },
    }


def main():
    torch.set_num_threads(1)
    result = {name: penalty(*made) for name, made in MODELS.items()}
    rounded = json.loads(json.dumps(result), parse_float=lambda text: float(f"{float(text):.9g}"))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(rounded, separators=(",", ":")) + "\n")
    print({name: answer["penalty"] for name, answer in result.items()})


if __name__ == "__main__":
    main()
