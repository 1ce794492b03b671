/* runtime/post/postbook_before.c - Takes over items from tables that plugins had before the post office existed.
 * Each table is taken over once, when its way opens the store, and is dropped then. Rows get numbers after those
 * that exist already; so rows that refer to others by number are inserted before these others. */
#include <assert.h>

#include "runtime/post/postbook_state.h"
#include "runtime/sql/schema.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"

/* The statements for the plugin `sms`, versions 1 and 2 of its tables. Version 1 did not have the column `own`. */
static const char *const sms_before[] = {
    "INSERT INTO refusals(tenant, kind, address, media, own, word, since) SELECT '', 'phone', customer, 'sms', own,"
    " word, since FROM sms_stopped WHERE since IS NOT NULL ON CONFLICT (tenant, kind, address, media, own) DO NOTHING",
    "INSERT INTO post_pieces(way, own, customer, mark, total, n, text, came, brought) SELECT 'sms', own, customer, "
    "mark,"
    " total, n, text, came, arrived + (SELECT coalesce(max(id), 0) FROM post_came) FROM sms_parts",
    "INSERT INTO post_came(id, way, digest, external_id, state, came, answered, own) SELECT a.id + (SELECT"
    " coalesce(max(id), 0) FROM post_came), 'sms', a.digest, a.external_id, CASE WHEN i.ended IS NOT NULL THEN 'ended'"
    " WHEN i.ixn IS NOT NULL THEN 'owned' WHEN i.id IS NOT NULL THEN 'kept' WHEN a.external_id <> '' AND a.answered IS"
    " NOT NULL THEN 'said' ELSE 'brought' END, a.came, a.answered, a.own FROM sms_arrived a LEFT JOIN interactions i ON"
    " i.tenant = '' AND i.media = 'sms' AND i.external_id = a.external_id AND a.external_id <> ''",
    "INSERT INTO post_names(peer_id, item, n, state) SELECT peer_id, message + (SELECT coalesce(max(id), 0) FROM"
    " post_out), n, CASE state WHEN 2 THEN 'delivered' WHEN 3 THEN 'expired' WHEN 4 THEN 'failed' ELSE 'given' END FROM"
    " sms_sent_parts",
    "INSERT INTO post_out(id, way, journal, ixn, msg_id, digest, interaction, state, pieces, asked) SELECT id + (SELECT"
    " coalesce(max(id), 0) FROM post_out), 'sms', journal, ixn, msg_id, '', interaction, CASE state WHEN 'waiting' THEN"
    " 'held' WHEN 'going' THEN 'begun' WHEN 'accepted' THEN 'given' ELSE state END, parts, begun FROM sms_sent",
    "DROP TABLE sms_parts",
    "DROP TABLE sms_arrived",
    "DROP TABLE sms_stopped",
    "DROP TABLE sms_sent_parts",
    "DROP TABLE sms_sent",
    "DROP TABLE gcx_sms",
    NULL};

/* In PostgreSQL the counters of keys must be set after rows with given keys. */
static const char *const sms_counts_on[] = {
    "SELECT setval(pg_get_serial_sequence('post_came', 'id'), greatest(max(id), 1)) FROM post_came",
    "SELECT setval(pg_get_serial_sequence('post_out', 'id'), greatest(max(id), 1)) FROM post_out", NULL};

static bool before_run(struct sql *sql, const char *const *statements, struct error *error)
{
    bool good = true;
    for (; good && *statements; statements++) good = sql_run(sql, *statements, error);
    return good;
}

static bool sms_take_over(struct sql *sql, struct error *error)
{
    bool there, own;
    if (!sql_table_there(sql, "gcx_sms", &there, error)) return false;
    if (!there) return true; /* another process of the same way has taken the tables over already */
    if (!sql_column_there(sql, "sms_arrived", "own", &own, error)) return false;
    return (own || sql_run(sql, "ALTER TABLE sms_arrived ADD COLUMN own TEXT", error)) &&
           before_run(sql, sms_before, error) &&
           (sql_dialect(sql) != SQL_POSTGRES || before_run(sql, sms_counts_on, error));
}

/* ---- the files of a way ---- */

static bool before_known(struct postbook *book, const struct post_before *row, int64_t now, struct error *error)
{
    return sql_do(
        book->sql, error,
        "INSERT INTO post_came(way, digest, external_id, state, came, answered) VALUES($1, $2, '', $3, $4, $4)",
        SQL_WITH(sql_text(book->way->name), sql_text(row->known), sql_text(post_in_name(POST_IN_said)),
                 sql_number(now)));
}

/* Takes over an item that was sent; the contact store has the journal of its interaction's core. */
static bool before_went(struct postbook *book, const struct post_before *row, int64_t now, struct error *error)
{
    char ixn[IXN_TEXT];
    int64_t item;
    bool there;
    ident_print_ixn(row->ixn, ixn);
    if (!sql_find(
            book->sql, error, &item, &there,
            "INSERT INTO post_out(way, journal, ixn, msg_id, digest, state, pieces, asked) VALUES($1, coalesce((SELECT"
            " max(journal) FROM interactions WHERE media = $1 AND ixn = $2), 0), $3, $4, '', $5, 1, $6)"
            " ON CONFLICT (way, journal, ixn, msg_id, digest) DO UPDATE SET asked = excluded.asked RETURNING id",
            SQL_WITH(sql_text(book->way->name), sql_text(ixn), sql_number((int64_t)row->ixn), sql_text(row->msg_id),
                     sql_text(post_out_name(row->state)), sql_number(now))))
        return false;
    if (!*row->form) return true;
    assert(there); /* the row is there even if another adapter has its address now */
    return sql_do(book->sql, error,
                  "INSERT INTO post_names(peer_id, item, n, state) VALUES($1, $2, 1, $3)"
                  " ON CONFLICT (item, n) DO NOTHING",
                  SQL_WITH(sql_text(row->form), sql_number(item), sql_text(post_out_name(row->state))));
}

/* Takes over messages of open conversations: before the book existed, one that was about to be sent had the result
 * `unknown`. */
static bool before_lines(struct postbook *book, GArray *lines, struct error *error)
{
    struct sql_rows *rows =
        sql_ask(book->sql, error,
                "SELECT i.ixn, m.msg_id, m.result FROM messages m JOIN interactions i ON i.id = m.interaction WHERE"
                " i.media = $1 AND i.ended IS NULL AND i.ixn IS NOT NULL AND m.result IS NOT NULL",
                SQL_WITH(sql_text(book->way->name)));
    while (sql_next(rows)) {
        struct post_before row = {.state = POST_OUT_unknown};
        char ixn[IXN_TEXT];
        if (!text_set_span(ixn, sizeof ixn, sql_string(rows, 0)) || !ident_read_ixn(ixn, &row.ixn) ||
            !text_set_span(row.msg_id, sizeof row.msg_id, sql_string(rows, 1)))
            continue;
        struct span result = sql_string(rows, 2);
        for (unsigned at = POST_OUT_given; at < POST_OUT_STATES; at++)
            if (span_is(result, post_out_shown((enum post_out)at))) row.state = (enum post_out)at;
        g_array_append_val(lines, row);
    }
    return sql_end(rows, error);
}

static bool before_rows(struct postbook *book, const struct post_before *rows, size_t count, int64_t now,
                        struct error *error)
{
    GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct post_before));
    bool good = true;
    for (size_t i = 0; i < count && good; i++)
        good = (*rows[i].known ? before_known : before_went)(book, &rows[i], now, error);
    good = good && before_lines(book, lines, error);
    for (guint i = 0; i < lines->len && good; i++)
        good = before_went(book, &g_array_index(lines, struct post_before, i), now, error);
    g_array_free(lines, TRUE);
    return good;
}

bool postbook_takes_rows(struct postbook *book, const struct post_before *rows, size_t count, int64_t now,
                         struct error *error)
{
    if (!sql_begin(book->sql, error)) return false;
    if (before_rows(book, rows, count, now, error) && sql_commit(book->sql, error)) return true;
    sql_rollback(book->sql);
    return false;
}

bool postbook_takes_over(struct postbook *book, struct error *error)
{
    bool there;
    if (!sql_table_there(book->sql, "gcx_sms", &there, error)) return false;
    if (!there || !span_is(span_of(book->way->name), "sms")) return true;
    if (!sql_begin(book->sql, error)) return false;
    if (sms_take_over(book->sql, error) && sql_commit(book->sql, error)) return true;
    sql_rollback(book->sql);
    return false;
}
