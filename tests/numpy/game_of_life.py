"""Plays Conway's game on a torus: an R-pentomino for a while, and a glider around the world."""

import zlib

import numpy as np


def step(world):
    around = sum(np.roll(world, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0))
    return ((around == 3) | ((around == 2) & (world == 1))).astype(np.uint8)


world = np.zeros((64, 64), np.uint8)
world[31:34, 31:34] = [[0, 1, 1], [1, 1, 0], [0, 1, 0]]
for generation in range(1, 301):
    world = step(world)
    if generation % 60 == 0:
        print(generation, int(world.sum()), zlib.crc32(np.packbits(world).tobytes()))

glider = np.zeros((16, 16), np.uint8)
glider[:3, :3] = [[0, 1, 0], [0, 0, 1], [1, 1, 1]]
world = glider
for generation in range(64):
    world = step(world)
print("around the world", np.array_equal(world, glider))
for row in step(glider)[:5, :5]:
    print("".join(".#"[cell] for cell in row))
