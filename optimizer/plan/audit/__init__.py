"""The audit that knows no solver: is a plan what it says it is?

It reads the instance and the plan's tables, recomputes every account, state, rule and criterion in rational
arithmetic, and says of each clause how many rows it verified and by how much the worst of them holds or fails.
It shares no code with the model that was solved nor with what made the tables.
"""

from optimizer.plan.audit.clauses import CLAUSES, FOLDER
from optimizer.plan.audit.folder import audit_folder
from optimizer.plan.audit.report import AuditReport, Check
from optimizer.plan.audit.verdict import audit

__all__ = ["CLAUSES", "FOLDER", "AuditReport", "Check", "audit", "audit_folder"]
