"""What the staff does: roles, approvals, emergencies, and reading the audit."""
