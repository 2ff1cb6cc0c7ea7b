# random with a seed gives the values of the Mersenne Twister, as in every CPython.
import random
import secrets
import uuid
r = random.Random(42)
print([r.random() for _ in range(3)], [r.randint(1, 100) for _ in range(5)])
print(r.choice("abcdef"), r.sample(range(100), 5), r.choices("xyz", weights=[1, 2, 3], k=5), r.gauss(0, 1))
deck = list(range(10))
r.shuffle(deck)
print(deck, r.getrandbits(64), r.uniform(1, 2), r.expovariate(1), r.betavariate(1, 2), r.randbytes(4).hex())
state = r.getstate()
first = r.random()
r.setstate(state)
print(first == r.random(), random.Random("text").random(), r.binomialvariate(10, 0.3))
print(len(secrets.token_hex(16)), len({secrets.token_bytes(16) for _ in range(100)}), secrets.compare_digest("a", "a"))
print(uuid.uuid5(uuid.NAMESPACE_DNS, "python.org"), uuid.uuid4().version, len({uuid.uuid4() for _ in range(100)}))
print(len({random.random() for _ in range(1000)}), random.SystemRandom().random() < 1)
