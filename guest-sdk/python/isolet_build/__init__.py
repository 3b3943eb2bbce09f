"""Builds a component from a Python project. Run by `isolet build` with the Python of its own environment.

Standard output carries one JSON document a line: what happens (`progress`), what should be known (`warning`), and the
end (`done` or `problem`). Runs on Python 3.9 and newer; what runs in the component is `isolet_guest`.
"""
