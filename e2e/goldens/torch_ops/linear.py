"""PyTorch's matrix and vector products."""

import torch
import torch.nn.functional as F


def transpose(x, wanted):
    return x.transpose(-1, -2) if wanted and x.dim() > 1 else x


def matmul(inputs, attrs, training):
    x = transpose(inputs["x"], attrs.get("transposeA", False))
    return {"y": torch.matmul(x, transpose(inputs["other"], attrs.get("transposeB", False)))}


def linear(inputs, attrs, training):
    return {"y": F.linear(inputs["x"], inputs["weight"], inputs.get("bias"))}


def of_two(function):
    return lambda inputs, attrs, training: {"y": function(inputs["x"], inputs["other"])}


def addmm(inputs, attrs, training):
    return {"y": torch.addmm(inputs["x"], inputs["mat1"], inputs["mat2"], **attrs)}


def baddbmm(inputs, attrs, training):
    return {"y": torch.baddbmm(inputs["x"], inputs["batch1"], inputs["batch2"], **attrs)}


def einsum(inputs, attrs, training):
    return {"y": torch.einsum(attrs["equation"], *inputs["tensors"])}


def bilinear(inputs, attrs, training):
    return {"y": F.bilinear(inputs["x1"], inputs["x2"], inputs["weight"], inputs.get("bias"))}


OPS = {
    "matmul": matmul,
    "linear": linear,
    "bmm": of_two(torch.bmm),
    "mm": of_two(torch.mm),
    "addmm": addmm,
    "baddbmm": baddbmm,
    "einsum": einsum,
    "dot": of_two(torch.dot),
    "outer": of_two(torch.outer),
    "bilinear": bilinear,
}
