"""Fits a plane to noisy points, in three ways."""

import numpy as np

rng = np.random.default_rng(2026)
points = rng.uniform(-5, 5, size=(400, 3))
truth = np.array([2.5, -1.25, 0.75])
values = points @ truth + 4 + rng.normal(scale=0.1, size=400)

design = np.column_stack([points, np.ones(len(points))])
by_least_squares, residuals, rank, singular = np.linalg.lstsq(design, values)
by_normal_equations = np.linalg.solve(design.T @ design, design.T @ values)
q, r = np.linalg.qr(design)
by_qr = np.linalg.solve(r, q.T @ values)

print("fit", np.round(by_least_squares, 9))
print("rank", rank, "residuals", np.round(residuals, 8), "singular values", np.round(singular, 8))
print("agree", np.allclose(by_least_squares, by_normal_equations), np.allclose(by_least_squares, by_qr))
predicted = design @ by_least_squares
print("R2", round(1 - ((values - predicted) ** 2).sum() / ((values - values.mean()) ** 2).sum(), 10))
covariance = np.linalg.inv(design.T @ design) * residuals / (len(values) - design.shape[1])
print("standard errors", np.round(np.sqrt(np.diag(covariance)), 10))
u, s, vt = np.linalg.svd(design, full_matrices=False)
print("svd", np.allclose(u * s @ vt, design), "eigenvalues", np.round(np.linalg.eigvalsh(design.T @ design), 6))
try:
    np.linalg.inv(np.ones((3, 3)))
except np.linalg.LinAlgError as error:
    print("LinAlgError:", error)
