"""Reference platforms: five shops' worth of counterpart for the hub, over HTTP alone.

Start with `client.py`; it is the part an integrator copies.
"""
