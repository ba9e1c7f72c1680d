"""Pictures of every page that a person sees, and what is wrong with them: `python -m tests.shots`.

Three hubs one after another: `full`, a demo in which officers worked; `empty`, as a first-time
officer finds it; `crowded`, with 10,000 cases.
"""
