"""The desk's database by versions. Each migration is one script; a database goes through those it has not had."""

from __future__ import annotations

_KEPT = (
    "formal_list", "formal_list_client", "formal_list_exclusion", "state_change", "collection_form",
    "collection_return", "correction", "correction_run",
)  # fmt: skip
_FIRST = """
CREATE TABLE formal_list (
  list_id TEXT PRIMARY KEY, method TEXT NOT NULL, year INTEGER NOT NULL, institution_id TEXT NOT NULL,
  run_id TEXT NOT NULL, locked_at TEXT NOT NULL, locked_by TEXT NOT NULL, role TEXT NOT NULL, note TEXT NOT NULL,
  list_hash TEXT NOT NULL, UNIQUE (method, year, institution_id)
);
CREATE TABLE formal_list_client (
  list_id TEXT NOT NULL REFERENCES formal_list, client TEXT NOT NULL, content TEXT NOT NULL,
  PRIMARY KEY (list_id, client)
);
CREATE TABLE formal_list_exclusion (
  list_id TEXT NOT NULL REFERENCES formal_list, position INTEGER NOT NULL, content TEXT NOT NULL,
  PRIMARY KEY (list_id, position)
);
CREATE TABLE client_state (
  list_id TEXT NOT NULL REFERENCES formal_list, client TEXT NOT NULL, state TEXT NOT NULL, branch_code TEXT NOT NULL,
  since TEXT NOT NULL, user_name TEXT NOT NULL, role TEXT NOT NULL, PRIMARY KEY (list_id, client)
);
CREATE TABLE state_change (
  change_id INTEGER PRIMARY KEY, list_id TEXT NOT NULL REFERENCES formal_list, client TEXT NOT NULL,
  branch_code TEXT NOT NULL, from_state TEXT NOT NULL, to_state TEXT NOT NULL, moment TEXT NOT NULL,
  user_name TEXT NOT NULL, role TEXT NOT NULL, note TEXT NOT NULL, chain_hash TEXT NOT NULL
);
CREATE INDEX state_change_client ON state_change (client, list_id);
CREATE TABLE collection_form (
  form_id TEXT PRIMARY KEY, list_id TEXT NOT NULL REFERENCES formal_list, client TEXT NOT NULL,
  branch_code TEXT NOT NULL, year INTEGER NOT NULL, issued_at TEXT NOT NULL, issued_by TEXT NOT NULL,
  role TEXT NOT NULL, file TEXT NOT NULL
);
CREATE INDEX collection_form_client ON collection_form (client);
CREATE TABLE collection_return (
  form_id TEXT NOT NULL REFERENCES collection_form, version INTEGER NOT NULL, status TEXT NOT NULL,
  problems TEXT NOT NULL, content TEXT NOT NULL, taken_at TEXT NOT NULL, taken_by TEXT NOT NULL, role TEXT NOT NULL,
  file TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY (form_id, version)
);
CREATE TABLE correction (
  correction_id INTEGER PRIMARY KEY, list_id TEXT NOT NULL REFERENCES formal_list, client TEXT NOT NULL,
  kind TEXT NOT NULL, reason TEXT NOT NULL, before_text TEXT NOT NULL, after_text TEXT NOT NULL,
  moment TEXT NOT NULL, user_name TEXT NOT NULL, role TEXT NOT NULL, run_before TEXT NOT NULL
);
CREATE TABLE correction_run (
  correction_id INTEGER PRIMARY KEY REFERENCES correction, run_id TEXT NOT NULL
);
"""


def _never_changed(table: str) -> str:
    return "".join(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is only ever added to'); END;\n"
        for verb in ("UPDATE", "DELETE")
    )


_REVIEWS = """
CREATE TABLE match_answer (
  answer_id INTEGER PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, run_id TEXT NOT NULL,
  subject_key TEXT NOT NULL, company_id TEXT NOT NULL, decision TEXT NOT NULL, other_company_id TEXT NOT NULL,
  reviewer TEXT NOT NULL, reviewed_on TEXT NOT NULL, note TEXT NOT NULL, taken_at TEXT NOT NULL
);
CREATE INDEX match_answer_subject ON match_answer (subject_key);
"""
MIGRATIONS: tuple[str, ...] = (
    _FIRST + "".join(_never_changed(table) for table in _KEPT), _REVIEWS + _never_changed("match_answer"),
)  # fmt: skip
