"""Trains the models of model-curves.ts for 20 steps in PyTorch and writes the losses to fixtures/models/model-curves.json.

    python3 e2e/goldens/model_curves.py

Needs PyTorch (CPU, 1.13 or newer). Weights and data follow from names (`initial`, `numbers`; the same as in
model-curves.ts), so that the fixture holds the losses only. Float32, as the GPU computes.
"""

import json
import math
import pathlib

import torch
from modules import pattern
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).resolve().parent
STEPS, BATCHES = 20, 4


class CharLSTM(nn.Module):
    """Logits for the character after each."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 12, batch_first=True)
        self.fc = nn.Linear(12, 11)

    def forward(self, x):
        return self.fc(self.lstm(self.embedding(x))[0])


class BiLSTM(nn.Module):
    """A class from the last states of both directions."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(11, 6)
        self.lstm = nn.LSTM(6, 8, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(16, 4)

    def forward(self, x):
        states = self.lstm(self.embedding(x))[1][0]
        return self.fc(torch.cat([states[0], states[1]], 1))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_attn = nn.Linear(16, 48)
        self.c_proj = nn.Linear(16, 16)

    def forward(self, x):
        n, t, e = x.shape
        q, k, v = (part.view(n, t, 2, 8).transpose(1, 2) for part in self.c_attn(x).split(e, 2))
        hidden = torch.ones(t, t, dtype=torch.bool).triu(1)
        weights = (q @ k.transpose(2, 3) / math.sqrt(8)).masked_fill(hidden, -math.inf).softmax(3)
        return self.c_proj((weights @ v).transpose(1, 2).reshape(n, t, e))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.c_fc = nn.Linear(16, 64)
        self.c_proj = nn.Linear(64, 16)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1 = nn.LayerNorm(16)
        self.attn = Attention()
        self.ln_2 = nn.LayerNorm(16)
        self.mlp = Mlp()

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    """nanoGPT's shape: two layers, two heads, tied embeddings."""

    def __init__(self):
        super().__init__()
        body = dict(wte=nn.Embedding(11, 16), wpe=nn.Embedding(9, 16))
        body.update(h=nn.ModuleList([Block(), Block()]), ln_f=nn.LayerNorm(16))
        self.transformer = nn.ModuleDict(body)
        self.lm_head = nn.Linear(16, 11, bias=False)
        self.lm_head.weight = self.transformer.wte.weight

    def forward(self, x):
        body = self.transformer
        h = body.wte(x) + body.wpe(torch.arange(x.shape[1]))
        for block in body.h:
            h = block(h)
        return self.lm_head(body.ln_f(h))


class BasicBlock(nn.Module):
    def __init__(self, inputs, channels, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        if stride > 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (y + (self.downsample(x) if hasattr(self, "downsample") else x)).relu()


class ResNet(nn.Module):
    """Two stages of one basic block, for small images."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(BasicBlock(4, 4, 1))
        self.layer2 = nn.Sequential(BasicBlock(4, 8, 2))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.layer2(self.layer1(self.bn1(self.conv1(x)).relu()))
        return self.fc(x.mean((2, 3)))


def initial(name, shape):
    if len(shape) > 1:
        return pattern(name, shape) * 2 / math.sqrt(math.prod(shape[1:]))
    return pattern(name, shape) * 0.2 + (1 if name.endswith("weight") else 0)


def numbers(name, shape, count):
    """Whole numbers from 0 to count - 1."""
    return torch.floor((pattern(name, shape) + 0.5) * count).long()


def data_of(model):
    samples = 4 * BATCHES
    if model == "resnet":
        return pattern("x", [samples, 3, 8, 8]).float() * 2, numbers("y", [samples], 5)
    text = numbers("x", [samples, 9], 11)
    return text, (numbers("y", [samples], 4) if model == "biLstm" else text.roll(-1, 1))


MODELS = {"charLstm": CharLSTM, "biLstm": BiLSTM, "gpt": GPT, "resnet": ResNet}
OPTIMIZERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, 0.05, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters, 2e-3),
}


def train(name, optimizer):
    model = MODELS[name]()
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            parameter.copy_(initial(key, list(parameter.shape)))
    x, y = data_of(name)
    step = OPTIMIZERS[optimizer](model.parameters())
    losses = []
    for i in range(STEPS):
        rows = slice(i % BATCHES * 4, i % BATCHES * 4 + 4)
        logits = model(x[rows])
        loss = F.cross_entropy(logits.flatten(0, -2), y[rows].flatten())
        step.zero_grad()
        loss.backward()
        step.step()
        losses.append(float(f"{loss.item():.8g}"))
    return losses


def main():
    torch.set_num_threads(1)
    found = {name: {optimizer: train(name, optimizer) for optimizer in OPTIMIZERS} for name in MODELS}
    (HERE / "fixtures" / "models" / "model-curves.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
