"""Runs torch.optim's optimizers on given gradients and writes parameters and state to fixtures/optim/optimizers.json.

    python3 e2e/goldens/optimizers.py

Needs PyTorch 1.13 (CPU). What it lacks is written here in float64 after its publication: Lion (Chen et al. 2023, algorithm
2), Muon (Jordan et al. 2024, as torch.optim.Muon has it, without its bfloat16), and decoupled weight decay of RAdam (later
versions of torch.optim). So is NAdam: the code of 1.13 takes mu_t twice into the product for mu_{t+1}, against its own
documentation and later versions. The numbers of parameters and gradients are those of `draw`, which the test has too.
"""

import json
import math
import pathlib

import torch

FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures" / "optim"
SHAPES = {"a": [5, 3], "b": [70], "c": [2, 4], "d": [3]}
STEPS = 20


def draw(shape, salt):
    """Float32 numbers from -0.5 to 0.5, as train_steps.py draws them."""
    state, values = salt * 7919 + 17, []
    for _ in range(math.prod(shape)):
        state = (state * 1103515 + 12345) % 16777216
        values.append(state / 16777216 - 0.5)
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def gradient(step, i, shape, kind):
    g = draw(shape, 100 * step + i)
    if kind == "nonfinite" and step == 7:
        flat = g.view(-1)
        flat[0] = [math.nan, math.inf, -math.inf, math.nan][i]
        flat[1] = [math.inf, math.nan, math.inf, -math.inf][i]
    return g


class Written(torch.optim.Optimizer):
    """An optimizer written out below, in float64."""

    def __init__(self, parameters, rule, options):
        super().__init__(parameters, dict(options))
        self.rule = rule

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    g = -p.grad if group.get("maximize") else p.grad
                    self.rule(p, g, self.state[p], group)


def sign(x):
    """NaN has no sign."""
    return torch.where(torch.isnan(x), x, torch.sign(x))


def lion(p, g, state, o):
    m = state.setdefault("exp_avg", torch.zeros_like(p))
    beta1, beta2 = o["betas"]
    p.mul_(1 - o["lr"] * o["weight_decay"])
    p.sub_(o["lr"] * sign(beta1 * m + (1 - beta1) * g))
    m.mul_(beta2).add_((1 - beta2) * g)


def muon(p, g, state, o):
    if p.dim() != 2:
        return fallback(p, g, state, o)
    buf = state.setdefault("momentum_buffer", torch.zeros_like(p))
    buf.lerp_(g, 1 - o["momentum"])
    x = g.lerp(buf, o["momentum"]) if o["nesterov"] else buf
    tall = x.size(0) > x.size(1)
    x = x.T if tall else x
    x = x / x.norm().clamp(min=o["eps"])
    a, b, c = o["ns_coefficients"]
    for _ in range(o["ns_steps"]):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    x = x.T if tall else x
    rows, columns = p.shape
    original = math.sqrt(max(1, rows / columns))
    ratio = original if o["adjust_lr_fn"] == "original" else 0.2 * math.sqrt(max(rows, columns))
    p.mul_(1 - o["lr"] * o["weight_decay"]).sub_(o["lr"] * ratio * x)


def fallback(p, g, state, o):
    """AdamW with its defaults, or SGD where the options say so."""
    if o["fallback"]:
        p.sub_(o["fallback"]["lr"] * g)
        return
    m = state.setdefault("exp_avg", torch.zeros_like(p))
    v = state.setdefault("exp_avg_sq", torch.zeros_like(p))
    t = state["t"] = state.get("t", 0) + 1
    m.mul_(0.9).add_(0.1 * g)
    v.mul_(0.999).add_(0.001 * g * g)
    p.mul_(1 - 1e-3 * 0.01).sub_(1e-3 / (1 - 0.9**t) * m / ((v / (1 - 0.999**t)).sqrt() + 1e-8))


def nadam(p, g, state, o):
    m = state.setdefault("exp_avg", torch.zeros_like(p))
    v = state.setdefault("exp_avg_sq", torch.zeros_like(p))
    t = state["t"] = state.get("t", 0) + 1
    beta1, beta2 = o["betas"]
    mu, mu_next = (beta1 * (1 - 0.5 * 0.96 ** (n * o["momentum_decay"])) for n in (t, t + 1))
    product = state["product"] = state.get("product", 1) * mu
    if o["decoupled_weight_decay"]:
        p.mul_(1 - o["lr"] * o["weight_decay"])
    elif o["weight_decay"]:
        g = g + o["weight_decay"] * p
    m.mul_(beta1).add_((1 - beta1) * g)
    v.mul_(beta2).add_((1 - beta2) * g * g)
    root = (v / (1 - beta2**t)).sqrt() + o["eps"]
    p.sub_(o["lr"] * (1 - mu) / (1 - product) * g / root)
    p.sub_(o["lr"] * mu_next / (1 - product * mu_next) * m / root)


def radam(p, g, state, o):
    m = state.setdefault("exp_avg", torch.zeros_like(p))
    v = state.setdefault("exp_avg_sq", torch.zeros_like(p))
    t = state["t"] = state.get("t", 0) + 1
    beta1, beta2 = o["betas"]
    p.mul_(1 - o["lr"] * o["weight_decay"])
    m.mul_(beta1).add_((1 - beta1) * g)
    v.mul_(beta2).add_((1 - beta2) * g * g)
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    rate = 1
    if length > 5:
        r = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
        rate = r * math.sqrt(1 - beta2**t) / (v.sqrt() + o["eps"])
    p.sub_(o["lr"] * m / (1 - beta1**t) * rate)


WRITTEN = {
    "lion": (lion, {"lr": 1e-4, "betas": [0.9, 0.99], "weight_decay": 0}),
    "muon": (
        muon,
        {
            "lr": 1e-3,
            "weight_decay": 0.1,
            "momentum": 0.95,
            "nesterov": True,
            "ns_coefficients": [3.4445, -4.775, 2.0315],
            "eps": 1e-7,
            "ns_steps": 5,
            "adjust_lr_fn": "original",
            "fallback": None,
        },
    ),
    "nadam": (nadam, {"lr": 2e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0, "momentum_decay": 4e-3,
                      "decoupled_weight_decay": False}),
    "radam": (radam, {"lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0}),
}
TORCH = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamW": torch.optim.AdamW,
    "adamax": torch.optim.Adamax,
    "radam": torch.optim.RAdam,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
    "adadelta": torch.optim.Adadelta,
    "asgd": torch.optim.ASGD,
    "rprop": torch.optim.Rprop,
}

VARIANTS = [
    {"type": "sgd", "lr": 0.1},
    {"type": "sgd", "lr": 0.1, "weightDecay": 0.1, "maximize": True},
    {"type": "sgd", "lr": 0.1, "momentum": 0.9},
    {"type": "sgd", "lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weightDecay": 0.05},
    {"type": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": True, "maximize": True},
    {"type": "adam"},
    {"type": "adam", "lr": 0.01, "betas": [0.8, 0.95], "eps": 1e-3, "weightDecay": 0.1},
    {"type": "adam", "lr": 0.01, "amsgrad": True, "maximize": True},
    {"type": "adamW"},
    {"type": "adamW", "lr": 0.01, "betas": [0, 0.9], "weightDecay": 0.2, "amsgrad": True},
    {"type": "adamW", "lr": 0.01, "maximize": True},
    {"type": "adamax"},
    {"type": "adamax", "lr": 0.01, "betas": [0.5, 0.7], "eps": 1e-2, "weightDecay": 0.1, "maximize": True},
    {"type": "nadam"},
    {"type": "nadam", "lr": 0.01, "betas": [0.8, 0.9], "weightDecay": 0.1, "momentumDecay": 0.1},
    {"type": "nadam", "lr": 0.01, "weightDecay": 0.1, "decoupledWeightDecay": True, "maximize": True},
    {"type": "radam"},
    {"type": "radam", "lr": 0.01, "betas": [0.8, 0.9], "weightDecay": 0.1, "eps": 1e-3},
    {"type": "radam", "lr": 0.01, "weightDecay": 0.1, "decoupledWeightDecay": True, "maximize": True},
    {"type": "rmsprop"},
    {"type": "rmsprop", "lr": 0.02, "alpha": 0.9, "momentum": 0.8, "weightDecay": 0.1, "maximize": True},
    {"type": "rmsprop", "alpha": 0.8, "centered": True, "eps": 1e-4},
    {"type": "rmsprop", "alpha": 0.8, "centered": True, "momentum": 0.5, "eps": 1e-4},
    {"type": "adagrad"},
    {"type": "adagrad", "lr": 0.1, "lrDecay": 0.05, "weightDecay": 0.1, "initialAccumulatorValue": 0.1, "maximize": True},
    {"type": "adadelta"},
    {"type": "adadelta", "lr": 0.5, "rho": 0.7, "eps": 1e-3, "weightDecay": 0.1, "maximize": True},
    {"type": "asgd"},
    {"type": "asgd", "lr": 0.1, "lambd": 0.1, "alpha": 0.5, "t0": 5, "weightDecay": 0.1, "maximize": True},
    {"type": "rprop"},
    {"type": "rprop", "lr": 0.1, "etas": [0.3, 2], "stepSizes": [0.01, 0.3], "maximize": True},
    {"type": "lion"},
    {"type": "lion", "lr": 0.01, "betas": [0.8, 0.7], "weightDecay": 0.2, "maximize": True},
    {"type": "muon"},
    {"type": "muon", "lr": 0.02, "momentum": 0.8, "nesterov": False, "nsSteps": 3, "weightDecay": 0,
     "adjustLrFn": "match_rms_adamw", "fallback": {"type": "sgd", "lr": 0.1}},
]

NAMES = {
    "weightDecay": "weight_decay",
    "decoupledWeightDecay": "decoupled_weight_decay",
    "momentumDecay": "momentum_decay",
    "lrDecay": "lr_decay",
    "initialAccumulatorValue": "initial_accumulator_value",
    "stepSizes": "step_sizes",
    "nsSteps": "ns_steps",
    "adjustLrFn": "adjust_lr_fn",
}


def is_written(spec):
    return spec["type"] not in TORCH or "decoupledWeightDecay" in spec


def optimizer_of(spec, parameters):
    options = {NAMES.get(key, key): value for key, value in spec.items() if key != "type"}
    if is_written(spec):
        rule, defaults = WRITTEN[spec["type"]]
        return Written(parameters, rule, {**defaults, **options})
    if spec["type"] == "sgd":
        options.setdefault("lr", 1e-3)
    return TORCH[spec["type"]](parameters, **options)


def run(spec, kind):
    dtype = torch.float64 if is_written(spec) else torch.float32
    parameters = {
        name: draw(shape, i).to(dtype).requires_grad_(True) for i, (name, shape) in enumerate(SHAPES.items())
    }
    optimizer = optimizer_of(spec, list(parameters.values()))
    base = [group["lr"] for group in optimizer.param_groups]
    for step in range(STEPS):
        for i, (name, p) in enumerate(parameters.items()):
            idle = kind == "partial" and name in "bd" and not (2 <= step < 5 or step >= 9)
            p.grad = None if idle else gradient(step, i, SHAPES[name], kind).to(dtype)
        if kind == "rates":
            for group, lr in zip(optimizer.param_groups, base):
                group["lr"] = lr * 0.9**step
        optimizer.step()
    states = {
        name: {
            key: plain(value)
            for key, value in optimizer.state[p].items()
            if isinstance(value, torch.Tensor) and value.shape == p.shape
        }
        for name, p in parameters.items()
    }
    return {"parameters": {name: plain(p) for name, p in parameters.items()}, "state": states}


def plain(values):
    """The first six values and the last two. JSON has no NaN and no infinity."""
    values = values.detach().flatten().tolist()
    kept = values if len(values) <= 8 else values[:6] + values[-2:]
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return [float(f"{v:.8g}") if math.isfinite(v) else names[str(v)] for v in kept]


def main():
    cases = []
    for spec in VARIANTS:
        first = spec["type"] not in [case["spec"]["type"] for case in cases]
        kinds = ["plain", "nonfinite", "partial", "rates"] if first else ["plain"]
        if spec.get("momentum") or spec.get("amsgrad") or spec.get("t0"):
            kinds = ["plain", "nonfinite", "partial", "rates"]
        if spec["type"] == "muon":
            # All of a matrix is NaN then, as of a fallback that is tested by itself.
            kinds = [kind for kind in kinds if kind not in ("nonfinite", "rates")]
        cases += [{"spec": spec, "kind": kind, **run(spec, kind)} for kind in kinds]
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (FIXTURES / "optimizers.json").write_text('{"cases": [\n' + text + "\n]}\n")


if __name__ == "__main__":
    main()
