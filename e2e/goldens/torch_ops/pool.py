"""PyTorch's pooling and resampling."""

import torch
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


def dilated_average(x, attrs):
    """Of images: sums over the columns of unfold, which PyTorch has with gaps, by how many of them count."""
    options = dict(stride=attrs["stride"], padding=attrs.get("padding", 0), dilation=attrs["dilation"])
    columns = F.unfold(x.flatten(0, 1).unsqueeze(1), attrs["kernelSize"], **options)
    inside = F.unfold(torch.ones_like(x[:1, :1]), attrs["kernelSize"], **options)
    count = columns.shape[1] if attrs.get("countIncludePad", True) else inside.sum(1)
    pair = lambda value: value if isinstance(value, list) else [value, value]
    lists = zip(x.shape[2:], *(pair(v) for v in (attrs["kernelSize"], *options.values())))
    out = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in lists]
    return (columns.sum(1) / count).reshape(*x.shape[:2], *out)


def avg_pool(function):
    def run(x, attrs):
        if "dilation" in attrs:
            return dilated_average(x, attrs)
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


def lp_pool(function):
    return of_x(
        lambda x, attrs: function(
            x,
            attrs["normType"],
            attrs["kernelSize"],
            stride=attrs.get("stride"),
            ceil_mode=attrs.get("ceilMode", False),
        )
    )


def lp_pool3d(x, norm_type, kernel_size, stride=None, ceil_mode=False):
    """As lp_pool2d; newer versions have it."""
    out = F.avg_pool3d(x.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    count = 1
    for k in kernel_size if isinstance(kernel_size, list) else [kernel_size] * 3:
        count *= k
    return (torch.sign(out) * F.relu(torch.abs(out))).mul(count).pow(1.0 / norm_type)


def max_unpool(function):
    def run(inputs, attrs, training):
        options = {"stride": attrs.get("stride"), "padding": attrs.get("padding", 0)}
        size = attrs.get("outputSize")
        return {"y": function(inputs["x"], inputs["indices"], attrs["kernelSize"], **options, output_size=size)}

    return run


def fractional_max_pool(function):
    def run(inputs, attrs, training):
        return with_indices(
            function(
                inputs["x"],
                attrs["kernelSize"],
                output_size=attrs.get("outputSize"),
                output_ratio=attrs.get("outputRatio"),
                return_indices=attrs.get("returnIndices", False),
                _random_samples=inputs["randomSamples"],
            )
        )

    return run


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
    "lpPool1d": lp_pool(F.lp_pool1d),
    "lpPool2d": lp_pool(F.lp_pool2d),
    "lpPool3d": lp_pool(lp_pool3d),
    "maxUnpool1d": max_unpool(F.max_unpool1d),
    "maxUnpool2d": max_unpool(F.max_unpool2d),
    "maxUnpool3d": max_unpool(F.max_unpool3d),
    "fractionalMaxPool2d": fractional_max_pool(F.fractional_max_pool2d),
    "fractionalMaxPool3d": fractional_max_pool(F.fractional_max_pool3d),
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
