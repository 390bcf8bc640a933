"""Real servers and our own programs, started for the demo and the tests, each in a folder of its own.

Everything listens on loopback, on ports the kernel chose, and ends with the process that started it.
Only the Python standard library is used, so that the demo needs nothing from elsewhere.
"""
