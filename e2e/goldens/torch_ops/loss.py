"""PyTorch's losses. The distillation loss and the metrics are composed from primitives."""

import math

import torch
import torch.nn.functional as F


def loss(function, names, **attributes):
    """
    An op that calls `function` with the inputs `names` in order (those with ? if given, by keyword) and with the
    attributes {python_name: camelCaseName} that the case has; what it leaves out is PyTorch's default.
    """

    def run(inputs, attrs, training):
        required = [inputs[name] for name in names if not name.endswith("?")]
        optional = [name[:-1] for name in names if name.endswith("?")]
        keywords = {snake(name): inputs[name] for name in optional if name in inputs}
        for python_name, name in {**attributes, "reduction": "reduction"}.items():
            if name in attrs:
                keywords[python_name] = attrs[name]
        return {"y": function(*required, **keywords)}

    return run


def snake(name):
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def distillation(inputs, attrs, training):
    temperature, alpha = attrs.get("temperature", 1), attrs.get("alpha", 0.5)
    soft = F.kl_div(
        F.log_softmax(inputs["x"] / temperature, 1),
        F.softmax(inputs["teacher"] / temperature, 1),
        reduction="batchmean",
    )
    hard = F.cross_entropy(inputs["x"], inputs["target"])
    return {"y": alpha * temperature**2 * soft + (1 - alpha) * hard}


def accuracy(inputs, attrs):
    target = inputs["target"]
    counted = target != attrs["ignoreIndex"] if "ignoreIndex" in attrs else torch.ones_like(target).bool()
    return (inputs["x"].argmax(1) == target)[counted].to(torch.float64).mean()


def reduced(losses, attrs, default="mean"):
    return {"mean": losses.mean, "sum": losses.sum, "none": losses.clone}[attrs.get("reduction", default)]()


def keras(function):
    """A loss per sample, the last dim being averaged by `function` itself."""

    def run(inputs, attrs, training):
        return {"y": reduced(function(inputs["x"], inputs["target"]), attrs)}

    return run


def signed(target):
    return 2 * target - 1 if bool(((target == 0) | (target == 1)).all()) else target


def focal(inputs, attrs, training):
    """As torchvision.ops.sigmoid_focal_loss."""
    x, target = inputs["x"], inputs["target"]
    alpha, gamma = attrs.get("alpha", 0.25), attrs.get("gamma", 2)
    p = torch.sigmoid(x)
    loss = F.binary_cross_entropy_with_logits(x, target, reduction="none")
    loss = loss * (1 - (p * target + (1 - p) * (1 - target))) ** gamma
    if alpha >= 0:
        loss = (alpha * target + (1 - alpha) * (1 - target)) * loss
    return {"y": reduced(loss, attrs, "none")}


XT = ["x", "target"]

OPS = {
    "crossEntropy": loss(
        F.cross_entropy, [*XT, "weight?"], ignore_index="ignoreIndex", label_smoothing="labelSmoothing"
    ),
    "nllLoss": loss(F.nll_loss, [*XT, "weight?"], ignore_index="ignoreIndex"),
    "mseLoss": loss(F.mse_loss, XT),
    "l1Loss": loss(F.l1_loss, XT),
    "smoothL1Loss": loss(F.smooth_l1_loss, XT, beta="beta"),
    "huberLoss": loss(F.huber_loss, XT, delta="delta"),
    "binaryCrossEntropy": loss(F.binary_cross_entropy, [*XT, "weight?"]),
    "binaryCrossEntropyWithLogits": loss(
        F.binary_cross_entropy_with_logits, [*XT, "weight?", "posWeight?"]
    ),
    "klDiv": loss(F.kl_div, XT, log_target="logTarget"),
    "poissonNllLoss": loss(F.poisson_nll_loss, XT, log_input="logInput", full="full", eps="eps"),
    "gaussianNllLoss": loss(F.gaussian_nll_loss, [*XT, "var"], full="full", eps="eps"),
    "cosineEmbeddingLoss": loss(F.cosine_embedding_loss, ["x1", "x2", "target"], margin="margin"),
    "hingeEmbeddingLoss": loss(F.hinge_embedding_loss, XT, margin="margin"),
    "marginRankingLoss": loss(F.margin_ranking_loss, ["x1", "x2", "target"], margin="margin"),
    "multiMarginLoss": loss(F.multi_margin_loss, [*XT, "weight?"], p="p", margin="margin"),
    "softMarginLoss": loss(F.soft_margin_loss, XT),
    "multilabelSoftMarginLoss": loss(F.multilabel_soft_margin_loss, [*XT, "weight?"]),
    "tripletMarginLoss": loss(
        F.triplet_margin_loss, ["anchor", "positive", "negative"], margin="margin", p="p", eps="eps", swap="swap"
    ),
    "ctcLoss": loss(
        F.ctc_loss,
        ["logProbs", "targets", "inputLengths", "targetLengths"],
        blank="blank",
        zero_infinity="zeroInfinity",
    ),
    "hinge": keras(lambda x, t: (1 - signed(t) * x).clamp_min(0).mean(-1)),
    "squaredHinge": keras(lambda x, t: (1 - signed(t) * x).clamp_min(0).square().mean(-1)),
    "categoricalHinge": keras(lambda x, t: (((1 - t) * x).amax(-1) - (t * x).sum(-1) + 1).clamp_min(0)),
    "logCosh": keras(lambda x, t: ((x - t) + F.softplus(-2 * (x - t), threshold=1e30) - math.log(2)).mean(-1)),
    "sigmoidFocalLoss": focal,
    "multilabelMarginLoss": loss(F.multilabel_margin_loss, XT),
    "distillationLoss": distillation,
    "accuracy": lambda inputs, attrs, training: {"y": accuracy(inputs, attrs)},
    "classificationError": lambda inputs, attrs, training: {"y": 1 - accuracy(inputs, attrs)},
}
