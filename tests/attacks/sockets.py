# Connects and listens. Ends: held
import socket

for attempt in (lambda: socket.create_connection(("127.0.0.1", 80), timeout=1), lambda: socket.socket().bind(("", 0)), lambda: socket.socketpair(),
                lambda: socket.getaddrinfo("localhost", 80), lambda: socket.create_server(("127.0.0.1", 0)), lambda: socket.fromfd(0, 1, 1), lambda: socket.gethostbyname("localhost")):
    try:
        print("escaped:", attempt())
    except (OSError, AttributeError, NotImplementedError):
        pass
print("held")
