/* runtime/store/mentions.c - Colleagues who are named in notes, and drafts that a colleague reads before they are sent.
 *
 *     a note names marie  ->  mentions: agent marie, seen null  ->  marie has seen it
 *     ... with a draft    ->  her answer is a mention of whoever asked, with the draft and a verdict
 *
 * The note itself is a message of its interaction. A mention has the text once more, as the lines of a chat come into
 * the store by another way, and later. */
#include <assert.h>
#include <string.h>

#include "runtime/store/state.h"

bool store_mention(struct store *store, const struct store_mention *mention, struct error *error)
{
    struct texts texts = {0};
    struct span text, draft;
    assert(mention->tenant && mention->agent && mention->by);
    bool good = text_whole(&texts, mention->text, STORE_MENTION_TEXT_MAX, "the note", &text, error) &&
                text_whole(&texts, mention->draft, STORE_MENTION_DRAFT_MAX, "the draft", &draft, error) &&
                sql_do(store->sql, error,
                       "INSERT INTO mentions(tenant, agent, by_agent, interaction, note, text, draft, verdict, at)"
                       " SELECT $1, $2, $3, i.id, $5, $6, $7, $8, CAST($9 AS BIGINT) FROM interactions i"
                       " WHERE i.id = $4 AND i.erased IS NULL"
                       " ON CONFLICT (tenant, agent, interaction, note) DO NOTHING",
                       SQL_WITH(sql_text(mention->tenant), sql_text(mention->agent), sql_text(mention->by),
                                sql_number(mention->interaction), sql_span(mention->note), sql_span(text),
                                sql_text_or_null(draft), sql_text_or_null(mention->verdict), sql_number(mention->at)));
    texts_free(&texts);
    return good;
}

#define MENTIONS                                                                                                       \
    "SELECT m.id, m.by_agent, m.interaction, m.text, coalesce(m.draft, ''), coalesce(m.verdict, ''), m.at,"            \
    " i.media, i.external_id, coalesce(i.subject, ''), coalesce(c.name, ''), coalesce(c.id, 0)"                        \
    " FROM mentions m JOIN interactions i ON i.id = m.interaction"                                                     \
    " LEFT JOIN contacts c ON c.id = i.contact AND NOT " STORE_TYPED("i") " WHERE m.tenant = $1 AND m.agent = $2 AND "

static bool mentions_list(struct sql_rows *rows, store_each_mention *each, void *self, struct error *error)
{
    while (sql_next(rows))
        each(self, &(struct store_mention_shown){.mention = sql_int(rows, 0),
                                                 .by = sql_string(rows, 1),
                                                 .interaction = sql_int(rows, 2),
                                                 .text = sql_string(rows, 3),
                                                 .draft = sql_string(rows, 4),
                                                 .verdict = sql_string(rows, 5),
                                                 .at = sql_int(rows, 6),
                                                 .media = sql_string(rows, 7),
                                                 .external_id = sql_string(rows, 8),
                                                 .subject = sql_string(rows, 9),
                                                 .name = sql_string(rows, 10),
                                                 .contact = sql_int(rows, 11)});
    return sql_end(rows, error);
}

bool store_mentions(struct store *store, const char *tenant, const char *agent, store_each_mention *each, void *self,
                    struct error *error)
{
    return mentions_list(sql_ask(store->sql, error, MENTIONS "m.seen IS NULL ORDER BY m.id DESC LIMIT $3",
                                 SQL_WITH(sql_text(tenant), sql_text(agent), sql_number(STORE_MENTIONS_MAX))),
                         each, self, error);
}

bool store_mention_one(struct store *store, const char *tenant, const char *agent, int64_t mention,
                       store_each_mention *each, void *self, struct error *error)
{
    return mentions_list(sql_ask(store->sql, error, MENTIONS "m.id = $3",
                                 SQL_WITH(sql_text(tenant), sql_text(agent), sql_number(mention))),
                         each, self, error);
}

bool store_mention_seen(struct store *store, const char *tenant, const char *agent, int64_t mention, int64_t now,
                        struct error *error)
{
    if (!sql_do(store->sql, error,
                "UPDATE mentions SET seen = coalesce(seen, $1) WHERE id = $2 AND tenant = $3 AND agent = $4",
                SQL_WITH(sql_number(now), sql_number(mention), sql_text(tenant), sql_text(agent))))
        return false;
    return sql_changes(store->sql) > 0 || error_set(error, ERROR_UNKNOWN, "You are not named there any more.");
}
