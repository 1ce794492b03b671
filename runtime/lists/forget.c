/* runtime/lists/forget.c - The erasing of a person from the lists, on request. */
#include <string.h>

#include "runtime/lists/state.h"
#include "runtime/vocabulary/person.h"

/* The chains of a number, or of a customer's name outside, in all lists of all tenants. */
#define OF_THEM "(EXISTS (SELECT 1 FROM records r WHERE r.chain = c.id AND r.number = $1) OR c.customer = $2)"

/* Deletes the person's chains with all that hangs on them, and consents; the do-not-call list stays, so that nobody
 * calls the person again. */
static bool all_forgotten(struct lists *lists, const char *number, const char *name, struct lists_forgotten *told,
                          struct error *error)
{
#define NUMBERS_DELETE(table)                                                                                          \
    "DELETE FROM " table " WHERE number = $1 OR number IN (SELECT r.number FROM chains c JOIN records r"               \
    " ON r.chain = c.id WHERE c.owner IS NULL AND " OF_THEM ")"
    bool there;
    struct sql_value who[] = {sql_text(number), sql_text(name)};
    /* A row that is to go has a portion that no dialer gives; chains that a dialer has stay. */
    if (!sql_find(lists->sql, error, &told->dialled, &there,
                  "SELECT count(*) FROM chains c WHERE c.owner IS NOT NULL AND " OF_THEM, who, 2) ||
        !sql_find(lists->sql, error, &told->blocked, &there,
                  "SELECT count(*) FROM do_not_call WHERE value = $1 OR value = $2", who, 2) ||
        !sql_do(lists->sql, error, "DELETE FROM consents WHERE value = $1 OR value = $2", who, 2) ||
        !sql_do(lists->sql, error, NUMBERS_DELETE("persons"), who, 2) ||
        !sql_do(lists->sql, error, NUMBERS_DELETE("rests"), who, 2) ||
        !sql_do(lists->sql, error,
                "UPDATE chains SET ref = -1 WHERE id IN (SELECT c.id FROM chains c WHERE c.owner IS NULL AND " OF_THEM
                ")",
                who, 2) ||
        !sql_do(lists->sql, error, "DELETE FROM attempts WHERE chain IN (SELECT id FROM chains WHERE ref = -1)",
                SQL_NONE) ||
        !sql_do(lists->sql, error, "DELETE FROM attempts WHERE number = $1 AND ended IS NOT NULL", who, 1) ||
        !sql_do(lists->sql, error, "DELETE FROM records WHERE chain IN (SELECT id FROM chains WHERE ref = -1)",
                SQL_NONE))
        return false;
    told->records = sql_changes(lists->sql);
    return sql_do(lists->sql, error, "DELETE FROM chains WHERE ref = -1", SQL_NONE);
}

bool lists_forget(struct lists *lists, struct span person, const char *country, struct lists_forgotten *told,
                  struct error *error)
{
    static const char *const tables[] = {"consents", "persons", "rests", "attempts", "records", "chains"};
    char number[PERSON_NUMBER] = "", name[PERSON_MAX + 1];
    *told = (struct lists_forgotten){0};
    if (!person_trimmed(person, name))
        return error_set(error, ERROR_INPUT,
                         "whom to forget: expected a telephone number, or a customer's name outside");
    if (!person_number(person, country, number)) memcpy(number, "-", 2);
    if (!sql_begin(lists->sql, error)) return false;
    return lists_transaction_end(lists, all_forgotten(lists, number, name, told, error), error) &&
           sql_overwritten(lists->sql, tables, sizeof tables / sizeof *tables, error);
}
