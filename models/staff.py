"""Roles of staff, who has them, and who took one for a short time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Instant, text, word


class StaffRole(Base):
    """A group of permissions with a name; nothing references it."""

    __tablename__ = "staff_roles"

    id: Mapped[str] = mapped_column(word(32), primary_key=True)
    """`support_agent`."""
    name: Mapped[str] = mapped_column(text(60))
    version: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class StaffRolePermission(Base):
    """A permission that a role holds; the administrator role holds all and has no rows."""

    __tablename__ = "staff_role_permissions"

    role_id: Mapped[str] = mapped_column(word(32), primary_key=True)
    permission: Mapped[str] = mapped_column(word(40), primary_key=True)


class SeededPermission(Base):
    """A permission that a release gave to a built-in role, so that it is given once."""

    __tablename__ = "seeded_permissions"

    role_id: Mapped[str] = mapped_column(word(32), primary_key=True)
    permission: Mapped[str] = mapped_column(word(40), primary_key=True)


class StaffAssignment(Base):
    """A person has a role."""

    __tablename__ = "staff_assignments"
    __table_args__ = (Index("ix_staff_assignments_role_id", "role_id"),)

    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"), primary_key=True)
    role_id: Mapped[str] = mapped_column(word(32), primary_key=True)
    granted_by: Mapped[UUID | None] = mapped_column(Id)
    """Nobody: an operator's command."""
    granted_at: Mapped[datetime] = mapped_column(Instant)


class StaffVersion(Base):
    """One row that grows with each change of what staff may do: processes read it often."""

    __tablename__ = "staff_versions"

    name: Mapped[str] = mapped_column(word(16), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class Elevation(Base):
    """A role that somebody took for a short time in an emergency (break-glass)."""

    __tablename__ = "elevations"
    __table_args__ = (
        CheckConstraint("ends_at > began_at", name="ends_later"),
        Index("ix_elevations_ends_at", "ends_at"),
    )

    id: Mapped[UUID] = mapped_column(Id, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(Id, ForeignKey("users.id"))
    role_id: Mapped[str] = mapped_column(word(32))
    reason: Mapped[str] = mapped_column(text(500))
    began_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    """Moved back to the present when it is ended early."""
    ended_by: Mapped[UUID | None] = mapped_column(Id)
    """Who ended it early."""
