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


def named(scheduler):
    return lambda p, o: scheduler(p, **{snake(key): value for key, value in o.items() if key != "type"})


def warmup_cosine(optimizer, o):
    """Linear warm-up to the base rate at step warmupSteps - 1, half a cosine from step warmupSteps on."""
    warmup, total = o["warmupSteps"], o["totalSteps"]
    cosine = lr_scheduler.CosineAnnealingLR(optimizer, total - warmup, o.get("minLr", 0))
    if warmup == 0:
        return cosine
    linear = lr_scheduler.LinearLR(optimizer, 1 / warmup, 1, max(1, warmup - 1))
    return lr_scheduler.SequentialLR(optimizer, [linear, cosine], [warmup])


def warmup_linear(optimizer, o):
    """Linear warm-up, then linearly down to 0 at totalSteps."""
    warmup, total = o["warmupSteps"], o["totalSteps"]
    down = lr_scheduler.LinearLR(optimizer, 1, 0, total - warmup)
    up = lr_scheduler.LinearLR(optimizer, 1 / warmup, 1, max(1, warmup - 1))
    return lr_scheduler.SequentialLR(optimizer, [up, down], [warmup])


SCHEDULES = {
    "constant": lambda p, o: lr_scheduler.LambdaLR(p, lambda _: o["factor"]),
    "warmup": lambda p, o: lr_scheduler.LinearLR(p, 1 / o["warmupSteps"], 1, o["warmupSteps"] - 1),
    "warmupLinear": warmup_linear,
    "warmupCosine": warmup_cosine,
    "sequentialLR": lambda p, o: lr_scheduler.SequentialLR(p, [build(p, part) for part in o["schedulers"]], o["milestones"]),
    "chainedScheduler": lambda p, o: lr_scheduler.ChainedScheduler([build(p, part) for part in o["schedulers"]]),
    "lambdaLR": lambda p, o: lr_scheduler.LambdaLR(p, FUNCTIONS[o["lrLambda"]]),
    "multiplicativeLR": lambda p, o: lr_scheduler.MultiplicativeLR(p, FUNCTIONS[o["lrLambda"]]),
    "constantLR": named(lr_scheduler.ConstantLR),
    "stepLR": named(lr_scheduler.StepLR),
    "multiStepLR": named(lr_scheduler.MultiStepLR),
    "exponentialLR": named(lr_scheduler.ExponentialLR),
    "linearLR": named(lr_scheduler.LinearLR),
    "polynomialLR": named(lr_scheduler.PolynomialLR),
    "cosineAnnealingLR": named(lr_scheduler.CosineAnnealingLR),
    "cosineAnnealingWarmRestarts": named(lr_scheduler.CosineAnnealingWarmRestarts),
    "oneCycleLR": named(lr_scheduler.OneCycleLR),
    "cyclicLR": named(lr_scheduler.CyclicLR),
}
# The same functions are in src/optim/schedule.node.test.ts.
FUNCTIONS = {"inverse": lambda i: 1 / (1 + i), "bumpy": lambda i: 0.9 + 0.2 * (i % 3 == 0)}

SCHEDULE_CASES = [
    {"type": "constant", "factor": 0.5},
    {"type": "constantLR"},
    {"type": "constantLR", "factor": 0.5, "totalIters": 1},
    {"type": "constantLR", "factor": 1, "totalIters": 9},
    {"type": "lambdaLR", "lrLambda": "inverse"},
    {"type": "multiplicativeLR", "lrLambda": "bumpy"},
    {"type": "stepLR", "stepSize": 3},
    {"type": "stepLR", "stepSize": 1, "gamma": 0.5},
    {"type": "stepLR", "stepSize": 30, "gamma": 2},
    {"type": "multiStepLR", "milestones": [2, 5, 5, 9]},
    {"type": "multiStepLR", "milestones": [9, 2, 5], "gamma": 0.5},
    {"type": "multiStepLR", "milestones": [0, 4], "gamma": 0.3},
    {"type": "multiStepLR", "milestones": []},
    {"type": "exponentialLR", "gamma": 0.9},
    {"type": "exponentialLR", "gamma": 1.05},
    {"type": "cosineAnnealingLR", "tMax": 10},
    {"type": "cosineAnnealingLR", "tMax": 4, "etaMin": 0.01},
    {"type": "cosineAnnealingLR", "tMax": 59},
    {"type": "cosineAnnealingLR", "tMax": 1, "etaMin": 0.1},
    {"type": "cosineAnnealingWarmRestarts", "t0": 7},
    {"type": "cosineAnnealingWarmRestarts", "t0": 1, "tMult": 2, "etaMin": 0.01},
    {"type": "cosineAnnealingWarmRestarts", "t0": 5, "tMult": 3},
    {"type": "linearLR"},
    {"type": "linearLR", "startFactor": 1, "endFactor": 0.1, "totalIters": 8},
    {"type": "linearLR", "startFactor": 0.5, "endFactor": 0, "totalIters": 40},
    {"type": "polynomialLR"},
    {"type": "polynomialLR", "totalIters": 30, "power": 2.5},
    {"type": "polynomialLR", "totalIters": 1, "power": 0.5},
    {"type": "oneCycleLR", "maxLr": 0.4, "totalSteps": 60},
    {"type": "oneCycleLR", "maxLr": 0.4, "epochs": 6, "stepsPerEpoch": 10, "annealStrategy": "linear", "pctStart": 0.25},
    {"type": "oneCycleLR", "maxLr": 0.4, "totalSteps": 61, "threePhase": True, "pctStart": 0.4, "divFactor": 4, "finalDivFactor": 10},
    {"type": "oneCycleLR", "maxLr": 0.4, "totalSteps": 60, "pctStart": 0.0, "baseMomentum": 0.1, "maxMomentum": 0.2},
    {"type": "oneCycleLR", "maxLr": 0.4, "totalSteps": 60, "pctStart": 1.0, "cycleMomentum": False},
    {"type": "oneCycleLR", "maxLr": 0.4, "totalSteps": 59},
    {"type": "cyclicLR", "baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 8},
    {"type": "cyclicLR", "baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 5, "stepSizeDown": 9, "mode": "triangular2"},
    {"type": "cyclicLR", "baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 3, "mode": "exp_range", "gamma": 0.97},
    {"type": "cyclicLR", "baseLr": 0.1, "maxLr": 0.01, "stepSizeUp": 7, "cycleMomentum": False},
    {"type": "cyclicLR", "baseLr": 0.01, "maxLr": 0.1, "stepSizeUp": 4, "baseMomentum": 0.5, "maxMomentum": 0.95},
    {"type": "warmup", "warmupSteps": 7},
    {"type": "warmupLinear", "warmupSteps": 5, "totalSteps": 45},
    {"type": "warmupCosine", "warmupSteps": 4, "totalSteps": 64},
    {"type": "warmupCosine", "warmupSteps": 1, "totalSteps": 64, "minLr": 0.02},
    {"type": "warmupCosine", "warmupSteps": 0, "totalSteps": 60, "minLr": 0.02},
    {
        "type": "sequentialLR",
        "schedulers": [{"type": "linearLR", "startFactor": 0.1, "totalIters": 8}, {"type": "cosineAnnealingLR", "tMax": 50}],
        "milestones": [8],
    },
    {
        "type": "sequentialLR",
        "schedulers": [{"type": "constantLR", "totalIters": 4}, {"type": "exponentialLR", "gamma": 0.9}, {"type": "stepLR", "stepSize": 5}],
        "milestones": [3, 20],
    },
    {
        "type": "sequentialLR",
        "schedulers": [{"type": "exponentialLR", "gamma": 0.8}, {"type": "multiplicativeLR", "lrLambda": "bumpy"}, {"type": "lambdaLR", "lrLambda": "inverse"}],
        "milestones": [5, 30],
    },
    {
        "type": "sequentialLR",
        "schedulers": [{"type": "polynomialLR", "totalIters": 4}, {"type": "cosineAnnealingWarmRestarts", "t0": 6, "tMult": 2}],
        "milestones": [10],
    },
    {
        "type": "sequentialLR",
        "schedulers": [{"type": "warmup", "warmupSteps": 5}, {"type": "oneCycleLR", "maxLr": 0.4, "totalSteps": 55}],
        "milestones": [5],
    },
    {
        "type": "chainedScheduler",
        "schedulers": [{"type": "constantLR", "factor": 0.1, "totalIters": 5}, {"type": "exponentialLR", "gamma": 0.95}],
    },
    {
        "type": "chainedScheduler",
        "schedulers": [{"type": "linearLR", "totalIters": 10}, {"type": "cosineAnnealingLR", "tMax": 20, "etaMin": 0.01}, {"type": "multiStepLR", "milestones": [30]}],
    },
    {
        "type": "chainedScheduler",
        "schedulers": [
            {"type": "sequentialLR", "schedulers": [{"type": "linearLR"}, {"type": "polynomialLR", "totalIters": 40}], "milestones": [5]},
            {"type": "stepLR", "stepSize": 10, "gamma": 0.5},
        ],
    },
]

PLATEAU_CASES = [
    {"patience": 2},
    {"patience": 0, "factor": 0.5, "minLr": 0.02},
    {"patience": 1, "cooldown": 3, "factor": 0.3},
    {"patience": 2, "mode": "max", "threshold": 0.1},
    {"patience": 1, "threshold": 0.05, "thresholdMode": "abs"},
    {"patience": 1, "mode": "max", "threshold": 0.05, "thresholdMode": "abs", "eps": 0.01},
]


def snake(name):
    known = {"tMax": "T_max", "t0": "T_0", "tMult": "T_mult"}
    return known.get(name) or "".join("_" + c.lower() if c.isupper() else c for c in name)


def build(optimizer, options):
    return SCHEDULES[options["type"]](optimizer, options)


def rates(options, base, steps):
    """Rates and momentums of two parameter groups."""
    parameters = [torch.zeros(1, requires_grad=True) for _ in range(2)]
    groups = [{"params": [parameters[0]]}, {"params": [parameters[1]], "lr": base / 3}]
    optimizer = torch.optim.SGD(groups, base, momentum=0.7)
    schedule = build(optimizer, options)
    found = []
    for step in range(steps):
        found.append([[group["lr"], group["momentum"]] for group in optimizer.param_groups])
        optimizer.step()
        if step < steps - 1 or options.get("totalSteps") is None:
            schedule.step()
    made = {"rates": [short(group[0][0]) for group in found], "second": [short(group[1][0]) for group in found]}
    momentums = [short(group[0][1]) for group in found]
    return {**made, "momentums": momentums if set(momentums) != {0.7} else []}


def short(value):
    return float(f"{value:.13g}")


def plateau(options, base, steps):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], base)
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, **{snake(key): value for key, value in options.items()})
    metrics, found = [], []
    for step in range(steps):
        metrics.append(math.nan if step == 25 else 1 / (1 + 0.2 * step) + 0.1 * math.sin(step) + 0.3 * (step > 30))
        schedule.step(metrics[-1])
        found.append(short(optimizer.param_groups[0]["lr"]))
    return {"metrics": plain(metrics), "rates": found}


CLIP_GRADIENTS = {
    "long": [[3.0, -4.0, 12.0, 0.5, -0.25], [8.0, -6.0]],
    "short": [[0.01, -0.02, 0.0, 0.005, 0.03], [0.0, -0.04]],
    "zero": [[0.0] * 5, [0.0] * 2],
    "NaN": [[1.0, math.nan, 2.0, -3.0, 0.5], [0.25, -1.0]],
    "infinite": [[1.0, math.inf, 2.0, -3.0, 0.5], [-math.inf, -1.0]],
}
CLIP_OPTIONS = [{"maxNorm": 1.0}, {"maxNorm": 100.0}, {"maxNorm": 0.0}, {"value": 0.5}, {"value": 0.0}, {"maxNorm": 5.0, "value": 2.0}, {"maxNorm": 1.0, "normType": 1}, {"maxNorm": 2.0, "normType": 3.5}, {"maxNorm": 0.5, "normType": 0.5}, {"maxNorm": 1.0, "normType": "inf"}]


def clipped(gradients, options):
    parameters = [torch.zeros(len(values), requires_grad=True) for values in gradients]
    for parameter, values in zip(parameters, gradients):
        parameter.grad = torch.tensor(values)
    norm = 0.0
    if "maxNorm" in options:
        norm = torch.nn.utils.clip_grad_norm_(parameters, options["maxNorm"], float(options.get("normType", 2)))
    if "value" in options:
        torch.nn.utils.clip_grad_value_(parameters, options["value"])
    return {"clipped": plain([parameter.grad.tolist() for parameter in parameters]), "norm": plain(float(norm))}


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
    base, steps = 0.3, 60
    schedules = [{"spec": spec, **rates(spec, base, steps)} for spec in SCHEDULE_CASES]
    plateaus = [{"options": options, **plateau(options, base, steps)} for options in PLATEAU_CASES]
    write("schedules", {"baseRate": base, "schedules": schedules, "plateaus": plateaus})
    cases = [
        {"name": name, "clip": options, "gradients": plain(values), **clipped(values, options)}
        for name, values in CLIP_GRADIENTS.items()
        for options in CLIP_OPTIONS
    ]
    write("clip", {"cases": cases})


def write(name, fixture):
    lines = [f'"{key}": ' + ("[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if isinstance(value, list) else json.dumps(value))
             for key, value in fixture.items()]
    (FIXTURES / f"{name}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
