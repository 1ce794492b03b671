/* runtime/lists/cancel.c - Takes the records of a person out of the campaigns: the person has called in about what the
 * campaigns would call them for.
 *
 *     ready, or fetched and not dialled    cancelled at once; no session has the chain any more
 *     being dialled                        marked: whatever its session says of it, it ends as cancelled
 *
 * The mark of a record (`cancelled`) says when, by whom and why. The mark stays until the record is erased; only a
 * call-back that is agreed with the person later removes the mark (change.c). A cancelled record has no result of its
 * own: it was neither a success nor a failure. The history keeps what was dialled, for the limits that protect the
 * person. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/lists/state.h"
#include "runtime/vocabulary/person.h"

enum { CANCEL_WORDS_MAX = 1000 };

static bool cancel_text_good(const char *text, const char *what, struct error *error)
{
    return !text || !*text || lists_word_good(span_of(text), CANCEL_WORDS_MAX, what, error);
}

static bool cancel_good(const struct lists_cancel *cancel, struct error *error)
{
    char number[PERSON_NUMBER];
    if (!person_number(span_of(cancel->number), NULL, number) || strcmp(number, cancel->number) != 0)
        return error_set(error, ERROR_INPUT, "'%.60s' is no telephone number in its normal form, as +49301234567",
                         cancel->number);
    return cancel_text_good(cancel->by, "word for who cancels", error) &&
           cancel_text_good(cancel->why, "reason", error);
}

/* SQL: the chains of the person, $1 and $2: number and customer, in the tenant $3 and in the list $4; null: in all
 * lists. If the customer is given, chains that name another customer with the same number are left out. */
#define CANCEL_CHAINS                                                                                                  \
    "SELECT c.id FROM chains c WHERE c.id IN (SELECT r.chain FROM " PERSON_OF(                                         \
        "CAST($1 AS TEXT)", "CAST($2 AS TEXT)",                                                                        \
        "$3") " p JOIN records r ON r.number = p.number)"                                                              \
              " AND c.list IN (SELECT l.id FROM lists l WHERE l.tenant = $3 AND (CAST($4 AS TEXT) IS NULL OR l.name "  \
              "= $4))"                                                                                                 \
              " AND (CAST($2 AS TEXT) IS NULL OR c.customer IS NULL OR c.customer = $2) ORDER BY c.id"

/* Finds the chains, and locks them in the order of their numbers: a session that is about to dial one of them has
 * written its attempt by then, or finds the record cancelled. The caller frees `*chains`. */
static bool cancel_chains(struct lists *lists, const struct lists_cancel *cancel, int64_t **chains, size_t *count,
                          struct error *error)
{
    static const char *const texts[SQL_DIALECTS] = {
        [SQL_SQLITE] = CANCEL_CHAINS, [SQL_POSTGRES] = CANCEL_CHAINS " FOR UPDATE OF c"};
    struct span customer = person_name(span_of(cancel->customer ? cancel->customer : ""));
    struct span list = span_of(cancel->list ? cancel->list : "");
    struct sql_rows *rows = sql_ask(lists->sql, error, texts[sql_dialect(lists->sql)],
                                    SQL_WITH(sql_text(cancel->number), sql_text_or_null(customer),
                                             sql_text(cancel->tenant ? cancel->tenant : ""), sql_text_or_null(list)));
    *chains = NULL;
    for (*count = 0; sql_next(rows); ++*count) {
        *chains = memory_grown(*chains, *count + 1, sizeof **chains);
        (*chains)[*count] = sql_int(rows, 0);
    }
    return sql_end(rows, error);
}

/* A record that a session has keeps its version, so that the session's next change of it is refused because the record
 * is closed, and not because its version differs. */
static bool cancel_chain(struct lists *lists, const struct lists_cancel *cancel, int64_t chain, int64_t *records,
                         struct error *error)
{
    static const char mark[] =
        "UPDATE records SET status = CASE WHEN begun IS NULL THEN 'cancelled' ELSE status END,"
        " version = CASE WHEN status = 'ready' THEN version + 1 ELSE version END,"
        " writer = CASE WHEN status = 'ready' THEN '' ELSE writer END, changed = $1, cancelled = $1,"
        " cancelled_by = $2, cancelled_why = $3"
        " WHERE chain = $4 AND status IN ('ready', 'retrieved') AND cancelled IS NULL";
    if (!sql_do(lists->sql, error, mark,
                SQL_WITH(sql_number(cancel->now), sql_text_or_null(span_of(cancel->by ? cancel->by : "")),
                         sql_text_or_null(span_of(cancel->why ? cancel->why : "")), sql_number(chain))))
        return false;
    *records += sql_changes(lists->sql);
    return change_chain_free(lists, chain, error);
}

enum lists_answer lists_cancel(struct lists *lists, const struct lists_cancel *cancel, int64_t *records,
                               struct error *error)
{
    int64_t *chains = NULL;
    size_t count = 0;
    *records = 0;
    if (!cancel_good(cancel, error)) return LISTS_wrong;
    if (!sql_begin(lists->sql, error)) return LISTS_failed;
    bool good = cancel_chains(lists, cancel, &chains, &count, error);
    for (size_t at = 0; good && at < count; at++) good = cancel_chain(lists, cancel, chains[at], records, error);
    free(chains);
    return lists_transaction_end(lists, good, error) ? LISTS_done : LISTS_failed;
}
