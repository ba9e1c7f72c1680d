"""A case's type and theme, each with who says so and how surely"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

_TYPES = """
UPDATE "case" AS c SET violation_source = violation_by WHERE violation_by IS NOT NULL;

-- Where nobody named it, the rule or model that found it in the text the case reads as.
UPDATE "case" AS c
SET violation_source = CASE WHEN f ->> 'source' LIKE 'rule:%' THEN 'rule' ELSE 'model' END,
    violation_score = (f ->> 'score')::float
FROM (
    SELECT DISTINCT ON (id) id, f FROM "case", jsonb_array_elements(
        CASE jsonb_typeof(assessment -> 'violations') WHEN 'array' THEN assessment -> 'violations'
        ELSE '[]' END) AS f
    WHERE violation_by IS NULL AND f ->> 'type' = violation
    ORDER BY id, (f ->> 'score')::float DESC
) AS found
WHERE found.id = c.id;

UPDATE "case" AS c
SET theme_source = 'model', theme_score = (assessment #>> '{theme,score}')::float
WHERE assessment #>> '{theme,code}' = theme;

-- An officer's newest word goes before the model's.
UPDATE "case" AS c SET theme_source = 'officer', theme_score = NULL
FROM (
    SELECT DISTINCT ON (case_id) case_id, value FROM label
    WHERE task = 'theme' AND via = 'classify' ORDER BY case_id, id DESC
) AS said
WHERE said.case_id = c.id AND said.value = c.theme;
"""


def upgrade() -> None:
    """Fill them from who named it, the officers' labels and the assessment."""
    for name in ("violation", "theme"):
        op.add_column("case", sa.Column(f"{name}_source", sa.String(8)))
        op.add_column("case", sa.Column(f"{name}_score", sa.Float()))
    op.execute(_TYPES)
    op.drop_column("case", "violation_by")


def downgrade() -> None:
    """Keep only who named it where no rule or model did."""
    op.add_column("case", sa.Column("violation_by", sa.String(8)))
    op.execute(
        'UPDATE "case" SET violation_by = violation_source '
        "WHERE violation_source IN ('reporter', 'officer')"
    )
    for name in ("theme", "violation"):
        op.drop_column("case", f"{name}_score")
        op.drop_column("case", f"{name}_source")
