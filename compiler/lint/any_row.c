/* compiler/lint/any_row.c - Finds queries that take one row of many without an order: the database may return
 * another row tomorrow.
 *
 *     let name = query customers value str `select name from customer`;
 *
 * An aggregate (count, max ...) gives one row by itself, so a statement with an aggregate is left out. */
#include <string.h>

#include "compiler/lint/lint.h"

static bool any_row_aggregates(const char *sql)
{
    static const char *const words[] = {"count", "sum", "min", "max", "avg", "total", "exists"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (lint_has_word(sql, words[i])) return true;
    return false;
}

void lint_any_row(struct lint *lint)
{
    EACH_OF (lint, query, NODE_QUERY) {
        const char *form = query->query.form.text, *sql = lint_sql_text(lint, query);
        if ((strcmp(form, "first") != 0 && strcmp(form, "value") != 0) || !lint_has_word(sql, "from")) continue;
        if (lint_has_word(sql, "where") || lint_has_word(sql, "order") || lint_has_word(sql, "limit")) continue;
        if (!any_row_aggregates(sql)) lint_report(lint, ANY_ROW, query->query.sql->span);
    }
}
