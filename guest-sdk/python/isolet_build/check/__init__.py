"""Checking a project without making a component: what its text tells, in seconds.

- `imports`: what a module imports, and when; `modules`: where that is; `library`: what components have of Python's own;
  `reached`: which modules a build would import.
- `missing`, `activities`, `grants`: what is looked for; `checker`: types, and what Python 3.14 can't read.
- `found`: what all of them say.
"""
