"""Runs torch.optim.swa_utils.AveragedModel beside SGD with momentum and writes the averages to fixtures/optim/averages.json.

    python3 e2e/goldens/averages.py

Needs PyTorch (CPU, 1.13 or newer). Parameters and gradients are drawn by the generator of optimizers.py.
"""

import json

import torch
from torch.optim.swa_utils import AveragedModel

from optimizers import FIXTURES, STEPS, draw, gradient, plain

SHAPES = {"a": [5, 3], "b": [70]}


def decay_of(options, n):
    decay = options.get("decay", 0.999)
    return min(decay, (1 + n) / (10 + n)) if options.get("warmup") else decay


def ema(options):
    return lambda average, p, n: average + (p - average) * (1 - decay_of(options, int(n)))


CASES = [
    {"ema": {"decay": 0.9}},
    {"ema": {"decay": 0.99, "warmup": True}},
    {"ema": {"decay": 0.5, "start": 5, "every": 3}},
    {"swa": {}},
    {"swa": {"start": 8, "every": 4}},
]


class Parameters(torch.nn.Module):
    def __init__(self):
        super().__init__()
        for i, (name, shape) in enumerate(SHAPES.items()):
            setattr(self, name, torch.nn.Parameter(draw(shape, i).float()))


def run(case):
    model = Parameters()
    kind = "ema" if "ema" in case else "swa"
    options = case[kind]
    averaged = AveragedModel(model, avg_fn=ema(options) if kind == "ema" else None)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for step in range(STEPS):
        for i, (name, p) in enumerate(model.named_parameters()):
            p.grad = gradient(step, i, SHAPES[name], "plain").float()
        optimizer.step()
        past = step + 1 - options.get("start", 0)
        if past > 0 and past % options.get("every", 1) == 0:
            averaged.update_parameters(model)
    return {
        "parameters": {name: plain(p) for name, p in model.named_parameters()},
        "averages": {name: plain(p) for name, p in averaged.module.named_parameters()},
    }


if __name__ == "__main__":
    cases = [{"options": case, **run(case)} for case in CASES]
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (FIXTURES / "averages.json").write_text('{"cases": [\n' + text + "\n]}\n")
