/* runtime/lists/blocked.c - The do-not-call list, and consents.
 *
 *     an entry          reason      until      otherwise
 *     put by the site   "debt"      June       -            not called until June
 *     left by SMS       "debt"      for ever   June         not called; June is kept
 *     came back by SMS  "debt"      June       -            as before
 *     left, new         "left by.." for ever   0            came back: the entry goes
 *
 * lists_leave() does not change an entry that has no end: so lists_return() later removes nothing that others
 * entered. Each change is one statement, so two programs that change the same entry do not lose a change. */
#include "runtime/lists/state.h"
#include "runtime/vocabulary/person.h"

static const char *block_kind_of(const struct lists_block *block)
{
    return block->customer ? "customer" : "number";
}

static const char *block_tenant_of(const struct lists_block *block)
{
    return block->tenant ? block->tenant : "";
}

/* Returns a customer's name as chains have it (row.c): without blanks around it. */
static struct span block_value_of(const struct lists_block *block)
{
    return block->customer ? person_name(block->value) : block->value;
}

/* Checks that the number is written as in the records: numbers are compared as equal text. */
static bool block_good(const struct lists_block *block, struct error *error)
{
    char number[17];
    if (!lists_word_good(block_value_of(block), LISTS_KEY_MAX, block_kind_of(block), error)) return false;
    if (block->customer ||
        (block->value.bytes[0] == '+' && person_number(block->value, NULL, number) && span_is(block->value, number)))
        return true;
    lists_refuses(error, LISTS_wrong, "'%.*s' is no telephone number in its normal form, as +49301234567",
                  (int)block->value.length, (const char *)block->value.bytes);
    return false;
}

static bool texts_good(const struct lists_block *block, struct error *error)
{
    return block->reason.length == 0 || lists_word_good(block->reason, LISTS_FIELD_MAX, "reason", error);
}

enum lists_answer lists_block(struct lists *lists, const struct lists_block *block, struct error *error)
{
    static const char put[] = "INSERT INTO do_not_call(tenant, kind, value, reason, since, until) VALUES($1, $2, $3, "
                              "$4, $5, $6)" OR_BLOCK_LONGER;
    if (!block_good(block, error) || !texts_good(block, error)) return LISTS_wrong;
    bool good = sql_do(lists->sql, error, put,
                       SQL_WITH(sql_text(block_tenant_of(block)), sql_text(block_kind_of(block)),
                                sql_span(block_value_of(block)), sql_text_or_null(block->reason),
                                sql_number(block->since), sql_number_or_null(block->until)));
    return good ? LISTS_done : LISTS_failed;
}

enum lists_answer lists_unblock(struct lists *lists, const struct lists_block *block, struct error *error)
{
    if (!block_good(block, error)) return LISTS_wrong;
    if (!sql_do(lists->sql, error,
                "DELETE FROM do_not_call WHERE tenant = $1 AND kind = $2 AND value = $3 AND (CAST($4 AS TEXT) IS NULL "
                "OR reason = $4)",
                SQL_WITH(sql_text(block_tenant_of(block)), sql_text(block_kind_of(block)),
                         sql_span(block_value_of(block)), sql_text_or_null(block->reason))))
        return LISTS_failed;
    return sql_changes(lists->sql) > 0 ? LISTS_done
                                       : lists_refuses(error, LISTS_unknown, "it is not on the do-not-call list");
}

enum lists_answer lists_leave(struct lists *lists, const struct lists_block *block, struct error *error)
{
    static const char put[] =
        "INSERT INTO do_not_call(tenant, kind, value, reason, since, otherwise) VALUES($1, $2, $3, $4, $5, 0)"
        " ON CONFLICT (tenant, kind, value) DO UPDATE SET since = CASE WHEN do_not_call.since < excluded.since"
        " THEN do_not_call.since ELSE excluded.since END, otherwise = do_not_call.until, until = NULL"
        " WHERE do_not_call.until IS NOT NULL";
    if (!block_good(block, error) || !texts_good(block, error)) return LISTS_wrong;
    bool good =
        sql_do(lists->sql, error, put,
               SQL_WITH(sql_text(block_tenant_of(block)), sql_text(block_kind_of(block)),
                        sql_span(block_value_of(block)), sql_text_or_null(block->reason), sql_number(block->since)));
    return good ? LISTS_done : LISTS_failed;
}

/* Entries written by a program older than version 2 have only a reason. If there is no entry to end, that is no
 * mistake: a person may send the word twice. */
enum lists_answer lists_return(struct lists *lists, const struct lists_block *block, struct error *error)
{
    static const char drop[] = "DELETE FROM do_not_call WHERE tenant = $1 AND kind = $2 AND value = $3 AND"
                               " (otherwise = 0 OR (otherwise IS NULL AND reason = $4))",
                      shorten[] = "UPDATE do_not_call SET until = otherwise, otherwise = NULL WHERE tenant = $1 AND"
                                  " kind = $2 AND value = $3 AND otherwise > 0";
    if (!block_good(block, error)) return LISTS_wrong;
    struct sql_value tenant = sql_text(block_tenant_of(block)), kind = sql_text(block_kind_of(block)),
                     value = sql_span(block_value_of(block));
    bool good = sql_do(lists->sql, error, drop, SQL_WITH(tenant, kind, value, sql_text_or_null(block->reason))) &&
                sql_do(lists->sql, error, shorten, SQL_WITH(tenant, kind, value));
    return good ? LISTS_done : LISTS_failed;
}

/* Checks numbers only; whether a customer's name is on the list is checked when records are fetched. */
bool lists_blocks(struct lists *lists, const char *tenant, const char *number, int64_t now, bool *blocks,
                  struct error *error)
{
    int64_t one;
    return sql_find(lists->sql, error, &one, blocks,
                    "SELECT 1 FROM do_not_call WHERE tenant = $1 AND kind = 'number' AND value = $2 AND since <= $3 AND"
                    " (until IS NULL OR until > $3)",
                    SQL_WITH(sql_text(tenant), sql_text(number), sql_number(now)));
}

enum lists_answer lists_consent(struct lists *lists, const struct lists_block *block, struct error *error)
{
    static const char put[] =
        "INSERT INTO consents(tenant, kind, value, purpose, source, since, until) VALUES($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (tenant, kind, value, purpose) DO UPDATE SET source = excluded.source, since = excluded.since,"
        " until = excluded.until";
    if (!block_good(block, error) || !texts_good(block, error) ||
        !lists_word_good(block->purpose, LISTS_WORD_MAX, "purpose", error))
        return LISTS_wrong;
    bool good =
        sql_do(lists->sql, error, put,
               SQL_WITH(sql_text(block_tenant_of(block)), sql_text(block_kind_of(block)),
                        sql_span(block_value_of(block)), sql_span(block->purpose), sql_text_or_null(block->reason),
                        sql_number(block->since), sql_number_or_null(block->until)));
    return good ? LISTS_done : LISTS_failed;
}

/* Ends the consents of every number of the person, since a withdrawal means each number for which consent was given. */
enum lists_answer lists_withdraw(struct lists *lists, const struct lists_block *block, int64_t *ended,
                                 struct error *error)
{
    static const char text[] = "DELETE FROM consents WHERE EXISTS (SELECT 1 FROM " PERSON_OF(
        "CAST($1 AS TEXT)", "CAST($2 AS TEXT)",
        "CAST($3 AS TEXT)") " p WHERE " PERSON_HAS("consents") ") AND tenant = $3 AND purpose = $4";
    struct sql_value value = sql_span(block_value_of(block));
    if (!block_good(block, error)) return LISTS_wrong;
    if (!sql_do(lists->sql, error, text,
                SQL_WITH(block->customer ? sql_null() : value, block->customer ? value : sql_null(),
                         sql_text(block_tenant_of(block)), sql_span(block->purpose))))
        return LISTS_failed;
    *ended = sql_changes(lists->sql);
    return *ended > 0 ? LISTS_done : lists_refuses(error, LISTS_unknown, "there is no such consent of the person");
}
