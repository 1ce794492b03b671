/* compiler/lint/secret_stored.c - Finds a secret that an SQL statement stores: in the database it is no longer hidden.
 * A statement without insert or update may use it.
 *
 *     attached { secret pin: str }
 *     query customers exec `insert into ticket (account, state) values ({pin}, 'new')` else {};
 *
 * A bool that is computed from a secret, as {pin == ""}, may be stored. */
#include "compiler/lint/lint.h"

struct stored_search {
    const char *name;
};

static void find_secret_stored(struct node *node, void *context)
{
    struct stored_search *search = context;
    const struct symbol *symbol = node->kind == NODE_NAME ? node->meaning : NULL;
    if (symbol && symbol->secret) search->name = symbol->name;
    if (!node->type || type_bare(node->type)->kind != LANG_BOOL) node_children(node, find_secret_stored, context);
}

static const char *secret_of(struct node *node)
{
    struct stored_search search = {NULL};
    find_secret_stored(node, &search);
    return search.name;
}

static void look_at_query(struct lint *lint, const struct node *query)
{
    const char *sql = lint_sql_text(lint, query);
    if (!lint_has_word(sql, "insert") && !lint_has_word(sql, "update")) return;
    EACH_NODE (part, query->query.sql->sql.parts) {
        const char *name = part->kind == NODE_STRING ? NULL : secret_of(part);
        if (name) lint_report(lint, SECRET_STORED, part->span, name);
    }
}

void lint_secret_stored(struct lint *lint)
{
    EACH_OF (lint, query, NODE_QUERY)
        if (query->query.sql && query->query.sql->kind == NODE_SQL) look_at_query(lint, query);
}
