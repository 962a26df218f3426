"""Optimizers with the state of the run, learning-rate schedules and clipping."""
import bisect
import inspect
import math

import torch


class Lion(torch.optim.Optimizer):
    """The sign of a momentum (Chen et al. 2023)."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0, maximize=False):
        super().__init__(params, dict(lr=lr, betas=betas, weight_decay=weight_decay, maximize=maximize))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            first, second = group["betas"]
            for p in (p for p in group["params"] if p.grad is not None):
                grad = -p.grad if group["maximize"] else p.grad
                state = self.state[p]
                average = state.setdefault("exp_avg", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(group["lr"] * torch.sign(first * average + (1 - first) * grad))
                average.mul_(second).add_(grad, alpha=1 - second)


class Muon(torch.optim.Optimizer):
    """Momentum that a Newton-Schulz iteration makes nearly orthogonal (Jordan et al. 2024); torch.optim.Muon in float32."""

    def __init__(self, params, lr=1e-3, weight_decay=0.1, momentum=0.95, nesterov=True, ns_coefficients=(3.4445, -4.775, 2.0315),
                 eps=1e-7, ns_steps=5, adjust_lr_fn="original", maximize=False):
        super().__init__(params, dict(lr=lr, weight_decay=weight_decay, momentum=momentum, nesterov=nesterov,
                                      ns_coefficients=ns_coefficients, eps=eps, ns_steps=ns_steps, adjust_lr_fn=adjust_lr_fn,
                                      maximize=maximize))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in (p for p in group["params"] if p.grad is not None):
                grad = -p.grad if group["maximize"] else p.grad
                buffer = self.state[p].setdefault("momentum_buffer", torch.zeros_like(p))
                buffer.lerp_(grad, 1 - group["momentum"])
                update = grad.lerp(buffer, group["momentum"]) if group["nesterov"] else buffer
                rows, columns = p.shape
                original = group["adjust_lr_fn"] == "original"
                ratio = math.sqrt(max(1, rows / columns)) if original else 0.2 * math.sqrt(max(rows, columns))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(orthogonal(update, group), alpha=group["lr"] * ratio)


def orthogonal(matrix, group):
    a, b, c = group["ns_coefficients"]
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / x.norm().clamp(min=group["eps"])
    for _ in range(group["ns_steps"]):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


CLASSES = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamW": torch.optim.AdamW,
    "adamax": torch.optim.Adamax,
    "nadam": torch.optim.NAdam,
    "radam": torch.optim.RAdam,
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
    "adadelta": torch.optim.Adadelta,
    "asgd": torch.optim.ASGD,
    "rprop": torch.optim.Rprop,
    "lion": Lion,
    "muon": Muon,
}


class Optimizers:
    """The run's parameter groups in optimizers of PyTorch, one per type, with rates out of the schedule."""

    def __init__(self, run, model):
        self.schedule, self.clip, self.factor = run["schedule"], run["clip"] or {}, 1.0
        self.parameters = dict(model.named_parameters())
        self.groups, self.by_type = run["optimizer"]["groups"], {}
        for group in self.groups:
            self.by_type.setdefault(group["type"], []).append(group)
        self.optimizers = {kind: self.make(kind, groups) for kind, groups in self.by_type.items()}
        self.progress = [ScheduleState(self.schedule, group) for group in self.groups]

    def make(self, kind, groups):
        known = inspect.signature(CLASSES[kind]).parameters
        made = []
        for group in groups:
            options = {name: tuple(value) if isinstance(value, list) else value for name, value in group["options"].items()}
            # What this version of PyTorch does not take is done in `step`.
            group["rest"] = {name: options.pop(name) for name in [*options] if name not in known}
            if group["rest"].get("decoupled_weight_decay"):
                group["rest"]["weight_decay"], options["weight_decay"] = options["weight_decay"], 0.0
            made.append({"params": [self.parameters[name] for name in group["params"]], **options})
        more = {"foreach": False} if "foreach" in known else {}
        return CLASSES[kind](made, **more)

    def step(self, index):
        """Clips and updates; `index` is the number of the update."""
        rates = [state.at(index) for state in self.progress]
        norm = self.clipped()
        at = {id(group): pair for group, pair in zip(self.groups, rates)}
        for kind, optimizer in self.optimizers.items():
            for own, group in zip(self.by_type[kind], optimizer.param_groups):
                lr, momentum = at[id(own)]
                lr *= self.factor
                group["lr"] = lr
                if momentum is not None:
                    if "betas" in group:
                        group["betas"] = (momentum, group["betas"][1])
                    else:
                        group["momentum"] = momentum
                with torch.no_grad():
                    for p in (p for p in group["params"] if p.grad is not None):
                        if own["rest"].get("maximize"):
                            p.grad.neg_()
                        if own["rest"].get("decoupled_weight_decay"):
                            p.mul_(1 - lr * own["rest"]["weight_decay"])
            optimizer.step()
        return norm

    def clipped(self):
        clip, trained = self.clip, [p for group in self.groups for p in map(self.parameters.get, group["params"])]
        norm = None
        if "maxNorm" in clip:
            kind = float(clip.get("normType", 2))
            norm = torch.nn.utils.clip_grad_norm_(trained, float(clip["maxNorm"]), kind, clip.get("errorIfNonfinite", False))
        if "value" in clip:
            torch.nn.utils.clip_grad_value_(trained, clip["value"])
        return norm

    def zero_grad(self):
        for optimizer in self.optimizers.values():
            optimizer.zero_grad(set_to_none=True)

    def load(self, tensors, cohorts):
        """State by (parameter, name), and the counters of parameters that were updated together."""
        counters = {name: (cohort, self.memory(cohorts, cohort, name)) for cohort in cohorts for name in cohort["parameters"]}
        for kind, groups in self.by_type.items():
            optimizer = self.optimizers[kind]
            state, template = optimizer.state_dict(), self.template(kind)
            for index, name in enumerate(name for group in groups for name in group["params"]):
                cohort, memory = counters[name]
                if cohort["updates"] == 0:
                    continue
                own = {key: tensor.clone() for (parameter, key), tensor in tensors.items() if parameter == name}
                for key, value in {"step": cohort["updates"], **memory}.items():
                    if key in template:
                        like = template[key]
                        own[key] = torch.tensor(float(value), dtype=like.dtype) if torch.is_tensor(like) else type(like)(value)
                state["state"][index] = own
            optimizer.load_state_dict(state)

    def template(self, kind):
        """What an optimizer keeps of a parameter, and as which type."""
        p = torch.nn.Parameter(torch.zeros(1, 1))
        p.grad = torch.ones(1, 1)
        optimizer = CLASSES[kind]([p], lr=1e-3)
        optimizer.step()
        return optimizer.state[p]

    def memory(self, cohorts, cohort, name):
        """Numbers that an optimizer keeps per group, such as mu_product of NAdam."""
        names = {n for other in cohorts if other["arena"] == cohort["arena"] for n in other["parameters"]}
        groups = [group for group in self.groups if names & set(group["params"])]
        [at] = [i for i, group in enumerate(groups) if name in group["params"]]
        return cohort["memory"][at]

    def save(self, cohorts, done):
        """State by (parameter, name); the cohorts' counters are brought up to date. `done` are the updates since `load`."""
        tensors = {}
        for kind, groups in self.by_type.items():
            for own, group in zip(groups, self.optimizers[kind].param_groups):
                for name, p in zip(own["params"], group["params"]):
                    state = self.optimizers[kind].state.get(p, {})
                    for key in own["state"]:
                        value = state.get(key)
                        tensors[name, key] = torch.zeros_like(p) if value is None else value
        for cohort in cohorts:
            used = any(self.parameters[name].grad is not None for name in cohort["parameters"])
            if not used:
                continue
            cohort["updates"] += done
            for name in cohort["parameters"]:
                state = next(o.state[p] for o in self.optimizers.values() for p in [self.parameters[name]] if p in o.state)
                memory = self.memory(cohorts, cohort, name)
                for key in ("mu_product", "eta", "mu"):
                    if key in state:
                        memory[key] = float(state[key])
        return tensors


def half_cosine(x):
    return (1 + math.cos(math.pi * x)) / 2


class Group:
    """A parameter group as schedules see it."""

    def __init__(self, group):
        options = group["options"]
        self.lr, self.initial, self.momentum = options["lr"], None, group["momentum"]


class Single:
    """One schedule; each step goes from the rate that the group has now, as those of torch.optim.lr_scheduler do."""

    def __init__(self, spec, group):
        self.o, self.kind, self.group = spec, spec["type"], group
        self.epoch, self.calls, self.since, self.period = -1, 0, -1, 0
        o = spec
        if self.kind == "oneCycleLR":
            group.initial = o["maxLr"] / o["divFactor"]
            if o["cycleMomentum"]:
                group.momentum = o["maxMomentum"]
        if self.kind == "cyclicLR":
            group.lr = o["baseLr"]
            if o["cycleMomentum"]:
                group.momentum = o["baseMomentum"]
        if group.initial is None:
            group.initial = group.lr
        self.base = group.initial
        self.step()

    def step(self):
        self.calls += 1
        self.epoch += 1
        self.group.lr = self.next()

    def restart(self):
        """Begins anew, as `step(0)` does."""
        self.calls += 1
        self.epoch = 0
        self.group.lr = self.closed()

    def next(self):
        o, kind, lr, base, epoch = self.o, self.kind, self.group.lr, self.base, self.epoch
        if kind == "constantLR":
            if epoch == 0:
                return lr * o["factor"]
            if epoch != o["totalIters"]:
                return lr
            return base if o["factor"] == 0 else lr / o["factor"]
        if kind == "multiplicativeLR":
            return lr * factor_at(o["lrLambda"], epoch) if epoch > 0 else lr
        if kind == "stepLR":
            return lr if epoch == 0 or epoch % o["stepSize"] else lr * o["gamma"]
        if kind == "multiStepLR":
            return lr * o["gamma"] ** o["milestones"].count(epoch)
        if kind == "exponentialLR":
            return lr if epoch == 0 else lr * o["gamma"]
        if kind == "linearLR":
            if epoch == 0:
                return lr * o["startFactor"]
            if epoch > o["totalIters"]:
                return lr
            change = o["endFactor"] - o["startFactor"]
            return lr * (1 + change / (o["totalIters"] * o["startFactor"] + (epoch - 1) * change))
        if kind == "polynomialLR":
            if epoch == 0 or epoch > o["totalIters"]:
                return lr
            return lr * ((1 - epoch / o["totalIters"]) / (1 - (epoch - 1) / o["totalIters"])) ** o["power"]
        if kind == "cosineAnnealingLR":
            t_max, low = o["tMax"], o["etaMin"]
            if epoch == 0:
                return lr
            if self.calls == 1:
                return low + (base - low) * half_cosine(epoch / t_max)
            if (epoch - 1 - t_max) % (2 * t_max) == 0:
                return lr + (base - low) * (1 - math.cos(math.pi / t_max)) / 2
            return half_cosine(epoch / t_max) / half_cosine((epoch - 1) / t_max) * (lr - low) + low
        if kind == "warmup":
            steps = o["warmupSteps"]
            if epoch >= steps:
                return lr
            return lr / steps if epoch == 0 else lr * (epoch + 1) / epoch
        return self.closed()

    def closed(self):
        o, kind, base, epoch = self.o, self.kind, self.base, self.epoch
        if kind == "constant":
            return base * o["factor"]
        if kind == "constantLR":
            return base * (1 if epoch >= o["totalIters"] else o["factor"])
        if kind == "lambdaLR":
            return base * factor_at(o["lrLambda"], epoch)
        if kind == "stepLR":
            return base * o["gamma"] ** (epoch // o["stepSize"])
        if kind == "multiStepLR":
            return base * o["gamma"] ** bisect.bisect_right(sorted(o["milestones"]), epoch)
        if kind == "exponentialLR":
            return base * o["gamma"] ** epoch
        if kind == "linearLR":
            done = min(o["totalIters"], epoch)
            return base * (o["startFactor"] + (o["endFactor"] - o["startFactor"]) * done / o["totalIters"])
        if kind == "polynomialLR":
            return base * (1 - min(o["totalIters"], epoch) / o["totalIters"]) ** o["power"]
        if kind == "cosineAnnealingLR":
            return o["etaMin"] + (base - o["etaMin"]) * half_cosine(epoch / o["tMax"])
        if kind == "cosineAnnealingWarmRestarts":
            if epoch == 0:
                self.since, self.period = 0, o["t0"]
            else:
                self.since += 1
                if self.since >= self.period:
                    self.since -= self.period
                    self.period *= o["tMult"]
            return o["etaMin"] + (base - o["etaMin"]) * half_cosine(self.since / self.period)
        if kind == "warmup":
            return base if o["warmupSteps"] == 0 else base * min(1, (epoch + 1) / o["warmupSteps"])
        if kind in ("warmupLinear", "warmupCosine"):
            warm = o["warmupSteps"]
            if epoch < warm:
                return base * (epoch + 1) / warm
            over = min(1, (epoch - warm) / max(1, o["totalSteps"] - warm))
            return o["minLr"] + (base - o["minLr"]) * (half_cosine(over) if kind == "warmupCosine" else 1 - over)
        if kind == "oneCycleLR":
            return self.one_cycle()
        if kind == "cyclicLR":
            return self.cyclic()
        # multiplicativeLR goes from the rate that there is.
        return self.next()

    def one_cycle(self):
        o, epoch = self.o, self.epoch
        total = o["totalSteps"] if o.get("totalSteps") is not None else o["epochs"] * o["stepsPerEpoch"]
        first, low, high = o["maxLr"] / o["divFactor"], o["baseMomentum"], o["maxMomentum"]
        last = first / o["finalDivFactor"]
        up = (o["pctStart"] * total - 1, (first, o["maxLr"]), (high, low))
        if o["threePhase"]:
            down = (2 * o["pctStart"] * total - 2, (o["maxLr"], first), (low, high))
            phases = [up, down, (total - 1, (first, last), (high, high))]
        else:
            phases = [up, (total - 1, (o["maxLr"], last), (low, high))]
        at = next((i for i, phase in enumerate(phases) if epoch <= phase[0]), len(phases) - 1)
        start = phases[at - 1][0] if at else 0
        end, rates, momenta = phases[at]
        part = 1 if end == start else (epoch - start) / (end - start)

        def anneal(pair):
            if o["annealStrategy"] == "cos":
                return pair[1] + (pair[0] - pair[1]) * half_cosine(part)
            return (pair[1] - pair[0]) * part + pair[0]

        if o["cycleMomentum"]:
            self.group.momentum = anneal(momenta)
        return anneal(rates)

    def cyclic(self):
        o, epoch = self.o, self.epoch
        down = o.get("stepSizeDown")
        total = o["stepSizeUp"] + (o["stepSizeUp"] if down is None else down)
        ratio = o["stepSizeUp"] / total
        cycle = math.floor(1 + epoch / total)
        x = 1 + epoch / total - cycle
        scale = x / ratio if x <= ratio else (x - 1) / (ratio - 1)
        if o.get("scaleFn") is not None:
            scale *= factor_at(o["scaleFn"], cycle if o["scaleMode"] == "cycle" else epoch)
        else:
            scale *= {"triangular": 1, "triangular2": 1 / 2 ** (cycle - 1), "exp_range": o["gamma"] ** epoch}[o["mode"]]
        if o["cycleMomentum"]:
            self.group.momentum = o["maxMomentum"] - (o["maxMomentum"] - o["baseMomentum"]) * scale
        return o["baseLr"] + (o["maxLr"] - o["baseLr"]) * scale


def factor_at(table, index):
    """A function of the step number, of which the run recorded the values."""
    if index >= len(table):
        raise SystemExit(f"The schedule is a function, of which {len(table)} steps were recorded; write it into optim.py")
    return table[index]


class Sequence:
    """One schedule after the other, each from its start at its milestone."""

    def __init__(self, spec, group):
        self.milestones, self.epoch = spec["milestones"], 0
        self.parts = [Single(part, group) for part in spec["schedulers"]]
        group.lr = group.initial
        for part in self.parts:
            part.epoch -= 1
        self.parts[0].calls = 0
        self.parts[0].step()

    def step(self):
        self.epoch += 1
        at = bisect.bisect_right(self.milestones, self.epoch)
        if at > 0 and self.milestones[at - 1] == self.epoch:
            self.parts[at].restart()
        else:
            self.parts[at].step()


class Chain:
    """All schedules at once."""

    def __init__(self, spec, group):
        self.parts = [stepper(part, group) for part in spec["schedulers"]]

    def step(self):
        for part in self.parts:
            part.step()


def stepper(spec, group):
    kinds = {"sequentialLR": Sequence, "chainedScheduler": Chain}
    return kinds.get(spec["type"], Single)(spec, group)


class ScheduleState:
    """Rate and momentum of a group by the number of the update."""

    def __init__(self, spec, group):
        self.spec, self.own = spec, group
        self.table = (spec or {}).get("tables", {}).get(str(group["options"]["lr"]))
        self.group, self.index, self.stepper = Group(group), 0, None
        if spec and spec["type"] not in ("function", "reduceLROnPlateau"):
            self.stepper = stepper(spec, self.group)

    def at(self, index):
        if self.table is not None:
            return factor_at(self.table, index), None
        if self.spec and self.spec["type"] == "reduceLROnPlateau":
            return plateau_rate(self.spec, self.own["options"]["lr"]), None
        if self.stepper is None:
            return self.group.lr, None
        while self.index < index:
            self.stepper.step()
            self.index += 1
        return self.group.lr, self.group.momentum if self.spec["cyclesMomentum"] else None


def plateau_rate(spec, lr):
    for _ in range(spec["state"]["reductions"]):
        reduced = max(lr * spec["factor"], spec["minLr"])
        lr = reduced if lr - reduced > spec["eps"] else lr
    return lr


def plateau_step(spec, metric):
    """Takes the metric of an epoch, as ReduceLROnPlateau does."""
    state, threshold = spec["state"], spec["threshold"]
    best = state["best"]
    sign = 1 if spec["mode"] == "min" else -1
    if best is None:
        better = not math.isnan(metric)
    elif spec["thresholdMode"] == "abs":
        better = sign * metric < sign * best - threshold
    else:
        better = metric < best * (1 - threshold) if sign > 0 else metric > best * (1 + threshold)
    state["badEpochs"] = 0 if better else state["badEpochs"] + 1
    if better:
        state["best"] = metric
    if state["cooldown"] > 0:
        state["cooldown"] -= 1
        state["badEpochs"] = 0
    if state["badEpochs"] > spec["patience"]:
        state.update(reductions=state["reductions"] + 1, cooldown=spec["cooldown"], badEpochs=0)
