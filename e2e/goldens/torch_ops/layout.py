"""PyTorch's layout ops."""

import torch
import torch.nn.functional as F


def named(parts):
    return {f"y{i}": part for i, part in enumerate(parts)}


def unary(function):
    """An op with the single input x and the single output y."""
    return lambda inputs, attrs, training: {"y": function(inputs["x"], attrs)}


def squeeze(x, attrs):
    """A list of dims, as newer versions accept it, is squeezed from the last dim to the first."""
    dim = attrs.get("dim")
    if dim is None:
        return x.squeeze()
    for d in sorted((d % x.dim() for d in (dim if isinstance(dim, list) else [dim])), reverse=True):
        x = x.squeeze(d)
    return x


def slice_dims(x, attrs):
    dims = attrs.get("dim", 0)
    dims = dims if isinstance(dims, list) else [dims]

    def entry(name, default, i):
        value = attrs.get(name, default)
        return value[i] if isinstance(value, list) else value

    selection = [slice(None)] * x.dim()
    for i, dim in enumerate(dims):
        selection[dim] = slice(entry("start", None, i), entry("end", None, i), entry("step", 1, i))
    return x[tuple(selection)]


def pad(x, attrs):
    mode = attrs.get("mode", "constant")
    if mode == "constant":
        return F.pad(x, attrs["pad"], mode, attrs.get("value", 0))
    return F.pad(x, attrs["pad"], mode)


def repeat_interleave(x, attrs):
    repeats = attrs["repeats"]
    counts = torch.tensor(repeats) if isinstance(repeats, list) else repeats
    return torch.repeat_interleave(x, counts, attrs.get("dim"))


OPS = {
    "reshape": unary(lambda x, a: x.reshape(a["shape"])),
    "flatten": unary(lambda x, a: torch.flatten(x, a.get("startDim", 0), a.get("endDim", -1))),
    "unflatten": unary(lambda x, a: torch.nn.Unflatten(a["dim"], tuple(a["sizes"]))(x)),
    "permute": unary(lambda x, a: x.permute(a["dims"])),
    "transpose": unary(lambda x, a: x.transpose(a["dim0"], a["dim1"])),
    "squeeze": unary(squeeze),
    "unsqueeze": unary(lambda x, a: x.unsqueeze(a["dim"])),
    "movedim": unary(lambda x, a: torch.movedim(x, a["source"], a["destination"])),
    "cat": lambda inputs, attrs, training: {"y": torch.cat(inputs["tensors"], attrs.get("dim", 0))},
    "stack": lambda inputs, attrs, training: {"y": torch.stack(inputs["tensors"], attrs.get("dim", 0))},
    "split": lambda inputs, attrs, training: named(
        torch.split(inputs["x"], attrs["splitSizeOrSections"], attrs.get("dim", 0))
    ),
    "chunk": lambda inputs, attrs, training: named(
        torch.chunk(inputs["x"], attrs["chunks"], attrs.get("dim", 0))
    ),
    "narrow": unary(lambda x, a: torch.narrow(x, a["dim"], a["start"], a["length"])),
    "select": unary(lambda x, a: torch.select(x, a["dim"], a["index"])),
    "slice": unary(slice_dims),
    "pad": unary(pad),
    "expand": unary(lambda x, a: x.expand(a["size"])),
    "tile": unary(lambda x, a: torch.tile(x, tuple(a["dims"]))),
    "repeat": unary(lambda x, a: x.repeat(a["sizes"])),
    "repeatInterleave": unary(repeat_interleave),
    "flip": unary(lambda x, a: torch.flip(x, a["dims"])),
    "roll": unary(lambda x, a: torch.roll(x, a["shifts"], a.get("dims"))),
    "diagonal": unary(
        lambda x, a: torch.diagonal(x, a.get("offset", 0), a.get("dim1", 0), a.get("dim2", 1))
    ),
    "triu": unary(lambda x, a: torch.triu(x, a.get("diagonal", 0))),
    "tril": unary(lambda x, a: torch.tril(x, a.get("diagonal", 0))),
}
