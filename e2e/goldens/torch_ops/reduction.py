"""PyTorch's reductions, ordering and cumulative functions."""

import torch


def dims(x, attrs):
    """`dim` as a list; null means all."""
    dim = attrs.get("dim")
    if dim is None:
        return list(range(x.dim()))
    return [dim] if isinstance(dim, int) else list(dim)


def over_dims(function):
    def run(inputs, attrs, training):
        x = inputs["x"]
        return {"y": function(x, dims(x, attrs), keepdim=attrs.get("keepdim", False))}

    return run


def one_by_one(function):
    """For functions of a single dim: the dims one after the other, from the last."""

    def run(inputs, attrs, training):
        x = inputs["x"]
        for dim in sorted((d % max(x.dim(), 1) for d in dims(x, attrs)), reverse=True):
            x = function(x, dim=dim, keepdim=attrs.get("keepdim", False))
        return {"y": x.clone()}

    return run


def with_correction(function):
    def run(inputs, attrs, training):
        x = inputs["x"]
        keepdim = attrs.get("keepdim", False)
        return {"y": function(x, dims(x, attrs), correction=attrs.get("correction", 1), keepdim=keepdim)}

    return run


def norm(inputs, attrs, training):
    x = inputs["x"]
    p = float(attrs.get("p", 2))
    return {"y": torch.linalg.vector_norm(x, p, dims(x, attrs), attrs.get("keepdim", False))}


def prod(inputs, attrs, training):
    if attrs.get("dim") is None:
        return {"y": torch.prod(inputs["x"])}
    return {"y": torch.prod(inputs["x"], attrs["dim"], attrs.get("keepdim", False))}


def extremum(function):
    def run(inputs, attrs, training):
        if attrs.get("dim") is None:
            return {"y": function(inputs["x"])}
        values, indices = function(inputs["x"], attrs["dim"], attrs.get("keepdim", False))
        return {"values": values, "indices": indices}

    return run


def argument(function):
    return lambda inputs, attrs, training: {"y": function(inputs["x"], **attrs)}


def topk(inputs, attrs, training):
    values, indices = torch.topk(inputs["x"], **attrs)
    return {"values": values, "indices": indices}


def sort(inputs, attrs, training):
    values, indices = torch.sort(inputs["x"], stable=True, **{"dim": -1, **attrs})
    return {"values": values, "indices": indices}


def scan(function):
    return lambda inputs, attrs, training: {"y": function(inputs["x"], attrs["dim"])}


def running(function):
    def run(inputs, attrs, training):
        values, indices = function(inputs["x"], attrs["dim"])
        return {"values": values, "indices": indices}

    return run


def aminmax(inputs, attrs, training):
    """torch.aminmax, which has no gradient in old versions."""
    x, keepdim = inputs["x"], attrs.get("keepdim", False)
    return {"min": torch.amin(x, dims(x, attrs), keepdim), "max": torch.amax(x, dims(x, attrs), keepdim)}


OPS = {
    "sum": over_dims(torch.sum),
    "mean": over_dims(torch.mean),
    "amax": over_dims(torch.amax),
    "amin": over_dims(torch.amin),
    "logsumexp": over_dims(torch.logsumexp),
    "var": with_correction(torch.var),
    "std": with_correction(torch.std),
    "norm": norm,
    "prod": prod,
    "all": one_by_one(torch.all),
    "any": one_by_one(torch.any),
    "max": extremum(torch.max),
    "min": extremum(torch.min),
    "argmax": argument(torch.argmax),
    "argmin": argument(torch.argmin),
    "topk": topk,
    "sort": sort,
    "cumsum": scan(torch.cumsum),
    "cumprod": scan(torch.cumprod),
    "cummax": running(torch.cummax),
    "cummin": running(torch.cummin),
    "logcumsumexp": scan(torch.logcumsumexp),
    "aminmax": aminmax,
}
