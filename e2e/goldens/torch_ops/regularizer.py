"""The penalties, composed from primitives. The dropout family is random and has no goldens."""

OPS = {
    "l1Penalty": lambda inputs, attrs, training: {"y": attrs.get("lambda", 1) * inputs["x"].abs().sum()},
    "l2Penalty": lambda inputs, attrs, training: {"y": attrs.get("lambda", 1) * inputs["x"].square().sum()},
}
