"""Runs ops with numbers in place of tensors in PyTorch and writes types, values and gradients to fixtures/models/scalars.json.

    python3 e2e/goldens/scalars.py

Needs PyTorch (CPU, 1.13 or newer). Whole numbers are int64 there and int32 here.
"""

import json
import math
import pathlib

import torch

FIXTURE = pathlib.Path(__file__).resolve().parent / "fixtures" / "models" / "scalars.json"

TYPES = {"f32": torch.float32, "f16": torch.float16, "i32": torch.int32, "bool": torch.bool}
NAMES = {torch.float32: "f32", torch.float16: "f16", torch.int32: "i32", torch.int64: "i32", torch.bool: "bool"}
DATA = {"f32": [-1.5, 0.25, 2, 3], "f16": [-1.5, 0.25, 2, 3], "i32": [-3, 0, 2, 7], "bool": [1, 0, 0, 1]}
OPS = {
    "add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "pow": torch.pow,
    "fmod": torch.fmod, "remainder": torch.remainder,
    "eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge,
}


def plain_numbers(values):
    """JSON has no NaN and no infinity."""
    return [plain_numbers(v) if isinstance(v, list) else v if math.isfinite(v) else {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}[str(v)] for v in values]


def tensors(values):
    """Literals where PyTorch's function takes tensors only."""
    return [v if isinstance(v, torch.Tensor) else torch.tensor(v, dtype=torch.float32) for v in values]


def case(op, run, args, attrs=None):
    made, plain = [], []
    for arg in args:
        if isinstance(arg, str):
            tensor = torch.tensor(DATA[arg], dtype=torch.float32).to(TYPES[arg])
            made.append(tensor.requires_grad_(tensor.is_floating_point()))
        elif isinstance(arg, list):
            made.append(torch.tensor(arg))
        else:
            made.append(arg)
        plain.append({"dtype": arg, "data": DATA[arg]} if isinstance(arg, str) else arg)
    try:
        y = run(*made)
    except (RuntimeError, TypeError) as error:
        print(f"left out: {op} {args}: {error}")
        return None
    entry = {"op": op, "args": plain, "dtype": NAMES[y.dtype], "shape": list(y.shape), "y": plain_numbers(y.float().flatten().tolist())}
    if y.is_floating_point() and y.requires_grad:
        y.float().sum().backward()
        entry["gradients"] = [
            plain_numbers(m.grad.float().tolist()) if isinstance(m, torch.Tensor) and m.requires_grad else None for m in made
        ]
    return entry


def main():
    cases = []
    for op, run in OPS.items():
        for dtype in ("f32", "i32", "bool", "f16"):
            for scalar in (2, 0.5, -3, True):
                if dtype == "bool" and op not in ("add", "mul", "eq", "lt", "ge"):
                    continue
                if dtype == "f16" and op not in ("add", "sub", "mul", "div", "gt"):
                    continue
                # Sums and products of two masks are masks in PyTorch and floats here, where masks are stored as such.
                if dtype == "bool" and op in ("add", "mul") and scalar is True:
                    continue
                cases.append(case(op, run, [dtype, scalar]))
    for dtype in ("f32", "i32"):
        for scalar in (1, 0.5):
            cases.append(case("sub", lambda a, b: torch.rsub(b, a), [scalar, dtype]))
            cases.append(case("add", lambda a, b: torch.add(b, a), [scalar, dtype]))
            cases.append(case("div", lambda a, b: a / b, [scalar, dtype]))
            cases.append(case("pow", torch.pow, [scalar, dtype]))
            cases.append(case("gt", lambda a, b: a > b, [scalar, dtype]))
    for x in ("f32", "f16", "i32", 1, 0.5, True):
        for other in (0, 0.5, False, "f32", "i32"):
            cases.append(case("where", torch.where, ["bool", x, other]))
    for op, run in {"minimum": torch.minimum, "maximum": torch.maximum}.items():
        for scalar in (2, -0.5):
            cases.append(case(op, lambda a, b, run=run: run(*tensors([a, b])), ["f32", scalar]))
    for op in ("add", "mul", "eq"):
        for dtype in ("f32", "i32"):
            cases.append(case(op, OPS[op], [dtype, [1, 2, 3, 4]]))
            cases.append(case(op, OPS[op], [dtype, [[1], [-2]]]))
            cases.append(case(op, OPS[op], [dtype, [True, False, True, False]]))
            cases.append(case(op, OPS[op], [dtype, [1.5, 2, -3, 0.25]]))
    lines = [json.dumps(entry) for entry in cases if entry is not None]
    FIXTURE.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{len(lines)} cases in {FIXTURE}")


if __name__ == "__main__":
    main()
