"""Scaled dot product attention from PyTorch's primitives: 1.13 has no public function for it.

A row that may look at no key gives zeros, as torch.nn.functional.scaled_dot_product_attention does since 2.5.
"""

import math

import torch


def attention(inputs, attrs, training):
    query, key, value, mask = inputs["query"], inputs["key"], inputs["value"], inputs.get("attnMask")
    if attrs.get("enableGqa", False):
        groups = query.shape[-3] // key.shape[-3]
        key = key.repeat_interleave(groups, -3)
        value = value.repeat_interleave(groups, -3)
    scale = attrs.get("scale")
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask
    if attrs.get("isCausal", False):
        keep = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
        scores = scores.masked_fill(~keep, -math.inf)
    empty = (scores == -math.inf).all(-1, keepdim=True)
    weights = torch.softmax(scores.masked_fill(empty, 0), -1).masked_fill(empty, 0)
    y = weights @ value
    return {"y": y, "weights": weights} if attrs.get("needWeights", False) else {"y": y}


OPS = {"scaledDotProductAttention": attention}
