/* compiler/lint/select_star.c - Finds a query of all columns: its result changes when the table does.
 *
 *     query customers first Customer `select * from customer where account = {ani}`
 */
#include <string.h>

#include "compiler/lint/lint.h"

void lint_select_star(struct lint *lint)
{
    EACH_OF (lint, query, NODE_QUERY) {
        const char *sql = lint_sql_text(lint, query), *at = strstr(sql, "select");
        if (!at) continue;
        at += strlen("select");
        at += strspn(at, " \t\n");
        if (*at == '*') diag_hint(lint_report(lint, SELECT_STAR, query->query.sql->span), "name them");
    }
}
