"""The tables of what people write, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA = 1
metadata = MetaData()

schema_version = Table("schema_version", metadata, Column("version", Integer, primary_key=True))

user = Table(
    "workbench_user",
    metadata,
    Column("user_id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password", String(256), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
)

session = Table(
    "workbench_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", Integer, ForeignKey("workbench_user.user_id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("started", Float, nullable=False),
    Column("last_seen", Float, nullable=False),
)

failed_login = Table(
    "failed_login",
    metadata,
    Column("failed_id", Integer, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("remote", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Index("failed_login_at", "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("audit_id", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("user_name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("remote", String(64), nullable=False),
    Column("action", String(32), nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

scenario = Table(
    "scenario",
    metadata,
    Column("scenario_id", Integer, primary_key=True),
    Column("title", String(200), nullable=False),
    Column("query", Text, nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("user_name", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

upload = Table(
    "upload",
    metadata,
    Column("upload_id", Integer, primary_key=True),
    Column("file", String(200), nullable=False),
    Column("kept_as", String(200), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("table_name", String(64), nullable=False),
    Column("mapping", Text, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_kept", Integer, nullable=False),
    Column("rows_quarantined", Integer, nullable=False),
    Column("user_name", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

mapping_memory = Table(
    "mapping_memory",
    metadata,
    Column("memory_id", Integer, primary_key=True),
    Column("headings", String(64), nullable=False),
    Column("table_name", String(64), nullable=False),
    Column("draft", Text, nullable=False),
    Column("file", String(200), nullable=False),
    Column("user_name", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Index("mapping_memory_headings", "headings"),
)
"""Mappings of files that were put among the inputs, by the digest of the set of their headings."""

decision = Table(
    "decision",
    metadata,
    Column("decision_id", Integer, primary_key=True),
    Column("queue", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("decision", String(16), nullable=False),
    Column("chosen", String(64), nullable=False),
    Column("run_id", String(64), nullable=False),
    Column("note", Text, nullable=False),
    Column("user_name", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

decision_trace = Table(
    "decision_trace",
    metadata,
    Column("decision_id", Integer, ForeignKey("decision.decision_id"), primary_key=True),
    Column("changed", Text, nullable=False),
)
"""What a decision changed where the next run reads it: key of a row -> [row before, row after], as JSON."""

sign_off = Table(
    "sign_off",
    metadata,
    Column("sign_off_id", Integer, primary_key=True),
    Column("run_id", String(64), nullable=False),
    Column("statement", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("user_name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("at", String(32), nullable=False),
)
