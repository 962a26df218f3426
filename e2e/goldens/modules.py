"""Runs the modules of modules.json in PyTorch and writes their outputs and gradients to fixtures/models/modules.json, and
the names of all classes of torch.nn to torch-nn.json.

    python3 e2e/goldens/modules.py

Needs PyTorch (CPU, 1.13 or newer). Everything is computed in float64 and stored in float32. Inputs, weights and output
gradients follow from their names (`pattern`, the same as in modules.ts), so that the fixture holds results only.
"""

import base64
import json
import pathlib
import re

import numpy
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HERE = pathlib.Path(__file__).resolve().parent


def pattern(name, shape):
    """Numbers in [-0.5, 0.5) that look random: a hash of the name and the position, multiples of 2^-24."""
    start = 0x811C9DC5
    for char in name:
        start = (start ^ ord(char)) * 0x01000193 % 2**32
    x = (start + numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint64) * 2654435761) % 2**32
    x = (x ^ (x >> 15)) * 2246822519 % 2**32
    x = (x ^ (x >> 13)) * 3266489917 % 2**32
    return torch.tensor((x >> 8).astype("float64") / 2**24 - 0.5).reshape(shape)


def encode(tensor):
    values = tensor.detach().numpy().astype("<f4")
    return {"shape": list(tensor.shape), "data": base64.b64encode(values.tobytes()).decode()}


def snake(options):
    return {re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name): value for name, value in options.items()}


def build(case):
    kind, args, options = case["type"], case["args"], snake(case.get("options", {}))
    if kind == "Transformer":
        sizes = dict(zip(["d_model", "nhead", "num_encoder_layers", "num_decoder_layers"], args))
        return nn.Transformer(**sizes, **options)
    stack = re.fullmatch("(TransformerEncoder|TransformerDecoder)", kind)
    if not stack:
        return getattr(nn, kind)(*args, **options)
    layer = getattr(nn, kind + "Layer")(*args[:2], **options)
    return getattr(nn, kind)(layer, args[2], nn.LayerNorm(args[0]))


def masks_of(case, length):
    masks = {}
    for name, mask in case.get("masks", {}).items():
        values = torch.tensor(mask["values"], dtype=torch.float64).reshape(mask["shape"])
        masks[name] = values if mask.get("additive") else values.bool()
    if case.get("causal"):
        masks["attnMask"] = torch.ones(length, length, dtype=torch.bool).triu(1)
    return masks


def run(case, module, inputs):
    """Outputs by name."""
    kind, options = case["type"], case.get("options", {})
    x = list(inputs.values())
    target = x[1] if kind == "Transformer" else x[0]
    masks = masks_of(case, target.shape[1 if options.get("batchFirst") and target.dim() == 3 else 0])
    attention, padding = masks.get("attnMask"), masks.get("keyPaddingMask")
    if kind == "MultiheadAttention":
        key = x[1] if len(x) > 1 else x[0]
        value = x[2] if len(x) > 2 else key
        weights = case.get("weights", False)
        average = case.get("averageAttnWeights", True)
        options = dict(need_weights=weights, average_attn_weights=average)
        y, given = module(x[0], key, value, key_padding_mask=padding, attn_mask=attention, **options)
        return {"y": y, "weights": given} if weights else {"y": y}
    if kind == "TransformerEncoderLayer":
        return {"y": module(x[0], src_mask=attention, src_key_padding_mask=padding)}
    if kind == "TransformerEncoder":
        return {"y": module(x[0], mask=attention, src_key_padding_mask=padding)}
    if kind.startswith("TransformerDecoder"):
        memory_padding = masks.get("memoryKeyPaddingMask")
        given = dict(tgt_mask=attention, tgt_key_padding_mask=padding, memory_key_padding_mask=memory_padding)
        return {"y": module(x[0], x[1], **given)}
    if kind == "Transformer":
        names = {"attnMask": "tgtMask", "keyPaddingMask": "tgtKeyPaddingMask", "srcAttnMask": "srcMask"}
        return {"y": module(x[0], x[1], **snake({names.get(name, name): mask for name, mask in masks.items()}))}
    if kind == "LSTMCell":
        return dict(zip(["h", "c"], module(x[0], tuple(x[1:]) or None)))
    if kind not in ("LSTM", "GRU", "RNN"):
        return {"y": module(*x)}
    return recurrent(module, case, **inputs)


def recurrent(module, case, x, h0=None, c0=None):
    lengths, first = case.get("lengths"), module.batch_first
    steps = x.shape[1 if first else 0]
    if lengths:
        x = pack_padded_sequence(x, torch.tensor(lengths), first, enforce_sorted=False)
    y, states = module(x, (h0, c0) if c0 is not None else h0)
    if lengths:
        y, _ = pad_packed_sequence(y, first, total_length=steps)
    return dict(zip(["y", "hn", "cn"], [y, *(states if case["type"] == "LSTM" else [states])]))


def renamed(name):
    """Names of weight norm in 1.13 as later versions have them."""
    return re.sub(
        r"^(.*)weight_([gv])$",
        lambda match: f"{match[1]}parametrizations.weight.original{'gv'.index(match[2])}",
        name,
    )


def parametrized(module, name):
    if name == "spectralNorm":
        return nn.utils.parametrizations.spectral_norm(module, dim=1 if "Transpose" in type(module).__name__ else 0)
    return nn.utils.weight_norm(module)


def answer(case):
    module = build(case).double().train()
    if "parametrize" in case:
        module = parametrized(module, case["parametrize"])
    state = module.state_dict()
    module.load_state_dict({name: pattern(renamed(name), value.shape) for name, value in state.items()})
    inputs = {name: 2 * pattern(name, shape) for name, shape in case["inputs"].items()}
    for value in inputs.values():
        value.requires_grad_()
    outputs = run(case, module, inputs)
    leaves = {**inputs, **{renamed(n): p for n, p in module.named_parameters()}}
    targets = [(value, pattern(f"d{name}", value.shape)) for name, value in outputs.items() if name != "weights"]
    found = torch.autograd.grad([y for y, _ in targets], list(leaves.values()), [dy for _, dy in targets])
    return {
        "name": case["name"],
        "outputs": {name: encode(value) for name, value in outputs.items()},
        "gradients": {name: encode(value) for name, value in zip(leaves, found)},
    }


def main():
    torch.set_num_threads(1)
    cases = json.loads((HERE / "modules.json").read_text())
    lines = ",\n".join(json.dumps(answer(case), separators=(",", ":")) for case in cases)
    folder = HERE / "fixtures" / "models"
    (folder / "modules.json").write_text(f"[\n{lines}\n]\n")
    classes = [name for name, value in vars(nn).items() if isinstance(value, type) and issubclass(value, nn.Module)]
    (folder / "torch-nn.json").write_text(json.dumps(sorted(classes), indent=1) + "\n")


if __name__ == "__main__":
    main()
