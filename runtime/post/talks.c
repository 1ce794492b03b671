/* runtime/post/talks.c - The table post_talks of the contact store.
 *
 * A row is one conversation of a way: `saved` is the JSON by which its adapter continues the conversation after a
 * restart. `owner` distinguishes adapters that share a contact store. A row is removed when its conversation is
 * over, or else some time after its interaction has ended. */
#include "runtime/post/talks.h"

#include <glib.h>

#include "runtime/post/way.h"
#include "runtime/sql/sql.h"

bool talk_put(struct store *store, const struct talk_row *row, int64_t now, struct error *error)
{
    return sql_do(store_sql(store), error,
                  "INSERT INTO post_talks(way, owner, name, interaction, saved, changed) VALUES($1, $2, $3, $4, $5, $6)"
                  " ON CONFLICT (way, owner, name) DO UPDATE SET interaction = excluded.interaction, saved ="
                  " excluded.saved, changed = excluded.changed",
                  SQL_WITH(sql_text(row->way), sql_text(row->owner), sql_text(row->name),
                           sql_number_or_null(row->interaction), sql_text(row->saved), sql_number(now)));
}

/* Changes the row of a conversation; if there is none, none is made, because the conversation was dropped meanwhile. */
bool talk_change(struct store *store, const struct talk_row *row, int64_t now, struct error *error)
{
    return sql_do(
        store_sql(store), error,
        "UPDATE post_talks SET saved = $1, changed = $2 WHERE way = $3 AND owner = $4 AND name = $5",
        SQL_WITH(sql_text(row->saved), sql_number(now), sql_text(row->way), sql_text(row->owner), sql_text(row->name)));
}

bool talk_drop(struct store *store, const char *way, const char *owner, const char *name, struct error *error)
{
    return sql_do(store_sql(store), error, "DELETE FROM post_talks WHERE way = $1 AND owner = $2 AND name = $3",
                  SQL_WITH(sql_text(way), sql_text(owner), sql_text(name)));
}

bool talk_drop_of(struct store *store, int64_t interaction, struct error *error)
{
    return sql_do(
        store_sql(store), error,
        "DELETE FROM post_talks WHERE interaction = $1 AND name = (SELECT external_id FROM interactions WHERE id = $1)",
        SQL_WITH(sql_number(interaction)));
}

bool talk_tidy(struct store *store, const char *way, int64_t before, struct error *error)
{
    return sql_do(store_sql(store), error,
                  "DELETE FROM post_talks WHERE way = $1 AND changed < $2 AND NOT EXISTS (SELECT 1 FROM interactions i"
                  " WHERE i.id = post_talks.interaction AND i.external_id = post_talks.name AND i.ended IS NULL)",
                  SQL_WITH(sql_text(way), sql_number(before)));
}

/* Calls `each` for the rows of an adapter in the order of their names; `saved` is valid during the call. */
bool talk_each(struct store *store, const char *way, const char *owner,
               void (*each)(void *self, const char *name, const char *saved), void *self, struct error *error)
{
    struct sql_rows *rows = sql_ask(store_sql(store), error,
                                    "SELECT name, saved FROM post_talks WHERE way = $1 AND owner = $2 ORDER BY name",
                                    SQL_WITH(sql_text(way), sql_text(owner)));
    while (sql_next(rows)) {
        char *name = post_text(sql_string(rows, 0)), *saved = post_text(sql_string(rows, 1));
        each(self, name, saved);
        g_free(name), g_free(saved);
    }
    return sql_end(rows, error);
}
