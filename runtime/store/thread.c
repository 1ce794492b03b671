/* runtime/store/thread.c - Lists one contact's messages of all media in the order of time, with the result of each
 * message of ours.
 *
 * A line is a message; a call is a line of its own, and a note about it another one. Among lines of the same time, the
 * place of a message is twice its number, that of a call twice the interaction's number plus one: so no two are the
 * same, and a page begins after the last one that was shown. */
#include <assert.h>

#include "runtime/store/state.h"

#define ATTACHMENT(column)                                                                                             \
    "(SELECT p." column " FROM parts p WHERE p.interaction = m.interaction AND p.message = m.n AND"                    \
    " p.role = 'attachment' ORDER BY p.n LIMIT 1)"

// clang-format off
#define THREAD                                                                                                         \
    "SELECT * FROM (SELECT m.at AS at, m.id * 2 AS place, i.id, m.n, coalesce(i.ended, 0),"                            \
    " coalesce(" ATTACHMENT("id") ", 0), i.media, i.direction, coalesce(i.agent, ''), coalesce(i.result, ''),"         \
    " coalesce(m.msg_id, ''), m.role, coalesce(m.sender, ''), m.kind, m.visible, coalesce(m.subject, ''),"             \
    " coalesce(m.text, ''), coalesce(m.result, ''), coalesce(" ATTACHMENT("type") ", ''),"                             \
    " coalesce(" ATTACHMENT("name") ", ''), coalesce(i.address, ''),"                                                  \
    " CASE WHEN " STORE_TYPED("i") " THEN 1 ELSE 0 END, coalesce(m.of_id, ''), coalesce(m.about, ''),"                 \
    " coalesce(" STORE_TAKEN_BACK("m") ", 0), '' FROM interactions i JOIN messages m ON m.interaction = i.id"              \
    " WHERE i.contact = $1 AND (m.at, m.id * 2) < ($2, $3) AND"                                                        \
    " (coalesce(m.text, '') <> '' OR (i.media IN ('email', 'mms') AND m.subject IS NOT NULL))"                         \
    " UNION ALL SELECT i.received, i.id * 2 + 1, i.id, 0, coalesce(i.ended, 0), 0, i.media,"                           \
    " i.direction, coalesce(i.agent, ''), coalesce(i.result, ''), '', '', '', '', 'all', '',"                          \
    " '', '', '', '', coalesce(i.address, ''), CASE WHEN " STORE_TYPED("i") " THEN 1 ELSE 0 END, '', '', 0,"           \
    " coalesce(i.agents, '')"                                                                                          \
    " FROM interactions i WHERE i.contact = $1 AND (i.messages = 0 OR i.media = 'voice') AND i.erased IS NULL AND"     \
    " (i.received, i.id * 2 + 1) < ($2, $3)) AS line ORDER BY 1 DESC, 2 DESC LIMIT $4"
// clang-format on

bool store_thread(struct store *store, int64_t contact, struct store_page *page, store_each_said *each, void *self,
                  struct error *error)
{
    assert(each && page);
    bool first = page->interaction == 0;
    unsigned limit = page->limit == 0 ? 50 : page->limit < STORE_ROWS_MAX ? page->limit : STORE_ROWS_MAX;
    struct sql_rows *rows = sql_ask(store->sql, error, THREAD,
                                    SQL_WITH(sql_number(contact), sql_number(first ? INT64_MAX : page->received),
                                             sql_number(first ? INT64_MAX : page->interaction), sql_number(limit)));
    while (sql_next(rows)) {
        page->received = sql_int(rows, 0), page->interaction = sql_int(rows, 1);
        int64_t back = sql_int(rows, 24);
        each(self, &(struct store_said){.at = page->received,
                                        .interaction = sql_int(rows, 2),
                                        .n = sql_int(rows, 3),
                                        .ended = sql_int(rows, 4),
                                        .part = back ? 0 : sql_int(rows, 5),
                                        .media = sql_string(rows, 6),
                                        .direction = sql_string(rows, 7),
                                        .agent = sql_string(rows, 8),
                                        .outcome = sql_string(rows, 9),
                                        .msg_id = sql_string(rows, 10),
                                        .role = sql_string(rows, 11),
                                        .sender = sql_string(rows, 12),
                                        .kind = sql_string(rows, 13),
                                        .visible = sql_string(rows, 14),
                                        .subject = sql_string(rows, 15),
                                        .text = back ? (struct span){0} : sql_string(rows, 16),
                                        .result = sql_string(rows, 17),
                                        .part_type = sql_string(rows, 18),
                                        .part_name = sql_string(rows, 19),
                                        .address = sql_string(rows, 20),
                                        .unverified = sql_int(rows, 21) != 0,
                                        .of_id = sql_string(rows, 22),
                                        .about = back ? (struct span){0} : sql_string(rows, 23),
                                        .taken_back = back,
                                        .agents = sql_string(rows, 25)});
    }
    return sql_end(rows, error);
}

/* Receipts come in any order: a message that was read or delivered stays so, and a later `accepted` or `unknown` is
 * ignored. */
bool store_delivered(struct store *store, uint64_t journal, const char *ixn, const char *msg_id, const char *result,
                     struct error *error)
{
    assert(ixn && msg_id && result);
    struct texts texts = {0};
    struct span name = span_of(msg_id);
    bool good = sql_do(store->sql, error,
                       "UPDATE messages SET result = $1 WHERE msg_id IN ($2, $3) AND interaction IN (SELECT id FROM"
                       " interactions WHERE ixn = $4 AND journal = $5) AND coalesce(result, '') <> 'read' AND"
                       " (coalesce(result, '') <> 'delivered' OR $1 = 'read') AND"
                       " ($1 NOT IN ('accepted', 'unknown') OR coalesce(result, 'unknown') = 'unknown')",
                       SQL_WITH(sql_text(result), sql_span(text_external(&texts, name)),
                                sql_span(text_digest(&texts, name)), sql_text(ixn), sql_number((int64_t)journal)));
    texts_free(&texts);
    return good;
}
