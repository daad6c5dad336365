"""Export both specs of every module, and write a report of what could not be exported.

make runs this where both kinds of specs are due: Python and FastAPI start once. It exits with 0
even if a module has an error, so that the clients of the other modules can be generated; the
target that was asked for prints the errors of the report and fails.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
import traceback
from pathlib import Path

from export_report import sources_digest, write_report


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("report", type=Path, help="the JSON file to write; see export_report.py")
    options = parser.parse_args()
    try:
        from export_asyncapi_spec import export_asyncapi_spec
        from export_openapi_spec import export_openapi_spec
    except Exception as error:  # in code that every module needs
        frame = traceback.extract_tb(error.__traceback__)[-1]
        file, line, reason = frame.filename, frame.lineno, str(error)
        if isinstance(error, SyntaxError):
            file, line, reason = str(error.filename), error.lineno, error.msg
        sys.exit(f"error: {os.path.relpath(file)}:{line}: {type(error).__name__}: {reason}")
    started, sources = time.time_ns(), sources_digest()
    errors = dict.fromkeys(export_openapi_spec() + export_asyncapi_spec())
    write_report(options.report, errors, sources)
    # A source that was edited during the export is then newer, and make exports again.
    os.utime(options.report, ns=(started, started))


if __name__ == "__main__":
    # Looking for garbage would take up to a fifth of the CPU time of this short process.
    gc.disable()
    main()
