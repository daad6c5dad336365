"""Compare the specs of this tree with those of a base commit; see docs/API-CHANGES.md.

* `command.py`: the command line, and the order of the steps
* `base.py`: the specs of the base commit, exported in a worktree; `specs.py`: reading them
* `compare.py`: a module; `operations.py`, `requests.py`, `responses.py`, `security.py`: its OpenAPI
  spec; `streams.py`: its AsyncAPI spec; `schemas.py`, `constraints.py`, `shapes.py`: JSON schemas
* `catalogue.py`: the kinds of changes, with their levels; `catalogue_operations.py`,
  `catalogue_schemas.py`, `catalogue_streams.py`: their words; `changes.py`: the data in between
* `consumers.py`: whom a change concerns; `python_callers.py`, `typescript_callers.py`: who calls
  what, as `callers.py` describes it; `sources.py`: where it is defined
* `allowed.py`, `versions.py`: which breaks are accepted, and how far a version has to rise
* `verdict.py`: what the changes mean; `report.py`, `markdown.py`, `annotations.py`: how it is shown
"""
