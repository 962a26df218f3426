"""Computes PyTorch's outputs and gradients for the cases of the reference references and writes fixtures/<op>.json, and
where NaN among the inputs leads (nan.py).

    python3 e2e/goldens/generate.py [op ...]

Needs PyTorch (CPU, 1.13 or newer). Everything is computed in float64 from the float32 inputs that export-cases.ts
makes, and stored in float32. An op is the function of torch.nn.functional or torch with its name, called with the inputs
in their order and the attributes as keywords; where it is not, its function is in torch_ops/<family>.py.
"""

import base64
import importlib.util
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy
import torch

sys.dont_write_bytecode = True  # torch_ops holds sources only

import nan  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE / "fixtures"
DTYPES = {"f32": torch.float64, "i32": torch.int64, "bool": torch.bool}
SPECIAL = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def load_ops():
    """The OPS tables of all modules in torch_ops, merged; an op in two of them is an error."""
    ops = {}
    for path in sorted((HERE / "torch_ops").glob("*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, function in getattr(module, "OPS", {}).items():
            if name in ops:
                raise SystemExit(f"{name} is defined twice, the second time in {path.name}")
            ops[name] = function
    return ops


def snake(name):
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), name)


def function_of(op):
    """The function with the name of an op, or None: there is none for what is random."""
    if "dropout" in op.lower():
        return None
    function = getattr(torch.nn.functional, snake(op), None) or getattr(torch, snake(op), None)
    if not callable(function):
        return None

    def run(inputs, attrs, training):
        return {"y": function(*inputs.values(), **{snake(name): value for name, value in attrs.items()})}

    return run


def export_cases(names):
    """Runs export-cases.ts and returns its list of {op, cases}."""
    with tempfile.TemporaryDirectory() as folder:
        target = pathlib.Path(folder) / "cases.json"
        command = ["npx", "tsx", str(HERE / "export-cases.ts"), str(target), *names]
        if subprocess.run(command, cwd=HERE.parents[1]).returncode:
            raise SystemExit("the cases could not be exported")
        return json.loads(target.read_text())["ops"]


def decode_attr(value):
    if isinstance(value, list):
        return [decode_attr(item) for item in value]
    return SPECIAL.get(value, value) if isinstance(value, str) else value


def decode(array, dtype):
    values = numpy.frombuffer(base64.b64decode(array["data"]), dtype="<f4").astype("float64")
    return torch.tensor(values).reshape(array["shape"]).to(dtype)


def encode(tensor):
    with numpy.errstate(over="ignore"):  # beyond float32 is infinity, as it is on the GPU
        values = tensor.detach().to(torch.float64).numpy().astype("<f4")
    return {"shape": list(tensor.shape), "data": base64.b64encode(values.tobytes()).decode()}


def decode_inputs(case):
    inputs = {}
    for name, entry in case["inputs"].items():
        value, dtype = entry["value"], DTYPES[entry["dtype"]]
        inputs[name] = [decode(v, dtype) for v in value] if isinstance(value, list) else decode(value, dtype)
    return inputs


def track(inputs, names):
    """Fresh copies of the inputs, those in `names` with requires_grad."""

    def copy(value, tracked):
        if isinstance(value, list):
            return [copy(item, tracked) for item in value]
        return value.detach().clone().requires_grad_(tracked)

    return {name: copy(value, name in names) for name, value in inputs.items()}


def accepts_gradient(function, case, inputs, name):
    """Whether PyTorch defines a derivative for this input (it does not for the class weights of a loss)."""
    try:
        function(track(inputs, [name]), case["attrs"], case["training"])
    except RuntimeError as error:
        if "the derivative for" in str(error):
            return False
        raise
    return True


def gradients(function, case, inputs):
    """Gradients by input name, or None when no output depends on a float input."""
    names = [n for n in case["differentiable"] if accepts_gradient(function, case, inputs, n)]
    tracked = track(inputs, names)
    outputs = function(tracked, case["attrs"], case["training"])
    pairs = [
        (outputs[name], decode(gradient, torch.float64))
        for name, gradient in case["gradOutputs"].items()
        if outputs[name].requires_grad
    ]
    if not pairs:
        return None
    leaves = [t for n in names for t in (tracked[n] if isinstance(tracked[n], list) else [tracked[n]])]
    found = torch.autograd.grad([o for o, _ in pairs], leaves, [g for _, g in pairs], allow_unused=True)
    values = iter(encode(torch.zeros_like(t) if g is None else g) for t, g in zip(leaves, found))
    return {
        name: [next(values) for _ in tracked[name]] if isinstance(tracked[name], list) else next(values)
        for name in names
    }


def answer(function, case):
    case["attrs"] = {name: decode_attr(value) for name, value in case["attrs"].items()}
    inputs = decode_inputs(case)
    outputs = function(track(inputs, []), case["attrs"], case["training"])
    result = {"key": case["key"], "outputs": {name: encode(value) for name, value in outputs.items()}}
    grads = gradients(function, case, inputs)
    if grads is not None:
        result["gradInputs"] = grads
    return result


def write_fixture(op, cases):
    """One case per line, so that a change of one case is a change of one line."""
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    (FIXTURES / f"{op}.json").write_text(f'{{"op":{json.dumps(op)},"cases":[\n{lines}\n]}}\n')


def main():
    torch.set_num_threads(1)
    names = sys.argv[1:]
    functions = load_ops()
    exported = export_cases(names)
    FIXTURES.mkdir(exist_ok=True)
    if not names:
        known = {entry["op"] for entry in exported}
        for path in FIXTURES.glob("*.json"):
            if path.stem not in known:
                path.unlink()
    failed = []
    without = []
    for entry in exported:
        op, function = entry["op"], functions.get(entry["op"]) or function_of(entry["op"])
        if function is None:
            without.append(op)
            continue
        try:
            write_fixture(op, [answer(function, case) for case in entry["cases"]])
        except Exception as error:
            failed.append(f"{op}: {type(error).__name__}: {error}")
    nan.update(exported, lambda op: functions.get(op) or function_of(op), sys.modules[__name__], complete=not names)
    total = sum(path.stat().st_size for path in FIXTURES.glob("*.json"))
    print(f"{len(exported) - len(without) - len(failed)} ops written; fixtures are {total / 1e6:.2f} MB in all")
    if without:
        print(f"no PyTorch function in torch_ops: {', '.join(without)}")
    if failed:
        raise SystemExit("\n".join(failed))


if __name__ == "__main__":
    main()
