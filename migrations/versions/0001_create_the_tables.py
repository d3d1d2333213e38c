"""Create the tables

Revision: 0001, after 
"""

import sqlalchemy as sa
from alembic import op

import models.base
from sqlalchemy.dialects import mysql
revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('app_versions',
    sa.Column('platform', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('least', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=False),
    sa.Column('message', sa.String(length=200).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mysql'), nullable=False),
    sa.Column('changed_at', models.base.Instant(), nullable=False),
    sa.Column('changed_by', models.base.Id(length=16), nullable=False),
    sa.PrimaryKeyConstraint('platform', name=op.f('pk_app_versions'))
    )
    op.create_table('attachment_bands',
    sa.Column('band', sa.SmallInteger(), autoincrement=False, nullable=False),
    sa.Column('value', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('attachment_id', models.base.Id(length=16), nullable=False),
    sa.PrimaryKeyConstraint('band', 'value', 'attachment_id', name=op.f('pk_attachment_bands'))
    )
    op.create_table('audit_chain',
    sa.Column('number', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('entry_id', models.base.Id(length=16), nullable=False),
    sa.Column('hash', models.base.Digest(length=32), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_audit_chain')),
    sa.UniqueConstraint('entry_id', name=op.f('uq_audit_chain_entry_id'))
    )
    op.create_table('audit_entries',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('actor_kind', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('actor_id', models.base.Id(length=16), nullable=True),
    sa.Column('action', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('object_kind', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('object_id', sa.String(length=80).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=80), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=80), 'mysql'), nullable=False),
    sa.Column('before', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=True),
    sa.Column('after', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=True),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=True),
    sa.Column('request_id', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=True),
    sa.Column('ip', sa.String(length=45).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=45), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=45), 'mysql'), nullable=True),
    sa.Column('elevation_id', models.base.Id(length=16), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entries_action_id', ['action', 'id'], unique=False)
        batch_op.create_index('ix_audit_entries_actor_id_id', ['actor_id', 'id'], unique=False)
        batch_op.create_index('ix_audit_entries_elevation_id_id', ['elevation_id', 'id'], unique=False)
        batch_op.create_index('ix_audit_entries_object_id_id', ['object_id', 'id'], unique=False)

    op.create_table('audit_heads',
    sa.Column('name', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('hash', models.base.Digest(length=32), nullable=False),
    sa.Column('chained_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint('number >= 0', name=op.f('ck_audit_heads_number_not_negative')),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_audit_heads'))
    )
    op.create_table('audit_pending',
    sa.Column('entry_id', models.base.Id(length=16), nullable=False),
    sa.PrimaryKeyConstraint('entry_id', name=op.f('pk_audit_pending'))
    )
    op.create_table('breaches',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('invariant', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('subject', sa.String(length=200).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mysql'), nullable=False),
    sa.Column('detail', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('found_at', models.base.Instant(), nullable=False),
    sa.Column('settled_at', models.base.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_breaches'))
    )
    op.create_table('cancel_requests',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('reason', sa.String(length=200).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('answered_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("status IN ('open', 'accepted', 'declined', 'lapsed')", name=op.f('ck_cancel_requests_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cancel_requests'))
    )
    with op.batch_alter_table('cancel_requests', schema=None) as batch_op:
        batch_op.create_index('ix_cancel_requests_trade_id', ['trade_id'], unique=False)

    op.create_table('candle_marks',
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('batch', sa.BigInteger(), nullable=False),
    sa.Column('inbox_id', models.base.Id(length=16), nullable=False),
    sa.PrimaryKeyConstraint('market', name=op.f('pk_candle_marks'))
    )
    op.create_table('candles',
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('span_s', sa.Integer(), nullable=False),
    sa.Column('started_at', models.base.Instant(), nullable=False),
    sa.Column('open_ticks', sa.BigInteger(), nullable=False),
    sa.Column('high_ticks', sa.BigInteger(), nullable=False),
    sa.Column('low_ticks', sa.BigInteger(), nullable=False),
    sa.Column('close_ticks', sa.BigInteger(), nullable=False),
    sa.Column('volume_micro', sa.BigInteger(), nullable=False),
    sa.Column('turnover_ticks', sa.BigInteger(), nullable=False),
    sa.Column('trades', sa.Integer(), nullable=False),
    sa.Column('first_at', models.base.Instant(), nullable=False),
    sa.Column('first_id', models.base.Id(length=16), nullable=False),
    sa.Column('last_at', models.base.Instant(), nullable=False),
    sa.Column('last_id', models.base.Id(length=16), nullable=False),
    sa.CheckConstraint('low_ticks <= open_ticks AND low_ticks <= close_ticks AND open_ticks <= high_ticks AND close_ticks <= high_ticks', name=op.f('ck_candles_prices_ordered')),
    sa.CheckConstraint('trades > 0 AND volume_micro > 0', name=op.f('ck_candles_counts_something')),
    sa.PrimaryKeyConstraint('market', 'span_s', 'started_at', name=op.f('pk_candles'))
    )
    with op.batch_alter_table('candles', schema=None) as batch_op:
        batch_op.create_index('ix_candles_span_s_started_at', ['span_s', 'started_at'], unique=False)

    op.create_table('case_audits',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('ruling_id', models.base.Id(length=16), nullable=False),
    sa.Column('case_id', models.base.Id(length=16), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('auditor_id', models.base.Id(length=16), nullable=True),
    sa.Column('verdict', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=True),
    sa.Column('note', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=True),
    sa.Column('drawn_at', models.base.Instant(), nullable=False),
    sa.Column('due_at', models.base.Instant(), nullable=False),
    sa.Column('decided_at', models.base.Instant(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("verdict IN ('agree', 'disagree')", name=op.f('ck_case_audits_verdict_known')),
    sa.CheckConstraint('(verdict IS NULL) = (decided_at IS NULL)', name=op.f('ck_case_audits_decided_once')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_audits')),
    sa.UniqueConstraint('ruling_id', name=op.f('uq_case_audits_ruling_id'))
    )
    with op.batch_alter_table('case_audits', schema=None) as batch_op:
        batch_op.create_index('ix_case_audits_auditor_id_open_id', ['auditor_id', 'open', 'id'], unique=False)
        batch_op.create_index('ix_case_audits_case_id', ['case_id'], unique=False)
        batch_op.create_index('ix_case_audits_open_due_at_id', ['open', 'due_at', 'id'], unique=False)

    op.create_table('chat_messages',
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('author', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('author_id', models.base.Id(length=16), nullable=True),
    sa.Column('client_id', sa.String(length=64).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mysql'), nullable=True),
    sa.Column('event', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=True),
    sa.Column('params', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=True),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('digest', models.base.Digest(length=32), nullable=True),
    sa.Column('attachment_id', models.base.Id(length=16), nullable=True),
    sa.Column('banners', sa.String(length=120).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=120), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=120), 'mysql'), nullable=False),
    sa.Column('hash', models.base.Digest(length=32), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint("(kind = 'attachment') = (attachment_id IS NOT NULL)", name=op.f('ck_chat_messages_attachment_names_its_file')),
    sa.CheckConstraint("(kind = 'system') = (author = 'system')", name=op.f('ck_chat_messages_system_speaks_for_itself')),
    sa.CheckConstraint("(kind = 'system') = (event IS NOT NULL)", name=op.f('ck_chat_messages_system_names_its_event')),
    sa.CheckConstraint("author IN ('buyer', 'seller', 'staff', 'system')", name=op.f('ck_chat_messages_author_known')),
    sa.CheckConstraint("kind IN ('text', 'auto_reply', 'attachment', 'system')", name=op.f('ck_chat_messages_kind_known')),
    sa.CheckConstraint('number >= 1', name=op.f('ck_chat_messages_number_positive')),
    sa.PrimaryKeyConstraint('trade_id', 'number', name=op.f('pk_chat_messages')),
    sa.UniqueConstraint('id', name=op.f('uq_chat_messages_id')),
    sa.UniqueConstraint('trade_id', 'author_id', 'client_id', name=op.f('uq_chat_messages_trade_id_author_id_client_id'))
    )
    with op.batch_alter_table('chat_messages', schema=None) as batch_op:
        batch_op.create_index('ix_chat_messages_author_id_id', ['author_id', 'id'], unique=False)

    op.create_table('chats',
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('number', sa.Integer(), server_default='0', nullable=False),
    sa.Column('hash', models.base.Digest(length=32), nullable=True),
    sa.Column('greeting', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), server_default='', nullable=False),
    sa.Column('buyer_read', sa.Integer(), server_default='0', nullable=False),
    sa.Column('seller_read', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint('(number = 0) = (hash IS NULL)', name=op.f('ck_chats_hash_of_the_last')),
    sa.CheckConstraint('buyer_read >= 0 AND buyer_read <= number AND seller_read >= 0 AND seller_read <= number', name=op.f('ck_chats_read_what_is_there')),
    sa.PrimaryKeyConstraint('trade_id', name=op.f('pk_chats'))
    )
    op.create_table('claim_events',
    sa.Column('claim_id', models.base.Id(length=16), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('actor', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('actor_id', models.base.Id(length=16), nullable=True),
    sa.Column('status_from', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=True),
    sa.Column('status_to', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('detail', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('claim_id', 'version', name=op.f('pk_claim_events'))
    )
    op.create_table('commit_markers',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commit_markers'))
    )
    with op.batch_alter_table('commit_markers', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_commit_markers_created_at'), ['created_at'], unique=False)

    op.create_table('data_export_parts',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('export_id', models.base.Id(length=16), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.CheckConstraint('number >= 0', name=op.f('ck_data_export_parts_number_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_export_parts')),
    sa.UniqueConstraint('export_id', 'number', name=op.f('uq_data_export_parts_export_id_number'))
    )
    op.create_table('desk_cases',
    sa.Column('case_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('round', sa.SmallInteger(), nullable=False),
    sa.Column('priority', sa.SmallInteger(), nullable=False),
    sa.Column('signals', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('method_id', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('due_at', models.base.Instant(), nullable=False),
    sa.Column('assignee_id', models.base.Id(length=16), nullable=True),
    sa.Column('assigned_at', models.base.Instant(), nullable=True),
    sa.Column('opened_at', models.base.Instant(), nullable=False),
    sa.Column('closed_at', models.base.Instant(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.CheckConstraint("kind IN ('dispute', 'claim')", name=op.f('ck_desk_cases_kind_known')),
    sa.CheckConstraint('(assignee_id IS NULL) = (assigned_at IS NULL)', name=op.f('ck_desk_cases_assigned_once')),
    sa.CheckConstraint('priority IN (1, 2, 3)', name=op.f('ck_desk_cases_priority_known')),
    sa.CheckConstraint('round IN (1, 2)', name=op.f('ck_desk_cases_one_objection')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_desk_cases'))
    )
    with op.batch_alter_table('desk_cases', schema=None) as batch_op:
        batch_op.create_index('ix_desk_cases_assignee_id_open_due_at', ['assignee_id', 'open', 'due_at', 'case_id'], unique=False)
        batch_op.create_index('ix_desk_cases_kind_open_due_at_case_id', ['kind', 'open', 'due_at', 'case_id'], unique=False)
        batch_op.create_index('ix_desk_cases_open_due_at_case_id', ['open', 'due_at', 'case_id'], unique=False)
        batch_op.create_index('ix_desk_cases_trade_id', ['trade_id'], unique=False)

    op.create_table('device_holds',
    sa.Column('session_id', models.base.Id(length=16), nullable=False),
    sa.Column('until', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('session_id', name=op.f('pk_device_holds'))
    )
    with op.batch_alter_table('device_holds', schema=None) as batch_op:
        batch_op.create_index('ix_device_holds_until', ['until'], unique=False)

    op.create_table('device_warnings',
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('told_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('trade_id', name=op.f('pk_device_warnings'))
    )
    with op.batch_alter_table('device_warnings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_warnings_told_at'), ['told_at'], unique=False)

    op.create_table('dispute_events',
    sa.Column('dispute_id', models.base.Id(length=16), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('actor', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('actor_id', models.base.Id(length=16), nullable=True),
    sa.Column('status_from', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=True),
    sa.Column('status_to', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('detail', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('dispute_id', 'version', name=op.f('pk_dispute_events'))
    )
    op.create_table('dispute_offers',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('dispute_id', models.base.Id(length=16), nullable=False),
    sa.Column('by_side', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('kind', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('buyer_amount', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('answered_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("(kind = 'split') = (buyer_amount IS NOT NULL)", name=op.f('ck_dispute_offers_split_has_part')),
    sa.CheckConstraint("kind IN ('release', 'refund', 'split')", name=op.f('ck_dispute_offers_kind_known')),
    sa.CheckConstraint("status <> 'open' OR answered_at IS NULL", name=op.f('ck_dispute_offers_open_not_answered')),
    sa.CheckConstraint("status IN ('open', 'accepted', 'declined', 'lapsed')", name=op.f('ck_dispute_offers_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispute_offers'))
    )
    with op.batch_alter_table('dispute_offers', schema=None) as batch_op:
        batch_op.create_index('ix_dispute_offers_dispute_id_status', ['dispute_id', 'status'], unique=False)

    op.create_table('disputes',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('opened_by', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('opened_by_id', models.base.Id(length=16), nullable=True),
    sa.Column('reason', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('statement', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('outcome', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deadline_at', models.base.Instant(), nullable=True),
    sa.Column('buyer_evidence_until', models.base.Instant(), nullable=False),
    sa.Column('seller_evidence_until', models.base.Instant(), nullable=False),
    sa.Column('buyer_done', sa.Boolean(), nullable=False),
    sa.Column('seller_done', sa.Boolean(), nullable=False),
    sa.Column('overdue_count', sa.Integer(), nullable=False),
    sa.Column('award', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=True),
    sa.Column('award_buyer_amount', sa.BigInteger(), nullable=True),
    sa.Column('objected_by', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=True),
    sa.Column('lost', sa.Boolean(), nullable=False),
    sa.Column('opened_at', models.base.Instant(), nullable=False),
    sa.Column('closed_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("(COALESCE(award, '-') = 'split') = (award_buyer_amount IS NOT NULL)", name=op.f('ck_disputes_split_has_part')),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_disputes_closed_has_time')),
    sa.CheckConstraint("(status = 'closed') = (deadline_at IS NULL)", name=op.f('ck_disputes_open_has_deadline')),
    sa.CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name=op.f('ck_disputes_closed_has_outcome')),
    sa.CheckConstraint("award IN ('release', 'refund', 'split')", name=op.f('ck_disputes_award_known')),
    sa.CheckConstraint("status IN ('open', 'evidence', 'ruled', 'objected', 'closed')", name=op.f('ck_disputes_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_disputes')),
    sa.UniqueConstraint('trade_id', name=op.f('uq_disputes_trade_id'))
    )
    with op.batch_alter_table('disputes', schema=None) as batch_op:
        batch_op.create_index('ix_disputes_opened_by_id_closed_at', ['opened_by_id', 'closed_at'], unique=False)
        batch_op.create_index('ix_disputes_reason_closed_at', ['reason', 'closed_at', 'outcome'], unique=False)
        batch_op.create_index('ix_disputes_status_deadline_at', ['status', 'deadline_at'], unique=False)
        batch_op.create_index('ix_disputes_status_opened_at', ['status', 'opened_at'], unique=False)

    op.create_table('evidence_attachments',
    sa.Column('evidence_id', models.base.Id(length=16), nullable=False),
    sa.Column('attachment_id', models.base.Id(length=16), nullable=False),
    sa.PrimaryKeyConstraint('evidence_id', 'attachment_id', name=op.f('pk_evidence_attachments'))
    )
    op.create_table('failed_pairs',
    sa.Column('order_id', models.base.Id(length=16), nullable=False),
    sa.Column('other_order_id', models.base.Id(length=16), nullable=False),
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.PrimaryKeyConstraint('order_id', 'other_order_id', name=op.f('pk_failed_pairs'))
    )
    with op.batch_alter_table('failed_pairs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_failed_pairs_market'), ['market'], unique=False)

    op.create_table('heartbeats',
    sa.Column('scope', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('beat_at', models.base.Instant(), nullable=False),
    sa.Column('counter', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('scope', name=op.f('pk_heartbeats'))
    )
    op.create_table('job_leases',
    sa.Column('name', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('owner', sa.String(length=64).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mysql'), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('last_run_at', models.base.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_job_leases'))
    )
    op.create_table('kyc_provider_events',
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('provider', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('received_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_kyc_provider_events'))
    )
    with op.batch_alter_table('kyc_provider_events', schema=None) as batch_op:
        batch_op.create_index('ix_kyc_provider_events_received_at', ['received_at'], unique=False)

    op.create_table('lane_inbox',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('kind', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('cause', sa.String(length=80).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=80), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=80), 'mysql'), nullable=False),
    sa.Column('body', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=True),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('consumed_batch', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lane_inbox')),
    sa.UniqueConstraint('market', 'cause', name=op.f('uq_lane_inbox_market_cause'))
    )
    with op.batch_alter_table('lane_inbox', schema=None) as batch_op:
        batch_op.create_index('ix_lane_inbox_market_consumed_batch_id', ['market', 'consumed_batch', 'id'], unique=False)

    op.create_table('lanes',
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('owner', sa.String(length=64).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mysql'), nullable=False),
    sa.Column('address', sa.String(length=120).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=120), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=120), 'mysql'), nullable=False),
    sa.Column('epoch', sa.BigInteger(), nullable=False),
    sa.Column('batch', sa.BigInteger(), nullable=False),
    sa.Column('priority', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('market', name=op.f('pk_lanes'))
    )
    op.create_table('market_indexes',
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('index_ticks', sa.BigInteger(), nullable=False),
    sa.Column('read_at', models.base.Instant(), nullable=False),
    sa.Column('floating_on', sa.Boolean(), nullable=False),
    sa.Column('pending_ticks', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('market', name=op.f('pk_market_indexes'))
    )
    op.create_table('market_settings',
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('maker_fee_ppm', sa.Integer(), nullable=False),
    sa.Column('taker_fee_ppm', sa.Integer(), nullable=False),
    sa.Column('amount_min_micro', sa.BigInteger(), nullable=False),
    sa.Column('amount_max_micro', sa.BigInteger(), nullable=False),
    sa.Column('band_bp', sa.Integer(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("status IN ('open', 'paused')", name=op.f('ck_market_settings_status_known')),
    sa.CheckConstraint('0 < amount_min_micro AND amount_min_micro <= amount_max_micro', name=op.f('ck_market_settings_amounts_ordered')),
    sa.PrimaryKeyConstraint('market', name=op.f('pk_market_settings'))
    )
    op.create_table('markets',
    sa.Column('id', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('currency', sa.String(length=3).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=3), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=3), 'mysql'), nullable=False),
    sa.Column('minor_digits', sa.SmallInteger(), nullable=False),
    sa.Column('price_digits', sa.SmallInteger(), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_markets'))
    )
    op.create_table('messages',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('channel', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('tries', sa.SmallInteger(), nullable=False),
    sa.Column('due_at', models.base.Instant(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("channel IN ('mail', 'sms')", name=op.f('ck_messages_channel_known')),
    sa.CheckConstraint("status IN ('waiting', 'sent', 'refused', 'expired')", name=op.f('ck_messages_status_known')),
    sa.CheckConstraint('tries >= 0', name=op.f('ck_messages_tries_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_messages'))
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index('ix_messages_status_due_at', ['status', 'due_at'], unique=False)

    op.create_table('name_screenings',
    sa.Column('application_id', models.base.Id(length=16), nullable=False),
    sa.Column('list_version', sa.String(length=64).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mysql'), nullable=False),
    sa.Column('screened_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_name_screenings'))
    )
    with op.batch_alter_table('name_screenings', schema=None) as batch_op:
        batch_op.create_index('ix_name_screenings_screened_at', ['screened_at'], unique=False)

    op.create_table('notification_marks',
    sa.Column('name', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('relay_batch', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_notification_marks'))
    )
    op.create_table('order_skips',
    sa.Column('order_id', models.base.Id(length=16), nullable=False),
    sa.Column('reason', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('order_id', 'reason', name=op.f('pk_order_skips'))
    )
    op.create_table('orders',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), server_default='', nullable=False),
    sa.Column('user_id', models.base.Id(length=16), server_default='', nullable=False),
    sa.Column('side', sa.String(length=4).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=4), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=4), 'mysql'), server_default='buy', nullable=False),
    sa.Column('pricing', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), server_default='fixed', nullable=False),
    sa.Column('price_ticks', sa.BigInteger(), nullable=True),
    sa.Column('margin_bp', sa.Integer(), nullable=True),
    sa.Column('worst_price_ticks', sa.BigInteger(), nullable=True),
    sa.Column('amount', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('remaining', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('matched', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('returned', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('closed', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('reserved', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('maker_fee_ppm', sa.Integer(), server_default='0', nullable=False),
    sa.Column('taker_fee_ppm', sa.Integer(), server_default='0', nullable=False),
    sa.Column('min_fiat_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('max_fiat_minor', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('methods', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), server_default='', nullable=False),
    sa.Column('window_s', sa.Integer(), server_default='0', nullable=False),
    sa.Column('time_in_force', sa.String(length=4).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=4), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=4), 'mysql'), server_default='gtc', nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=True),
    sa.Column('matching', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), server_default='auto', nullable=False),
    sa.Column('visibility', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), server_default='public', nullable=False),
    sa.Column('always_on', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('max_trades', sa.Integer(), server_default='1', nullable=False),
    sa.Column('takes_made', sa.Integer(), server_default='0', nullable=False),
    sa.Column('rules', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), server_default='', nullable=False),
    sa.Column('terms', sa.String(length=1000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=1000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=1000), 'mysql'), server_default='', nullable=False),
    sa.Column('auto_reply', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), server_default='', nullable=False),
    sa.Column('target_order_id', models.base.Id(length=16), nullable=True),
    sa.Column('status', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), server_default='open', nullable=False),
    sa.Column('status_reason', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), server_default='', nullable=False),
    sa.Column('paused_for', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), server_default='', nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.Column('priority', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('created_at', models.base.Instant(), server_default='0', nullable=False),
    sa.Column('updated_at', models.base.Instant(), server_default='0', nullable=False),
    sa.CheckConstraint("pricing IN ('fixed', 'floating', 'market')", name=op.f('ck_orders_pricing_known')),
    sa.CheckConstraint("side IN ('buy', 'sell')", name=op.f('ck_orders_side_known')),
    sa.CheckConstraint("status IN ('open', 'partially_filled', 'filled', 'paused', 'cancelled', 'expired', 'suspended')", name=op.f('ck_orders_status_known')),
    sa.CheckConstraint('amount = remaining + matched - returned + closed', name=op.f('ck_orders_amount_accounted')),
    sa.CheckConstraint('remaining >= 0 AND remaining <= amount', name=op.f('ck_orders_remaining_in_amount')),
    sa.CheckConstraint('reserved >= 0', name=op.f('ck_orders_reserved_not_negative')),
    sa.CheckConstraint('returned <= matched AND closed >= 0', name=op.f('ck_orders_parts_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_orders'))
    )
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.create_index('ix_orders_market_status_priority', ['market', 'status', 'priority'], unique=False)
        batch_op.create_index('ix_orders_user_id_id', ['user_id', 'id'], unique=False)
        batch_op.create_index('ix_orders_user_id_status_market', ['user_id', 'status', 'market'], unique=False)

    op.create_table('outages',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('started_at', models.base.Instant(), nullable=False),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.Column('announced', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=200).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mysql'), nullable=False),
    sa.Column('credited_at', models.base.Instant(), nullable=True),
    sa.Column('told_at', models.base.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outages'))
    )
    op.create_table('outbox',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('room', sa.String(length=60).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=60), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=60), 'mysql'), server_default='', nullable=False),
    sa.Column('name', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), server_default='', nullable=False),
    sa.Column('body', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), server_default='0', nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=True),
    sa.Column('relay_batch', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('room', 'seq', name=op.f('uq_outbox_room_seq'))
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_relay_batch_id', ['relay_batch', 'id'], unique=False)

    op.create_table('passkey_challenges',
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('purpose', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('bound', models.base.Digest(length=32), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint("purpose IN ('register', 'sign_in', 'second_factor', 'step_up')", name=op.f('ck_passkey_challenges_purpose_known')),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_passkey_challenges'))
    )
    with op.batch_alter_table('passkey_challenges', schema=None) as batch_op:
        batch_op.create_index('ix_passkey_challenges_expires_at', ['expires_at'], unique=False)

    op.create_table('password_resets',
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('account', models.base.Digest(length=32), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=True),
    sa.Column('asked_at', models.base.Instant(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('used_at', models.base.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_password_resets'))
    )
    with op.batch_alter_table('password_resets', schema=None) as batch_op:
        batch_op.create_index('ix_password_resets_account_asked_at', ['account', 'asked_at'], unique=False)
        batch_op.create_index('ix_password_resets_asked_at', ['asked_at'], unique=False)

    op.create_table('payers',
    sa.Column('payer', models.base.Digest(length=32), nullable=False),
    sa.Column('seen_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('payer', name=op.f('pk_payers'))
    )
    with op.batch_alter_table('payers', schema=None) as batch_op:
        batch_op.create_index('ix_payers_seen_at', ['seen_at'], unique=False)

    op.create_table('payment_account_states',
    sa.Column('account_id', models.base.Id(length=16), nullable=False),
    sa.Column('removed_at', models.base.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('account_id', name=op.f('pk_payment_account_states'))
    )
    op.create_table('payment_methods',
    sa.Column('id', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('name', sa.String(length=80).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=80), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=80), 'mysql'), nullable=False),
    sa.Column('currency', sa.String(length=3).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=3), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=3), 'mysql'), nullable=False),
    sa.Column('region', sa.String(length=2).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=2), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=2), 'mysql'), nullable=False),
    sa.Column('reversibility', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('speed', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('hours', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=True),
    sa.Column('schema_version', sa.Integer(), nullable=False),
    sa.CheckConstraint("reversibility IN ('final', 'recallable', 'reversible')", name=op.f('ck_payment_methods_reversibility_known')),
    sa.CheckConstraint("speed IN ('instant', 'domestic', 'other')", name=op.f('ck_payment_methods_speed_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_methods'))
    )
    op.create_table('payment_references',
    sa.Column('reference', models.base.Digest(length=32), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('given_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('reference', 'trade_id', name=op.f('pk_payment_references'))
    )
    with op.batch_alter_table('payment_references', schema=None) as batch_op:
        batch_op.create_index('ix_payment_references_given_at', ['given_at'], unique=False)

    op.create_table('pending_sign_ins',
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_pending_sign_ins'))
    )
    with op.batch_alter_table('pending_sign_ins', schema=None) as batch_op:
        batch_op.create_index('ix_pending_sign_ins_expires_at', ['expires_at'], unique=False)

    op.create_table('platform_postings',
    sa.Column('account', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('transfer_id', models.base.Id(length=16), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_platform_postings_amount_not_zero')),
    sa.PrimaryKeyConstraint('account', 'transfer_id', name=op.f('pk_platform_postings'))
    )
    op.create_table('platform_rollups',
    sa.Column('account', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('balance', sa.BigInteger(), nullable=False),
    sa.Column('through_transfer_id', models.base.Id(length=16), nullable=False),
    sa.PrimaryKeyConstraint('account', 'asset', name=op.f('pk_platform_rollups'))
    )
    op.create_table('postings',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('kind', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('account_seq', sa.BigInteger(), nullable=False),
    sa.Column('transfer_id', models.base.Id(length=16), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('balance_after', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('account_seq > 0', name=op.f('ck_postings_account_seq_positive')),
    sa.CheckConstraint('amount <> 0', name=op.f('ck_postings_amount_not_zero')),
    sa.CheckConstraint('balance_after >= 0', name=op.f('ck_postings_balance_after_not_negative')),
    sa.PrimaryKeyConstraint('user_id', 'asset', 'kind', 'account_seq', name=op.f('pk_postings')),
    sa.UniqueConstraint('user_id', 'transfer_id', 'kind', name=op.f('uq_postings_user_id_transfer_id_kind'))
    )
    op.create_table('precedent_terms',
    sa.Column('term', sa.String(length=64).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=64), 'mysql'), nullable=False),
    sa.Column('precedent_id', models.base.Id(length=16), nullable=False),
    sa.PrimaryKeyConstraint('term', 'precedent_id', name=op.f('pk_precedent_terms'))
    )
    op.create_table('precedents',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('reason', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('method_id', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('outcome', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('amount_band', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('reason_code', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('text_en', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('text_vi', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.CheckConstraint("outcome IN ('release', 'refund', 'split')", name=op.f('ck_precedents_outcome_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_precedents'))
    )
    op.create_table('refresh_tokens',
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('session_id', models.base.Id(length=16), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('issued_at', models.base.Instant(), nullable=False),
    sa.Column('used_at', models.base.Instant(), nullable=True),
    sa.Column('successor', models.base.Digest(length=32), nullable=True),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_refresh_tokens'))
    )
    with op.batch_alter_table('refresh_tokens', schema=None) as batch_op:
        batch_op.create_index('ix_refresh_tokens_session_id', ['session_id'], unique=False)

    op.create_table('relays',
    sa.Column('name', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('owner', sa.String(length=64).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mysql'), nullable=False),
    sa.Column('epoch', sa.BigInteger(), nullable=False),
    sa.Column('numbered_batch', sa.BigInteger(), nullable=False),
    sa.Column('sent_batch', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_relays'))
    )
    op.create_table('room_seqs',
    sa.Column('room', sa.String(length=60).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=60), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=60), 'mysql'), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('room', name=op.f('pk_room_seqs'))
    )
    op.create_table('seeded_permissions',
    sa.Column('role_id', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('permission', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.PrimaryKeyConstraint('role_id', 'permission', name=op.f('pk_seeded_permissions'))
    )
    op.create_table('session_revocations',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('session_id', models.base.Id(length=16), nullable=False),
    sa.Column('revoked_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session_revocations'))
    )
    with op.batch_alter_table('session_revocations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_revocations_revoked_at'), ['revoked_at'], unique=False)

    op.create_table('session_states',
    sa.Column('session_id', models.base.Id(length=16), nullable=False),
    sa.Column('used_at', models.base.Instant(), nullable=False),
    sa.Column('idle_until', models.base.Instant(), nullable=False),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.Column('ended_reason', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=True),
    sa.PrimaryKeyConstraint('session_id', name=op.f('pk_session_states'))
    )
    op.create_table('sms_countries',
    sa.Column('country', sa.String(length=2).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=2), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=2), 'mysql'), nullable=False),
    sa.PrimaryKeyConstraint('country', name=op.f('pk_sms_countries'))
    )
    op.create_table('sms_counts',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('country', sa.String(length=2).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=2), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=2), 'mysql'), nullable=False),
    sa.Column('prefix', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=False),
    sa.Column('number', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=False),
    sa.Column('sent_at', models.base.Instant(), nullable=False),
    sa.Column('confirmed_at', models.base.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sms_counts'))
    )
    with op.batch_alter_table('sms_counts', schema=None) as batch_op:
        batch_op.create_index('ix_sms_counts_country_id', ['country', 'id'], unique=False)
        batch_op.create_index('ix_sms_counts_prefix_id', ['prefix', 'id'], unique=False)

    op.create_table('sms_notices',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sms_notices'))
    )
    with op.batch_alter_table('sms_notices', schema=None) as batch_op:
        batch_op.create_index('ix_sms_notices_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('staff_role_permissions',
    sa.Column('role_id', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('permission', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.PrimaryKeyConstraint('role_id', 'permission', name=op.f('pk_staff_role_permissions'))
    )
    op.create_table('staff_roles',
    sa.Column('id', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('name', sa.String(length=60).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=60), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=60), 'mysql'), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_roles'))
    )
    op.create_table('staff_versions',
    sa.Column('name', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_staff_versions'))
    )
    op.create_table('step_up_proofs',
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('subject_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('session_id', models.base.Id(length=16), nullable=False),
    sa.Column('action', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('amount_micro', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('request_hash', models.base.Digest(length=32), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('used_at', models.base.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('digest', 'subject_id', name=op.f('pk_step_up_proofs'))
    )
    with op.batch_alter_table('step_up_proofs', schema=None) as batch_op:
        batch_op.create_index('ix_step_up_proofs_expires_at', ['expires_at'], unique=False)

    op.create_table('switches',
    sa.Column('name', sa.String(length=48).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=48), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=48), 'mysql'), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=200).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mysql'), nullable=False),
    sa.Column('changed_at', models.base.Instant(), nullable=False),
    sa.Column('stopped_by', models.base.Id(length=16), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_switches'))
    )
    op.create_table('trade_events',
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('actor', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('actor_id', models.base.Id(length=16), nullable=True),
    sa.Column('status_from', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=True),
    sa.Column('status_to', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=False),
    sa.Column('detail', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('trade_id', 'version', name=op.f('pk_trade_events'))
    )
    op.create_table('trade_flags',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=False),
    sa.Column('other_trade_id', models.base.Id(length=16), nullable=True),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('reasons', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('holds', sa.Boolean(), nullable=False),
    sa.Column('status', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('buyer_agreed_at', models.base.Instant(), nullable=True),
    sa.Column('seller_agreed_at', models.base.Instant(), nullable=True),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('resolved_by', models.base.Id(length=16), nullable=True),
    sa.Column('resolved_at', models.base.Instant(), nullable=True),
    sa.Column('note', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=True),
    sa.CheckConstraint("kind IN ('triangulation', 'third_party_payer', 'reference_reused')", name=op.f('ck_trade_flags_kind_known')),
    sa.CheckConstraint("status IN ('open', 'resolved')", name=op.f('ck_trade_flags_status_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_flags')),
    sa.UniqueConstraint('trade_id', 'kind', name=op.f('uq_trade_flags_trade_id_kind'))
    )
    with op.batch_alter_table('trade_flags', schema=None) as batch_op:
        batch_op.create_index('ix_trade_flags_status_id', ['status', 'id'], unique=False)

    op.create_table('transfers',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('debit_user_id', models.base.Id(length=16), nullable=True),
    sa.Column('debit_kind', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('credit_user_id', models.base.Id(length=16), nullable=True),
    sa.Column('credit_kind', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('reason', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('subject_id', models.base.Id(length=16), nullable=True),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint('amount > 0', name=op.f('ck_transfers_amount_positive')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_transfers'))
    )
    op.create_table('users',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_users'))
    )
    op.create_table('verifier_marks',
    sa.Column('name', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('through_id', models.base.Digest(length=64), nullable=False),
    sa.Column('checked_at', models.base.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_verifier_marks'))
    )
    op.create_table('account_closures',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('closed_at', models.base.Instant(), nullable=False),
    sa.Column('anonymise_at', models.base.Instant(), nullable=False),
    sa.Column('anonymised_at', models.base.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_account_closures_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_account_closures'))
    )
    with op.batch_alter_table('account_closures', schema=None) as batch_op:
        batch_op.create_index('ix_account_closures_anonymise_at', ['anonymise_at'], unique=False)

    op.create_table('account_holds',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=False),
    sa.Column('placed_by', models.base.Id(length=16), nullable=True),
    sa.Column('placed_at', models.base.Instant(), nullable=False),
    sa.Column('lifted_by', models.base.Id(length=16), nullable=True),
    sa.Column('lifted_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("kind IN ('freeze', 'dormant', 'sanction', 'legal')", name=op.f('ck_account_holds_kind_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_account_holds_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_holds'))
    )
    with op.batch_alter_table('account_holds', schema=None) as batch_op:
        batch_op.create_index('ix_account_holds_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('account_links',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('low_id', models.base.Id(length=16), nullable=False),
    sa.Column('high_id', models.base.Id(length=16), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('reasons', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('updated_at', models.base.Instant(), nullable=False),
    sa.Column('decided_by', models.base.Id(length=16), nullable=True),
    sa.Column('decided_at', models.base.Instant(), nullable=True),
    sa.Column('note', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=True),
    sa.CheckConstraint("status IN ('suspected', 'linked', 'confirmed', 'dismissed')", name=op.f('ck_account_links_status_known')),
    sa.CheckConstraint('low_id < high_id', name=op.f('ck_account_links_ordered')),
    sa.ForeignKeyConstraint(['high_id'], ['users.id'], name=op.f('fk_account_links_high_id')),
    sa.ForeignKeyConstraint(['low_id'], ['users.id'], name=op.f('fk_account_links_low_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_links')),
    sa.UniqueConstraint('low_id', 'high_id', name=op.f('uq_account_links_low_id_high_id'))
    )
    with op.batch_alter_table('account_links', schema=None) as batch_op:
        batch_op.create_index('ix_account_links_high_id', ['high_id'], unique=False)
        batch_op.create_index('ix_account_links_status_id', ['status', 'id'], unique=False)

    op.create_table('accounts',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('kind', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('balance', sa.BigInteger(), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.CheckConstraint("kind IN ('available', 'reserved', 'escrow', 'held', 'withdrawal', 'bond')", name=op.f('ck_accounts_kind_known')),
    sa.CheckConstraint('balance >= 0', name=op.f('ck_accounts_balance_not_negative')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_accounts_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'asset', 'kind', name=op.f('pk_accounts'))
    )
    op.create_table('anti_phishing_codes',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('set_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_anti_phishing_codes_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_anti_phishing_codes'))
    )
    op.create_table('api_keys',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('name', sa.String(length=60).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=60), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=60), 'mysql'), nullable=False),
    sa.Column('begins', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('scopes', sa.String(length=100).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=100), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=100), 'mysql'), nullable=False),
    sa.Column('networks', sa.String(length=500).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=500), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('used_at', models.base.Instant(), nullable=True),
    sa.Column('used_from', sa.String(length=24).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=24), 'mysql'), nullable=True),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.Column('ended_reason', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=True),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_reason IS NULL)', name=op.f('ck_api_keys_ended_for_a_reason')),
    sa.CheckConstraint('expires_at > created_at', name=op.f('ck_api_keys_expires_later')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_api_keys_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_keys')),
    sa.UniqueConstraint('digest', name=op.f('uq_api_keys_digest'))
    )
    with op.batch_alter_table('api_keys', schema=None) as batch_op:
        batch_op.create_index('ix_api_keys_expires_at', ['expires_at'], unique=False)
        batch_op.create_index('ix_api_keys_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('attachment_flags',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('attachment_id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('other_id', models.base.Id(length=16), nullable=False),
    sa.Column('other_trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('other_user_id', models.base.Id(length=16), nullable=False),
    sa.Column('likeness', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('distance', sa.SmallInteger(), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint("likeness IN ('same', 'similar')", name=op.f('ck_attachment_flags_likeness_known')),
    sa.CheckConstraint('attachment_id <> other_id', name=op.f('ck_attachment_flags_not_itself')),
    sa.CheckConstraint('distance >= 0', name=op.f('ck_attachment_flags_distance_not_negative')),
    sa.ForeignKeyConstraint(['other_user_id'], ['users.id'], name=op.f('fk_attachment_flags_other_user_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_attachment_flags_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment_flags')),
    sa.UniqueConstraint('attachment_id', 'other_id', name=op.f('uq_attachment_flags_attachment_id_other_id'))
    )
    with op.batch_alter_table('attachment_flags', schema=None) as batch_op:
        batch_op.create_index('ix_attachment_flags_other_trade_id_id', ['other_trade_id', 'id'], unique=False)
        batch_op.create_index('ix_attachment_flags_trade_id_id', ['trade_id', 'id'], unique=False)
        batch_op.create_index('ix_attachment_flags_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('attachments',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('media_type', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('kept_digest', models.base.Digest(length=32), nullable=False),
    sa.Column('look', models.base.Digest(length=32), nullable=True),
    sa.Column('sealed_key', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('status', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('tries', sa.SmallInteger(), nullable=False),
    sa.Column('due_at', models.base.Instant(), nullable=True),
    sa.Column('scanned_at', models.base.Instant(), nullable=True),
    sa.Column('scanned_by', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=True),
    sa.Column('compared_at', models.base.Instant(), nullable=True),
    sa.Column('stored', sa.Boolean(), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('purged_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("(status = 'waiting') = (due_at IS NOT NULL)", name=op.f('ck_attachments_due_while_waiting')),
    sa.CheckConstraint("media_type IN ('image/jpeg', 'application/pdf', 'video/mp4')", name=op.f('ck_attachments_media_type_known')),
    sa.CheckConstraint("scanned_at IS NOT NULL OR status NOT IN ('clean', 'refused')", name=op.f('ck_attachments_scanned_when_decided')),
    sa.CheckConstraint("status IN ('draft', 'waiting', 'clean', 'refused')", name=op.f('ck_attachments_status_known')),
    sa.CheckConstraint('purged_at IS NULL OR sealed_key IS NULL', name=op.f('ck_attachments_no_key_once_purged')),
    sa.CheckConstraint('size > 0', name=op.f('ck_attachments_size_positive')),
    sa.CheckConstraint('tries >= 0', name=op.f('ck_attachments_tries_not_negative')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_attachments_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachments'))
    )
    with op.batch_alter_table('attachments', schema=None) as batch_op:
        batch_op.create_index('ix_attachments_compared_at_id', ['compared_at', 'id'], unique=False)
        batch_op.create_index('ix_attachments_digest_id', ['digest', 'id'], unique=False)
        batch_op.create_index('ix_attachments_due_at_id', ['due_at', 'id'], unique=False)
        batch_op.create_index('ix_attachments_kept_digest_id', ['kept_digest', 'id'], unique=False)
        batch_op.create_index('ix_attachments_purged_at_id', ['purged_at', 'id'], unique=False)
        batch_op.create_index('ix_attachments_status_id', ['status', 'id'], unique=False)
        batch_op.create_index('ix_attachments_stored_purged_at_id', ['stored', 'purged_at', 'id'], unique=False)
        batch_op.create_index('ix_attachments_trade_id_id', ['trade_id', 'id'], unique=False)
        batch_op.create_index('ix_attachments_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('blocks',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('blocked_id', models.base.Id(length=16), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint('user_id <> blocked_id', name=op.f('ck_blocks_not_oneself')),
    sa.ForeignKeyConstraint(['blocked_id'], ['users.id'], name=op.f('fk_blocks_blocked_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_blocks_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'blocked_id', name=op.f('pk_blocks'))
    )
    with op.batch_alter_table('blocks', schema=None) as batch_op:
        batch_op.create_index('ix_blocks_blocked_id', ['blocked_id'], unique=False)

    op.create_table('canned_texts',
    sa.Column('name', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('text_en', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('text_vi', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('retired', sa.Boolean(), nullable=False),
    sa.Column('author_id', models.base.Id(length=16), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint('version > 0', name=op.f('ck_canned_texts_version_positive')),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('fk_canned_texts_author_id')),
    sa.PrimaryKeyConstraint('name', 'version', name=op.f('pk_canned_texts'))
    )
    op.create_table('case_assignments',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('case_id', models.base.Id(length=16), nullable=False),
    sa.Column('assignee_id', models.base.Id(length=16), nullable=False),
    sa.Column('assigned_by', models.base.Id(length=16), nullable=True),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=False),
    sa.Column('assigned_at', models.base.Instant(), nullable=False),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['assignee_id'], ['users.id'], name=op.f('fk_case_assignments_assignee_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_assignments'))
    )
    with op.batch_alter_table('case_assignments', schema=None) as batch_op:
        batch_op.create_index('ix_case_assignments_assignee_id_id', ['assignee_id', 'id'], unique=False)
        batch_op.create_index('ix_case_assignments_case_id_id', ['case_id', 'id'], unique=False)

    op.create_table('case_notes',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('case_id', models.base.Id(length=16), nullable=False),
    sa.Column('author_id', models.base.Id(length=16), nullable=False),
    sa.Column('note', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['users.id'], name=op.f('fk_case_notes_author_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_notes'))
    )
    with op.batch_alter_table('case_notes', schema=None) as batch_op:
        batch_op.create_index('ix_case_notes_case_id_id', ['case_id', 'id'], unique=False)

    op.create_table('claims',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('claimant_id', models.base.Id(length=16), nullable=False),
    sa.Column('respondent_id', models.base.Id(length=16), nullable=False),
    sa.Column('reason', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('statement', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('status', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('outcome', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deadline_at', models.base.Instant(), nullable=True),
    sa.Column('held_amount', sa.BigInteger(), nullable=False),
    sa.Column('overdue_count', sa.Integer(), nullable=False),
    sa.Column('first_approver_id', models.base.Id(length=16), nullable=True),
    sa.Column('decided_by', models.base.Id(length=16), nullable=True),
    sa.Column('opened_at', models.base.Instant(), nullable=False),
    sa.Column('closed_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f('ck_claims_closed_has_time')),
    sa.CheckConstraint("(status = 'closed') = (deadline_at IS NULL)", name=op.f('ck_claims_open_has_deadline')),
    sa.CheckConstraint("(status = 'closed') = (outcome IS NOT NULL)", name=op.f('ck_claims_closed_has_outcome')),
    sa.CheckConstraint("kind IN ('hold', 'late')", name=op.f('ck_claims_kind_known')),
    sa.CheckConstraint("status IN ('open', 'review', 'closed')", name=op.f('ck_claims_status_known')),
    sa.CheckConstraint('held_amount >= 0', name=op.f('ck_claims_held_not_negative')),
    sa.ForeignKeyConstraint(['claimant_id'], ['users.id'], name=op.f('fk_claims_claimant_id')),
    sa.ForeignKeyConstraint(['respondent_id'], ['users.id'], name=op.f('fk_claims_respondent_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_claims')),
    sa.UniqueConstraint('trade_id', name=op.f('uq_claims_trade_id'))
    )
    with op.batch_alter_table('claims', schema=None) as batch_op:
        batch_op.create_index('ix_claims_claimant_id_id', ['claimant_id', 'id'], unique=False)
        batch_op.create_index('ix_claims_respondent_id_id', ['respondent_id', 'id'], unique=False)
        batch_op.create_index('ix_claims_status_deadline_at', ['status', 'deadline_at'], unique=False)

    op.create_table('contact_changes',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('session_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('contact', sa.String(length=254).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=254), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=254), 'mysql'), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('confirmed_at', models.base.Instant(), nullable=True),
    sa.Column('former', sa.String(length=254).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=254), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=254), 'mysql'), nullable=True),
    sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f('ck_contact_changes_kind_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_contact_changes_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_changes'))
    )
    with op.batch_alter_table('contact_changes', schema=None) as batch_op:
        batch_op.create_index('ix_contact_changes_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('data_exports',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('waiting_user_id', models.base.Id(length=16), nullable=True),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('asked_at', models.base.Instant(), nullable=False),
    sa.Column('tries', sa.SmallInteger(), nullable=False),
    sa.Column('due_at', models.base.Instant(), nullable=False),
    sa.Column('ready_at', models.base.Instant(), nullable=True),
    sa.Column('expires_at', models.base.Instant(), nullable=True),
    sa.Column('size', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("status <> 'ready' OR (size IS NOT NULL AND size > 0 AND expires_at IS NOT NULL)", name=op.f('ck_data_exports_ready_to_fetch')),
    sa.CheckConstraint("status IN ('waiting', 'ready', 'failed', 'expired')", name=op.f('ck_data_exports_status_known')),
    sa.CheckConstraint('tries >= 0', name=op.f('ck_data_exports_tries_not_negative')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_data_exports_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_exports')),
    sa.UniqueConstraint('waiting_user_id', name=op.f('uq_data_exports_waiting_user_id'))
    )
    with op.batch_alter_table('data_exports', schema=None) as batch_op:
        batch_op.create_index('ix_data_exports_status_due_at', ['status', 'due_at'], unique=False)
        batch_op.create_index('ix_data_exports_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('devices',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('known_at', models.base.Instant(), nullable=False),
    sa.Column('seen_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_devices_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_devices')),
    sa.UniqueConstraint('user_id', 'digest', name=op.f('uq_devices_user_id_digest'))
    )
    with op.batch_alter_table('devices', schema=None) as batch_op:
        batch_op.create_index('ix_devices_seen_at', ['seen_at'], unique=False)

    op.create_table('dispute_parties',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('dispute_id', models.base.Id(length=16), nullable=False),
    sa.Column('role', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_dispute_parties_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'dispute_id', name=op.f('pk_dispute_parties'))
    )
    with op.batch_alter_table('dispute_parties', schema=None) as batch_op:
        batch_op.create_index('ix_dispute_parties_user_id_open_dispute_id', ['user_id', 'open', 'dispute_id'], unique=False)

    op.create_table('elevations',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('role_id', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=False),
    sa.Column('began_at', models.base.Instant(), nullable=False),
    sa.Column('ends_at', models.base.Instant(), nullable=False),
    sa.Column('ended_by', models.base.Id(length=16), nullable=True),
    sa.CheckConstraint('ends_at > began_at', name=op.f('ck_elevations_ends_later')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_elevations_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_elevations'))
    )
    with op.batch_alter_table('elevations', schema=None) as batch_op:
        batch_op.create_index('ix_elevations_ends_at', ['ends_at'], unique=False)

    op.create_table('evidence',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('case_id', models.base.Id(length=16), nullable=False),
    sa.Column('by_side', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('statement', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_evidence_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence'))
    )
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.create_index('ix_evidence_case_id_id', ['case_id', 'id'], unique=False)
        batch_op.create_index('ix_evidence_user_id', ['user_id'], unique=False)

    op.create_table('holds',
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('seller_id', models.base.Id(length=16), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('resolution', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=True),
    sa.Column('paid_out', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('fees', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('given_back', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('resolved_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("resolution IN ('released', 'refunded', 'split')", name=op.f('ck_holds_resolution_known')),
    sa.CheckConstraint('(resolution IS NULL AND resolved_at IS NULL AND paid_out = 0 AND fees = 0 AND given_back = 0) OR (resolution IS NOT NULL AND resolved_at IS NOT NULL AND paid_out + fees + given_back = amount)', name=op.f('ck_holds_parts_sum')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_holds_amount_positive')),
    sa.ForeignKeyConstraint(['seller_id'], ['users.id'], name=op.f('fk_holds_seller_id')),
    sa.PrimaryKeyConstraint('trade_id', name=op.f('pk_holds'))
    )
    op.create_table('idempotency_keys',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('key', models.base.Digest(length=255), nullable=False),
    sa.Column('request_hash', models.base.Digest(length=32), nullable=False),
    sa.Column('status', sa.SmallInteger(), nullable=False),
    sa.Column('body', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_idempotency_keys_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'key', name=op.f('pk_idempotency_keys'))
    )
    with op.batch_alter_table('idempotency_keys', schema=None) as batch_op:
        batch_op.create_index('ix_idempotency_keys_created_at', ['created_at'], unique=False)

    op.create_table('identity_fingerprints',
    sa.Column('fingerprint', models.base.Digest(length=32), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('claimed_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_identity_fingerprints_user_id')),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_identity_fingerprints'))
    )
    op.create_table('index_overrides',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('index_ticks', sa.BigInteger(), nullable=False),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=False),
    sa.Column('set_by', models.base.Id(length=16), nullable=False),
    sa.Column('began_at', models.base.Instant(), nullable=False),
    sa.Column('ends_at', models.base.Instant(), nullable=False),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.Column('ended_by', models.base.Id(length=16), nullable=True),
    sa.Column('running_in', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=True),
    sa.CheckConstraint('(ended_at IS NULL) = (running_in IS NOT NULL)', name=op.f('ck_index_overrides_slot_while_running')),
    sa.CheckConstraint('ends_at > began_at', name=op.f('ck_index_overrides_ends_later')),
    sa.CheckConstraint('index_ticks > 0', name=op.f('ck_index_overrides_index_positive')),
    sa.ForeignKeyConstraint(['market'], ['markets.id'], name=op.f('fk_index_overrides_market')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_index_overrides')),
    sa.UniqueConstraint('running_in', name=op.f('uq_index_overrides_running_in'))
    )
    op.create_table('index_readings',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('index_ticks', sa.BigInteger(), nullable=False),
    sa.Column('read_at', models.base.Instant(), nullable=False),
    sa.Column('accepted', sa.Boolean(), nullable=False),
    sa.Column('source', sa.String(length=80).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=80), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=80), 'mysql'), nullable=False),
    sa.Column('judged', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=True),
    sa.Column('step_s', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['market'], ['markets.id'], name=op.f('fk_index_readings_market')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_index_readings'))
    )
    with op.batch_alter_table('index_readings', schema=None) as batch_op:
        batch_op.create_index('ix_index_readings_market_read_at', ['market', 'read_at'], unique=False)
        batch_op.create_index('ix_index_readings_step_s_read_at', ['step_s', 'read_at'], unique=False)

    op.create_table('kyc_applications',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('open_user_id', models.base.Id(length=16), nullable=True),
    sa.Column('level', sa.SmallInteger(), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('fingerprint', models.base.Digest(length=32), nullable=True),
    sa.Column('document_expires_at', models.base.Instant(), nullable=True),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('submitted_at', models.base.Instant(), nullable=True),
    sa.Column('claimed_by', models.base.Id(length=16), nullable=True),
    sa.Column('claimed_until', models.base.Instant(), nullable=True),
    sa.Column('first_approver_id', models.base.Id(length=16), nullable=True),
    sa.Column('decided_by', models.base.Id(length=16), nullable=True),
    sa.Column('decided_at', models.base.Instant(), nullable=True),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=True),
    sa.Column('provider', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=True),
    sa.Column('provider_ref', sa.String(length=64).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mysql'), nullable=True),
    sa.Column('provider_at', models.base.Instant(), nullable=True),
    sa.Column('provider_note', sa.String(length=200).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mysql'), nullable=True),
    sa.Column('expires_at', models.base.Instant(), nullable=True),
    sa.Column('warned_at', models.base.Instant(), nullable=True),
    sa.Column('purged_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("(open_user_id IS NOT NULL OR status NOT IN ('collecting', 'pending')) AND (open_user_id IS NULL OR status NOT IN ('approved', 'rejected', 'withdrawn', 'superseded', 'expired'))", name=op.f('ck_kyc_applications_open_counted')),
    sa.CheckConstraint("status <> 'approved' OR decided_by IS NOT NULL OR provider IS NOT NULL", name=op.f('ck_kyc_applications_approved_by_somebody')),
    sa.CheckConstraint("status <> 'approved' OR level < 3 OR (first_approver_id IS NOT NULL AND decided_by IS NOT NULL AND first_approver_id <> decided_by)", name=op.f('ck_kyc_applications_level_3_by_two')),
    sa.CheckConstraint("status IN ('collecting', 'pending', 'approved', 'rejected', 'withdrawn', 'superseded', 'expired')", name=op.f('ck_kyc_applications_status_known')),
    sa.CheckConstraint('decided_by IS NULL OR decided_by <> user_id', name=op.f('ck_kyc_applications_not_by_oneself')),
    sa.CheckConstraint('level IN (2, 3)', name=op.f('ck_kyc_applications_level_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_kyc_applications_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kyc_applications')),
    sa.UniqueConstraint('open_user_id', name=op.f('uq_kyc_applications_open_user_id'))
    )
    with op.batch_alter_table('kyc_applications', schema=None) as batch_op:
        batch_op.create_index('ix_kyc_applications_status_expires_at', ['status', 'expires_at'], unique=False)
        batch_op.create_index('ix_kyc_applications_status_id', ['status', 'id'], unique=False)
        batch_op.create_index('ix_kyc_applications_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('kyc_documents',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('application_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sealed_key', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('removed_at', models.base.Instant(), nullable=True),
    sa.Column('purged_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("kind IN ('front', 'back', 'selfie', 'address')", name=op.f('ck_kyc_documents_kind_known')),
    sa.CheckConstraint('size > 0', name=op.f('ck_kyc_documents_size_positive')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_kyc_documents_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kyc_documents'))
    )
    with op.batch_alter_table('kyc_documents', schema=None) as batch_op:
        batch_op.create_index('ix_kyc_documents_application_id_id', ['application_id', 'id'], unique=False)
        batch_op.create_index('ix_kyc_documents_purged_at_removed_at', ['purged_at', 'removed_at'], unique=False)
        batch_op.create_index('ix_kyc_documents_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('legal_names',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('application_id', models.base.Id(length=16), nullable=False),
    sa.Column('verified_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_legal_names_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_legal_names'))
    )
    op.create_table('link_signals',
    sa.Column('kind', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('first_at', models.base.Instant(), nullable=False),
    sa.Column('seen_at', models.base.Instant(), nullable=False),
    sa.Column('checked_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("kind IN ('device', 'address', 'network', 'payer', 'payment_account')", name=op.f('ck_link_signals_kind_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_link_signals_user_id')),
    sa.PrimaryKeyConstraint('kind', 'digest', 'user_id', name=op.f('pk_link_signals'))
    )
    with op.batch_alter_table('link_signals', schema=None) as batch_op:
        batch_op.create_index('ix_link_signals_checked_at_first_at', ['checked_at', 'first_at'], unique=False)
        batch_op.create_index('ix_link_signals_seen_at', ['seen_at'], unique=False)
        batch_op.create_index('ix_link_signals_user_id_kind', ['user_id', 'kind'], unique=False)

    op.create_table('lots',
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('release_at', models.base.Instant(), nullable=False),
    sa.Column('frozen_at', models.base.Instant(), nullable=True),
    sa.Column('released_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint('amount > 0', name=op.f('ck_lots_amount_positive')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_lots_user_id')),
    sa.PrimaryKeyConstraint('trade_id', name=op.f('pk_lots'))
    )
    with op.batch_alter_table('lots', schema=None) as batch_op:
        batch_op.create_index('ix_lots_released_at_release_at', ['released_at', 'release_at'], unique=False)
        batch_op.create_index('ix_lots_user_id_release_at', ['user_id', 'release_at'], unique=False)

    op.create_table('notification_settings',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('channel', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('updated_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notification_settings_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'kind', 'channel', name=op.f('pk_notification_settings'))
    )
    op.create_table('notifications',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('cause_id', models.base.Id(length=16), nullable=False),
    sa.Column('subject', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=True),
    sa.Column('subject_id', models.base.Id(length=16), nullable=True),
    sa.Column('happened', sa.Integer(), nullable=False),
    sa.Column('params', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('read_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint('happened >= 1', name=op.f('ck_notifications_happened_at_least_once')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_notifications_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications')),
    sa.UniqueConstraint('user_id', 'cause_id', 'kind', name=op.f('uq_notifications_user_id_cause_id_kind'))
    )
    with op.batch_alter_table('notifications', schema=None) as batch_op:
        batch_op.create_index('ix_notifications_user_id_id', ['user_id', 'id'], unique=False)
        batch_op.create_index('ix_notifications_user_id_read_at_id', ['user_id', 'read_at', 'id'], unique=False)

    op.create_table('objections',
    sa.Column('case_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('statement', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('evidence', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_objections_user_id')),
    sa.PrimaryKeyConstraint('case_id', name=op.f('pk_objections'))
    )
    with op.batch_alter_table('objections', schema=None) as batch_op:
        batch_op.create_index('ix_objections_user_id_case_id', ['user_id', 'case_id'], unique=False)

    op.create_table('one_time_codes',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('purpose', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('sent_at', models.base.Instant(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('errors', sa.SmallInteger(), nullable=False),
    sa.Column('used_at', models.base.Instant(), nullable=True),
    sa.Column('recipient', models.base.Digest(length=32), nullable=True),
    sa.CheckConstraint("purpose IN ('verify_email', 'verify_phone', 'recover_email', 'recover_phone', 'change_email', 'change_phone')", name=op.f('ck_one_time_codes_purpose_known')),
    sa.CheckConstraint('errors >= 0', name=op.f('ck_one_time_codes_errors_not_negative')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_one_time_codes_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_codes'))
    )
    with op.batch_alter_table('one_time_codes', schema=None) as batch_op:
        batch_op.create_index('ix_one_time_codes_recipient_id', ['recipient', 'id'], unique=False)
        batch_op.create_index('ix_one_time_codes_user_id_purpose_id', ['user_id', 'purpose', 'id'], unique=False)

    op.create_table('passkeys',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('name', sa.String(length=60).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=60), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=60), 'mysql'), nullable=False),
    sa.Column('credential_digest', models.base.Digest(length=32), nullable=False),
    sa.Column('credential_id', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('public_key', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('transports', sa.String(length=100).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=100), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=100), 'mysql'), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('backed_up', sa.Boolean(), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('used_at', models.base.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_passkeys_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkeys')),
    sa.UniqueConstraint('credential_digest', name=op.f('uq_passkeys_credential_digest'))
    )
    with op.batch_alter_table('passkeys', schema=None) as batch_op:
        batch_op.create_index('ix_passkeys_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('payer_sightings',
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('payer', models.base.Digest(length=32), nullable=False),
    sa.Column('buyer_id', models.base.Id(length=16), nullable=False),
    sa.Column('seller_id', models.base.Id(length=16), nullable=False),
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('fiat_minor', sa.BigInteger(), nullable=False),
    sa.Column('is_buyer', sa.Boolean(), nullable=False),
    sa.Column('declared_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['buyer_id'], ['users.id'], name=op.f('fk_payer_sightings_buyer_id')),
    sa.ForeignKeyConstraint(['seller_id'], ['users.id'], name=op.f('fk_payer_sightings_seller_id')),
    sa.PrimaryKeyConstraint('trade_id', name=op.f('pk_payer_sightings'))
    )
    with op.batch_alter_table('payer_sightings', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payer_sightings_declared_at'), ['declared_at'], unique=False)
        batch_op.create_index('ix_payer_sightings_payer_declared_at', ['payer', 'declared_at'], unique=False)

    op.create_table('payment_account_flags',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('owner_id', models.base.Id(length=16), nullable=False),
    sa.Column('method_id', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('fingerprint', models.base.Digest(length=32), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('closed_at', models.base.Instant(), nullable=True),
    sa.Column('closed_by', models.base.Id(length=16), nullable=True),
    sa.Column('note', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['users.id'], name=op.f('fk_payment_account_flags_owner_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_payment_account_flags_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_account_flags')),
    sa.UniqueConstraint('user_id', 'fingerprint', name=op.f('uq_payment_account_flags_user_id_fingerprint'))
    )
    with op.batch_alter_table('payment_account_flags', schema=None) as batch_op:
        batch_op.create_index('ix_payment_account_flags_closed_at_id', ['closed_at', 'id'], unique=False)

    op.create_table('payment_fingerprints',
    sa.Column('fingerprint', models.base.Digest(length=32), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('claimed_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_payment_fingerprints_user_id')),
    sa.PrimaryKeyConstraint('fingerprint', name=op.f('pk_payment_fingerprints'))
    )
    op.create_table('payment_method_schemas',
    sa.Column('method_id', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('version', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('fields', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint('version > 0', name=op.f('ck_payment_method_schemas_version_positive')),
    sa.ForeignKeyConstraint(['method_id'], ['payment_methods.id'], name=op.f('fk_payment_method_schemas_method_id')),
    sa.PrimaryKeyConstraint('method_id', 'version', name=op.f('pk_payment_method_schemas'))
    )
    op.create_table('proposals',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('object_kind', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('object_id', sa.String(length=80).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=80), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=80), 'mysql'), nullable=False),
    sa.Column('object_version', sa.String(length=64).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=64), 'mysql'), nullable=False),
    sa.Column('body', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('hash', models.base.Digest(length=32), nullable=False),
    sa.Column('requester_id', models.base.Id(length=16), nullable=False),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=False),
    sa.Column('approvals_needed', sa.SmallInteger(), nullable=False),
    sa.Column('status', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('closed_at', models.base.Instant(), nullable=True),
    sa.Column('open_slot', models.base.Digest(length=32), nullable=True),
    sa.CheckConstraint("status IN ('open', 'carried_out', 'rejected', 'withdrawn', 'expired')", name=op.f('ck_proposals_status_known')),
    sa.CheckConstraint('(closed_at IS NULL) = (open_slot IS NOT NULL)', name=op.f('ck_proposals_slot_while_open')),
    sa.CheckConstraint('approvals_needed IN (1, 2)', name=op.f('ck_proposals_approvals_one_or_two')),
    sa.CheckConstraint('expires_at > created_at', name=op.f('ck_proposals_expires_later')),
    sa.ForeignKeyConstraint(['requester_id'], ['users.id'], name=op.f('fk_proposals_requester_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposals')),
    sa.UniqueConstraint('open_slot', name=op.f('uq_proposals_open_slot'))
    )
    with op.batch_alter_table('proposals', schema=None) as batch_op:
        batch_op.create_index('ix_proposals_kind_id', ['kind', 'id'], unique=False)
        batch_op.create_index('ix_proposals_requester_id_status', ['requester_id', 'status'], unique=False)
        batch_op.create_index('ix_proposals_status_expires_at', ['status', 'expires_at'], unique=False)
        batch_op.create_index('ix_proposals_status_id', ['status', 'id'], unique=False)

    op.create_table('ratings',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('rater_id', models.base.Id(length=16), nullable=False),
    sa.Column('rated_id', models.base.Id(length=16), nullable=False),
    sa.Column('rated_role', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('stars', sa.SmallInteger(), nullable=False),
    sa.Column('tags', sa.String(length=200).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=200), 'mysql'), nullable=False),
    sa.Column('comment', sa.String(length=300).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=300), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=300), 'mysql'), nullable=False),
    sa.Column('weight', sa.BigInteger(), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('reveal_at', models.base.Instant(), nullable=False),
    sa.Column('revealed_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint('rater_id <> rated_id', name=op.f('ck_ratings_not_oneself')),
    sa.CheckConstraint('stars BETWEEN 1 AND 5', name=op.f('ck_ratings_stars_known')),
    sa.CheckConstraint('weight >= 0', name=op.f('ck_ratings_weight_not_negative')),
    sa.ForeignKeyConstraint(['rated_id'], ['users.id'], name=op.f('fk_ratings_rated_id')),
    sa.ForeignKeyConstraint(['rater_id'], ['users.id'], name=op.f('fk_ratings_rater_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ratings')),
    sa.UniqueConstraint('trade_id', 'rater_id', name=op.f('uq_ratings_trade_id_rater_id'))
    )
    with op.batch_alter_table('ratings', schema=None) as batch_op:
        batch_op.create_index('ix_ratings_rated_id_revealed_at_id', ['rated_id', 'revealed_at', 'id'], unique=False)
        batch_op.create_index('ix_ratings_rater_id_id', ['rater_id', 'id'], unique=False)
        batch_op.create_index('ix_ratings_revealed_at_reveal_at', ['revealed_at', 'reveal_at'], unique=False)

    op.create_table('recoveries',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('open_user_id', models.base.Id(length=16), nullable=True),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('proof', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('pictures', sa.SmallInteger(), nullable=False),
    sa.Column('token_digest', models.base.Digest(length=32), nullable=False),
    sa.Column('asked_at', models.base.Instant(), nullable=False),
    sa.Column('ready_at', models.base.Instant(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('tell_at', models.base.Instant(), nullable=False),
    sa.Column('claimed_by', models.base.Id(length=16), nullable=True),
    sa.Column('claimed_until', models.base.Instant(), nullable=True),
    sa.Column('closed_at', models.base.Instant(), nullable=True),
    sa.Column('closed_by', models.base.Id(length=16), nullable=True),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=True),
    sa.Column('purged_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("(closed_at IS NULL OR status <> 'open') AND (closed_at IS NOT NULL OR status NOT IN ('completed', 'stopped', 'refused', 'expired'))", name=op.f('ck_recoveries_closed_at_its_end')),
    sa.CheckConstraint("(open_user_id IS NOT NULL OR status <> 'open') AND (open_user_id IS NULL OR status NOT IN ('completed', 'stopped', 'refused', 'expired'))", name=op.f('ck_recoveries_open_counted')),
    sa.CheckConstraint("proof IN ('identity', 'phone', 'mail')", name=op.f('ck_recoveries_proof_known')),
    sa.CheckConstraint("status <> 'completed' OR closed_at >= ready_at", name=op.f('ck_recoveries_waited_before_end')),
    sa.CheckConstraint("status IN ('open', 'completed', 'stopped', 'refused', 'expired')", name=op.f('ck_recoveries_status_known')),
    sa.CheckConstraint('asked_at < ready_at AND ready_at < expires_at', name=op.f('ck_recoveries_times_ordered')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recoveries_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recoveries')),
    sa.UniqueConstraint('open_user_id', name=op.f('uq_recoveries_open_user_id')),
    sa.UniqueConstraint('token_digest', name=op.f('uq_recoveries_token_digest'))
    )
    with op.batch_alter_table('recoveries', schema=None) as batch_op:
        batch_op.create_index('ix_recoveries_closed_at', ['closed_at'], unique=False)
        batch_op.create_index('ix_recoveries_status_id', ['status', 'id'], unique=False)
        batch_op.create_index('ix_recoveries_user_id_asked_at', ['user_id', 'asked_at'], unique=False)

    op.create_table('recovery_codes',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_recovery_codes_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'digest', name=op.f('pk_recovery_codes'))
    )
    op.create_table('reputation_days',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('day', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('completed', sa.Integer(), server_default='0', nullable=False),
    sa.Column('ended', sa.Integer(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reputation_days_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'day', name=op.f('pk_reputation_days'))
    )
    with op.batch_alter_table('reputation_days', schema=None) as batch_op:
        batch_op.create_index('ix_reputation_days_day', ['day'], unique=False)

    op.create_table('reputation_pairs',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('other_id', models.base.Id(length=16), nullable=False),
    sa.Column('trades', sa.Integer(), server_default='0', nullable=False),
    sa.Column('volume', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('ratings', sa.Integer(), server_default='0', nullable=False),
    sa.Column('weight', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('stars_weight', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('linked', sa.Boolean(), server_default='0', nullable=False),
    sa.CheckConstraint('stars_weight BETWEEN weight AND 5 * weight', name=op.f('ck_reputation_pairs_between_one_and_five_stars')),
    sa.CheckConstraint('user_id <> other_id', name=op.f('ck_reputation_pairs_two_people')),
    sa.ForeignKeyConstraint(['other_id'], ['users.id'], name=op.f('fk_reputation_pairs_other_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reputation_pairs_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'other_id', name=op.f('pk_reputation_pairs'))
    )
    op.create_table('reputation_times',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('duty', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('within_s', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('count', sa.Integer(), server_default='0', nullable=False),
    sa.CheckConstraint("duty IN ('pay', 'release')", name=op.f('ck_reputation_times_duty_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reputation_times_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'duty', 'within_s', name=op.f('pk_reputation_times'))
    )
    op.create_table('reputations',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('counterparties', sa.Integer(), server_default='0', nullable=False),
    sa.Column('volume', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('excess', sa.Integer(), server_default='0', nullable=False),
    sa.Column('raters', sa.Integer(), server_default='0', nullable=False),
    sa.Column('ratings', sa.Integer(), server_default='0', nullable=False),
    sa.Column('score_weight', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('score_sum', sa.BigInteger(), server_default='0', nullable=False),
    sa.CheckConstraint('counterparties >= 0 AND excess >= 0 AND raters >= 0 AND score_weight >= 0', name=op.f('ck_reputations_not_negative')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reputations_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_reputations'))
    )
    op.create_table('rulings',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('case_id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('round', sa.SmallInteger(), nullable=False),
    sa.Column('ruler_id', models.base.Id(length=16), nullable=False),
    sa.Column('approver_id', models.base.Id(length=16), nullable=True),
    sa.Column('outcome', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('buyer_amount', sa.BigInteger(), nullable=False),
    sa.Column('seller_amount', sa.BigInteger(), nullable=False),
    sa.Column('reason_code', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('text_en', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('text_vi', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('ruled_at', models.base.Instant(), nullable=False),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.Column('waited_s', sa.BigInteger(), nullable=False),
    sa.Column('worked_s', sa.BigInteger(), nullable=False),
    sa.Column('reversed', sa.Boolean(), nullable=False),
    sa.Column('audit_look', sa.Boolean(), nullable=False),
    sa.CheckConstraint("(outcome <> 'release' OR seller_amount = 0) AND (outcome <> 'refund' OR buyer_amount = 0) AND (outcome <> 'split' OR (buyer_amount > 0 AND seller_amount > 0))", name=op.f('ck_rulings_parts_as_outcome')),
    sa.CheckConstraint("(status <> 'standing' OR ended_at IS NULL) AND (status NOT IN ('objected', 'carried_out', 'void') OR ended_at IS NOT NULL)", name=op.f('ck_rulings_ended_once')),
    sa.CheckConstraint("outcome IN ('release', 'refund', 'split')", name=op.f('ck_rulings_outcome_known')),
    sa.CheckConstraint("status IN ('standing', 'objected', 'carried_out', 'void')", name=op.f('ck_rulings_status_known')),
    sa.CheckConstraint('buyer_amount + seller_amount = amount', name=op.f('ck_rulings_parts_sum')),
    sa.CheckConstraint('buyer_amount >= 0 AND seller_amount >= 0', name=op.f('ck_rulings_parts_not_negative')),
    sa.CheckConstraint('round IN (1, 2)', name=op.f('ck_rulings_one_objection')),
    sa.CheckConstraint('ruler_id <> approver_id', name=op.f('ck_rulings_two_people')),
    sa.ForeignKeyConstraint(['ruler_id'], ['users.id'], name=op.f('fk_rulings_ruler_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rulings')),
    sa.UniqueConstraint('case_id', 'round', name=op.f('uq_rulings_case_id_round'))
    )
    with op.batch_alter_table('rulings', schema=None) as batch_op:
        batch_op.create_index('ix_rulings_audit_look_id', ['audit_look', 'id'], unique=False)
        batch_op.create_index('ix_rulings_ruled_at_id', ['ruled_at', 'id'], unique=False)
        batch_op.create_index('ix_rulings_trade_id', ['trade_id'], unique=False)

    op.create_table('sanction_appeals',
    sa.Column('sanction_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('statement', sa.String(length=2000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=2000), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('decided_by', models.base.Id(length=16), nullable=True),
    sa.Column('decided_at', models.base.Instant(), nullable=True),
    sa.Column('granted', sa.Boolean(), nullable=True),
    sa.Column('answer', sa.String(length=1000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=1000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=1000), 'mysql'), nullable=True),
    sa.CheckConstraint('(decided_at IS NULL) = (granted IS NULL)', name=op.f('ck_sanction_appeals_decided_whole')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sanction_appeals_user_id')),
    sa.PrimaryKeyConstraint('sanction_id', name=op.f('pk_sanction_appeals'))
    )
    with op.batch_alter_table('sanction_appeals', schema=None) as batch_op:
        batch_op.create_index('ix_sanction_appeals_decided_at_sanction_id', ['decided_at', 'sanction_id'], unique=False)

    op.create_table('sanctions',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('reason', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('explanation', sa.String(length=1000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=1000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=1000), 'mysql'), nullable=False),
    sa.Column('imposed_by', models.base.Id(length=16), nullable=False),
    sa.Column('dispute_id', models.base.Id(length=16), nullable=True),
    sa.Column('begins_at', models.base.Instant(), nullable=False),
    sa.Column('ends_at', models.base.Instant(), nullable=True),
    sa.Column('status', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.Column('lifted_by', models.base.Id(length=16), nullable=True),
    sa.CheckConstraint("(status IN ('ended', 'lifted')) = (ended_at IS NOT NULL)", name=op.f('ck_sanctions_ended_when_not_active')),
    sa.CheckConstraint("kind IN ('warning', 'no_taking', 'no_resting', 'limits_lowered', 'closed')", name=op.f('ck_sanctions_kind_known')),
    sa.CheckConstraint("reason IN ('false_proof', 'third_party_payment', 'not_released', 'unpaid_trades', 'lost_disputes', 'abuse', 'several_accounts', 'reputation_fraud', 'fraud', 'other')", name=op.f('ck_sanctions_reason_known')),
    sa.CheckConstraint("status IN ('active', 'ended', 'lifted')", name=op.f('ck_sanctions_status_known')),
    sa.CheckConstraint('ends_at IS NULL OR ends_at > begins_at', name=op.f('ck_sanctions_ends_later')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sanctions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sanctions'))
    )
    with op.batch_alter_table('sanctions', schema=None) as batch_op:
        batch_op.create_index('ix_sanctions_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('sandbox_counterparties',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('script', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('side', sa.String(length=4).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=4), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=4), 'mysql'), nullable=False),
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('method_id', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('price', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('payer_name', sa.String(length=120).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=120), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=120), 'mysql'), nullable=False),
    sa.Column('target_id', models.base.Id(length=16), nullable=True),
    sa.Column('order_id', models.base.Id(length=16), nullable=True),
    sa.Column('trade_id', models.base.Id(length=16), nullable=True),
    sa.Column('username', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=True),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('done', sa.Text().with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mariadb').with_variant(mysql.MEDIUMTEXT(charset='utf8mb4', collation='utf8mb4_nopad_bin'), 'mysql'), nullable=False),
    sa.Column('status', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('problem', sa.String(length=48).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=48), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=48), 'mysql'), nullable=True),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint("script IN ('on_time', 'late', 'underpays', 'third_party', 'silent', 'false_proof', 'haggles', 'cancels', 'concedes', 'objects')", name=op.f('ck_sandbox_counterparties_script_known')),
    sa.CheckConstraint("side IN ('buy', 'sell')", name=op.f('ck_sandbox_counterparties_side_known')),
    sa.CheckConstraint("status IN ('waiting', 'trading', 'ended', 'failed')", name=op.f('ck_sandbox_counterparties_status_known')),
    sa.CheckConstraint('amount > 0', name=op.f('ck_sandbox_counterparties_amount_positive')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sandbox_counterparties_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sandbox_counterparties'))
    )
    with op.batch_alter_table('sandbox_counterparties', schema=None) as batch_op:
        batch_op.create_index('ix_sandbox_counterparties_status_id', ['status', 'id'], unique=False)
        batch_op.create_index('ix_sandbox_counterparties_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('screening_hits',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('application_id', models.base.Id(length=16), nullable=False),
    sa.Column('digest', models.base.Digest(length=32), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('found_at', models.base.Instant(), nullable=False),
    sa.Column('claimed_by', models.base.Id(length=16), nullable=True),
    sa.Column('claimed_until', models.base.Instant(), nullable=True),
    sa.Column('decided_by', models.base.Id(length=16), nullable=True),
    sa.Column('decided_at', models.base.Instant(), nullable=True),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=True),
    sa.CheckConstraint("(decided_by IS NULL OR status <> 'open') AND (decided_by IS NOT NULL OR status NOT IN ('false_match', 'true_match'))", name=op.f('ck_screening_hits_decided_by_somebody')),
    sa.CheckConstraint("status IN ('open', 'false_match', 'true_match')", name=op.f('ck_screening_hits_status_known')),
    sa.CheckConstraint('decided_by IS NULL OR decided_by <> user_id', name=op.f('ck_screening_hits_not_by_oneself')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_screening_hits_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_screening_hits')),
    sa.UniqueConstraint('application_id', 'digest', name=op.f('uq_screening_hits_application_id_digest'))
    )
    with op.batch_alter_table('screening_hits', schema=None) as batch_op:
        batch_op.create_index('ix_screening_hits_status_id', ['status', 'id'], unique=False)
        batch_op.create_index('ix_screening_hits_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('sessions',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('device', sa.String(length=200).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mysql'), nullable=False),
    sa.Column('ip', sa.String(length=45).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=45), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=45), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sessions_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sessions'))
    )
    with op.batch_alter_table('sessions', schema=None) as batch_op:
        batch_op.create_index('ix_sessions_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('sign_ins',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=True),
    sa.Column('kind', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('outcome', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('device', sa.String(length=200).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=200), 'mysql'), nullable=False),
    sa.Column('ip', sa.String(length=45).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=45), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=45), 'mysql'), nullable=False),
    sa.Column('country', sa.String(length=2).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=2), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=2), 'mysql'), nullable=True),
    sa.Column('at', models.base.Instant(), nullable=False),
    sa.CheckConstraint("kind IN ('registration', 'password', 'totp', 'passkey', 'recovery_code')", name=op.f('ck_sign_ins_kind_known')),
    sa.CheckConstraint("outcome IN ('signed_in', 'factor_asked', 'refused')", name=op.f('ck_sign_ins_outcome_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_sign_ins_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_ins'))
    )
    with op.batch_alter_table('sign_ins', schema=None) as batch_op:
        batch_op.create_index('ix_sign_ins_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('split_offers',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('proposer_id', models.base.Id(length=16), nullable=False),
    sa.Column('buyer_amount', sa.BigInteger(), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('answered_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("status IN ('open', 'accepted', 'declined', 'lapsed')", name=op.f('ck_split_offers_status_known')),
    sa.CheckConstraint('buyer_amount > 0', name=op.f('ck_split_offers_buyer_amount_positive')),
    sa.ForeignKeyConstraint(['proposer_id'], ['users.id'], name=op.f('fk_split_offers_proposer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_split_offers'))
    )
    with op.batch_alter_table('split_offers', schema=None) as batch_op:
        batch_op.create_index('ix_split_offers_trade_id', ['trade_id'], unique=False)

    op.create_table('staff_assignments',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('role_id', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('granted_by', models.base.Id(length=16), nullable=True),
    sa.Column('granted_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_staff_assignments_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'role_id', name=op.f('pk_staff_assignments'))
    )
    with op.batch_alter_table('staff_assignments', schema=None) as batch_op:
        batch_op.create_index('ix_staff_assignments_role_id', ['role_id'], unique=False)

    op.create_table('standings',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('kyc_level', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('verified', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('trades_completed', sa.Integer(), server_default='0', nullable=False),
    sa.Column('trades_ended', sa.Integer(), server_default='0', nullable=False),
    sa.Column('open_unpaid_as_buyer', sa.Integer(), server_default='0', nullable=False),
    sa.Column('limit_used_micro', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('ladder_step', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('taking_blocked_until', models.base.Instant(), nullable=True),
    sa.Column('selling_blocked_until', models.base.Instant(), nullable=True),
    sa.Column('frozen_at', models.base.Instant(), nullable=True),
    sa.Column('seen_at', models.base.Instant(), nullable=True),
    sa.Column('present', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('second_factor', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('terms_version', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('taking_barred', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('resting_barred', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('limits_lowered', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('trust_step', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('recheck_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint('limit_used_micro >= 0', name=op.f('ck_standings_limit_used_not_negative')),
    sa.CheckConstraint('open_unpaid_as_buyer >= 0', name=op.f('ck_standings_open_unpaid_not_negative')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_standings_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_standings'))
    )
    with op.batch_alter_table('standings', schema=None) as batch_op:
        batch_op.create_index('ix_standings_recheck_at', ['recheck_at'], unique=False)

    op.create_table('suspicion_reports',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=True),
    sa.Column('reported_by', models.base.Id(length=16), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('decided_by', models.base.Id(length=16), nullable=True),
    sa.Column('decided_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("status IN ('open', 'filed', 'dismissed')", name=op.f('ck_suspicion_reports_status_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_suspicion_reports_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suspicion_reports'))
    )
    with op.batch_alter_table('suspicion_reports', schema=None) as batch_op:
        batch_op.create_index('ix_suspicion_reports_status_id', ['status', 'id'], unique=False)

    op.create_table('terms_acceptances',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('version', sa.SmallInteger(), nullable=False),
    sa.Column('accepted_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_terms_acceptances_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'version', name=op.f('pk_terms_acceptances'))
    )
    op.create_table('totp_factors',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('confirmed_at', models.base.Instant(), nullable=True),
    sa.Column('last_step', sa.BigInteger(), server_default='0', nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_totp_factors_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_totp_factors'))
    )
    op.create_table('trade_faults',
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('claimed_by', models.base.Id(length=16), nullable=True),
    sa.Column('reason', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('contested_at', models.base.Instant(), nullable=True),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_trade_faults_user_id')),
    sa.PrimaryKeyConstraint('trade_id', name=op.f('pk_trade_faults'))
    )
    with op.batch_alter_table('trade_faults', schema=None) as batch_op:
        batch_op.create_index('ix_trade_faults_user_id_created_at', ['user_id', 'created_at'], unique=False)

    op.create_table('trade_freezes',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('status', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=False),
    sa.Column('placed_by', models.base.Id(length=16), nullable=False),
    sa.Column('placed_at', models.base.Instant(), nullable=False),
    sa.Column('expires_at', models.base.Instant(), nullable=False),
    sa.Column('ended_by', models.base.Id(length=16), nullable=True),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("status <> 'active' OR ended_at IS NULL", name=op.f('ck_trade_freezes_active_not_ended')),
    sa.CheckConstraint("status IN ('active', 'lifted', 'over')", name=op.f('ck_trade_freezes_status_known')),
    sa.CheckConstraint('expires_at > placed_at', name=op.f('ck_trade_freezes_expires_later')),
    sa.ForeignKeyConstraint(['placed_by'], ['users.id'], name=op.f('fk_trade_freezes_placed_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trade_freezes'))
    )
    with op.batch_alter_table('trade_freezes', schema=None) as batch_op:
        batch_op.create_index('ix_trade_freezes_status_expires_at', ['status', 'expires_at'], unique=False)
        batch_op.create_index('ix_trade_freezes_trade_id_status', ['trade_id', 'status'], unique=False)

    op.create_table('trusted_people',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('trusted_id', models.base.Id(length=16), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint('user_id <> trusted_id', name=op.f('ck_trusted_people_not_oneself')),
    sa.ForeignKeyConstraint(['trusted_id'], ['users.id'], name=op.f('fk_trusted_people_trusted_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_trusted_people_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'trusted_id', name=op.f('pk_trusted_people'))
    )
    with op.batch_alter_table('trusted_people', schema=None) as batch_op:
        batch_op.create_index('ix_trusted_people_trusted_id', ['trusted_id'], unique=False)

    op.create_table('user_notes',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('writer_id', models.base.Id(length=16), nullable=False),
    sa.Column('subject_id', models.base.Id(length=16), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('written_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['subject_id'], ['users.id'], name=op.f('fk_user_notes_subject_id')),
    sa.ForeignKeyConstraint(['writer_id'], ['users.id'], name=op.f('fk_user_notes_writer_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_notes')),
    sa.UniqueConstraint('writer_id', 'subject_id', name=op.f('uq_user_notes_writer_id_subject_id'))
    )
    with op.batch_alter_table('user_notes', schema=None) as batch_op:
        batch_op.create_index('ix_user_notes_subject_id', ['subject_id'], unique=False)

    op.create_table('user_profiles',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('username', sa.String(length=32).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=32), 'mysql'), nullable=False),
    sa.Column('username_key', sa.String(length=64).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=64), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=64), 'mysql'), nullable=False),
    sa.Column('email', sa.String(length=254).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=254), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=254), 'mysql'), nullable=False),
    sa.Column('email_key', sa.String(length=254).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=254), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=254), 'mysql'), nullable=False),
    sa.Column('email_verified_at', models.base.Instant(), nullable=True),
    sa.Column('phone', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=True),
    sa.Column('phone_key', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=True),
    sa.Column('language', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('referral_code', sa.String(length=32).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=32), 'mysql'), nullable=True),
    sa.Column('role', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('password_hash', sa.String(length=72).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=72), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=72), 'mysql'), nullable=False),
    sa.Column('updated_at', models.base.Instant(), nullable=False),
    sa.CheckConstraint("role IN ('user', 'support', 'admin')", name=op.f('ck_user_profiles_role_known')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_profiles_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_user_profiles')),
    sa.UniqueConstraint('email_key', name=op.f('uq_user_profiles_email_key')),
    sa.UniqueConstraint('phone_key', name=op.f('uq_user_profiles_phone_key')),
    sa.UniqueConstraint('username_key', name=op.f('uq_user_profiles_username_key'))
    )
    op.create_table('user_reports',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('reporter_id', models.base.Id(length=16), nullable=False),
    sa.Column('kind', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('subject_id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('reason', sa.String(length=16).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=16), 'mysql'), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('status', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('decided_by', models.base.Id(length=16), nullable=True),
    sa.Column('decided_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("kind IN ('user', 'order', 'message')", name=op.f('ck_user_reports_kind_known')),
    sa.CheckConstraint("reason IN ('scam', 'off_platform', 'impersonation', 'fake_proof', 'abuse', 'illegal', 'other')", name=op.f('ck_user_reports_reason_known')),
    sa.CheckConstraint("status <> 'open' OR decided_at IS NULL", name=op.f('ck_user_reports_open_not_decided')),
    sa.CheckConstraint("status IN ('open', 'dismissed', 'acted')", name=op.f('ck_user_reports_status_known')),
    sa.CheckConstraint('reporter_id <> user_id', name=op.f('ck_user_reports_not_oneself')),
    sa.ForeignKeyConstraint(['reporter_id'], ['users.id'], name=op.f('fk_user_reports_reporter_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_reports_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_reports')),
    sa.UniqueConstraint('reporter_id', 'kind', 'subject_id', name=op.f('uq_user_reports_reporter_id_kind_subject_id'))
    )
    with op.batch_alter_table('user_reports', schema=None) as batch_op:
        batch_op.create_index('ix_user_reports_reporter_id_id', ['reporter_id', 'id'], unique=False)
        batch_op.create_index('ix_user_reports_status_id', ['status', 'id'], unique=False)

    op.create_table('user_security',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('money_locked_until', models.base.Instant(), nullable=True),
    sa.Column('errors', sa.Integer(), server_default='0', nullable=False),
    sa.Column('day_errors', sa.Integer(), server_default='0', nullable=False),
    sa.Column('day_began_at', models.base.Instant(), nullable=True),
    sa.Column('codes_locked_until', models.base.Instant(), nullable=True),
    sa.Column('warned_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint('errors >= 0 AND day_errors >= 0', name=op.f('ck_user_security_errors_counted')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_security_user_id')),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_user_security'))
    )
    op.create_table('user_trades',
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('trade_id', models.base.Id(length=16), nullable=False),
    sa.Column('counterparty_id', models.base.Id(length=16), nullable=False),
    sa.Column('role', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=False),
    sa.Column('open', sa.Boolean(), nullable=False),
    sa.Column('counted', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['counterparty_id'], ['users.id'], name=op.f('fk_user_trades_counterparty_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_user_trades_user_id')),
    sa.PrimaryKeyConstraint('user_id', 'trade_id', name=op.f('pk_user_trades'))
    )
    with op.batch_alter_table('user_trades', schema=None) as batch_op:
        batch_op.create_index('ix_user_trades_user_id_open_trade_id', ['user_id', 'open', 'trade_id'], unique=False)

    op.create_table('payment_accounts',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('user_id', models.base.Id(length=16), nullable=False),
    sa.Column('method_id', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('schema_version', sa.Integer(), nullable=False),
    sa.Column('sealed', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=False),
    sa.Column('fingerprint', models.base.Digest(length=32), nullable=False),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['method_id', 'schema_version'], ['payment_method_schemas.method_id', 'payment_method_schemas.version'], name=op.f('fk_payment_accounts_method_id')),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_payment_accounts_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_accounts'))
    )
    with op.batch_alter_table('payment_accounts', schema=None) as batch_op:
        batch_op.create_index('ix_payment_accounts_fingerprint', ['fingerprint'], unique=False)
        batch_op.create_index('ix_payment_accounts_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('proposal_votes',
    sa.Column('proposal_id', models.base.Id(length=16), nullable=False),
    sa.Column('voter_id', models.base.Id(length=16), nullable=False),
    sa.Column('approved', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=500).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=500), 'mysql'), nullable=True),
    sa.Column('voted_at', models.base.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_proposal_votes_proposal_id')),
    sa.ForeignKeyConstraint(['voter_id'], ['users.id'], name=op.f('fk_proposal_votes_voter_id')),
    sa.PrimaryKeyConstraint('proposal_id', 'voter_id', name=op.f('pk_proposal_votes'))
    )
    op.create_table('trades',
    sa.Column('id', models.base.Id(length=16), nullable=False),
    sa.Column('market', sa.String(length=24).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=24), 'mysql'), nullable=False),
    sa.Column('asset', sa.String(length=12).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=12), 'mysql'), nullable=False),
    sa.Column('maker_order_id', models.base.Id(length=16), nullable=False),
    sa.Column('taker_order_id', models.base.Id(length=16), nullable=False),
    sa.Column('buyer_id', models.base.Id(length=16), nullable=False),
    sa.Column('seller_id', models.base.Id(length=16), nullable=False),
    sa.Column('maker_side', sa.String(length=4).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=4), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=4), 'mysql'), nullable=False),
    sa.Column('price_ticks', sa.BigInteger(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('fiat_minor', sa.BigInteger(), nullable=False),
    sa.Column('buyer_fee_ppm', sa.Integer(), nullable=False),
    sa.Column('seller_fee_ppm', sa.Integer(), nullable=False),
    sa.Column('method_id', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=False),
    sa.Column('payment_account_id', models.base.Id(length=16), nullable=False),
    sa.Column('window_s', sa.Integer(), nullable=False),
    sa.Column('terms', sa.String(length=1000).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=1000), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=1000), 'mysql'), server_default='', nullable=False),
    sa.Column('status', sa.String(length=20).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=20), 'mysql'), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('deadline_at', models.base.Instant(), nullable=True),
    sa.Column('window_ends_at', models.base.Instant(), nullable=False),
    sa.Column('payer_name', sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), 'mariadb').with_variant(mysql.MEDIUMBLOB(), 'mysql'), nullable=True),
    sa.Column('payer_declared_at', models.base.Instant(), nullable=True),
    sa.Column('reference', sa.String(length=100).with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=100), 'mariadb').with_variant(mysql.VARCHAR(charset='utf8mb4', collation='utf8mb4_nopad_bin', length=100), 'mysql'), nullable=True),
    sa.Column('paid_at', models.base.Instant(), nullable=True),
    sa.Column('late', sa.Boolean(), nullable=False),
    sa.Column('extended_by_seller', sa.Boolean(), nullable=False),
    sa.Column('extended_by_buyer', sa.Boolean(), nullable=False),
    sa.Column('paid_undone', sa.Boolean(), nullable=False),
    sa.Column('new_buyer', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('third_party_payer', sa.Boolean(), server_default='0', nullable=False),
    sa.Column('name_mismatch', sa.Boolean(), nullable=False),
    sa.Column('end_reason', sa.String(length=40).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=40), 'mysql'), nullable=True),
    sa.Column('fault', sa.String(length=8).with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mariadb').with_variant(mysql.VARCHAR(charset='ascii', collation='ascii_nopad_bin', length=8), 'mysql'), nullable=True),
    sa.Column('created_at', models.base.Instant(), nullable=False),
    sa.Column('completed_at', models.base.Instant(), nullable=True),
    sa.Column('ended_at', models.base.Instant(), nullable=True),
    sa.CheckConstraint("status IN ('awaiting_payment', 'grace', 'paid', 'disputed', 'completed', 'cancelled', 'expired', 'refunded')", name=op.f('ck_trades_status_known')),
    sa.CheckConstraint('amount > 0 AND fiat_minor > 0', name=op.f('ck_trades_amounts_positive')),
    sa.CheckConstraint('buyer_id <> seller_id', name=op.f('ck_trades_two_parties')),
    sa.ForeignKeyConstraint(['buyer_id'], ['users.id'], name=op.f('fk_trades_buyer_id')),
    sa.ForeignKeyConstraint(['market'], ['markets.id'], name=op.f('fk_trades_market')),
    sa.ForeignKeyConstraint(['method_id'], ['payment_methods.id'], name=op.f('fk_trades_method_id')),
    sa.ForeignKeyConstraint(['payment_account_id'], ['payment_accounts.id'], name=op.f('fk_trades_payment_account_id')),
    sa.ForeignKeyConstraint(['seller_id'], ['users.id'], name=op.f('fk_trades_seller_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trades'))
    )
    with op.batch_alter_table('trades', schema=None) as batch_op:
        batch_op.create_index('ix_trades_maker_order_id', ['maker_order_id'], unique=False)
        batch_op.create_index('ix_trades_market_completed_at', ['market', 'completed_at'], unique=False)
        batch_op.create_index('ix_trades_status_deadline_at', ['status', 'deadline_at'], unique=False)
        batch_op.create_index('ix_trades_taker_order_id', ['taker_order_id'], unique=False)



def downgrade() -> None:
    op.drop_table('trades')
    op.drop_table('proposal_votes')
    op.drop_table('payment_accounts')
    op.drop_table('user_trades')
    op.drop_table('user_security')
    op.drop_table('user_reports')
    op.drop_table('user_profiles')
    op.drop_table('user_notes')
    op.drop_table('trusted_people')
    op.drop_table('trade_freezes')
    op.drop_table('trade_faults')
    op.drop_table('totp_factors')
    op.drop_table('terms_acceptances')
    op.drop_table('suspicion_reports')
    op.drop_table('standings')
    op.drop_table('staff_assignments')
    op.drop_table('split_offers')
    op.drop_table('sign_ins')
    op.drop_table('sessions')
    op.drop_table('screening_hits')
    op.drop_table('sandbox_counterparties')
    op.drop_table('sanctions')
    op.drop_table('sanction_appeals')
    op.drop_table('rulings')
    op.drop_table('reputations')
    op.drop_table('reputation_times')
    op.drop_table('reputation_pairs')
    op.drop_table('reputation_days')
    op.drop_table('recovery_codes')
    op.drop_table('recoveries')
    op.drop_table('ratings')
    op.drop_table('proposals')
    op.drop_table('payment_method_schemas')
    op.drop_table('payment_fingerprints')
    op.drop_table('payment_account_flags')
    op.drop_table('payer_sightings')
    op.drop_table('passkeys')
    op.drop_table('one_time_codes')
    op.drop_table('objections')
    op.drop_table('notifications')
    op.drop_table('notification_settings')
    op.drop_table('lots')
    op.drop_table('link_signals')
    op.drop_table('legal_names')
    op.drop_table('kyc_documents')
    op.drop_table('kyc_applications')
    op.drop_table('index_readings')
    op.drop_table('index_overrides')
    op.drop_table('identity_fingerprints')
    op.drop_table('idempotency_keys')
    op.drop_table('holds')
    op.drop_table('evidence')
    op.drop_table('elevations')
    op.drop_table('dispute_parties')
    op.drop_table('devices')
    op.drop_table('data_exports')
    op.drop_table('contact_changes')
    op.drop_table('claims')
    op.drop_table('case_notes')
    op.drop_table('case_assignments')
    op.drop_table('canned_texts')
    op.drop_table('blocks')
    op.drop_table('attachments')
    op.drop_table('attachment_flags')
    op.drop_table('api_keys')
    op.drop_table('anti_phishing_codes')
    op.drop_table('accounts')
    op.drop_table('account_links')
    op.drop_table('account_holds')
    op.drop_table('account_closures')
    op.drop_table('verifier_marks')
    op.drop_table('users')
    op.drop_table('transfers')
    op.drop_table('trade_flags')
    op.drop_table('trade_events')
    op.drop_table('switches')
    op.drop_table('step_up_proofs')
    op.drop_table('staff_versions')
    op.drop_table('staff_roles')
    op.drop_table('staff_role_permissions')
    op.drop_table('sms_notices')
    op.drop_table('sms_counts')
    op.drop_table('sms_countries')
    op.drop_table('session_states')
    op.drop_table('session_revocations')
    op.drop_table('seeded_permissions')
    op.drop_table('room_seqs')
    op.drop_table('relays')
    op.drop_table('refresh_tokens')
    op.drop_table('precedents')
    op.drop_table('precedent_terms')
    op.drop_table('postings')
    op.drop_table('platform_rollups')
    op.drop_table('platform_postings')
    op.drop_table('pending_sign_ins')
    op.drop_table('payment_references')
    op.drop_table('payment_methods')
    op.drop_table('payment_account_states')
    op.drop_table('payers')
    op.drop_table('password_resets')
    op.drop_table('passkey_challenges')
    op.drop_table('outbox')
    op.drop_table('outages')
    op.drop_table('orders')
    op.drop_table('order_skips')
    op.drop_table('notification_marks')
    op.drop_table('name_screenings')
    op.drop_table('messages')
    op.drop_table('markets')
    op.drop_table('market_settings')
    op.drop_table('market_indexes')
    op.drop_table('lanes')
    op.drop_table('lane_inbox')
    op.drop_table('kyc_provider_events')
    op.drop_table('job_leases')
    op.drop_table('heartbeats')
    op.drop_table('failed_pairs')
    op.drop_table('evidence_attachments')
    op.drop_table('disputes')
    op.drop_table('dispute_offers')
    op.drop_table('dispute_events')
    op.drop_table('device_warnings')
    op.drop_table('device_holds')
    op.drop_table('desk_cases')
    op.drop_table('data_export_parts')
    op.drop_table('commit_markers')
    op.drop_table('claim_events')
    op.drop_table('chats')
    op.drop_table('chat_messages')
    op.drop_table('case_audits')
    op.drop_table('candles')
    op.drop_table('candle_marks')
    op.drop_table('cancel_requests')
    op.drop_table('breaches')
    op.drop_table('audit_pending')
    op.drop_table('audit_heads')
    op.drop_table('audit_entries')
    op.drop_table('audit_chain')
    op.drop_table('attachment_bands')
    op.drop_table('app_versions')
