"""The training step of `debugging.py` in PyTorch: plain, with hooks, and logged by TorchLens.

A hook on a module sees what the module computed and the gradient that came back to it, not what is
computed inside of it, and no update. TorchLens logs the calls of PyTorch functions in the forward
pass and keeps copies of their results; of the backward pass, on request, the gradients of those.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from .turns import Times, Way, heading, in_turns, row


class Step(NamedTuple):
    """The weights, the batch and the rate of one training step, and its loss as computed here."""

    weights: list[np.ndarray]
    images: np.ndarray
    labels: np.ndarray
    rate: float
    loss: float


def show_peers(step: Step) -> None:
    """Print the rows of the peers, or how to get them."""
    if not _is_installed("torch"):
        return
    import torch

    print(heading(f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads"))
    times = _show(_plain_and_hooked(step), {}, rounds=60)
    if _is_installed("torchlens"):
        _show(_logged(step), times, rounds=10)  # it stays in PyTorch's functions, so it comes last


def _is_installed(name: str) -> bool:
    found = find_spec(name) is not None
    if not found:
        print(f"\n{name}: not installed. Try: pip install {name}")
    return found


def _show(ways: list[Way], known: Times, rounds: int) -> Times:
    """Print the rows. known: the times of other ways, with which these are compared."""
    times = {**known, **in_turns(ways, rounds)}
    for way in ways:
        print(row(way, times))
    return times


class _Trainer:
    """The model with its loss as one module, and what makes a training step of it."""

    def __init__(self, step: Step) -> None:
        from torch import nn, no_grad, optim, tensor

        class WithLoss(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.layers = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))
                self.loss = nn.CrossEntropyLoss()

            def forward(self, images: Any, labels: Any) -> Any:
                return self.loss(self.layers(images), labels)

        self.model = WithLoss()
        with no_grad():
            for own, value in zip(self.model.parameters(), step.weights, strict=True):
                own.copy_(tensor(value.T))
        self.batch = tensor(step.images), tensor(step.labels)
        self.optimizer = optim.SGD(self.model.parameters(), step.rate)

    def forward(self) -> Any:
        return self.model(*self.batch)

    def train(self, forward: Callable[[], Any], backward: Callable[[Any], Any]) -> float:
        """One step; `forward` gives the loss, from which `backward` goes back."""
        self.optimizer.zero_grad()
        loss = forward()
        backward(loss)
        self.optimizer.step()
        return loss.detach().item()


def _plain_and_hooked(step: Step) -> list[Way]:
    plain = "plain step"
    # The first module's input is the batch, which nobody differentiates: its hook says so.
    warnings.filterwarnings("ignore", "Full backward hook is firing")

    def way(name: str, keep: Callable[[Any], Any] | None) -> Way:
        trainer, kept = _Trainer(step), []

        def noted(values: Any) -> None:
            for value in values if isinstance(values, tuple) else (values,):
                if value is not None:
                    kept.append(keep(value))

        if keep is not None:
            for module in trainer.model.modules():
                module.register_forward_hook(lambda _, inputs, output: noted(output))
                module.register_full_backward_hook(lambda _, inputs, outputs: noted(outputs))

        def run() -> float:
            kept.clear()
            return trainer.train(trainer.forward, lambda loss: loss.backward())

        error = abs(run() - step.loss)
        if keep is None:
            return Way(name, run, error=error)
        return Way(name, run, plain, _nbytes(kept), error)

    return [
        Way("plain forward pass", _Trainer(step).forward),
        way(plain, None),
        way("hooks on every module", lambda value: value),
        way("hooks that keep clones", lambda value: value.detach().clone()),
    ]


def _nbytes(tensors: Iterable[Any]) -> int:
    """The bytes of tensors, those of the same memory counted once."""
    return sum({t.data_ptr(): t.numel() * t.element_size() for t in tensors}.values())


def _logged(step: Step) -> list[Way]:
    from torchlens import trace
    from torchlens.options import CaptureOptions

    forward_only, both = _Trainer(step), _Trainer(step)
    options = CaptureOptions(backward_ready=True, save_grads="all")

    def forward() -> Any:
        return trace(forward_only.model, list(forward_only.batch))

    def forward_and_backward() -> tuple[Any, float]:
        logged = None

        def begun() -> Any:
            nonlocal logged
            logged = trace(both.model, list(both.batch), capture=options)
            return logged.layers[-1].out

        loss = both.train(begun, lambda loss: logged.log_backward(loss))
        return logged, loss

    log, (full, loss) = forward(), forward_and_backward()
    sizes = [int(log.saved_activation_memory)]
    sizes.append(int(full.saved_activation_memory) + int(full.saved_gradient_memory))
    losses = log.layers[-1].out.detach().item(), loss
    errors = [abs(value - step.loss) for value in losses]
    return [
        Way("TorchLens, forward pass", forward, "plain forward pass", sizes[0], errors[0]),
        Way("TorchLens, with gradients", forward_and_backward, "plain step", sizes[1], errors[1]),
    ]
