"""How the service meets the network: what stands between a socket and the application.

run.py        serving an application until it is stopped
sockets.py    the address that is listened on, and how many connections the system allows
workers.py    the server processes, and their replacement
front.py      one request: its head, its body, a thread, its answer
bodies.py     bodies on their way: time, length, memory
lanes.py      threads for whole requests, and the requests that wait for one
environ.py    a whole request as WSGI
refusals.py   what the front answers by itself
readers.py    answers that nobody takes
counting.py   counts that the workers share
"""
