"""The same step in PyTorch: the graph is made while the loss is computed, and gone after it."""

import torch

x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
y_ = torch.tensor([[1.0], [0.0]])
W = torch.tensor([[1.0], [-1.0]], requires_grad=True)
b = torch.tensor([0.5], requires_grad=True)
optimizer = torch.optim.SGD([W, b], lr=0.1)

optimizer.zero_grad()
loss = torch.mean((x @ W + b - y_) ** 2)
loss.backward()
optimizer.step()

print("loss", round(loss.item(), 4))
print("W", [round(v, 4) for v in W.detach().ravel().tolist()])
