"""The Sun and four planets for a while, in steps of 0.01 days, with plain lists."""

from registry import benchmark

SOLAR_MASS = 4 * 3.14159265358979323**2
DAYS_PER_YEAR = 365.24

# Position (astronomical units), velocity (per day) and mass (suns) of the Sun,
# Jupiter, Saturn, Uranus and Neptune, as in the Computer Language Benchmarks Game.
BODIES = [
    ([0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 1.0),
    (
        [4.84143144246472090e00, -1.16032004402742839e00, -1.03622044471123109e-01],
        [1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05],
        9.54791938424326609e-04,
    ),
    (
        [8.34336671824457987e00, 4.12479856412430479e00, -4.03523417114321381e-01],
        [-2.76742510726862411e-03, 4.99852801234917238e-03, 2.30417297573763929e-05],
        2.85885980666130812e-04,
    ),
    (
        [1.28943695621391310e01, -1.51111514016986312e01, -2.23307578892655734e-01],
        [2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05],
        4.36624404335156298e-05,
    ),
    (
        [1.53796971148509165e01, -2.59193146099879641e01, 1.79258772950371181e-01],
        [2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05],
        5.15138902046611451e-05,
    ),
]


def solar_system():
    """A fresh copy in years and solar masses, its centre of mass at rest."""
    bodies = [
        [list(place), [v * DAYS_PER_YEAR for v in velocity], mass * SOLAR_MASS]
        for place, velocity, mass in BODIES
    ]
    for axis in range(3):
        bodies[0][1][axis] = -momentum(bodies, axis) / SOLAR_MASS
    return bodies


def pairs_of(bodies):
    return [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]


def momentum(bodies, axis):
    return sum(velocity[axis] * mass for _, velocity, mass in bodies)


def energy(bodies):
    total = 0.0
    for _, (vx, vy, vz), mass in bodies:
        total += mass * (vx * vx + vy * vy + vz * vz) / 2
    for ((x1, y1, z1), _, mass1), ((x2, y2, z2), _, mass2) in pairs_of(bodies):
        total -= mass1 * mass2 / ((x1 - x2) ** 2 + (y1 - y2) ** 2 + (z1 - z2) ** 2) ** 0.5
    return total


def advance(bodies, dt, steps):
    pairs = pairs_of(bodies)
    for _ in range(steps):
        for pair in pairs:
            [x1, y1, z1] = pair[0][0]
            v1 = pair[0][1]
            mass1 = pair[0][2]
            [x2, y2, z2] = pair[1][0]
            v2 = pair[1][1]
            mass2 = pair[1][2]

            dx = x1 - x2
            dy = y1 - y2
            dz = z1 - z2
            pull = dt * ((dx * dx + dy * dy + dz * dz) ** (-1.5))
            pull1 = mass1 * pull
            pull2 = mass2 * pull
            v1[0] -= dx * pull2
            v1[1] -= dy * pull2
            v1[2] -= dz * pull2
            v2[0] += dx * pull1
            v2[1] += dy * pull1
            v2[2] += dz * pull1
        for body in bodies:
            place = body[0]
            [vx, vy, vz] = body[1]
            place[0] += dt * vx
            place[1] += dt * vy
            place[2] += dt * vz


# Energies after so many steps; the one for 1000 is the Benchmarks Game's own.
KNOWN_ENERGIES = {1000: -0.169087605, 20_000: -0.169089263}


def expected(steps):
    return KNOWN_ENERGIES.get(steps, energy(solar_system()))


def right_motion(answer, energy_then):
    """Nothing drifts away, and the energy is the known one or near the first one.

    These steps keep the energy to 4 parts in 10,000 and no better.
    """
    drift, energy_now = answer
    tolerance = 1e-9 if energy_then in KNOWN_ENERGIES.values() else 1e-4
    return drift < 1e-10 and abs(energy_now - energy_then) < tolerance


@benchmark("nbody/planets", 20_000, expected, same=right_motion)
def planets(count):
    bodies = solar_system()
    advance(bodies, 0.01, count)
    return max(abs(momentum(bodies, axis)) for axis in range(3)), energy(bodies)
