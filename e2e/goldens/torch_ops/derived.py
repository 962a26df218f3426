"""Functions that are written with other ops here, where they are not called by PyTorch's name."""

import torch


def of_x(function):
    return lambda inputs, attrs, training: {"y": function(inputs["x"], **attrs)}


def of(*names):
    """A function of these inputs and its keywords."""
    return lambda function: lambda inputs, attrs, training: {"y": function(*(inputs[n] for n in names), **attrs)}


def two(first, second, function):
    def run(inputs, attrs, training):
        a, b = function(inputs["x"], **attrs)
        return {first: a, second: b}

    return run


def parts(function):
    def run(inputs, attrs, training):
        return {f"y{i}": part for i, part in enumerate(function(inputs, attrs))}

    return run


def median(inputs, attrs, training):
    if attrs.get("dim") is None:
        return {"y": torch.median(inputs["x"])}
    values, indices = torch.median(inputs["x"], **attrs)
    return {"values": values, "indices": indices}


def nan_to_num(x, nan=0, posinf=3.4028234663852886e38, neginf=-3.4028234663852886e38):
    return torch.nan_to_num(x, nan, posinf, neginf)


def quantile(x, q, **attrs):
    return torch.quantile(x, torch.tensor(q, dtype=x.dtype), **attrs)


def channel_shuffle(x, groups):
    """F.channel_shuffle, which has no gradient on CPUs."""
    return x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)


def moments(function):
    def run(x, dim=None, keepdim=False, correction=1):
        return function(x, tuple(range(x.dim())) if dim is None else dim, correction=correction, keepdim=keepdim)

    return run


OPS = {
    "nanToNum": of_x(nan_to_num),
    "floorDivide": of("x", "other")(lambda x, other: torch.div(x, other, rounding_mode="floor")),
    "kthvalue": two("values", "indices", torch.kthvalue),
    "median": median,
    "quantile": of_x(quantile),
    "varMean": two("var", "mean", moments(torch.var_mean)),
    "stdMean": two("std", "mean", moments(torch.std_mean)),
    "unbind": parts(lambda inputs, attrs: torch.unbind(inputs["x"], **attrs)),
    "tensorSplit": parts(
        lambda inputs, attrs: torch.tensor_split(inputs["x"], attrs["indicesOrSections"], attrs.get("dim", 0))
    ),
    "hstack": of("tensors")(torch.hstack),
    "vstack": of("tensors")(torch.vstack),
    "meshgrid": parts(
        lambda inputs, attrs: torch.meshgrid(*inputs["tensors"], indexing=attrs.get("indexing", "ij"))
    ),
    "channelShuffle": of_x(channel_shuffle),
}
