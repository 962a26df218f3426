"""Spectrograms of torch.stft for src/data/audio: python3 e2e/goldens/audio.py"""

import json
import pathlib

import torch

CASES = [
    {"length": 900, "options": {}},
    {"length": 700, "options": {"nFft": 128, "winLength": 100, "hopLength": 37}},
    {"length": 512, "options": {"nFft": 150, "center": False, "power": 1}},
    {"length": 400, "options": {"nFft": 61, "hopLength": 20, "normalized": True}},
]


def signal(length):
    n = torch.arange(length, dtype=torch.float64)
    return torch.sin(n * 0.31) + 0.5 * torch.sin(n * n * 0.002) + 0.1


def spectrogram(x, nFft=400, winLength=None, hopLength=None, power=2, center=True, normalized=False):
    win = winLength or nFft
    window = torch.hann_window(win, dtype=torch.float64)
    spec = torch.stft(
        x, nFft, hopLength or win // 2, win, window, center=center, pad_mode="reflect", normalized=False, return_complex=True
    )
    if normalized:
        spec = spec / window.pow(2.0).sum().sqrt()
    return spec.abs().pow(power)


if __name__ == "__main__":
    fixture = []
    for case in CASES:
        y = spectrogram(signal(case["length"]), **case["options"])
        # A part of the values tells as much as all of them.
        flat = y.flatten()[::17]
        fixture.append({**case, "shape": list(y.shape), "values": [float(f"{v:.8g}") for v in flat]})
    path = pathlib.Path(__file__).parent / "fixtures" / "data" / "audio.json"
    path.write_text(json.dumps(fixture) + "\n")
