"""Affine maps of Keras' ImageDataGenerator by SciPy, for src/reference/augment: python3 e2e/goldens/augment_keras.py (NumPy, SciPy)"""

import json
import math
import pathlib

import numpy as np
from scipy import ndimage

HEIGHT, WIDTH = 9, 7
CASES = [
    {"rotationRange": 45, "widthShiftRange": 0.2, "heightShiftRange": 0.2, "shearRange": 0.2, "zoomRange": 0.2},
    {"rotationRange": 90, "shearRange": 30, "fillMode": "reflect"},
    {"rotationRange": 20, "widthShiftRange": 0.9, "zoomRange": [1.5, 2.5], "fillMode": "wrap"},
    {"rotationRange": 30, "heightShiftRange": 0.5, "zoomRange": [0.5, 3], "fillMode": "constant", "cval": 0.25},
]
SEED, EPOCH = 12345, 3


def philox(key, counter):
    mask = 0xFFFFFFFF
    k0, k1 = key
    c = list(counter)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k0, p1 & mask, (p0 >> 32) ^ c[3] ^ k1, p0 & mask]
        k0, k1 = (k0 + 0x9E3779B9) & mask, (k1 + 0xBB67AE85) & mask
    return c


def image():
    row, column = np.mgrid[0:HEIGHT, 0:WIDTH]
    return 0.5 + 0.4 * np.sin(0.7 * row + 1.1 * column)


def transformed(sample, rotationRange=0, widthShiftRange=0, heightShiftRange=0, shearRange=0, zoomRange=0,
                fillMode="nearest", cval=0):
    words = [w for block in (0, 1) for w in philox((SEED, 0x41554730), (sample, EPOCH, 1, block))]
    unit = [(w >> 8) / 2**24 for w in words]
    theta = math.radians((2 * unit[0] - 1) * rotationRange)
    tx = (2 * unit[1] - 1) * heightShiftRange * HEIGHT
    ty = (2 * unit[2] - 1) * widthShiftRange * WIDTH
    shear = math.radians((2 * unit[3] - 1) * shearRange)
    low, high = zoomRange if isinstance(zoomRange, list) else (1 - zoomRange, 1 + zoomRange)
    zx, zy = low + (high - low) * unit[4], low + (high - low) * unit[5]
    # apply_affine_transform and transform_matrix_offset_center of Keras.
    matrix = np.array([[math.cos(theta), -math.sin(theta), 0], [math.sin(theta), math.cos(theta), 0], [0, 0, 1]])
    matrix = matrix @ np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    matrix = matrix @ np.array([[1, -math.sin(shear), 0], [0, math.cos(shear), 0], [0, 0, 1]])
    matrix = matrix @ np.diag([zx, zy, 1])
    ox, oy = HEIGHT / 2 - 0.5, WIDTH / 2 - 0.5
    matrix = np.array([[1, 0, ox], [0, 1, oy], [0, 0, 1]]) @ matrix @ np.array([[1, 0, -ox], [0, 1, -oy], [0, 0, 1]])
    # SciPy's wrap has a period of one pixel less than Keras documents; grid-wrap has that period.
    mode = {"wrap": "grid-wrap"}.get(fillMode, fillMode)
    return ndimage.affine_transform(image(), matrix[:2, :2], matrix[:2, 2], order=1, mode=mode, cval=cval)


if __name__ == "__main__":
    fixture = {"seed": SEED, "epoch": EPOCH, "height": HEIGHT, "width": WIDTH, "cases": []}
    for spec in CASES:
        values = [float(f"{v:.7g}") for sample in range(3) for v in transformed(sample, **spec).flatten()]
        fixture["cases"].append({"spec": spec, "values": values})
    path = pathlib.Path(__file__).parent / "fixtures" / "data" / "augment-keras.json"
    path.write_text(json.dumps(fixture) + "\n")
