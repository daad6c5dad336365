"""`python -m api_diff`: see command.py."""

import sys

from api_diff.command import main

sys.exit(main())
