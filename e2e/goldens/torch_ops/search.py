"""PyTorch's searches in sorted sequences, products of all elements, and quantization."""

import torch


def of_list(function):
    return lambda inputs, attrs, training: {"y": function(*inputs["tensors"])}


def search(function):
    return lambda inputs, attrs, training: {"y": function(*inputs.values(), right=attrs.get("right", False))}


def combinations(inputs, attrs, training):
    return {"y": torch.combinations(inputs["x"], attrs.get("r", 2), attrs.get("withReplacement", False))}


def grid_of(inputs, attrs):
    """scale and zero point, broadcast to x."""
    axis = attrs.get("axis")
    shape = [1] * inputs["x"].dim()
    if axis is not None:
        shape[axis] = -1
    return [inputs[n].reshape(shape if axis is not None else []) for n in ("scale", "zeroPoint")]


def quantize(inputs, attrs, training):
    """PyTorch's own quantizes float32 alone and to whole types; the formula is that of its documentation."""
    scale, zero_point = grid_of(inputs, attrs)
    whole = torch.round(inputs["x"] * (1 / scale)) + zero_point
    return {"y": whole.clamp(attrs.get("quantMin", -128), attrs.get("quantMax", 127)).long()}


def dequantize(inputs, attrs, training):
    scale, zero_point = grid_of(inputs, attrs)
    return {"y": (inputs["x"] - zero_point) * scale}


def fake_quantize(inputs, attrs, training):
    """PyTorch's function where it takes the limits; it computes in float32 and loses NaN."""
    low, high, axis = attrs.get("quantMin", -128), attrs.get("quantMax", 127), attrs.get("axis")
    x, scale, zero_point = inputs["x"], inputs["scale"].float(), inputs["zeroPoint"].int()
    if x.isnan().any():
        step, shift = grid_of(inputs, attrs)
        grid = torch.round(x * (1 / step)) + shift
        return dequantize({**inputs, "x": grid.clamp(low, high)}, attrs, training)
    if axis is None:
        scale, zero_point = scale.reshape([]), zero_point.reshape([])
        y = torch.fake_quantize_per_tensor_affine(x.float(), scale, zero_point, low, high)
    else:
        y = torch.fake_quantize_per_channel_affine(x.float(), scale, zero_point, axis % x.dim(), low, high)
    return {"y": y.double()}


OPS = {
    "searchsorted": search(torch.searchsorted),
    "bucketize": search(torch.bucketize),
    "cartesianProd": of_list(torch.cartesian_prod),
    "blockDiag": of_list(torch.block_diag),
    "columnStack": of_list(lambda *tensors: torch.column_stack(tensors)),
    "dstack": of_list(lambda *tensors: torch.dstack(tensors)),
    "combinations": combinations,
    "quantize": quantize,
    "dequantize": dequantize,
    "fakeQuantize": fake_quantize,
}
