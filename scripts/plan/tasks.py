"""The tasks of the plan, 0.1 to 5.2, and its checklist, each with its check.

Ids, titles and commands are the plan's. Where it writes a command without a folder, the folder is
the one of the Makefile that has the target.
"""

from __future__ import annotations

from plan.backend_tasks import PHASE_0, PHASE_1, PHASE_2
from plan.pipeline_tasks import CHECKLIST, PHASE_3, PHASE_4, PHASE_5

CHECKS = (*PHASE_0, *PHASE_1, *PHASE_2, *PHASE_3, *PHASE_4, *PHASE_5, *CHECKLIST)
