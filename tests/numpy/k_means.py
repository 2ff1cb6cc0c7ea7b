"""Finds clusters by Lloyd's algorithm."""

import numpy as np

rng = np.random.default_rng(7)
centres = np.array([[0.0, 0.0], [6.0, 1.0], [2.0, 7.0], [-4.0, 5.0]])
points = np.concatenate([centre + rng.standard_normal((150, 2)) for centre in centres])
rng.shuffle(points)

guess = points[rng.choice(len(points), 4, replace=False)]
for step in range(100):
    distances = ((points[:, np.newaxis] - guess) ** 2).sum(axis=2)
    nearest = distances.argmin(axis=1)
    better = np.array([points[nearest == cluster].mean(axis=0) for cluster in range(4)])
    if np.array_equal(better, guess):
        break
    guess = better

order = np.lexsort(guess.T)
print("steps", step)
print("centres", np.round(guess[order], 12).tolist())
print("sizes", np.bincount(nearest, minlength=4)[order])
print("inertia", distances.min(axis=1).sum().hex())
print("nearest", np.linalg.norm(guess[order] - centres[np.lexsort(centres.T)], axis=1).max() < 0.3)
values, counts = np.unique(nearest[:50], return_counts=True)
print("of the first fifty", dict(zip(values.tolist(), counts.tolist())))
