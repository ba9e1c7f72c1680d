"""The read side of the officers' pages: what a page shows, as plain dataclasses. Writes nothing."""
