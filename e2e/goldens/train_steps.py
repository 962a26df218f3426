"""Custom training loops in PyTorch, for src/train/train-step.gpu.test.ts: writes fixtures/curves/trainSteps.json.

    python3 e2e/goldens/train_steps.py

Needs PyTorch (CPU, 1.13 or newer). Weights and data come from an integer generator that the test has too.
"""

import json
import pathlib

import torch
from torch import nn

FIXTURE = pathlib.Path(__file__).resolve().parent / "fixtures" / "curves" / "trainSteps.json"


def draw(shape, salt):
    """Uniform in [-0.5, 0.5): a linear congruential generator, exact in float32 after division by 2^24."""
    count = 1
    for n in shape:
        count *= n
    state, values = salt * 7919 + 17, []
    for _ in range(count):
        state = (state * 1103515 + 12345) % 16777216
        values.append(state / 16777216 - 0.5)
    return torch.tensor(values, dtype=torch.float64).float().reshape(shape)


def fill(module, salt):
    for i, parameter in enumerate(module.parameters()):
        parameter.data = draw(list(parameter.shape), salt + i)
    return module


class TwoInputs(nn.Module):
    """Features of two inputs, joined; `frozen` is left out of training."""

    def __init__(self):
        super().__init__()
        self.frozen = nn.Linear(6, 5)
        self.left = nn.Linear(5, 4)
        self.right = nn.Linear(3, 4)
        self.head = nn.Linear(4, 3)

    def forward(self, a, b):
        return self.head(torch.tanh(self.left(torch.relu(self.frozen(a))) + self.right(b)))


def final(module):
    return {name: [round(v, 7) for v in p.detach().double().flatten().tolist()] for name, p in module.named_parameters()}


def accumulation():
    """Adam with gradients of four micro-batches, a rate per step, a frozen layer."""
    model = fill(TwoInputs(), 1)
    for parameter in model.frozen.parameters():
        parameter.requires_grad = False
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    losses = []
    for step in range(6):
        for group in optimizer.param_groups:
            group["lr"] = 1e-2 / (1 + step)
        optimizer.zero_grad()
        for micro in range(4):
            salt = 100 + step * 4 + micro
            out = model(draw([5, 6], salt), draw([5, 3], salt + 500))
            target = torch.tensor([(salt + i) % 3 for i in range(5)])
            loss = nn.functional.cross_entropy(out, target)
            (loss / 4).backward()
            losses.append(loss.item())
        optimizer.step()
    return {"losses": losses, "final": final(model)}


def groups():
    """AdamW without decay on biases, another rate for the head, clipping by the norm of all gradients."""
    model = fill(TwoInputs(), 1)
    named = dict(model.named_parameters())
    biases = [p for n, p in named.items() if n.endswith("bias")]
    head = [named["head.weight"]]
    rest = [p for n, p in named.items() if not n.endswith("bias") and n != "head.weight"]
    optimizer = torch.optim.AdamW(
        [{"params": rest}, {"params": biases, "weight_decay": 0}, {"params": head, "lr": 5e-2, "betas": (0.8, 0.9)}],
        lr=1e-2,
        weight_decay=0.2,
    )
    losses, norms = [], []
    for step in range(6):
        out = model(draw([5, 6], 100 + step), draw([5, 3], 600 + step))
        loss = nn.functional.cross_entropy(out, torch.tensor([(step + i) % 3 for i in range(5)]))
        optimizer.zero_grad()
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), 0.3).item())
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "norms": norms, "final": final(model)}


def unused():
    """Parameters without a gradient are neither decayed nor moved by momentum."""
    model = fill(TwoInputs(), 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.1)
    losses = []
    for step in range(4):
        x = draw([5, 6], 100 + step)
        out = model.head(torch.tanh(model.left(torch.relu(model.frozen(x)))))
        loss = nn.functional.cross_entropy(out, torch.tensor([(step + i) % 3 for i in range(5)]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"losses": losses, "final": final(model)}


def gan():
    """Alternating steps of a discriminator and a generator that share weights with each other's losses."""
    generator = fill(nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3)), 20)
    critic = fill(nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1)), 40)
    d_optimizer = torch.optim.Adam(critic.parameters(), lr=2e-2, betas=(0.5, 0.999))
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-2, betas=(0.5, 0.999))
    bce = nn.functional.binary_cross_entropy_with_logits
    d_losses, g_losses = [], []
    for step in range(8):
        z, real = draw([6, 2], 300 + step), draw([6, 3], 400 + step)
        fake = generator(z)
        d_loss = bce(critic(real), torch.ones(6, 1)) + bce(critic(fake.detach()), torch.zeros(6, 1))
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        g_loss = bce(critic(generator(z)), torch.ones(6, 1))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        d_losses.append(d_loss.item())
        g_losses.append(g_loss.item())
    return {"dLosses": d_losses, "gLosses": g_losses, "generator": final(generator), "critic": final(critic)}


def simultaneous():
    """Both losses of a GAN are differentiated before either model is updated."""
    generator = fill(nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 3)), 20)
    critic = fill(nn.Sequential(nn.Linear(3, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1)), 40)
    d_optimizer = torch.optim.SGD(critic.parameters(), lr=0.1)
    g_optimizer = torch.optim.Adam(generator.parameters(), lr=1e-2)
    bce = nn.functional.binary_cross_entropy_with_logits
    d_losses, g_losses = [], []
    for step in range(5):
        z, real = draw([6, 2], 300 + step), draw([6, 3], 400 + step)
        fake = generator(z)
        d_loss = bce(critic(real), torch.ones(6, 1)) + bce(critic(fake.detach()), torch.zeros(6, 1))
        g_loss = bce(critic(fake), torch.ones(6, 1))
        d_grads = torch.autograd.grad(d_loss, list(critic.parameters()), retain_graph=True)
        g_grads = torch.autograd.grad(g_loss, list(generator.parameters()))
        for p, g in zip(critic.parameters(), d_grads):
            p.grad = g
        for p, g in zip(generator.parameters(), g_grads):
            p.grad = g
        d_optimizer.step()
        g_optimizer.step()
        d_losses.append(d_loss.item())
        g_losses.append(g_loss.item())
    return {"dLosses": d_losses, "gLosses": g_losses, "generator": final(generator), "critic": final(critic)}


torch.manual_seed(0)
runs = [accumulation, groups, unused, gan, simultaneous]
FIXTURE.write_text(json.dumps({run.__name__: run() for run in runs}) + "\n")
