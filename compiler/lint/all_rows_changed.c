/* compiler/lint/all_rows_changed.c - Finds an update or delete without `where`: each execution changes all rows of
 * the table.
 *
 *     query customers exec `update ticket set state = 'closed'` else {};
 */
#include "compiler/lint/lint.h"

void lint_all_rows_changed(struct lint *lint)
{
    EACH_OF (lint, query, NODE_QUERY) {
        const char *sql = lint_sql_text(lint, query);
        bool inserts = lint_has_word(sql, "insert");
        if (!inserts && (lint_has_word(sql, "update") || lint_has_word(sql, "delete")) && !lint_has_word(sql, "where"))
            lint_report(lint, ALL_ROWS_CHANGED, query->query.sql->span);
    }
}
