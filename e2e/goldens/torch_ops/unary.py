"""PyTorch's elementwise functions of one tensor."""

import torch


def unary(function):
    return lambda inputs, attrs, training: {"y": function(inputs["x"])}


def clamp(inputs, attrs, training):
    return {"y": torch.clamp(inputs["x"], attrs.get("min"), attrs.get("max"))}


def cast(inputs, attrs, training):
    types = {"f32": torch.float64, "i32": torch.int32, "bool": torch.bool}
    return {"y": inputs["x"].to(types[attrs["dtype"]])}


NAMES = (
    "neg abs exp log log1p expm1 log2 sqrt rsqrt square reciprocal sin cos tan asin acos atan sinh cosh erf sign "
    "floor ceil trunc isnan isinf"
)

OPS = {
    **{name: unary(getattr(torch, name)) for name in NAMES.split()},
    "round": lambda inputs, attrs, training: {"y": torch.round(inputs["x"], decimals=attrs.get("decimals", 0))},
    "logicalNot": unary(torch.logical_not),
    "identity": unary(lambda x: x.clone()),
    "clamp": clamp,
    "cast": cast,
}
