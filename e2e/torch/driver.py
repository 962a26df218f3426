"""Goes on with many exported runs in one process, or in each process of torchrun: the losses of STEPS steps, and a checkpoint.

    driver.py STEPS RESULT FOLDER...
"""
import json
import os
import pathlib
import sys

import torch
import torch.distributed as dist

sys.path.insert(0, sys.argv[3])

import check  # noqa: E402
from train import Run  # noqa: E402


def main():
    steps, result, *folders = sys.argv[1:]
    torch.set_num_threads(1)
    if "WORLD_SIZE" in os.environ:
        dist.init_process_group("gloo")
    found = {}
    for folder in map(pathlib.Path, folders):
        try:
            found[folder.name] = of_folder(folder, int(steps))
        except Exception as error:
            import traceback

            traceback.print_exc()
            found[folder.name] = {"error": f"{type(error).__name__}: {error}"}
    if not dist.is_initialized() or dist.get_rank() == 0:
        pathlib.Path(result).write_text(json.dumps(found))


def of_folder(folder, steps):
    checked = None
    if not dist.is_initialized():
        fresh = Run(folder, fresh=True)
        expected = fresh.info["losses"]["values"]
        losses = check.losses_of(fresh, len(expected))
        checked = max((abs(a - b) / max(abs(b), 1e-30) for a, b in zip(losses, expected)), default=None)
    run = Run(folder, checkpoints=folder / f"checkpoints-{dist.get_world_size() if dist.is_initialized() else 1}", fresh=True)
    losses = [run.step() for _ in range(steps)]
    run.save()
    return {"check": checked, "losses": losses}


main()
