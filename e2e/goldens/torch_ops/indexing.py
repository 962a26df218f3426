"""PyTorch's indexing ops."""

import torch
import torch.nn.functional as F


def single(function):
    """An op with the single output y."""
    return lambda inputs, attrs, training: {"y": function(inputs, attrs)}


def used_part(src, index):
    """The part of src that is scattered; PyTorch itself has no gradient when src is larger than index."""
    return src[tuple(slice(n) for n in index.shape)]


def scatter(inputs, attrs):
    """PyTorch's reduce='add' has no gradient; scatter_add, which is the same, has one."""
    x, dim, index = inputs["x"], attrs["dim"], inputs["index"]
    if "src" not in inputs:
        return torch.scatter(x, dim, index, attrs["value"])
    function = torch.scatter_add if attrs.get("reduce") == "add" else torch.scatter
    return function(x, dim, index, used_part(inputs["src"], index))


OPS = {
    "gather": single(lambda i, a: torch.gather(i["x"], a["dim"], i["index"])),
    "scatterAdd": single(
        lambda i, a: torch.scatter_add(i["x"], a["dim"], i["index"], used_part(i["src"], i["index"]))
    ),
    "scatter": single(scatter),
    "indexCopy": single(lambda i, a: torch.index_copy(i["x"], a["dim"], i["index"], i["source"])),
    "indexFill": single(lambda i, a: torch.index_fill(i["x"], a["dim"], i["index"], a["value"])),
    "take": single(lambda i, a: torch.take(i["x"], i["index"])),
    "indexAdd": single(
        lambda i, a: torch.index_add(i["x"], a["dim"], i["index"], i["source"], alpha=a.get("alpha", 1))
    ),
    "indexSelect": single(lambda i, a: torch.index_select(i["x"], a["dim"], i["index"])),
    "takeAlongDim": single(lambda i, a: torch.take_along_dim(i["x"], i["index"], a.get("dim"))),
    "oneHot": single(lambda i, a: F.one_hot(i["x"], a.get("numClasses", -1))),
    "maskedFill": single(lambda i, a: torch.masked_fill(i["x"], i["mask"], a["value"])),
    "embedding": single(lambda i, a: F.embedding(i["x"], i["weight"], a.get("paddingIdx"))),
}
