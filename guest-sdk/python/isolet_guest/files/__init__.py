"""The files of a component: those of its packages and of Python's library to read, and a scratch folder to write to.

A component has no directories of the host. What was there when it was built is kept in its memory, compressed, so that
late imports and data files are found where they were; what is written stays in memory and goes with the attempt.

# Layout
- `tree`: folders and files.
- `archive`: what is kept of the build.
- `opened`: open files, and what `open` returns.
- `system`: the functions of `os` on them.
"""
