"""Goes on with a training run of Gradloom in PyTorch, from its very next batch.

    python train.py --steps 100
    torchrun --nproc_per_node=4 train.py --steps 100

Alone or under torchrun, on CPUs or GPUs; every N processes share each batch, so that the curve is the same. Checkpoints go
into checkpoints/, in Gradloom's own format: train.py goes on from the newest one, and so do `fit({ resume })` and
`gradloom train --resume`.
"""
import argparse
import importlib.util
import json
import math
import os
import pathlib
import time

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.nn.functional import all_reduce
from torch.nn.parallel import DistributedDataParallel

from data import Data, permutation, read_safetensors, write_safetensors
from optim import Optimizers, plateau_step

HERE = pathlib.Path(__file__).resolve().parent


class GlobalBatchNorm(nn.Module):
    """Batch norm over the batches of all processes: what one process would compute of the whole batch, on any device."""

    active = 1.0  # 0 in a process that has no sample of this batch, but one for form's sake

    def __init__(self, norm):
        super().__init__()
        self.norm = norm

    def forward(self, x):
        norm = self.norm
        if not self.training and norm.running_mean is not None:
            return norm(x)
        dims = [0, *range(2, x.dim())]
        shape = [1, -1] + [1] * (x.dim() - 2)
        count = torch.tensor(float(x.numel() // x.shape[1]), device=x.device) * self.active
        dist.all_reduce(count)
        mean = all_reduce(x.sum(dims) * self.active) / count
        centered = x - mean.reshape(shape)
        var = all_reduce(centered.square().sum(dims) * self.active) / count
        if norm.running_mean is not None and self.training:
            with torch.no_grad():
                norm.running_mean.lerp_(mean.detach(), norm.momentum)
                norm.running_var.lerp_(var.detach() * count / (count - 1), norm.momentum)
        y = centered * torch.rsqrt(var + norm.eps).reshape(shape)
        return y if norm.weight is None else y * norm.weight.reshape(shape) + norm.bias.reshape(shape)


def with_global_norms(module):
    """The module with every batch norm in a GlobalBatchNorm; names in the state dict get `.norm` (see `own_names`)."""
    for name, child in module.named_children():
        if isinstance(child, nn.modules.batchnorm._BatchNorm):
            setattr(module, name, GlobalBatchNorm(child))
        else:
            with_global_norms(child)
    return GlobalBatchNorm(module) if isinstance(module, nn.modules.batchnorm._BatchNorm) else module


class Run:
    """The state of a run: model, optimizers, and the place in the data."""

    def __init__(self, folder=HERE, data=None, checkpoints=None, fresh=False):
        self.folder = pathlib.Path(folder)
        self.checkpoints = pathlib.Path(checkpoints or self.folder / "checkpoints")
        self.info = json.loads((self.folder / "run.json").read_text())
        self.world = dist.get_world_size() if dist.is_initialized() else 1
        self.rank = dist.get_rank() if dist.is_initialized() else 0
        self.device = torch.device("cpu")
        if torch.cuda.is_available():
            self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)) % torch.cuda.device_count())
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        self.data = Data(self.info["data"], data or self.folder / self.info["data"]["file"])
        spec = importlib.util.spec_from_file_location("model", self.folder / "model.py")
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.model, self.loss = self.module.build(), self.module.Loss()
        newest = None if fresh else newest_checkpoint(self.checkpoints)
        if newest:
            file, metadata = read_safetensors(newest)
            self.header = json.loads(metadata["gradloom"])
            weights = {name: value for name, value in file.items() if not name.startswith("@")}
            state = {tuple(name.split("/", 2)[2].rsplit("/", 1)): value for name, value in file.items() if name.startswith("@optimizer/")}
            self.rest = {name: value for name, value in file.items() if name.startswith(("@section/", "@others/"))}
            self.metadata = metadata
        else:
            self.header = self.info["checkpoint"]
            weights, _ = read_safetensors(self.folder / "model.safetensors")
            stored, _ = read_safetensors(self.folder / "optimizer.safetensors")
            names = {}
            for group in self.info["optimizer"]["groups"]:
                known = names.setdefault(group["type"], [])
                known.extend(group["params"])
            state = {}
            for key, value in stored.items():
                kind, index, name = key.split(".", 2)
                state[names[kind][int(index)], name] = value
            self.rest = read_safetensors(self.folder / "rest.safetensors")[0] if (self.folder / "rest.safetensors").exists() else {}
            self.metadata = self.info["metadata"]
        self.model.load_state_dict(weights)
        for name in self.info["model"]["frozen"]:
            self.model.get_parameter(name).requires_grad_(False)
        self.model.to(self.device).train()
        self.loss.to(self.device)
        [self.cohorts] = [entry["cohorts"] for entry in self.header["optimizers"].values()]
        schedule = self.info["schedule"]
        if schedule and schedule["type"] == "reduceLROnPlateau":
            schedule["state"] = self.header["sections"]["schedule"]
        self.optimizers = Optimizers(self.info, self.model)
        # After training went back from a divergence all rates are lower.
        self.optimizers.factor = self.header.get("rateFactor", self.header["trainer"].get("rateFactor", 1.0))
        self.optimizers.load({key: value.to(self.device) for key, value in state.items()}, self.cohorts)
        self.state_names = list(weights)
        self.trained = self.model
        if self.world > 1:
            self.trained = with_global_norms(self.model)
            ids = [self.device.index] if self.device.type == "cuda" else None
            unused = bool(self.info["model"]["unused"])
            self.trained = DistributedDataParallel(self.trained, ids, broadcast_buffers=False, find_unused_parameters=unused)
        self.place()

    def place(self):
        """Where the run is in its data."""
        trainer = self.header["trainer"]
        self.fit, self.steps = trainer.get("fit"), trainer.get("steps")
        self.updates, self.saved, self.order = self.header["updates"], self.header["updates"], None
        if self.fit:
            for metrics in self.fit.pop("undelivered", []):
                self.count({name: float(value) for name, value in metrics.items()}, self.fit["settings"]["batchSize"])
            self.fit["undelivered"] = []

    def next_indices(self):
        """The samples of the next batch."""
        length, trainer = self.data.length, self.header["trainer"]
        if not self.fit:
            start, size = (self.steps or {}).get("start", 0), self.info["batchSize"]
            if self.steps:
                self.steps["start"] = (start + size) % length
            return (start + torch.arange(size)) % length
        settings = self.fit["settings"]
        if self.fit["step"] >= settings["stepsPerEpoch"]:
            self.end_epoch()  # the run was paused after the last step of an epoch
        if settings["shuffle"] and self.fit.get("order") is None:
            self.fit["order"] = trainer["epochsStarted"]
            trainer["epochsStarted"] += 1
        key = self.fit.get("order")
        if self.order is None or self.order[0] != key:
            order = torch.arange(length) if key is None else permutation(length, trainer["seed"], key)
            self.order = (key, order)
        size, step = settings["batchSize"], self.fit["step"]
        start = (step * size) % length
        if not settings["wraps"]:
            size = min(size, length - step * size)
        return self.order[1][(start + torch.arange(size)) % length]

    def step(self):
        """Trains on the next batch; gives its loss, before the update."""
        indices = self.next_indices()
        size = len(indices)
        own = torch.tensor_split(indices, self.world)[self.rank]
        GlobalBatchNorm.active = float(len(own) > 0)
        x, y = self.data.batch(own if len(own) else indices[:1])
        x, y = x.to(self.device), y.to(self.device)
        self.optimizers.zero_grad()
        outputs = self.trained(x)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        loss = self.loss(*outputs, y).reshape(())
        weight = self.weight(y) * GlobalBatchNorm.active
        correct, total = self.correct(outputs[0], y)
        sums = torch.stack([torch.where(weight > 0, loss.detach() * weight, torch.zeros_like(loss)), weight,
                            torch.tensor(correct * GlobalBatchNorm.active, device=self.device),
                            torch.tensor(total * GlobalBatchNorm.active, device=self.device)]).double()
        if self.world > 1:
            dist.all_reduce(sums)
        is_sum = self.info["loss"]["weights"] == "sum"
        # DistributedDataParallel averages gradients over the processes; those of the loss count by what it is a mean over.
        share = weight * self.world / (1.0 if is_sum else sums[1].float())
        if self.world > 1:
            loss = loss * share if weight > 0 else sum(output.sum() for output in outputs) * 0.0
        loss.backward()
        self.optimizers.step(self.updates)
        self.updates += 1
        self.header["runs"] += 1
        whole = (sums[0] / (1.0 if is_sum else sums[1])).item() if self.world > 1 else loss.item()
        self.count({"loss": whole, "correct": sums[2].item(), "total": sums[3].item()}, size)
        self.advance()
        return whole

    def advance(self):
        """Counts a step of the epoch."""
        if not self.fit:
            return
        self.fit["step"] += 1
        if self.fit["step"] == self.fit["settings"]["stepsPerEpoch"]:
            self.end_epoch()

    def weight(self, y):
        """What the loss of this part of the batch is a mean over."""
        described = self.info["loss"]
        if described["weights"] == "sum":
            return torch.tensor(1.0, device=self.device)
        if described["weights"] == "labels" and not y.is_floating_point():
            counted = y[y != described["ignoreIndex"]]
            weights = described.get("classWeights")
            if weights:
                return torch.tensor(weights, device=self.device)[counted].sum()
            return torch.tensor(float(counted.numel()), device=self.device)
        return torch.tensor(float(len(y)), device=self.device)

    def correct(self, output, y):
        """How many predictions are correct of how many that count; NaN where they are not right or wrong."""
        kind = self.info["loss"]["accuracy"]
        if kind is None:
            return math.nan, float(len(y))
        found = output.detach().argmax(1 if kind == "first" else -1).reshape(-1)
        target = y.reshape(-1)
        counted = target != self.info["loss"]["ignoreIndex"]
        return float((found == target)[counted].sum()), float(counted.sum())

    def count(self, metrics, size):
        """Adds a step to the means of its epoch."""
        if not self.fit:
            return
        sums, correct = self.fit["averages"], metrics["correct"]
        weight = size if math.isnan(correct) else metrics["total"]
        sums["correct"] = float(sums.get("correct", 0)) + correct
        if weight:
            sums["weight"] = float(sums.get("weight", 0)) + weight
            is_sum = self.info["loss"]["weights"] == "sum"
            sums["loss"] = float(sums.get("loss", 0)) + metrics["loss"] * (1 if is_sum else weight)

    def end_epoch(self):
        fit, sums = self.fit, self.fit["averages"]
        is_sum = self.info["loss"]["weights"] == "sum"
        weight, correct = sums.get("weight", 0), sums.get("correct", math.nan)
        loss = sums.get("loss", math.nan) / (1 if is_sum or not weight else weight)
        info = {"epoch": fit["epoch"], "loss": loss, "seconds": 0}
        if weight and not math.isnan(correct):
            info["accuracy"] = correct / weight
        fit["epochs"].append(info)
        schedule = self.info["schedule"]
        if schedule and schedule["type"] == "reduceLROnPlateau":
            monitor = schedule.get("monitor") or "loss"
            if monitor not in info:
                raise SystemExit(f"The schedule goes by {monitor}, which train.py does not measure")
            plateau_step(schedule, info[monitor])
        if "before" in fit:
            fit["before"] += fit["settings"]["stepsPerEpoch"]
        fit.update(epoch=fit["epoch"] + 1, step=0, averages={})
        fit.pop("order", None)

    def save(self):
        """Writes a checkpoint; the newest two stay."""
        state = self.optimizers.save(self.cohorts, self.updates - self.saved)
        self.saved = self.header["updates"] = self.updates
        if self.rank > 0:
            return
        [name] = self.header["optimizers"]
        weights = self.model.state_dict()
        tensors = {key: weights[key if key in weights else own_name(key)].float() for key in self.state_names}
        tensors.update({f"@optimizer/{name}/{parameter}/{key}": value.float() for (parameter, key), value in state.items()})
        tensors.update(self.rest)
        metadata = {**self.metadata, "gradloom": json.dumps(plain(self.header))}
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        write_safetensors(self.checkpoints / f"step-{self.updates:09d}.safetensors", tensors, metadata)
        for old in sorted(self.checkpoints.glob("step-*.safetensors"))[:-2]:
            old.unlink()


def own_name(key):
    """A name in the state dict of a model in which batch norms are in a GlobalBatchNorm."""
    before, dot, last = key.rpartition(".")
    return f"{before}{dot}norm.{last}"


def plain(value):
    """JSON of numbers that it has no word for."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def newest_checkpoint(folder):
    """The newest whole checkpoint of a folder."""
    return next(iter(sorted(pathlib.Path(folder).glob("step-*.safetensors"), reverse=True)), None)


def goal_of(run, arguments):
    """The number of the update to stop at: a worker that torchrun started again goes on to the same one."""
    goal_file = run.checkpoints / "goal.json"
    restarted = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", 0)) > 0
    if restarted and goal_file.exists():
        return json.loads(goal_file.read_text())["updates"]
    if arguments.steps is not None:
        goal = run.updates + arguments.steps
    elif run.fit:
        left = run.fit["settings"]["stepsPerEpoch"] - run.fit["step"]
        more = max(0, (run.info["epochs"] or run.fit["epoch"] + 1) - run.fit["epoch"] - 1)
        goal = run.updates + left + more * run.fit["settings"]["stepsPerEpoch"]
    else:
        raise SystemExit("Say how far to go: --steps N")
    if run.rank == 0:
        run.checkpoints.mkdir(parents=True, exist_ok=True)
        goal_file.write_text(json.dumps({"updates": goal}))
    return goal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, help="stop after so many steps (default: the epochs of the run, or the end of this one)")
    parser.add_argument("--data", help="a safetensors file with x and y, or a folder with IDX files, in place of the exported data")
    parser.add_argument("--checkpoints", help="where checkpoints are (default: checkpoints/ beside train.py)")
    parser.add_argument("--every", type=int, default=100, help="steps between checkpoints")
    parser.add_argument("--log", type=int, default=10, help="steps between lines of text")
    parser.add_argument("--losses", help="write the losses of all steps to this file as JSON")
    arguments = parser.parse_args()
    if "WORLD_SIZE" in os.environ:
        dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    run = Run(data=arguments.data, checkpoints=arguments.checkpoints)
    goal, losses, start = goal_of(run, arguments), [], time.time()
    for note in run.info["notes"] if run.rank == 0 else []:
        print(note, flush=True)
    while run.updates < goal:
        losses.append(run.step())
        if run.rank == 0 and (run.updates % arguments.log == 0 or run.updates == goal):
            print(f"step {run.updates} loss {losses[-1]:.6f} ({time.time() - start:.1f} s)", flush=True)
        if run.updates % arguments.every == 0 or run.updates == goal:
            run.save()
        if not math.isfinite(losses[-1]):
            raise SystemExit(f"The loss of step {run.updates} is {losses[-1]}")
    if run.rank == 0 and arguments.losses:
        pathlib.Path(arguments.losses).write_text(json.dumps(losses))
    if run.rank == 0 and losses:
        print(f"last loss {losses[-1]!r}", flush=True)
    if dist.is_initialized():
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
