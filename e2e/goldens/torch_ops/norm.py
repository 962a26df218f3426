"""PyTorch's normalizations and distances. rmsNorm, younger than PyTorch 1.13, is composed from primitives."""

import torch
import torch.nn.functional as F


def with_running(inputs, function):
    """Calls `function(running_mean, running_var)` with copies that it may update; gives those it has updated."""
    running = [inputs[name].clone() if name in inputs else None for name in ("runningMean", "runningVar")]
    outputs = {"y": function(*running)}
    if running[0] is not None:
        outputs.update(runningMean=running[0], runningVar=running[1])
    return outputs


def batch_norm(inputs, attrs, training):
    outputs = with_running(
        inputs,
        lambda mean, var: F.batch_norm(
            inputs["x"],
            mean,
            var,
            inputs.get("weight"),
            inputs.get("bias"),
            training=training,
            momentum=attrs.get("momentum", 0.1),
            eps=attrs.get("eps", 1e-5),
        ),
    )
    return outputs if training else {"y": outputs["y"]}


def instance_norm(inputs, attrs, training):
    use_input_stats = attrs.get("useInputStats", True)
    outputs = with_running(
        inputs,
        lambda mean, var: F.instance_norm(
            inputs["x"],
            mean,
            var,
            inputs.get("weight"),
            inputs.get("bias"),
            use_input_stats=use_input_stats,
            momentum=attrs.get("momentum", 0.1),
            eps=attrs.get("eps", 1e-5),
        ),
    )
    return outputs if use_input_stats else {"y": outputs["y"]}


def rms_norm(inputs, attrs, training):
    x, eps = inputs["x"], attrs.get("eps")
    if eps is None:
        eps = torch.finfo(torch.float32).eps
    dims = list(range(-len(attrs["normalizedShape"]), 0))
    y = x * torch.rsqrt(x.square().mean(dims, keepdim=True) + eps)
    return {"y": y * inputs["weight"] if "weight" in inputs else y}


def layer_norm(inputs, attrs, training):
    shape, eps = attrs["normalizedShape"], attrs.get("eps", 1e-5)
    return {"y": F.layer_norm(inputs["x"], shape, inputs.get("weight"), inputs.get("bias"), eps)}


def group_norm(inputs, attrs, training):
    groups, eps = attrs["numGroups"], attrs.get("eps", 1e-5)
    return {"y": F.group_norm(inputs["x"], groups, inputs.get("weight"), inputs.get("bias"), eps)}


def norm_order(attrs):
    p = attrs.get("p", 2)
    return float("inf") if p == "inf" else p


OPS = {
    "batchNorm": batch_norm,
    "layerNorm": layer_norm,
    "rmsNorm": rms_norm,
    "groupNorm": group_norm,
    "instanceNorm": instance_norm,
    "localResponseNorm": lambda inputs, attrs, training: {
        "y": F.local_response_norm(
            inputs["x"], attrs["size"], attrs.get("alpha", 1e-4), attrs.get("beta", 0.75), attrs.get("k", 1)
        )
    },
    "normalize": lambda inputs, attrs, training: {
        "y": F.normalize(inputs["x"], norm_order(attrs), attrs.get("dim", 1), attrs.get("eps", 1e-12))
    },
    "cosineSimilarity": lambda inputs, attrs, training: {
        "y": F.cosine_similarity(inputs["x1"], inputs["x2"], attrs.get("dim", 1), attrs.get("eps", 1e-8))
    },
    "pairwiseDistance": lambda inputs, attrs, training: {
        "y": F.pairwise_distance(
            inputs["x1"],
            inputs["x2"],
            norm_order(attrs),
            attrs.get("eps", 1e-6),
            attrs.get("keepdim", False),
        )
    },
}
