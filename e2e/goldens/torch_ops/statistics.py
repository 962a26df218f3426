"""Statistics, counts, integrals, replaced parts and ops that draw numbers, where they are not called by PyTorch's name."""

import torch
import torch.nn.functional as F


def of(*names):
    """A function of these inputs and its keywords."""
    return lambda function: lambda inputs, attrs, training: {"y": function(*(inputs[n] for n in names), **attrs)}


def parts(function):
    def run(inputs, attrs, training):
        return {f"y{i}": part for i, part in enumerate(function(inputs["x"], attrs["indicesOrSections"]))}

    return run


def pair(function):
    def run(inputs, attrs, training):
        values, indices = function(inputs["x"], **attrs)
        return {"values": values, "indices": indices}

    return run


def nanmedian(inputs, attrs, training):
    if attrs.get("dim") is None:
        return {"y": torch.nanmedian(inputs["x"])}
    return pair(torch.nanmedian)(inputs, attrs, training)


def nanquantile(x, q, **attrs):
    return torch.nanquantile(x, torch.tensor(q, dtype=x.dtype), **attrs)


def cov(inputs, attrs, training):
    weights = {name: inputs[name] for name in ("fweights", "aweights") if name in inputs}
    return {"y": torch.cov(inputs["x"], correction=attrs.get("correction", 1), **weights)}


def bincount(inputs, attrs, training):
    weights = inputs["weights"].detach() if "weights" in inputs else None
    return {"y": torch.bincount(inputs["x"], weights, attrs.get("minlength", 0))}


def vander(x, N=None, increasing=False):
    """torch.vander, which has no gradient."""
    powers = [x**k for k in range(len(x) if N is None else N)]
    return torch.stack(powers if increasing else powers[::-1], 1)


def slice_scatter(x, src, dim=0, start=None, end=None, step=1):
    """torch.slice_scatter; that of 1.13 ends a place too early where its end is not the last."""
    places = range(*slice(start, end, step).indices(x.shape[dim]))
    return x.index_copy(dim, torch.tensor(places, dtype=torch.long), src)


def histc(x, bins=100, min=0, max=0):
    return torch.histc(x, bins, min, max)


def trapezoid(function):
    def run(inputs, attrs, training):
        keywords = {name: value for name, value in attrs.items() if value is not None}
        if "x" in inputs:
            keywords["x"] = inputs["x"]
        return {"y": function(inputs["values"], **keywords)}

    return run


def gumbel_softmax(inputs, attrs, training):
    """F.gumbel_softmax with the noise of the given samples."""
    dim = attrs.get("dim", -1)
    noise = -torch.log(-torch.log(inputs["randomSamples"]))
    soft = ((inputs["x"] + noise) / attrs.get("tau", 1)).softmax(dim)
    if not attrs.get("hard", False):
        return {"y": soft}
    unit = torch.zeros_like(soft).scatter_(dim, soft.max(dim, keepdim=True)[1], 1.0)
    return {"y": unit - soft.detach() + soft}


def rrelu(inputs, attrs, training):
    lower, upper = attrs.get("lower", 1 / 8), attrs.get("upper", 1 / 3)
    x = inputs["x"]
    if not training:
        return {"y": F.rrelu(x, lower, upper)}
    return {"y": torch.where(x <= 0, x * (lower + (upper - lower) * inputs["randomSamples"]), x)}


def heaviside(inputs, attrs, training):
    x, values = torch.broadcast_tensors(inputs["x"], inputs["values"])
    return {"y": torch.heaviside(x.detach(), values.detach())}


OPS = {
    "i1": of("x")(torch.special.i1),
    "mode": pair(torch.mode),
    "nanmedian": nanmedian,
    "nanquantile": of("x")(nanquantile),
    "msort": of("x")(torch.msort),
    "cov": cov,
    "bincount": bincount,
    "histc": of("x")(histc),
    "trapezoid": trapezoid(torch.trapezoid),
    "cumulativeTrapezoid": trapezoid(torch.cumulative_trapezoid),
    "renorm": of("x")(lambda x, p=2, **attrs: torch.renorm(x, p, **attrs)),
    "vander": of("x")(vander),
    "sliceScatter": of("x", "src")(slice_scatter),
    "hsplit": parts(torch.hsplit),
    "vsplit": parts(torch.vsplit),
    "dsplit": parts(torch.dsplit),
    "expandAs": of("x", "other")(lambda x, other: x.expand_as(other)),
    "reshapeAs": of("x", "other")(lambda x, other: x.reshape_as(other)),
    "unfoldDim": of("x")(lambda x, dim, size, step: x.unfold(dim, size, step)),
    "gumbelSoftmax": gumbel_softmax,
    "rrelu": rrelu,
    "heaviside": heaviside,
}
