/* runtime/lists/forget.c - Erases a person from the lists, on request, except the data that for a time keeps anybody
 * from calling them too early. */
#include <string.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/person.h"

/* The longest limit on attempts counts from the midnight six days before today. */
#define FORGOTTEN_AFTER_US (LISTS_WEEK_US + INT64_C(172800000000))

/* In each statement, $1 is the number and $2 the customer's name outside, in this order. The SQL selects the
 * person's chains, in all lists of all tenants. */
#define OF_THEM "(EXISTS (SELECT 1 FROM records r WHERE r.chain = c.id AND r.number = $1) OR c.customer = $2)"
#define THEIR_NUMBERS                                                                                                  \
    "number = $1 OR number IN (SELECT r.number FROM chains c JOIN records r ON r.chain = c.id WHERE " OF_THEM ")"

/* ---- data that protects the person ---- */

/* $3 is the tenant: selects the numbers and customers of the person's chains there, and those that these lead to. */
#define THEIRS                                                                                                         \
    "SELECT r.number, c.customer FROM chains c JOIN records r ON r.chain = c.id JOIN lists l ON l.id = c.list WHERE "  \
    "" OF_THEM " AND l.tenant = CAST($3 AS TEXT)"
#define ALL_NUMBERS "(SELECT DISTINCT p.number FROM " PERSON_FROM(THEIRS, "CAST($3 AS TEXT)") " p)"

static const char rests_spread[] =
    "INSERT INTO rests(tenant, number, why, until) SELECT q.tenant, t.number, q.why, max(q.until) FROM " ALL_NUMBERS
    " t CROSS JOIN " ALL_NUMBERS " o JOIN rests q ON q.number = o.number AND q.tenant = $3 WHERE q.until > $4"
    " GROUP BY q.tenant, t.number, q.why" OR_REST_LONGER;
/* All numbers of a person that have no hours of their own get the hours of one that has. If several numbers have
 * hours, those of the smallest number are copied. */
static const char hours_spread[] =
    "INSERT INTO persons(tenant, number, rests, day_from, day_till, zone, again_from, again_till)"
    " SELECT q.tenant, t.number, 0, q.day_from, q.day_till, q.zone, q.again_from, q.again_till FROM " ALL_NUMBERS
    " t CROSS JOIN persons q WHERE q.tenant = $3 AND q.number = (SELECT"
    " min(h.number) FROM " ALL_NUMBERS
    " o JOIN persons h ON h.number = o.number AND h.tenant = $3 WHERE h.day_from IS NOT NULL)"
    " ON CONFLICT (tenant, number) DO UPDATE SET day_from = excluded.day_from, day_till = excluded.day_till,"
    " zone = excluded.zone, again_from = excluded.again_from, again_till = excluded.again_till WHERE persons.day_from "
    "IS NULL";
static const char blocks_spread[] =
    "INSERT INTO do_not_call(tenant, kind, value, reason, since, until) SELECT b.tenant, 'number', t.number,"
    " min(b.reason), min(b.since), CASE WHEN count(b.until) < count(*) THEN NULL ELSE max(b.until) END FROM (" THEIRS
    ") t CROSS JOIN " PERSON_FROM(
        THEIRS,
        "CAST($3 AS TEXT)") " p JOIN do_not_call b ON b.tenant = $3"
                            " AND b.kind = 'customer' AND b.value = p.customer WHERE b.until IS NULL OR b.until > $4"
                            " GROUP BY b.tenant, t.number" OR_BLOCK_LONGER;

/* A person's other numbers are found by chains and customers' names. Since chains are deleted, each number first gets
 * the rests and hours that apply to all of them. */
static bool tenant_spread(struct lists *lists, const char *number, const char *name, const char *tenant, int64_t now,
                          struct lists_forgotten *told, struct error *error)
{
    struct sql_value who[] = {sql_text(number), sql_text(name), sql_text(tenant), sql_number(now)};
    int64_t cut;
    bool there;
    if (!sql_find(lists->sql, error, &cut, &there,
                  "SELECT CASE WHEN count(*) > " PERSON_ROWS
                  " THEN 1 ELSE 0 END FROM " PERSON_FIRST(THEIRS, "CAST($3 AS TEXT)", PERSON_ROWS " + 1") " p",
                  who, 3))
        return false;
    told->cut |= cut != 0;
    return sql_do(lists->sql, error, rests_spread, who, 4) && sql_do(lists->sql, error, hours_spread, who, 3) &&
           sql_do(lists->sql, error, blocks_spread, who, 4);
}

/* Finds the next tenant, in the order of their names, that has data of the person. */
static bool tenant_next(struct lists *lists, const char *number, const char *name, bool first,
                        char tenant[LISTS_WORD_MAX + 1], bool *there, struct error *error)
{
    static const char text[] = "SELECT l.tenant FROM chains c JOIN lists l ON l.id = c.list WHERE " OF_THEM
                               " AND (CAST($3 AS BIGINT) = 1 OR l.tenant > $4) ORDER BY 1 LIMIT 1";
    struct sql_rows *rows = sql_ask(lists->sql, error, text,
                                    SQL_WITH(sql_text(number), sql_text(name), sql_number(first), sql_text(tenant)));
    *there = sql_next(rows);
    if (*there) text_set_span(tenant, LISTS_WORD_MAX + 1, sql_string(rows, 0));
    return sql_end(rows, error);
}

static bool protection_spread(struct lists *lists, const char *number, const char *name, int64_t now,
                              struct lists_forgotten *told, struct error *error)
{
    char tenant[LISTS_WORD_MAX + 1] = "";
    bool there, good = tenant_next(lists, number, name, true, tenant, &there, error);
    while (good && there)
        good = tenant_spread(lists, number, name, tenant, now, told, error) &&
               tenant_next(lists, number, name, false, tenant, &there, error);
    return good;
}

static bool protection_count(struct lists *lists, const char *number, const char *name, int64_t now,
                             struct lists_forgotten *told, struct error *error)
{
    bool there;
    struct sql_value who[] = {sql_text(number), sql_text(name), sql_number(now)};
    return sql_find(lists->sql, error, &told->rests, &there,
                    "SELECT count(*) FROM rests WHERE (" THEIR_NUMBERS ") AND until > $3", who, 3) &&
           sql_find(lists->sql, error, &told->rests_until, &there,
                    "SELECT coalesce(max(until), 0) FROM rests WHERE (" THEIR_NUMBERS ") AND until > $3", who, 3) &&
           sql_find(lists->sql, error, &told->hours, &there,
                    "SELECT count(*) FROM persons WHERE (" THEIR_NUMBERS ") AND day_from IS NOT NULL", who, 2) &&
           sql_find(
               lists->sql, error, &told->blocked, &there,
               "SELECT count(*) FROM do_not_call WHERE (kind = 'number' AND (value = $1 OR value IN (SELECT r.number"
               " FROM chains c JOIN records r ON r.chain = c.id WHERE " OF_THEM "))) OR value = $2",
               who, 2);
}

/* ---- all else ---- */

/* Deletes the rest of the attempts' data: their number and time stay as long as a limit may count them, and of a
 * call in progress also the session and the time for which the person rests if nobody serves them. */
static bool attempts_forget(struct lists *lists, const char *number, int64_t now, struct lists_forgotten *told,
                            struct error *error)
{
#define THEIR_ATTEMPTS "(chain IN (SELECT id FROM chains WHERE ref = -1) OR (number = $1 AND ended IS NOT NULL))"
    struct sql_value who[] = {sql_text(number), sql_number(now - FORGOTTEN_AFTER_US)};
    if (!sql_do(lists->sql, error,
                "DELETE FROM attempts WHERE " THEIR_ATTEMPTS " AND ended IS NOT NULL AND begun <= $2", who, 2) ||
        !sql_do(lists->sql, error,
                "UPDATE attempts SET campaign = NULL, result = NULL, agent = NULL, ixn = NULL,"
                " pause = CASE WHEN ended IS NULL THEN pause END,"
                " session = CASE WHEN ended IS NULL THEN session ELSE '' END WHERE " THEIR_ATTEMPTS,
                who, 1))
        return false;
    told->attempts = sql_changes(lists->sql);
    return true;
}

/* Deletes the person's chains and everything that belongs to them, consents, and numbers that were kept for hours
 * and have none. */
static bool all_forgotten(struct lists *lists, const char *number, const char *name, int64_t now,
                          struct lists_forgotten *told, struct error *error)
{
    bool there;
    struct sql_value who[] = {sql_text(number), sql_text(name)};
    /* Rows to be deleted get a portion number that no dialer uses; chains that a dialer has stay. */
    if (!sql_find(lists->sql, error, &told->dialled, &there,
                  "SELECT count(*) FROM chains c WHERE c.owner IS NOT NULL AND " OF_THEM, who, 2) ||
        !sql_do(lists->sql, error, "DELETE FROM consents WHERE value = $1 OR value = $2", who, 2) ||
        !sql_do(lists->sql, error, "DELETE FROM persons WHERE (" THEIR_NUMBERS ") AND day_from IS NULL", who, 2) ||
        !sql_do(lists->sql, error,
                "UPDATE chains SET ref = -1 WHERE id IN (SELECT c.id FROM chains c WHERE c.owner IS NULL AND " OF_THEM
                ")",
                who, 2) ||
        !attempts_forget(lists, number, now, told, error) ||
        !sql_do(lists->sql, error, "DELETE FROM records WHERE chain IN (SELECT id FROM chains WHERE ref = -1)",
                SQL_NONE))
        return false;
    told->records = sql_changes(lists->sql);
    return sql_do(lists->sql, error, "DELETE FROM chains WHERE ref = -1", SQL_NONE);
}

/* Deletes rests days after their end: a clock that is ahead for a moment would otherwise end all rests for all
 * dialers, and a server locks the rows that are deleted, which must not be rows that others are writing. */
static bool lists_tidied(struct lists *lists, int64_t now, struct error *error)
{
    struct sql_value before[] = {sql_number(now - FORGOTTEN_AFTER_US)};
    return sql_do(lists->sql, error, "DELETE FROM rests WHERE until <= $1", before, 1) &&
           sql_do(lists->sql, error, "DELETE FROM attempts WHERE session = '' AND begun <= $1", before, 1);
}

bool lists_tidy(struct lists *lists, int64_t now, struct error *error)
{
    return sql_begin(lists->sql, error) && lists_transaction_end(lists, lists_tidied(lists, now, error), error);
}

bool lists_forget(struct lists *lists, struct span person, const char *country, int64_t now,
                  struct lists_forgotten *told, struct error *error)
{
    static const char *const changed[] = {"consents", "persons", "rests", "attempts", "records", "chains"};
    char number[PERSON_NUMBER] = "", name[PERSON_MAX + 1];
    *told = (struct lists_forgotten){0};
    if (!person_trimmed(person, name))
        return error_set(error, ERROR_INPUT,
                         "whom to forget: expected a telephone number, or a customer's name outside");
    if (!person_number(person, country, number)) memcpy(number, "-", 2);
    if (!sql_begin(lists->sql, error)) return false;
    bool good = lists_tidied(lists, now, error) && protection_spread(lists, number, name, now, told, error) &&
                protection_count(lists, number, name, now, told, error) &&
                all_forgotten(lists, number, name, now, told, error);
    return lists_transaction_end(lists, good, error) &&
           sql_overwritten(lists->sql, changed, sizeof changed / sizeof *changed, error);
}
