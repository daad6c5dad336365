"""OpenAPI spec -> typed Python client, in stages: parse, operations, render, check.

`document.parse` turns a spec into frozen dataclasses, `methods.plan` decides what the client's
Python looks like, `render.render` prints it, and `check` reads the result back. Dictionaries stop
at the first stage; the template decides nothing.
"""
