"""Puts a NaN into every float input of every op in PyTorch and writes where results and gradients are NaN to
fixtures/numerics/nan.json. generate.py calls it.

Small cases of the references, one NaN at a time in the middle of an input; computed in float64, as generate.py.
"""

import json
import math

import torch

MOST_ELEMENTS = 160
MOST_CASES = 2


def count(case):
    """Elements of all inputs; 0 where one has none."""
    values = [v for e in case["inputs"].values() for v in (e["value"] if isinstance(e["value"], list) else [e["value"]])]
    sizes = [math.prod(v["shape"]) for v in values]
    return sum(sizes) if all(sizes) else 0


def chosen(cases, generate):
    """The largest small case of each set of attributes, of inputs and of modes."""
    small = sorted((c for c in cases if 0 < count(c) <= MOST_ELEMENTS), key=count, reverse=True)
    kinds = {}
    for case in small:
        finite = all(
            torch.isfinite(generate.decode(v, torch.float64)).all()
            for e in case["inputs"].values()
            for v in (e["value"] if isinstance(e["value"], list) else [e["value"]])
        )
        key = json.dumps([case["attrs"], case["training"], sorted(case["inputs"])], sort_keys=True)
        if finite:
            kinds.setdefault(key, case)
    return list(kinds.values())[:MOST_CASES]


def places(tensor):
    return torch.isnan(tensor.detach().reshape(-1).to(torch.float64)).nonzero().reshape(-1).tolist()


def with_nan(inputs, name, item, generate):
    """A copy of the inputs with a NaN in the middle of one, and where it is."""
    copy = generate.track(inputs, [])
    target = copy[name] if item is None else copy[name][item]
    at = target.numel() // 2
    target.reshape(-1)[at] = float("nan")
    return copy, at


def gradients(function, case, inputs, generate):
    names = [n for n in case["differentiable"] if generate.accepts_gradient(function, case, inputs, n)]
    tracked = generate.track(inputs, names)
    outputs = function(tracked, case["attrs"], case["training"])
    pairs = [
        (outputs[n], generate.decode(g, torch.float64)) for n, g in case["gradOutputs"].items() if outputs[n].requires_grad
    ]
    if not pairs or not names:
        return None
    leaves = [(n, t) for n in names for t in (tracked[n] if isinstance(tracked[n], list) else [tracked[n]])]
    found = torch.autograd.grad(
        [o for o, _ in pairs], [t for _, t in leaves], [g for _, g in pairs], allow_unused=True
    )
    result = {}
    for (name, _), gradient in zip(leaves, found):
        result.setdefault(name, []).append([] if gradient is None else places(gradient))
    return result


def lines_of(op, function, cases, generate):
    for case in chosen(cases, generate):
        case = {**case, "attrs": {name: generate.decode_attr(value) for name, value in case["attrs"].items()}}
        inputs = generate.decode_inputs(case)
        for name in (n for n, e in case["inputs"].items() if e["dtype"] == "f32"):
            items = range(len(inputs[name])) if isinstance(inputs[name], list) else [None]
            for item in list(items)[:2]:
                changed, at = with_nan(inputs, name, item, generate)
                try:
                    outputs = function(generate.track(changed, []), case["attrs"], case["training"])
                    found = gradients(function, case, changed, generate) if case["gradient"] else None
                except RuntimeError as error:
                    print(f"{op}: no NaN in {name}: {str(error).splitlines()[0]}")
                    continue
                line = {"key": case["key"], "input": name, "item": item, "at": at}
                line["outputs"] = {n: places(y) for n, y in outputs.items()}
                line["gradients"] = found
                yield json.dumps({k: v for k, v in line.items() if v is not None}, separators=(",", ":"))


def update(exported, function_of, generate, complete):
    """Brings the lines of the exported ops up to date, and drops all others if these are all ops."""
    target = generate.FIXTURES / "numerics" / "nan.json"
    target.parent.mkdir(exist_ok=True)
    before = target.read_text().splitlines()[1:-1] if target.exists() and not complete else []
    names = {entry["op"] for entry in exported}
    lines = [line.rstrip(",") for line in before if line.split('"')[3].split("/")[0] not in names]
    for entry in exported:
        function = function_of(entry["op"])
        if function is not None:
            lines += lines_of(entry["op"], function, entry["cases"], generate)
    lines.sort(key=lambda line: line.split('"')[3].split("/")[0])
    target.write_text('{"cases":[\n' + ",\n".join(lines) + "\n]}\n")
    print(f"{len(lines)} cases with NaN, {target.stat().st_size / 1e3:.0f} kB")
