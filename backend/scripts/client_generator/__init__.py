"""OpenAPI spec -> typed Python client, in stages: parse, operations, render, check, write.

README.md maps each file to its stage.
"""

from client_generator.requirements import check_python

check_python()
