"""torchvision's affine maps by torch's grid_sample, for src/reference/augment: python3 e2e/goldens/augment_torch.py (PyTorch)"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

HEIGHT, WIDTH = 9, 7
# Ranges without a choice, so that nothing is random.
CASES = [
    {"type": "randomRotation", "degrees": [30, 30], "interpolation": "bilinear"},
    {"type": "randomAffine", "degrees": [-50, -50], "scale": [1.3, 1.3], "shear": [20, 20, -10, -10],
     "interpolation": "bilinear"},
    {"type": "randomAffine", "degrees": [15, 15], "scale": [0.7, 0.7], "shear": [10, 10]},
]


def image():
    row = torch.arange(HEIGHT, dtype=torch.float64)[:, None]
    column = torch.arange(WIDTH, dtype=torch.float64)[None, :]
    return 0.5 + 0.4 * torch.sin(0.7 * row + 1.1 * column)


def transformed(type, degrees, scale=(1, 1), shear=(0, 0), interpolation="nearest"):
    # torchvision.transforms.functional._get_inverse_affine_matrix; rotate turns the other way than affine.
    rot = math.radians(-degrees[0] if type == "randomRotation" else degrees[0])
    sx, sy = math.radians(shear[0]), math.radians(shear[2] if len(shear) == 4 else 0)
    a = math.cos(rot - sy) / math.cos(sy)
    b = -math.cos(rot - sy) * math.tan(sx) / math.cos(sy) - math.sin(rot)
    c = math.sin(rot - sy) / math.cos(sy)
    d = -math.sin(rot - sy) * math.tan(sx) / math.cos(sy) + math.cos(rot)
    m = [v / scale[0] for v in (d, -b, -c, a)]
    # theta in the coordinates of affine_grid, where both axes reach from -1 to 1.
    theta = torch.tensor([[[m[0], m[1] * HEIGHT / WIDTH, 0], [m[2] * WIDTH / HEIGHT, m[3], 0]]], dtype=torch.float64)
    grid = F.affine_grid(theta, [1, 1, HEIGHT, WIDTH], align_corners=False)
    return F.grid_sample(image()[None, None], grid, mode=interpolation, padding_mode="zeros", align_corners=False)


if __name__ == "__main__":
    cases = [{"spec": spec, "values": [float(f"{v:.7g}") for v in transformed(**spec).flatten()]} for spec in CASES]
    path = pathlib.Path(__file__).parent / "fixtures" / "data" / "augment-torch.json"
    path.write_text(json.dumps({"height": HEIGHT, "width": WIDTH, "cases": cases}) + "\n")
