"""Five reference platforms: counterparts of the hub that talk to it over HTTP only.

Start with `client.py`; it is the part an integrator copies.
"""
