"""The samples of the run, in the order in which they are trained on, and safetensors files."""
import gzip
import json
import math
import pathlib
import struct

import torch

DTYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
    "I64": torch.int64,
    "I32": torch.int32,
    "U8": torch.uint8,
    "BOOL": torch.bool,
}


def read_safetensors(path):
    """Tensors by name, and the metadata: what the package safetensors gives, in a few lines."""
    data = pathlib.Path(path).read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        dtype = DTYPES[entry["dtype"]]
        values = torch.frombuffer(bytearray(data[start:end]), dtype=dtype) if end > start else torch.empty(0, dtype=dtype)
        tensors[name] = values.reshape(entry["shape"])
    return tensors, metadata


def write_safetensors(path, tensors, metadata):
    """Writes a file as a whole or not at all."""
    names = {dtype: name for name, dtype in DTYPES.items()}
    header, parts, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        data = tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes() if tensor.numel() else b""
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    part = pathlib.Path(f"{path}.part")
    with part.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.writelines(parts)
        file.flush()
    part.replace(path)


def mix(value):
    """A mixing of 32 bits: the finalizer of MurmurHash3."""
    value = ((value ^ (value >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return value ^ (value >> 16)


def permutation(length, seed, epoch):
    """The order of an epoch: a Feistel network of six rounds over the positions, walked until they are below `length`."""
    half = math.ceil(max(2, math.ceil(math.log2(max(2, length)))) / 2)
    mask = (1 << half) - 1
    low, high = seed & 0xFFFFFFFF, seed >> 32
    keys = [mix(low ^ mix(high ^ mix((8 * epoch + r) & 0xFFFFFFFF))) for r in range(6)]

    def step(value):
        left, right = value >> half, value & mask
        for key in keys:
            left, right = right, left ^ (mix(right ^ key) & mask)
        return (left << half) | right

    order = step(torch.arange(length))
    outside = (order >= length).nonzero().flatten()
    while len(outside):
        order[outside] = step(order[outside])
        outside = outside[order[outside] >= length]
    return order


class Data:
    """Batches of samples, or of windows over a text."""

    def __init__(self, described, path):
        self.described = described
        source = pathlib.Path(path)
        if not source.exists():
            raise SystemExit(f"The data is not part of this folder: give it by --data ({described['name']})")
        tensors = read_idx_folder(source) if source.is_dir() else read_safetensors(source)[0]
        self.x, self.y = tensors["x"], tensors.get("y")
        if described["kind"] == "windows":
            self.x = self.x.long()
            self.length = (len(self.x) - 1 - described["blockSize"]) // described["stride"] + 1
        else:
            self.x = self.x.reshape(-1, *described["xShape"])
            self.y = self.y.reshape(-1, *described["yShape"])
            self.y = self.y.long() if described["labels"] else self.y.float()
            self.length = len(self.x)
        if self.length != described["length"]:
            raise SystemExit(f"{source} has {self.length} samples; the run was begun with {described['length']}")

    def batch(self, indices):
        """Inputs and targets of these samples."""
        described = self.described
        if described["kind"] == "windows":
            places = described["stride"] * indices[:, None] + torch.arange(described["blockSize"] + 1)
            text = self.x[places]
            return text[:, :-1], text[:, 1:]
        x = self.x[indices]
        if described["takesTokens"]:
            return x.long(), self.y[indices]
        x = x.float()
        multiply, add = (torch.tensor(described[name], dtype=torch.float32) for name in ("multiply", "add"))
        if (multiply != 1).any() or (add != 0).any():
            # One entry per channel, or one for all.
            shape = [1, -1] + [1] * (x.dim() - 2) if len(multiply) > 1 else [1]
            x = x * multiply.reshape(shape) + add.reshape(shape)
        return x, self.y[indices]


def read_idx_folder(folder):
    """train-images and train-labels as MNIST has them."""

    def read(part):
        [path] = [path for path in folder.iterdir() if path.name.startswith("train") and part in path.name]
        data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
        rank = data[3]
        shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
        return torch.frombuffer(bytearray(data[4 + 4 * rank :]), dtype=torch.uint8).reshape(shape)

    return {"x": read("images"), "y": read("labels")}
