"""What people write on the workbench: users, sessions, scenarios, uploads, decisions, sign-offs, and who did what."""
