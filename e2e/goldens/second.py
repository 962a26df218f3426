"""Computes PyTorch's second derivatives for small cases of the references and writes fixtures/second/second.json.

    python3 e2e/goldens/second.py

With g the gradients of sum(outputs * gradOutputs) by the float inputs, and directions v that `direction` makes, it
stores the gradients of s = sum(g * v) by the inputs and by the output gradients. All in float64, as generate.py.
"""

import json
import sys

import torch

from generate import FIXTURES, accepts_gradient, decode, decode_attr, decode_inputs, encode, export_cases
from generate import function_of, load_ops, track

sys.dont_write_bytecode = True

MOST_ELEMENTS = 160
MOST_CASES = 3
# Gradients by differences of sampled positions or of integers say nothing about second derivatives.
RANDOM = {"dropout", "dropout1d", "dropout2d", "dropout3d", "alphaDropout", "featureAlphaDropout", "stochasticDepth"}
# 0 but for the rounding of a quotient.
NOISE = {"copysign"}


def multi_margin_loss(inputs, attrs, training):
    """multiMarginLoss written with ops: PyTorch's own has no second derivatives."""
    x, target = inputs["x"], inputs["target"].long()
    rows = x.reshape(-1, x.shape[-1])
    labels = target.reshape(-1, 1)
    gap = (attrs.get("margin", 1) - rows.gather(1, labels) + rows).clamp(min=0) ** attrs.get("p", 1)
    losses = gap.scatter(1, labels, 0.0).sum(1) / rows.shape[1]
    if inputs.get("weight") is not None:
        losses = losses * inputs["weight"][labels[:, 0]]
    reduction = attrs.get("reduction", "mean")
    losses = losses.reshape(target.shape)
    return {"y": losses if reduction == "none" else getattr(losses, reduction)()}


OWN = {"multiMarginLoss": multi_margin_loss}


def direction(like):
    """v[i] = cos(1.7 i + 0.3)"""
    return torch.cos(1.7 * torch.arange(like.numel(), dtype=torch.float64) + 0.3).reshape(like.shape)


def leaves(tracked, names):
    return [(n, t) for n in names for t in (tracked[n] if isinstance(tracked[n], list) else [tracked[n]])]


def second(function, case):
    """The second derivatives of a case, or None when the gradients are constant."""
    inputs = decode_inputs(case)
    names = [n for n in case["differentiable"] if accepts_gradient(function, case, inputs, n)]
    tracked = track(inputs, names)
    outputs = function(tracked, case["attrs"], case["training"])
    grad_outputs = {
        name: decode(gradient, torch.float64).requires_grad_(True)
        for name, gradient in case["gradOutputs"].items()
        if outputs[name].requires_grad
    }
    if not grad_outputs:
        return None
    wrt = leaves(tracked, names)
    found = torch.autograd.grad(
        [outputs[name] for name in grad_outputs],
        [t for _, t in wrt],
        list(grad_outputs.values()),
        create_graph=True,
        allow_unused=True,
    )
    total = sum((g * direction(g)).sum() for g in found if g is not None)
    if not torch.is_tensor(total) or not total.requires_grad:
        return None
    by_inputs = torch.autograd.grad(
        total, [t for _, t in wrt] + list(grad_outputs.values()), allow_unused=True
    )
    filled = [materialized(g, t) for g, (_, t) in zip(by_inputs, wrt)]
    # Where a case has no finite derivatives it says nothing.
    if not all(g is None or g._is_zerotensor() or torch.isfinite(g).all() for g in by_inputs):
        return None
    result = {}
    for value, (name, _) in zip(filled, wrt):
        result.setdefault(name, []).append(encode(value))
    rest = by_inputs[len(wrt) :]
    grads = {name: encode(materialized(g, t)) for g, (name, t) in zip(rest, grad_outputs.items())}
    return {"key": case["key"], "inputs": result, "gradOutputs": grads}


def materialized(gradient, like):
    """Zeros with memory where PyTorch gives none, or a zero tensor that has none."""
    return torch.zeros_like(like) if gradient is None or gradient._is_zerotensor() else gradient


def count(case):
    sizes = [v for e in case["inputs"].values() for v in (e["value"] if isinstance(e["value"], list) else [e["value"]])]
    total = 0
    for value in sizes:
        n = 1
        for size in value["shape"]:
            n *= size
        if n == 0:
            return MOST_ELEMENTS + 1
        total += n
    return total


def chosen(cases):
    """Small cases, those with attributes of their own first."""
    small = [c for c in cases if c["gradient"] and count(c) <= MOST_ELEMENTS]
    seen, first, others = set(), [], []
    for case in small:
        attrs = json.dumps(case["attrs"], sort_keys=True)
        (others if attrs in seen else first).append(case)
        seen.add(attrs)
    # Of cases with the same attributes the largest, which has the most dimensions, says the most.
    others.sort(key=count, reverse=True)
    return (others[:1] + first + others[1:])[:MOST_CASES]


def main():
    torch.set_num_threads(1)
    functions = load_ops()
    lines, without = [], []
    for entry in export_cases(sys.argv[1:]):
        op, function = entry["op"], OWN.get(entry["op"]) or functions.get(entry["op"]) or function_of(entry["op"])
        if function is None or op in RANDOM | NOISE:
            continue
        for case in chosen(entry["cases"]):
            case["attrs"] = {name: decode_attr(value) for name, value in case["attrs"].items()}
            try:
                result = second(function, case)
            except (RuntimeError, NotImplementedError) as error:
                without.append(f"{op}: {str(error).splitlines()[0]}")
                continue
            if result:
                lines.append(json.dumps(result, separators=(",", ":")))
    target = FIXTURES / "second" / "second.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text('{"cases":[\n' + ",\n".join(lines) + "\n]}\n")
    print(f"{len(lines)} cases, {target.stat().st_size / 1e3:.0f} kB")
    print("\n".join(without))


if __name__ == "__main__":
    main()
