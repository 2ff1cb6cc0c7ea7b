"""Trains a network with one hidden layer to tell two spirals apart."""

import numpy as np

rng = np.random.default_rng(11)
turns = np.linspace(0.2, 1, 100)
angle, radius = 3 * np.pi * turns, turns
spiral = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
points = np.concatenate([spiral, -spiral])
wanted = np.repeat([0.0, 1.0], len(turns))[:, np.newaxis]

hidden = rng.normal(scale=1.5, size=(2, 24))
hidden_bias = rng.normal(size=24)
output = rng.normal(scale=0.5, size=(24, 1))
output_bias = np.zeros(1)
for epoch in range(601):
    layer = np.tanh(points @ hidden + hidden_bias)
    guess = 1 / (1 + np.exp(-(layer @ output + output_bias)))
    if epoch % 200 == 0:
        loss = -np.mean(wanted * np.log(guess) + (1 - wanted) * np.log(1 - guess))
        print(epoch, round(float(loss), 5), int(((guess > 0.5) == wanted).sum()))
    back = (guess - wanted) / len(points)
    through = back @ output.T * (1 - layer**2)
    output -= 3 * layer.T @ back
    output_bias -= 3 * back.sum(axis=0)
    hidden -= 3 * points.T @ through
    hidden_bias -= 3 * through.sum(axis=0)
print("weights", np.round(np.sort(output.ravel())[:4], 4))
