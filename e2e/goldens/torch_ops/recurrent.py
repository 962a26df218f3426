"""PyTorch's LSTM, GRU and RNN. Sequences with lengths go through a packed batch."""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def weights(inputs, attrs):
    """All parameters in the order in which PyTorch's functions take them."""
    directions = ["", "Reverse"] if attrs.get("bidirectional", False) else [""]
    names = ["weightIh", "weightHh"] + (["biasIh", "biasHh"] if attrs.get("bias", True) else [])
    names += ["weightHr"] if attrs.get("projSize", 0) else []
    return [
        inputs[f"{name}L{layer}{direction}"]
        for layer in range(attrs.get("numLayers", 1))
        for direction in directions
        for name in names
    ]


def recurrent(function, has_memory):
    def run(inputs, attrs, training):
        x = inputs["x"]
        batch_first = attrs.get("batchFirst", False)
        unbatched = x.dim() == 2
        if unbatched:
            x, batch_first = x.unsqueeze(1), False
        directions = 2 if attrs.get("bidirectional", False) else 1
        layers = attrs.get("numLayers", 1)
        batch = x.shape[0] if batch_first else x.shape[1]

        def initial(name):
            if name not in inputs:
                size = name == "h0" and attrs.get("projSize", 0) or attrs["hiddenSize"]
                return torch.zeros(layers * directions, batch, size, dtype=x.dtype)
            return inputs[name].unsqueeze(1) if unbatched else inputs[name]

        states = [initial("h0"), initial("c0")] if has_memory else [initial("h0")]
        options = (attrs.get("bias", True), layers, 0.0, training, directions == 2)
        parameters = weights(inputs, attrs)
        if "lengths" in inputs:
            steps = x.shape[1] if batch_first else x.shape[0]
            packed = pack_padded_sequence(x, inputs["lengths"], batch_first, enforce_sorted=False)
            states = [s.index_select(1, packed.sorted_indices) for s in states]
            hx = tuple(states) if has_memory else states[0]
            data, *final = function(packed.data, packed.batch_sizes, hx, parameters, *options)
            final = [s.index_select(1, packed.unsorted_indices) for s in final]
            y, _ = pad_packed_sequence(packed._replace(data=data), batch_first, total_length=steps)
        else:
            hx = tuple(states) if has_memory else states[0]
            y, *final = function(x, hx, parameters, *options, batch_first)
        if unbatched:
            y, final = y.squeeze(1), [s.squeeze(1) for s in final]
        return dict(zip(["y", "hn", "cn"], [y, *final]))

    return run


def rnn(inputs, attrs, training):
    function = torch.rnn_relu if attrs.get("nonlinearity", "tanh") == "relu" else torch.rnn_tanh
    return recurrent(function, False)(inputs, attrs, training)


def cell(function, states):
    def run(inputs, attrs, training):
        x = inputs["x"]
        of = [inputs[n] if x.dim() == 2 else inputs[n].unsqueeze(0) for n in ["x", *states]]
        hx = (of[1], of[2]) if len(states) == 2 else of[1]
        given = [inputs["weightIh"], inputs["weightHh"], inputs.get("biasIh"), inputs.get("biasHh")]
        found = function(of[0], hx, *given)
        found = found if isinstance(found, tuple) else (found,)
        return {n: v if x.dim() == 2 else v.squeeze(0) for n, v in zip(["hn", "cn"], found)}

    return run


def rnn_cell(inputs, attrs, training):
    function = torch.rnn_relu_cell if attrs.get("nonlinearity", "tanh") == "relu" else torch.rnn_tanh_cell
    return cell(function, ["h"])(inputs, attrs, training)


OPS = {"lstm": recurrent(torch.lstm, True), "gru": recurrent(torch.gru, False), "rnn": rnn}
OPS |= {"lstmCell": cell(torch.lstm_cell, ["h", "c"]), "gruCell": cell(torch.gru_cell, ["h"]), "rnnCell": rnn_cell}
