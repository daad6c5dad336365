"""Copy the JAR of openapi-generator with only its typescript-axios generator.

The original creates all of its generators, about 170, for every module: a third of the CPU time.
The copy is not compressed, which makes loading classes faster. It generates the same clients.

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
    """Write the copy to a temporary file and rename it: an interrupted run leaves no copy."""
    original = Path(str(distribution("openapi-generator-cli").locate_file(JAR)))
    copy = Path(sys.argv[1])
    unfinished = copy.with_name(f".{copy.name}.{os.getpid()}")
    try:
        trim(original, unfinished)
        unfinished.replace(copy)
    finally:
        unfinished.unlink(missing_ok=True)


def trim(original: Path, copy: Path) -> None:
    """Write `copy`, or exit with an error if `original` does not have the expected files."""
    with zipfile.ZipFile(original) as jar, zipfile.ZipFile(copy, "w") as trimmed:
        if GENERATOR not in jar.read(LIST).decode().split():
            sys.exit(
                f"{original}: {LIST} does not name {GENERATOR}; adapt {__file__} to this version"
            )
        if COMPILER not in jar.namelist():
            sys.exit(f"{original}: {COMPILER}, which runs GenerateClients.java, is missing")
        for name in jar.namelist():
            trimmed.writestr(name, GENERATOR + "\n" if name == LIST else jar.read(name))


if __name__ == "__main__":
    main()
