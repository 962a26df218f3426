"""Compares the next losses in PyTorch with those that the run itself had. Exit code 1 where they differ."""
import json
import pathlib
import sys

import torch

from train import Run

TOLERANCE = 1e-5


def losses_of(run, count):
    """The losses of the next steps."""
    if run.info["losses"]["mode"] == "training":
        return [run.step() for _ in range(count)]
    # Dropout draws other numbers in PyTorch: the losses of the next batches in evaluation mode, without updates.
    found = []
    loss = getattr(run.module, "EvaluationLoss", run.module.Loss)().to(run.device).eval()
    run.model.eval()
    for _ in range(count):
        x, y = run.data.batch(run.next_indices())
        with torch.no_grad():
            outputs = run.model(x.to(run.device))
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            found.append(loss(*outputs, y.to(run.device)).item())
        run.advance()
    return found


def main(folder=pathlib.Path(__file__).resolve().parent):
    run = Run(folder, fresh=True)
    expected = run.info["losses"]["values"]
    if not expected:
        print("The run recorded no losses: nothing was checked")
        return 0
    found = losses_of(run, len(expected))
    worst = max(abs(a - b) / max(abs(b), 1e-30) for a, b in zip(found, expected))
    if worst <= TOLERANCE:
        print(f"The next {len(expected)} losses agree to {worst:.1e}")
        return 0
    print(f"The losses differ by {worst:.1e} (allowed: {TOLERANCE:.0e}):")
    print("  in the run:", json.dumps(expected))
    print("  here:      ", json.dumps(found))
    return 1


if __name__ == "__main__":
    sys.exit(main())
