"""PyTorch's elementwise functions of two tensors, and where."""

import torch


def binary(function):
    def run(inputs, attrs, training):
        keywords = {{"roundingMode": "rounding_mode"}.get(name, name): value for name, value in attrs.items()}
        return {"y": function(inputs["x"], inputs["other"], **keywords)}

    return run


def where(inputs, attrs, training):
    return {"y": torch.where(inputs["condition"], inputs["x"], inputs["other"])}


NAMES = "add sub mul div pow maximum minimum atan2 fmod remainder eq ne lt le gt ge"

OPS = {
    **{name: binary(getattr(torch, name)) for name in NAMES.split()},
    "logicalAnd": binary(torch.logical_and),
    "logicalOr": binary(torch.logical_or),
    "logicalXor": binary(torch.logical_xor),
    "where": where,
}
