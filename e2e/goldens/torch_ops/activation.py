"""Activation functions that are not called by PyTorch's name and defaults."""

import torch
import torch.nn.functional as F

def function(f, **defaults):
    """f(x, **attrs) with other defaults."""

    def run(inputs, attrs, training):
        return {"y": f(inputs["x"], **{**defaults, **attrs})}

    return run


def prelu(inputs, attrs, training):
    x, weight = inputs["x"], inputs["weight"]
    if weight.dim() > 1:  # which PyTorch does not take
        return {"y": torch.where(x > 0, x, weight * x)}
    return {"y": F.prelu(x, weight)}


def hardsigmoid(x, alpha=1 / 6, beta=0.5):
    """PyTorch's own for its own slope and offset."""
    return F.hardsigmoid(x) if (alpha, beta) == (1 / 6, 0.5) else (alpha * x + beta).clamp(0, 1)


def swiglu(x, dim):
    a, b = x.chunk(2, dim)
    return F.silu(a) * b


OPS = {
    "hardsigmoid": function(hardsigmoid),
    "prelu": prelu,
    "softmax": function(F.softmax, dim=-1),
    "logSoftmax": function(F.log_softmax, dim=-1),
    "softmin": function(F.softmin, dim=-1),
    "glu": function(F.glu, dim=-1),
    "swiglu": function(swiglu, dim=-1),
}
