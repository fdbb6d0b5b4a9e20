# A stand-in for a test's source: makes up names and asks for them; nothing answers in a throw-away root.
import random
import socket

for _ in range(20):
    name = "".join(random.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(16)) + ".example"
    try:
        socket.gethostbyname(name)
    except OSError:
        pass
