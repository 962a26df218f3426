"""PyTorch's convolutions, unfold and fold."""

import torch.nn.functional as F


def conv(function):
    def run(inputs, attrs, training):
        y = function(
            inputs["x"],
            inputs["weight"],
            inputs.get("bias"),
            stride=attrs.get("stride", 1),
            padding=attrs.get("padding", 0),
            dilation=attrs.get("dilation", 1),
            groups=attrs.get("groups", 1),
        )
        return {"y": y}

    return run


def conv_transpose(function):
    def run(inputs, attrs, training):
        y = function(
            inputs["x"],
            inputs["weight"],
            inputs.get("bias"),
            stride=attrs.get("stride", 1),
            padding=attrs.get("padding", 0),
            output_padding=attrs.get("outputPadding", 0),
            groups=attrs.get("groups", 1),
            dilation=attrs.get("dilation", 1),
        )
        return {"y": y}

    return run


def windows(attrs):
    return {
        "kernel_size": attrs["kernelSize"],
        "dilation": attrs.get("dilation", 1),
        "padding": attrs.get("padding", 0),
        "stride": attrs.get("stride", 1),
    }


OPS = {
    "conv1d": conv(F.conv1d),
    "conv2d": conv(F.conv2d),
    "conv3d": conv(F.conv3d),
    "convTranspose1d": conv_transpose(F.conv_transpose1d),
    "convTranspose2d": conv_transpose(F.conv_transpose2d),
    "convTranspose3d": conv_transpose(F.conv_transpose3d),
    "unfold": lambda inputs, attrs, training: {"y": F.unfold(inputs["x"], **windows(attrs))},
    "fold": lambda inputs, attrs, training: {
        "y": F.fold(inputs["x"], output_size=attrs["outputSize"], **windows(attrs))
    },
}
