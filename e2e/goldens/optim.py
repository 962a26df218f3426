"""Runs PyTorch's learning-rate schedules and gradient clipping and writes their numbers to fixtures/optim/*.json.

    python3 e2e/goldens/optim.py

Needs PyTorch (CPU, 1.13 or newer). Rates are float64, as the host computes them; gradients float32, as the GPU does.
"""

import json
import math
import pathlib
import warnings

import torch
from torch.optim import lr_scheduler

FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures" / "optim"


def warmup_cosine(optimizer, o):
    """Linear warm-up to the base rate at step warmupSteps - 1, half a cosine from step warmupSteps on."""
    warmup, total = o["warmupSteps"], o["totalSteps"]
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, o.get("minLr", 0))
    if warmup == 0:
        return cosine
    linear = lr_scheduler.LinearLR(optimizer, 1 / warmup, 1, max(1, warmup - 1))
    return lr_scheduler.SequentialLR(optimizer, [linear, cosine], [warmup])


SCHEDULES = {
    "constant": lambda p, o: lr_scheduler.LambdaLR(p, lambda _: o["factor"]),
    "stepLR": lambda p, o: lr_scheduler.StepLR(p, o["stepSize"], o.get("gamma", 0.1)),
    "multiStepLR": lambda p, o: lr_scheduler.MultiStepLR(p, o["milestones"], o.get("gamma", 0.1)),
    "exponentialLR": lambda p, o: lr_scheduler.ExponentialLR(p, o["gamma"]),
    "cosineAnnealingLR": lambda p, o: lr_scheduler.CosineAnnealingLR(p, o["tMax"], o.get("etaMin", 0)),
    "linearLR": lambda p, o: lr_scheduler.LinearLR(
        p, o.get("startFactor", 1 / 3), o.get("endFactor", 1), o.get("totalIters", 5)
    ),
    "warmupCosine": warmup_cosine,
}

SCHEDULE_CASES = [
    {"type": "constant", "factor": 0.5},
    {"type": "stepLR", "stepSize": 3},
    {"type": "stepLR", "stepSize": 1, "gamma": 0.5},
    {"type": "multiStepLR", "milestones": [2, 5, 5, 9]},
    {"type": "multiStepLR", "milestones": [0, 4], "gamma": 0.3},
    {"type": "multiStepLR", "milestones": []},
    {"type": "exponentialLR", "gamma": 0.9},
    {"type": "exponentialLR", "gamma": 1.05},
    {"type": "cosineAnnealingLR", "tMax": 10},
    {"type": "cosineAnnealingLR", "tMax": 4, "etaMin": 0.01},
    {"type": "linearLR"},
    {"type": "linearLR", "startFactor": 1, "endFactor": 0.1, "totalIters": 8},
    {"type": "warmupCosine", "warmupSteps": 4, "totalSteps": 14},
    {"type": "warmupCosine", "warmupSteps": 1, "totalSteps": 14, "minLr": 0.02},
    {"type": "warmupCosine", "warmupSteps": 0, "totalSteps": 14, "minLr": 0.02},
]


def rates(options, base, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], base)
    schedule = SCHEDULES[options["type"]](optimizer, options)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


CLIP_GRADIENTS = {
    "long": [[3.0, -4.0, 12.0, 0.5, -0.25], [8.0, -6.0]],
    "short": [[0.01, -0.02, 0.0, 0.005, 0.03], [0.0, -0.04]],
    "zero": [[0.0] * 5, [0.0] * 2],
    "NaN": [[1.0, math.nan, 2.0, -3.0, 0.5], [0.25, -1.0]],
    "infinite": [[1.0, math.inf, 2.0, -3.0, 0.5], [-math.inf, -1.0]],
}
CLIP_OPTIONS = [{"maxNorm": 1.0}, {"maxNorm": 100.0}, {"maxNorm": 0.0}, {"value": 0.5}, {"value": 0.0}, {"maxNorm": 5.0, "value": 2.0}]


def clipped(gradients, options):
    parameters = [torch.zeros(len(values), requires_grad=True) for values in gradients]
    for parameter, values in zip(parameters, gradients):
        parameter.grad = torch.tensor(values)
    if "maxNorm" in options:
        torch.nn.utils.clip_grad_norm_(parameters, options["maxNorm"])
    if "value" in options:
        torch.nn.utils.clip_grad_value_(parameters, options["value"])
    return [parameter.grad.tolist() for parameter in parameters]


def plain(value):
    """JSON has no NaN and no infinity; float32 has nine digits."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if math.isfinite(value):
        return float(f"{value:.9g}")
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(value)]


def main():
    warnings.simplefilter("ignore")
    FIXTURES.mkdir(parents=True, exist_ok=True)
    base, steps = 0.3, 14
    schedules = [{"spec": spec, "rates": rates(spec, base, steps)} for spec in SCHEDULE_CASES]
    write("schedules", {"baseRate": base, "schedules": schedules})
    cases = [
        {"name": name, "clip": options, "gradients": plain(values), "clipped": plain(clipped(values, options))}
        for name, values in CLIP_GRADIENTS.items()
        for options in CLIP_OPTIONS
    ]
    write("clip", {"cases": cases})


def write(name, fixture):
    (FIXTURES / f"{name}.json").write_text(json.dumps(fixture, indent=1) + "\n")


if __name__ == "__main__":
    main()
