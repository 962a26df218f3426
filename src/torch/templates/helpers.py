"""Functions that model.py gets where it uses them: what PyTorch has not, or not in all versions from 1.13."""
import base64
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence


def constant(name):
    """An array of CONSTANTS."""
    return decoded(*CONSTANTS[name])


def decoded(stored, dtype, shape, text):
    """A tensor out of base64."""
    data = bytearray(base64.b64decode(text))
    return torch.frombuffer(data, dtype=stored).reshape(shape).to(dtype)


def swiglu(x, dim):
    a, b = x.chunk(2, dim)
    return F.silu(a) * b


def stochastic_depth(x, p, mode, training):
    """Drops samples (mode "row") or the whole batch."""
    if not training or p == 0:
        return x
    shape = [x.shape[0] if mode == "row" else 1] + [1] * (x.dim() - 1)
    keep = torch.bernoulli(torch.full(shape, 1.0 - p, device=x.device))
    return x * keep / (1.0 - p) if p < 1 else x * 0


def rms_norm(x, normalized_shape, weight=None, eps=None):
    dims = tuple(range(-len(normalized_shape), 0))
    eps = torch.finfo(x.dtype).eps if eps is None else eps
    y = x * torch.rsqrt(x.square().mean(dims, keepdim=True) + eps)
    return y if weight is None else y * weight


def scaled_dot_product_attention(
    query, key, value, mask=None, is_causal=False, dropout=0.0, scale=None, enable_gqa=False, need_weights=False
):
    """softmax(scale query key^T + mask) value; a query that may look at no key gives 0."""
    if enable_gqa:
        groups = query.shape[-3] // key.shape[-3]
        key, value = key.repeat_interleave(groups, -3), value.repeat_interleave(groups, -3)
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    scores = query @ key.transpose(-2, -1) * scale
    if mask is not None:
        scores = scores.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else scores + mask
    if is_causal:
        shape = scores.shape[-2:]
        later = torch.ones(shape, dtype=torch.bool, device=scores.device).triu(1)
        scores = scores.masked_fill(later, -math.inf)
    empty = (scores == -math.inf).all(-1, keepdim=True)
    weights = torch.softmax(scores.masked_fill(empty, 0.0), -1).masked_fill(empty, 0.0)
    y = F.dropout(weights, dropout) @ value if dropout > 0 else weights @ value
    return (y, weights) if need_weights else y


def multi_head_attention(query, key=None, value=None, *, heads, batch_first=True, mask=None, is_causal=False, dropout=0.0):
    """Attention on projections [N, T, E] (or [T, N, E]) with the heads side by side, which may be packed into one tensor."""
    if key is None:
        query, key, value = query.chunk(3, -1)
    elif value is None:
        key, value = key.chunk(2, -1)

    def in_heads(x):
        split = x.unflatten(-1, (heads, x.shape[-1] // heads))
        return split.transpose(1, 2) if batch_first else split.permute(1, 2, 0, 3)

    y = scaled_dot_product_attention(
        in_heads(query), in_heads(key), in_heads(value), mask=mask, is_causal=is_causal, dropout=dropout
    )
    return (y.transpose(1, 2) if batch_first else y.permute(2, 0, 1, 3)).flatten(-2)


def recurrent(
    kind, x, weights, hidden_size, h0=None, c0=None, lengths=None, num_layers=1, bias=True, bidirectional=False,
    batch_first=False, proj_size=0, dropout=0.0
):
    """torch.lstm, gru, rnn_tanh or rnn_relu with these weights; `lengths` of sequences that end before the padding."""
    function = getattr(torch, kind)
    is_lstm = kind == "lstm"
    is_batch = x.dim() == 3
    if not is_batch:
        x, batch_first = x.unsqueeze(1), False
        h0, c0 = (state if state is None else state.unsqueeze(1) for state in (h0, c0))
    batch = x.shape[0 if batch_first else 1]
    layers = num_layers * (2 if bidirectional else 1)
    if h0 is None:
        h0 = x.new_zeros(layers, batch, proj_size or hidden_size)
    if c0 is None:
        c0 = x.new_zeros(layers, batch, hidden_size)
    options = (bias, num_layers, dropout, dropout > 0, bidirectional)
    if lengths is None:
        outputs = function(x, (h0, c0) if is_lstm else h0, weights, *options, batch_first)
        y, *final = outputs
    else:
        # Sequences without any step keep their first state, and give zeros.
        steps = x.shape[1 if batch_first else 0]
        empty = lengths < 1
        packed = pack_padded_sequence(x, lengths.clamp(1, steps).cpu(), batch_first, enforce_sorted=False)
        first = [state.index_select(1, packed.sorted_indices) for state in ((h0, c0) if is_lstm else (h0,))]
        data, *final = function(packed.data, packed.batch_sizes, tuple(first) if is_lstm else first[0], weights, *options)
        final = [state.index_select(1, packed.unsorted_indices) for state in final]
        result = PackedSequence(data, packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        y, _ = pad_packed_sequence(result, batch_first, total_length=steps)
        y = y.masked_fill(empty.reshape((-1, 1, 1) if batch_first else (1, -1, 1)), 0.0)
        final = [torch.where(empty.reshape(1, -1, 1), old, new) for old, new in zip((h0, c0), final)]
    if not is_batch:
        y, final = y.squeeze(1), [state.squeeze(1) for state in final]
    return (y, *final)


def dilated_avg_pool2d(x, kernel_size, stride, padding, dilation, count_include_pad):
    """Average pooling of images whose windows have gaps."""
    pair = lambda value: tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    kernel, stride, padding, dilation = pair(kernel_size), pair(stride), pair(padding), pair(dilation)
    options = dict(stride=stride, padding=padding, dilation=dilation)
    columns = F.unfold(x.flatten(0, 1).unsqueeze(1), kernel, **options)
    inside = F.unfold(torch.ones_like(x[:1, :1]), kernel, **options)
    count = columns.shape[1] if count_include_pad else inside.sum(1)
    sizes = zip(x.shape[2:], kernel, stride, padding, dilation)
    out = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, s, p, d in sizes]
    return (columns.sum(1) / count).reshape(*x.shape[:2], *out)


def lp_pool3d(x, norm_type, kernel_size, stride=None, ceil_mode=False):
    out = F.avg_pool3d(x.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    kernel = kernel_size if isinstance(kernel_size, (tuple, list)) else [kernel_size] * 3
    return (torch.sign(out) * F.relu(out.abs())).mul(math.prod(kernel)).pow(1.0 / norm_type)


def gather_nd(x, index, batch_dims=0):
    if batch_dims == 0:
        return x[tuple(index.unbind(-1))]
    return torch.stack([gather_nd(*pair, batch_dims - 1) for pair in zip(x, index)])


def scatter_nd(x, index, updates, reduction="none"):
    places = torch.arange(x.numel(), device=x.device).reshape(x.shape)[tuple(index.unbind(-1))].flatten()
    flat, values = x.flatten(), updates.flatten()
    if reduction == "none":
        return flat.index_copy(0, places, values).reshape(x.shape)
    if reduction == "add":
        return flat.index_add(0, places, values).reshape(x.shape)
    name = {"mul": "prod", "max": "amax", "min": "amin"}[reduction]
    return flat.scatter_reduce(0, places, values, name).reshape(x.shape)


def accuracy(x, target, ignore_index=-100):
    counted = target != ignore_index
    return (x.argmax(1) == target)[counted].float().mean()


def reduced(losses, reduction):
    return losses if reduction == "none" else getattr(losses, reduction)()


def signed(target):
    """Targets 0 and 1 as -1 and 1."""
    return 2 * target - 1 if bool(((target == 0) | (target == 1)).all()) else target


def hinge(x, target, reduction="mean"):
    return reduced((1 - signed(target) * x).clamp_min(0).mean(-1), reduction)


def squared_hinge(x, target, reduction="mean"):
    return reduced((1 - signed(target) * x).clamp_min(0).square().mean(-1), reduction)


def categorical_hinge(x, target, reduction="mean"):
    losses = (((1 - target) * x).amax(-1) - (target * x).sum(-1) + 1).clamp_min(0)
    return reduced(losses, reduction)


def log_cosh(x, target, reduction="mean"):
    difference = x - target
    losses = (difference + F.softplus(-2 * difference, threshold=1e30) - math.log(2)).mean(-1)
    return reduced(losses, reduction)


def sigmoid_focal_loss(x, target, alpha=0.25, gamma=2, reduction="none"):
    p = torch.sigmoid(x)
    loss = F.binary_cross_entropy_with_logits(x, target, reduction="none")
    loss = loss * (1 - (p * target + (1 - p) * (1 - target))) ** gamma
    if alpha >= 0:
        loss = (alpha * target + (1 - alpha) * (1 - target)) * loss
    return reduced(loss, reduction)


def distillation_loss(x, teacher, target, temperature=1, alpha=0.5):
    soft = F.kl_div(F.log_softmax(x / temperature, 1), F.softmax(teacher / temperature, 1), reduction="batchmean")
    return alpha * temperature**2 * soft + (1 - alpha) * F.cross_entropy(x, target)
