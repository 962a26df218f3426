"""PyTorch's pooling and resampling."""

import torch.nn.functional as F


def of_x(function):
    """An op of the input x and its attributes alone."""
    return lambda inputs, attrs, training: {"y": function(inputs["x"], attrs)}


def with_indices(result):
    return {"y": result[0], "indices": result[1]} if isinstance(result, tuple) else {"y": result}


def max_pool(function):
    return lambda inputs, attrs, training: with_indices(
        function(
            inputs["x"],
            attrs["kernelSize"],
            stride=attrs.get("stride"),
            padding=attrs.get("padding", 0),
            dilation=attrs.get("dilation", 1),
            ceil_mode=attrs.get("ceilMode", False),
            return_indices=attrs.get("returnIndices", False),
        )
    )


def avg_pool(function):
    def run(x, attrs):
        extra = {"divisor_override": attrs["divisorOverride"]} if "divisorOverride" in attrs else {}
        return function(
            x,
            attrs["kernelSize"],
            stride=attrs.get("stride"),
            padding=attrs.get("padding", 0),
            ceil_mode=attrs.get("ceilMode", False),
            count_include_pad=attrs.get("countIncludePad", True),
            **extra,
        )

    return of_x(run)


def lp_pool(x, attrs):
    return F.lp_pool2d(
        x,
        attrs["normType"],
        attrs["kernelSize"],
        stride=attrs.get("stride"),
        ceil_mode=attrs.get("ceilMode", False),
    )


def adaptive_pool(function):
    return of_x(lambda x, attrs: function(x, attrs["outputSize"]))


def adaptive_max_pool(function):
    return lambda inputs, attrs, training: with_indices(
        function(inputs["x"], attrs["outputSize"], return_indices=attrs.get("returnIndices", False))
    )


def spatial(x):
    return list(range(2, x.dim()))


def interpolate(x, attrs):
    mode = attrs.get("mode", "nearest")
    return F.interpolate(
        x,
        size=attrs.get("size"),
        scale_factor=attrs.get("scaleFactor"),
        mode=mode,
        align_corners=attrs.get("alignCorners", False) if "linear" in mode or mode == "bicubic" else None,
        antialias=attrs.get("antialias", False),
        recompute_scale_factor=attrs.get("recomputeScaleFactor"),
    )


def grid_sample(inputs, attrs, training):
    return {
        "y": F.grid_sample(
            inputs["x"],
            inputs["grid"],
            mode=attrs.get("mode", "bilinear"),
            padding_mode=attrs.get("paddingMode", "zeros"),
            align_corners=attrs.get("alignCorners", False),
        )
    }


def affine_grid(inputs, attrs, training):
    return {"y": F.affine_grid(inputs["theta"], attrs["size"], align_corners=attrs.get("alignCorners", False))}


OPS = {
    "gridSample": grid_sample,
    "affineGrid": affine_grid,
    "maxPool1d": max_pool(F.max_pool1d),
    "maxPool2d": max_pool(F.max_pool2d),
    "maxPool3d": max_pool(F.max_pool3d),
    "avgPool1d": avg_pool(F.avg_pool1d),
    "avgPool2d": avg_pool(F.avg_pool2d),
    "avgPool3d": avg_pool(F.avg_pool3d),
    "lpPool2d": of_x(lp_pool),
    "adaptiveAvgPool1d": adaptive_pool(F.adaptive_avg_pool1d),
    "adaptiveAvgPool2d": adaptive_pool(F.adaptive_avg_pool2d),
    "adaptiveAvgPool3d": adaptive_pool(F.adaptive_avg_pool3d),
    "adaptiveMaxPool1d": adaptive_max_pool(F.adaptive_max_pool1d),
    "adaptiveMaxPool2d": adaptive_max_pool(F.adaptive_max_pool2d),
    "adaptiveMaxPool3d": adaptive_max_pool(F.adaptive_max_pool3d),
    "globalAvgPool": of_x(lambda x, attrs: x.mean(spatial(x), keepdim=True)),
    "globalMaxPool": of_x(lambda x, attrs: x.amax(spatial(x), keepdim=True)),
    "interpolate": of_x(interpolate),
    "pixelShuffle": of_x(lambda x, attrs: F.pixel_shuffle(x, attrs["upscaleFactor"])),
    "pixelUnshuffle": of_x(lambda x, attrs: F.pixel_unshuffle(x, attrs["downscaleFactor"])),
}
