"""PyTorch's activation functions."""

import torch
import torch.nn.functional as F

KEYWORDS = {"negativeSlope": "negative_slope", "minVal": "min_val", "maxVal": "max_val"}


def function(f, **defaults):
    """f(x, **attrs) with the attrs under PyTorch's names."""

    def run(inputs, attrs, training):
        keywords = {KEYWORDS.get(name, name): value for name, value in attrs.items()}
        return {"y": f(inputs["x"], **{**defaults, **keywords})}

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


ELEMENTWISE = (
    "relu elu selu celu gelu silu mish softplus softsign hardswish hardtanh relu6 logsigmoid tanhshrink "
    "softshrink hardshrink threshold"
)

OPS = {
    **{name: function(getattr(F, name)) for name in ELEMENTWISE.split()},
    "hardsigmoid": function(hardsigmoid),
    "leakyRelu": function(F.leaky_relu),
    "sigmoid": function(torch.sigmoid),
    "tanh": function(torch.tanh),
    "prelu": prelu,
    "softmax": function(F.softmax, dim=-1),
    "logSoftmax": function(F.log_softmax, dim=-1),
    "softmin": function(F.softmin, dim=-1),
    "glu": function(F.glu, dim=-1),
    "swiglu": function(swiglu, dim=-1),
}
