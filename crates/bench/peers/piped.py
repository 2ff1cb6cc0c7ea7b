"""A Python that knows nothing but its standard streams, as a sandbox: what an embedder writes around it."""

import pathlib

from driver import increased

LOOP = pathlib.Path(__file__).with_name("loop.py").read_text()


class Piped:
    """The embedder's end of the two streams."""

    def __init__(self, inlet, outlet, end):
        self.inlet, self.outlet, self.end = inlet, outlet, end

    def send(self, kind, payload):
        self.inlet.write(b"%s %d\n" % (kind, len(payload)))
        self.inlet.write(payload)
        self.inlet.flush()

    def ask(self, kind, payload):
        self.send(kind, payload)
        while True:
            line = self.outlet.readline()
            if not line:
                raise EOFError("the Python inside ended")
            kind, length = line.split()
            payload = self.outlet.read(int(length))
            if kind != b"call":
                return payload
            self.send(b"answer", b"%d" % increased(int(payload)))

    def exec(self, source):
        self.ask(b"exec", source.encode())

    def eval(self, expression):
        # Only numbers are asked for, and they are read as such: nothing that comes out is run.
        answer = self.ask(b"eval", expression.encode()).decode()
        return float(answer) if "." in answer else int(answer)

    def put(self, data):
        self.ask(b"put", data)

    def get(self):
        return self.ask(b"get", b"")

    def close(self):
        self.inlet.close()
        self.end()
