"""PyTorch's gradients at kinks, ties and poles, and its types of results of masks and whole numbers, in
fixtures/numerics/numerics.json.

    /usr/bin/python3 e2e/goldens/numerics.py

Float32 and int32 as here. Output gradients are 1, 1.5, 2, ...
"""

import json
import math
import sys

import torch

sys.dont_write_bytecode = True

from generate import FIXTURES, function_of, load_ops  # noqa: E402

TYPES = {"f32": torch.float32, "i32": torch.int32, "bool": torch.bool}
NAMES = {torch.float32: "f32", torch.float64: "f32", torch.int32: "i32", torch.int64: "i32", torch.bool: "bool"}
NAN, INF = math.nan, math.inf


def f32(*values, shape=None):
    return {"dtype": "f32", "shape": shape or [len(values)], "data": list(values)}


def i32(*values, shape=None):
    return {"dtype": "i32", "shape": shape or [len(values)], "data": list(values)}


def mask(*values, shape=None):
    return {"dtype": "bool", "shape": shape or [len(values)], "data": list(values)}


def label(values):
    return {**values, "constant": True}


def kinks():
    """(op, attrs, inputs): floats take a gradient unless they are constant."""
    at = [-6.0, -3.0, -1.0, -0.5, 0.0, -0.0, 0.5, 1.0, 3.0, 6.0]
    for op, attrs in [
        ("relu", {}), ("leakyRelu", {"negativeSlope": 0.25}), ("elu", {}), ("celu", {"alpha": 2.0}), ("selu", {}),
        ("hardsigmoid", {}), ("hardswish", {}), ("hardtanh", {}), ("hardtanh", {"minVal": -3.0, "maxVal": 0.5}),
        ("relu6", {}), ("hardshrink", {}), ("hardshrink", {"lambd": 0.0}), ("softshrink", {}),
        ("softshrink", {"lambd": 0.0}), ("threshold", {"threshold": 0.5, "value": 20.0}), ("softsign", {}), ("abs", {}),
        ("sign", {}), ("clamp", {"min": -1.0, "max": 3.0}), ("clamp", {"min": 0.5}), ("clamp", {"min": 1.0, "max": -1.0}),
        ("round", {}), ("floor", {}), ("softplus", {"threshold": 3.0}), ("tanhshrink", {}), ("logsigmoid", {}),
    ]:
        yield op, attrs, {"x": f32(*at)}
    yield "prelu", {}, {"x": f32(*at), "weight": f32(0.25)}
    ties = f32(1, 3, 3, 2, 2, 2, shape=[2, 3])
    for op in ("max", "min"):
        yield op, {}, {"x": ties}
        yield op, {"dim": 1}, {"x": ties}
    for op in ("amax", "amin"):
        yield op, {"dim": 1}, {"x": ties}
        yield op, {}, {"x": ties}
    for op in ("maximum", "minimum"):
        yield op, {}, {"x": f32(1, 2, 0, NAN, 1, INF), "other": f32(1, 3, -0.0, 1, NAN, INF)}
    yield "sort", {"dim": 1}, {"x": ties}
    yield "topk", {"k": 2, "dim": 1}, {"x": f32(1, 3, 2, 5, 4, 4.5, shape=[2, 3])}
    yield "median", {"dim": 1}, {"x": f32(1, 3, 2, 5, 4, 4.5, shape=[2, 3])}
    image = f32(0, 0, 0, 0, 1, 2, 0, -1, 3, 0, -2, 1, 0, 1, 1, 1, shape=[1, 1, 4, 4])
    for norm in (1.0, 2.0, 3.0):
        yield "lpPool2d", {"normType": norm, "kernelSize": 2}, {"x": image}
    for pool in ("maxPool2d", "avgPool2d"):
        yield pool, {"kernelSize": 2}, {"x": image}
    yield "adaptiveMaxPool2d", {"outputSize": 2}, {"x": image}
    yield "take", {}, {"x": f32(1, 2, 3, 4), "index": i32(-1, 0, -4, 2, -1)}
    for dim in (None, 1):
        yield "nanmean", {} if dim is None else {"dim": dim}, {"x": f32(NAN, NAN, NAN, 1, NAN, 3, shape=[2, 3])}
        yield "nansum", {} if dim is None else {"dim": dim}, {"x": f32(NAN, NAN, NAN, 1, NAN, 3, shape=[2, 3])}
    yield "nanmean", {}, {"x": f32(NAN, NAN)}
    zeros = f32(2, 0, 3, 0, 4, 0, 1, 2, 3, shape=[3, 3])
    yield "prod", {"dim": 1}, {"x": zeros}
    yield "prod", {}, {"x": f32(2, 0, 3)}
    yield "prod", {}, {"x": zeros}
    yield "cumprod", {"dim": 1}, {"x": zeros}
    lines = f32(0, 0, 0, 3, 0, -4, 1, -1, 1, shape=[3, 3])
    for p in (1.0, 2.0, 3.0, "inf", "-inf"):
        yield "norm", {"p": p, "dim": 1}, {"x": lines}
    yield "var", {"dim": 1}, {"x": f32(1, 1, 1, 1, 2, 4, shape=[2, 3])}
    yield "std", {"dim": 1}, {"x": f32(1, 1, 1, 1, 2, 4, shape=[2, 3])}
    yield "logsumexp", {"dim": 1}, {"x": f32(-INF, -INF, 0, -INF, 0, 0, shape=[2, 3])}
    yield "sqrt", {}, {"x": f32(0, 4, -1, INF)}
    yield "rsqrt", {}, {"x": f32(4, -1, INF)}
    yield "log", {}, {"x": f32(0, 1, -1, INF)}
    yield "reciprocal", {}, {"x": f32(2, -4, INF)}
    yield "asin", {}, {"x": f32(-1, 0, 1, 2)}
    yield "acos", {}, {"x": f32(-1, 0, 1, 2)}
    yield "pow", {}, {"x": f32(0, 0, 0, 2, -2, -2, 0), "other": f32(2, 1, 0, 0, 2, 3, 0.5)}
    yield "atan2", {}, {"x": f32(0, 1, -1, 0), "other": f32(1, 0, 0, -1)}
    yield "hypot", {}, {"x": f32(3, 0, -4), "other": f32(4, 2, 0)}
    yield "logaddexp", {}, {"x": f32(1, INF, -INF, 3), "other": f32(1, 2, 1, -INF)}
    yield "fmod", {}, {"x": f32(1e9, -1e9, 5.5, -7), "other": f32(3, 3, -2, 0.1)}
    yield "remainder", {}, {"x": f32(1e9, -1e9, 5.5, -7), "other": f32(3, 3, -2, 0.1)}
    pair = {"x": f32(0, 1, -1, 2, 0.5), "target": f32(0, 0, 0, 1, 1)}
    for op in ("l1Loss", "mseLoss", "smoothL1Loss", "huberLoss"):
        for reduction in ("none", "mean"):
            yield op, {"reduction": reduction}, pair
    yield "hingeEmbeddingLoss", {"reduction": "none"}, {"x": f32(1, 1, 0, 2), "target": label(f32(1, -1, -1, -1))}
    scores = {"x1": f32(1, 2, 0, 1), "x2": f32(1, 1, 1, 1), "target": label(f32(1, -1, 1, -1))}
    yield "marginRankingLoss", {"reduction": "none"}, scores
    yield "marginRankingLoss", {"reduction": "none", "margin": 1.0}, scores
    yield "multiMarginLoss", {}, {"x": f32(1, 0, 0, 1, 1, 0, shape=[2, 3]), "target": i32(0, 1)}
    vectors = {"x1": f32(0, 0, 1, 2, 1, 1, shape=[3, 2]), "x2": f32(1, 2, 0, 0, 1, 1, shape=[3, 2])}
    yield "cosineSimilarity", {}, vectors
    yield "pairwiseDistance", {"eps": 0.0}, vectors
    yield "normalize", {}, {"x": f32(0, 0, 3, 4, shape=[2, 2])}
    cosine = {**vectors, "target": label(f32(1, -1, -1))}
    yield "cosineEmbeddingLoss", {"reduction": "none"}, cosine
    same = f32(1, 2, 3, 4, shape=[2, 2])
    yield "tripletMarginLoss", {}, {"anchor": same, "positive": f32(1, 2, 0, 0, shape=[2, 2]), "negative": same}
    yield "binaryCrossEntropy", {"reduction": "none"}, {"x": f32(0, 1, 0.5), "target": label(f32(0, 1, 1))}
    yield "where", {}, {"condition": mask(1, 0, 1), "x": f32(1, NAN, 3), "other": f32(NAN, 2, INF)}
    yield "maskedFill", {"value": 0.0}, {"x": f32(1, NAN, 3), "mask": mask(0, 1, 0)}
    yield "nanToNum", {}, {"x": f32(NAN, INF, -INF, 2)}
    yield "logit", {"eps": 0.25}, {"x": f32(0.25, 0.75, 0.1, 0.9, 0.5, NAN)}
    yield "softmax", {"dim": 1}, {"x": f32(-INF, 0, 1, -INF, -INF, 2, shape=[2, 3])}


BIG = 2**24


def whole():
    """Masks and whole numbers, compared exactly."""
    numbers = i32(BIG + 1, -3, BIG + 3, 7, BIG + 1, BIG, shape=[2, 3])
    truth = mask(1, 0, 1, 1, 0, 0, shape=[2, 3])
    for x in (numbers, truth):
        for attrs in ({}, {"dim": 1}, {"dim": 0, "keepdim": True}):
            yield "sum", attrs, {"x": x}
        for attrs in ({"dim": 1}, {}):
            for op in ("max", "min", "any", "all"):
                yield op, attrs, {"x": x}
        yield "cumsum", {"dim": 1}, {"x": x}
        yield "cumprod", {"dim": 0}, {"x": mask(1, 1, 0, 1, shape=[2, 2]) if x is truth else i32(3, -4, 5, BIG + 1, shape=[2, 2])}
        for op in ("amax", "amin"):
            yield op, {"dim": 1}, {"x": x}
    small = i32(3, -5, 1, 7, 11, 13, shape=[2, 3])
    yield "prod", {}, {"x": small}
    yield "prod", {"dim": 1}, {"x": i32(4097, 4099, 3, -7, 2, 5, shape=[2, 3])}
    yield "prod", {"dim": 1}, {"x": mask(1, 1, 1, 0, shape=[2, 2])}
    yield "prod", {}, {"x": mask(1, 1, 1, 0)}
    for op in ("argmax", "argmin"):
        yield op, {"dim": 1}, {"x": numbers}
        yield op, {}, {"x": i32(5, BIG, BIG + 1, -BIG, -BIG - 1)}
    yield "sort", {"dim": 1}, {"x": numbers}
    yield "sort", {"descending": True}, {"x": i32(-1, 2147483647, BIG + 1, BIG, -2147483648, 0)}
    yield "topk", {"k": 2}, {"x": i32(BIG, BIG + 1, -5, 3)}
    yield "topk", {"k": 2, "largest": False}, {"x": i32(BIG, BIG + 1, -5, 3)}
    yield "argsort", {}, {"x": i32(BIG + 1, BIG, -1, -2)}
    yield "kthvalue", {"k": 2}, {"x": i32(BIG + 1, BIG, -1, -2)}
    yield "median", {}, {"x": i32(BIG + 1, BIG, BIG + 3)}
    yield "countNonzero", {}, {"x": i32(0, 1, 2, 0)}
    two = {"x": mask(1, 1, 0, 0), "other": mask(1, 0, 1, 0)}
    for op in ("add", "mul", "maximum", "minimum", "eq", "ne", "lt", "ge", "logicalAnd", "logicalXor", "div"):
        inputs = {"x": mask(1, 0), "other": mask(1, 1)} if op == "div" else two
        yield op, {}, inputs
    mixed = {"x": mask(1, 0, 1), "other": i32(BIG + 1, 2, -3)}
    for op in ("add", "sub", "mul", "maximum", "pow"):
        yield op, {}, mixed if op != "pow" else {"x": mixed["x"], "other": i32(2, 3, 0)}
    for op in ("add", "mul", "sub"):
        yield op, {}, {"x": mask(1, 0, 1), "other": f32(0.5, 2, -1)}
    yield "clamp", {"min": -2, "max": BIG + 1}, {"x": i32(BIG + 3, -3, BIG)}
    yield "sign", {}, {"x": i32(3, 0, -7)}
    yield "square", {}, {"x": i32(4097, -3)}
    yield "diff", {}, {"x": i32(BIG + 3, BIG, 7)}
    yield "cat", {"dim": 0}, {"tensors": [i32(BIG + 1), i32(-3)]}
    yield "logicalNot", {}, {"x": i32(0, 2)}


def plain(values):
    names = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}
    return [v if math.isfinite(v) else names[str(v)] for v in values]


def stored(tensor):
    return {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data": plain(tensor.detach().reshape(-1).tolist())}


def made(spec, tracked):
    if isinstance(spec, list):
        return [made(item, tracked) for item in spec]
    tensor = torch.tensor(spec["data"], dtype=torch.float64).to(TYPES[spec["dtype"]]).reshape(spec["shape"])
    return tensor.requires_grad_(tracked and spec["dtype"] == "f32" and "constant" not in spec)


def run(functions, op, attrs, specs, with_gradient):
    function = functions.get(op) or function_of(op)
    inputs = {
        name: made(spec, with_gradient) for name, spec in specs.items()
    }
    inputs = {n: v.long() if n in ("target", "index") and not isinstance(v, list) and v.dtype == torch.int32 else v for n, v in inputs.items()}
    outputs = function(inputs, attrs, False)
    def plain_spec(spec):
        return [plain_spec(s) for s in spec] if isinstance(spec, list) else {**spec, "data": plain(spec["data"])}

    case = {"op": op, "attrs": attrs, "inputs": {n: plain_spec(s) for n, s in specs.items()}}
    case["outputs"] = {n: stored(y) for n, y in outputs.items()}
    leaves = [(n, t) for n, t in inputs.items() if not isinstance(t, list) and t.requires_grad]
    pairs = [y for y in outputs.values() if y.requires_grad]
    if with_gradient and leaves and pairs:
        feeds = [(1 + 0.5 * torch.arange(y.numel(), dtype=torch.float32)).reshape(y.shape) for y in pairs]
        found = torch.autograd.grad(pairs, [t for _, t in leaves], feeds, allow_unused=True)
        case["gradients"] = {
            n: plain((torch.zeros_like(t) if g is None else g).reshape(-1).tolist()) for (n, t), g in zip(leaves, found)
        }
    return case


def main():
    functions = load_ops()
    result = {}
    for name, cases, with_gradient in (("kinks", kinks(), True), ("whole", whole(), False)):
        lines = []
        for op, attrs, specs in cases:
            try:
                lines.append(json.dumps(run(functions, op, attrs, specs, with_gradient), separators=(",", ":")))
            except (RuntimeError, TypeError, NotImplementedError) as error:
                print(f"left out: {op} {attrs} {list(specs)}: {str(error).splitlines()[0]}")
        result[name] = lines
    parts = [f'"{name}":[\n' + ",\n".join(lines) + "\n]" for name, lines in result.items()]
    target = FIXTURES / "numerics" / "numerics.json"
    target.write_text("{" + ",\n".join(parts) + "}\n")
    print(f"{sum(map(len, result.values()))} cases, {target.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
