"""PyTorch's indexing ops."""

import torch
import torch.nn.functional as F


def single(function):
    """An op with the single output y."""
    return lambda inputs, attrs, training: {"y": function(inputs, attrs)}


def used_part(src, index):
    """The part of src that is scattered; PyTorch itself has no gradient when src is larger than index."""
    return src[tuple(slice(n) for n in index.shape)]


OPS = {
    "gather": single(lambda i, a: torch.gather(i["x"], a["dim"], i["index"])),
    "scatterAdd": single(
        lambda i, a: torch.scatter_add(i["x"], a["dim"], i["index"], used_part(i["src"], i["index"]))
    ),
    "scatter": single(
        lambda i, a: torch.scatter(i["x"], a["dim"], i["index"], used_part(i["src"], i["index"]))
    ),
    "indexAdd": single(
        lambda i, a: torch.index_add(i["x"], a["dim"], i["index"], i["source"], alpha=a.get("alpha", 1))
    ),
    "indexSelect": single(lambda i, a: torch.index_select(i["x"], a["dim"], i["index"])),
    "takeAlongDim": single(lambda i, a: torch.take_along_dim(i["x"], i["index"], a.get("dim"))),
    "oneHot": single(lambda i, a: F.one_hot(i["x"], a.get("numClasses", -1))),
    "maskedFill": single(lambda i, a: torch.masked_fill(i["x"], i["mask"], a["value"])),
    "embedding": single(lambda i, a: F.embedding(i["x"], i["weight"], a.get("paddingIdx"))),
}
