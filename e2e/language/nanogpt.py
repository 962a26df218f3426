"""A plain PyTorch GPT on a text file, to compare `gradloom train --model gpt` with: same model, initialization rule,
optimizer and validation windows; other random numbers. Prints the validation loss at intervals.

python3 e2e/language/nanogpt.py tinyshakespeare.txt --steps 1000 --eval-interval 250
"""
import argparse
import math
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("data")
for flag, default in {
    "steps": 1000, "eval-interval": 250, "batch-size": 16, "block-size": 64, "layers": 2, "heads": 4,
    "embedding": 64, "seed": 0, "validation-windows": 256,
}.items():
    parser.add_argument(f"--{flag}", type=int, default=default)
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--weight-decay", type=float, default=0.01)
args = parser.parse_args()
torch.manual_seed(args.seed)

text = open(args.data, encoding="utf8").read()
characters = sorted(set(text))
tokens = torch.tensor([characters.index(c) for c in text])
split = math.floor(len(tokens) * 0.9)
train, validation = tokens[:split], tokens[split:]
T, E, H = args.block_size, args.embedding, args.heads


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(E), nn.LayerNorm(E)
        self.attn, self.proj = nn.Linear(E, 3 * E), nn.Linear(E, E)
        self.fc, self.out = nn.Linear(E, 4 * E), nn.Linear(4 * E, E)
        self.register_buffer("mask", torch.tril(torch.ones(T, T, dtype=torch.bool)))

    def forward(self, x):
        B, t, _ = x.shape
        q, k, v = (p.view(B, t, H, E // H).transpose(1, 2) for p in self.attn(self.ln_1(x)).split(E, 2))
        scores = (q @ k.transpose(2, 3) / math.sqrt(E // H)).masked_fill(~self.mask[:t, :t], -math.inf)
        x = x + self.proj((F.softmax(scores, -1) @ v).transpose(1, 2).reshape(B, t, E))
        return x + self.out(F.gelu(self.fc(self.ln_2(x))))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(len(characters), E), nn.Embedding(T, E)
        self.h = nn.ModuleList(Block() for _ in range(args.layers))
        self.ln_f = nn.LayerNorm(E)
        for name, p in self.named_parameters():
            residual = name.endswith(("proj.weight", "out.weight"))
            if p.dim() > 1:
                nn.init.normal_(p, 0, 0.02 / math.sqrt(2 * args.layers) if residual else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(self, x):
        h = self.wte(x) + self.wpe.weight[: x.shape[1]]
        for block in self.h:
            h = block(h)
        return self.ln_f(h) @ self.wte.weight.T


model = GPT()
optimizer = torch.optim.AdamW(model.parameters(), lr=args.lr, weight_decay=args.weight_decay)
loss_of = lambda x, y: F.cross_entropy(model(x).flatten(0, 1), y.flatten())
# Windows spread evenly over the validation text, as TokenWindows.spread takes them.
stride = max(T, math.ceil((len(validation) - T) / args.validation_windows))
starts = range(0, len(validation) - T, stride)
windows = torch.stack([validation[s : s + T + 1] for s in starts])
print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(starts)} validation windows")


@torch.no_grad()
def validate():
    return loss_of(windows[:, :-1], windows[:, 1:]).item()


started = time.time()
for step in range(1, args.steps + 1):
    at = torch.randint(len(train) - T, (args.batch_size,))
    batch = torch.stack([train[s : s + T + 1] for s in at])
    loss = loss_of(batch[:, :-1], batch[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % args.eval_interval == 0:
        print(f"step {step} validation loss {validate():.4f} ({time.time() - started:.0f} s)", flush=True)
