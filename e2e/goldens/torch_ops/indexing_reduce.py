"""PyTorch's reductions at indices, its bags of embeddings, and advanced indexing."""

import torch
import torch.nn.functional as F


def single(function):
    """An op with the single output y."""
    return lambda inputs, attrs, training: {"y": function(inputs, attrs)}


def scatter_reduce(i, a):
    src = i["src"][tuple(slice(n) for n in i["index"].shape)]
    return torch.scatter_reduce(
        i["x"], a["dim"], i["index"], src, a["reduce"], include_self=a.get("includeSelf", True)
    )


def index_reduce(i, a):
    return torch.index_reduce(
        i["x"], a["dim"], i["index"], i["source"], a["reduce"], include_self=a.get("includeSelf", True)
    )


def gather_nd(i, a):
    def one(x, index, batch_dims):
        if batch_dims == 0:
            return x[tuple(index.unbind(-1))]
        return torch.stack([one(*pair, batch_dims - 1) for pair in zip(x, index)])

    return one(i["x"], i["index"], a.get("batchDims", 0))


def scatter_nd(i, a):
    x, index, updates = i["x"], i["index"], i["updates"]
    places = torch.arange(x.numel()).reshape(x.shape)[tuple(index.unbind(-1))].flatten()
    reduction = a.get("reduction", "none")
    if reduction == "none":
        return x.flatten().index_copy(0, places, updates.flatten()).reshape(x.shape)
    if reduction == "add":
        return x.flatten().index_add(0, places, updates.flatten()).reshape(x.shape)
    name = {"mul": "prod", "max": "amax", "min": "amin"}[reduction]
    return x.flatten().scatter_reduce(0, places, updates.flatten(), name).reshape(x.shape)


def embedding_bag(i, a):
    weight = i["weight"]
    if a.get("maxNorm"):
        weight = weight.detach().clone()  # it is renormalized in place
    elif "perSampleWeights" in i:
        weight = weight * torch.ones((), requires_grad=True)  # PyTorch 1.13 asserts that it wants a gradient, too
    options = {"padding_idx": a.get("paddingIdx"), "max_norm": a.get("maxNorm"), "norm_type": a.get("normType", 2)}
    return F.embedding_bag(
        i["x"],
        weight,
        i.get("offsets"),
        mode=a.get("mode", "mean"),
        per_sample_weights=i.get("perSampleWeights"),
        include_last_offset=a.get("includeLastOffset", False),
        **options,
    )


OPS = {
    "scatterReduce": single(scatter_reduce),
    "indexReduce": single(index_reduce),
    "gatherNd": single(gather_nd),
    "scatterNd": single(scatter_nd),
    "embeddingBag": single(embedding_bag),
}
