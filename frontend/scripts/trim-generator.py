#!/usr/bin/env python3
"""Copy the JAR of openapi-generator, with the one generator that is used here.

The original makes all of its generators, about 170, anew for every module: a third of a run's CPU.
The entries of the copy are not compressed, which makes loading the classes faster. The clients
that the copy generates are the same, byte for byte.

Usage: .venv/bin/python scripts/trim-generator.py COPY
"""

import os
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

LIST = "META-INF/services/org.openapitools.codegen.CodegenConfig"
GENERATOR = "org.openapitools.codegen.languages.TypeScriptAxiosClientCodegen"
COMPILER = "org/codehaus/janino/SimpleCompiler.class"
JAR = "openapi_generator_cli/openapi-generator.jar"


def main() -> None:
    """Write the copy beside its place, then move it there: a run cut short leaves nothing."""
    original = Path(str(distribution("openapi-generator-cli").locate_file(JAR)))
    copy = Path(sys.argv[1])
    unfinished = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        trim(original, unfinished)
        unfinished.replace(copy)
    finally:
        unfinished.unlink(missing_ok=True)


def trim(original: Path, copy: Path) -> None:
    """Write `copy`; end with an error if `original` is not laid out as expected."""
    with zipfile.ZipFile(original) as jar, zipfile.ZipFile(copy, "w") as trimmed:
        if GENERATOR not in jar.read(LIST).decode().split():
            sys.exit(
                f"{original}: {LIST} does not name {GENERATOR}; adapt {__file__} to this version"
            )
        if COMPILER not in jar.namelist():
            sys.exit(f"{original}: has no {COMPILER}, which GenerateClients.java is run by")
        for name in jar.namelist():
            trimmed.writestr(name, GENERATOR + "\n" if name == LIST else jar.read(name))


if __name__ == "__main__":
    main()
