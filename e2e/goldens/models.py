"""Runs the ready models in PyTorch and writes some of their outputs to fixtures/models/models.json.

    python3 e2e/goldens/models.py

Needs PyTorch (CPU, 1.13 or newer), not torchvision: torch_models.py has the networks with torchvision's names. All
weights and inputs follow from their names by the formula in `values`, which models.ts repeats, so that the fixture
holds outputs only.
"""

import json
import pathlib

import numpy
import torch

from torch_models import (
    AlexNet,
    Autoencoder,
    BilstmClassifier,
    ConvAttentionLstm,
    EncoderClassifier,
    GoogLeNet,
    MobileNetV1,
    MobileNetV2,
    ResNet,
    VGG,
)

FIXTURE = pathlib.Path(__file__).resolve().parent / "fixtures" / "models" / "models.json"
KEPT = 24  # outputs of an entry in the fixture, evenly spread


def values(name, shape):
    """Uniform in [-1, 1): a hash (murmur3's finalizer) of the position, started from the name's FNV-1a hash."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 & 0xFFFFFFFF
    count = int(numpy.prod(shape))
    h = (numpy.arange(count, dtype=numpy.uint64) * 0x9E3779B9 + seed).astype(numpy.uint32)
    h ^= h >> 16
    h *= numpy.uint32(0x85EBCA6B)
    h ^= h >> 13
    h *= numpy.uint32(0xC2B2AE35)
    h ^= h >> 16
    return (h / 2.0**31 - 1).reshape(shape)


def initial(name, shape):
    u = values(name, shape)
    if name.endswith("running_var"):
        u = 1 + 0.5 * u
    elif len(shape) > 1:
        u = u * numpy.sqrt(6 / numpy.prod(shape[1:]))
    elif name.endswith("weight"):
        u = 1 + 0.1 * u
    else:
        u = 0.1 * u
    return torch.tensor(u.astype(numpy.float32))


SMALL = {"numClasses": 10, "smallImages": True}
IMAGE = {"widthMult": "width_mult", "numClasses": "num_classes", "smallImages": "small", "batchNorm": "batch_norm"}


def image(cls):
    return lambda options: cls(**{IMAGE.get(key, key): value for key, value in options.items()})


BUILDERS = {
    "alexnet": image(AlexNet),
    "vgg": image(VGG),
    "googlenet": lambda o: image(GoogLeNet)({k: v for k, v in o.items() if not k.startswith("dropout")}),
    "resnet": image(ResNet),
    "mobilenetV1": image(MobileNetV1),
    "mobilenetV2": image(MobileNetV2),
    "autoencoder": lambda o: Autoencoder(),
    "convAttentionLstm": lambda o: ConvAttentionLstm(),
    "bilstmClassifier": lambda o: BilstmClassifier(o["vocabSize"], 32, 32, 32, 2),
    "encoderClassifier": lambda o: EncoderClassifier(o["vocabSize"], 64, 64, 4, 2, 128, 2),
}

# Spec, shape of the input, whether in training mode.
ENTRIES = [
    ({"type": "alexnet"}, [1, 3, 63, 63], False),
    ({"type": "vgg", "depth": 11}, [1, 3, 32, 32], False),
    ({"type": "vgg", "depth": 16}, [1, 3, 32, 32], False),
    ({"type": "vgg", "depth": 16, "batchNorm": True}, [1, 3, 32, 32], False),
    ({"type": "googlenet"}, [1, 3, 33, 33], False),
    ({"type": "resnet", "depth": 18}, [1, 3, 32, 32], False),
    ({"type": "resnet", "depth": 34}, [1, 3, 32, 32], False),
    ({"type": "resnet", "depth": 50}, [1, 3, 32, 32], False),
    ({"type": "mobilenetV1"}, [1, 3, 32, 32], False),
    ({"type": "mobilenetV2"}, [1, 3, 32, 32], False),
    ({"type": "alexnet", "width": 8, **SMALL}, [2, 3, 28, 28], False),
    ({"type": "vgg", "depth": 11, "width": 4, "batchNorm": True, **SMALL}, [2, 3, 32, 32], False),
    ({"type": "googlenet", "width": 8, **SMALL}, [2, 3, 28, 28], False),
    ({"type": "googlenet", "width": 8, "dropout": 0, "dropoutAux": 0, **SMALL}, [4, 3, 28, 28], True),
    ({"type": "resnet", "depth": 18, "width": 4, **SMALL}, [2, 3, 16, 16], False),
    ({"type": "resnet", "depth": 50, "width": 4, **SMALL}, [2, 3, 16, 16], False),
    ({"type": "mobilenetV1", "widthMult": 0.25, **SMALL}, [2, 3, 16, 16], False),
    ({"type": "mobilenetV2", "widthMult": 0.25, **SMALL}, [2, 3, 16, 16], False),
    ({"type": "autoencoder"}, [2, 1, 12, 12], False),
    ({"type": "convAttentionLstm"}, [2, 1, 28, 28], False),
    ({"type": "bilstmClassifier", "vocabSize": 8}, [3, 9], False),
    ({"type": "encoderClassifier", "vocabSize": 8}, [3, 9], False),
]
TOKENS = 8


def evaluate(spec, shape, training):
    options = {key: value for key, value in spec.items() if key != "type"}
    model = BUILDERS[spec["type"]](options)
    for name, tensor in model.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            tensor.copy_(initial(name, list(tensor.shape)))
    model.train(training)
    x = torch.tensor(values("x", shape).astype(numpy.float32))
    if len(shape) == 2:
        x = torch.floor((x + 1) * (TOKENS / 2))
    parameters = sum(p.numel() for p in model.parameters())
    y = model(x)
    flat = y.detach().double().flatten().numpy()
    step = max(1, len(flat) // KEPT)
    return {
        "spec": spec,
        "input": shape,
        "training": training,
        "parameters": parameters,
        "output": list(y.shape),
        "norm": float(f"{numpy.sqrt((flat ** 2).sum()):.8g}"),
        "step": step,
        "values": [float(f"{v:.8g}") for v in flat[::step]],
    }


def main():
    torch.manual_seed(0)
    entries = [evaluate(*entry) for entry in ENTRIES]
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    FIXTURE.write_text(f'{{"tokens": {TOKENS}, "entries": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
