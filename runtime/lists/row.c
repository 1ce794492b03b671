/* runtime/lists/row.c - Checks a record as people write it, and adds it to a list.
 *
 *     lists_row (texts) --row_check--> checked (values) --lists_record_put--> a chain, and a record in it
 *
 * The check reads no other records, so it tells whether a row by itself is wrong; a duplicate is found only when the
 * row is added, by the database's constraints. Every record is in a chain: one without a chain's name has a chain to
 * itself. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/written.h"
#include "runtime/lists/state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/denied.h"
#include "runtime/vocabulary/person.h"

/* ---- texts to values ---- */

static struct span row_trimmed(struct span text)
{
    while (text.length > 0 && (text.bytes[0] == ' ' || text.bytes[0] == '\t')) text.bytes++, text.length--;
    while (text.length > 0 && (text.bytes[text.length - 1] == ' ' || text.bytes[text.length - 1] == '\t'))
        text.length--;
    return text;
}

/* Reads "2026-03-02 12:00", with seconds or without, in the time of the zone; a Z at the end means UTC. */
bool lists_moment_read(struct lists *lists, struct span text, const char *zone, int64_t *us)
{
    assert(us);
    char day[11] = "";
    int64_t days, seconds;
    text = row_trimmed(text);
    bool utc = text.length > 0 && text.bytes[text.length - 1] == 'Z';
    if (utc) text.length--;
    if (text.length < 16 || (text.bytes[10] != ' ' && text.bytes[10] != 'T')) return false;
    memcpy(day, text.bytes, 10);
    if (strspn(day, "0123456789") != 4 || strspn(day + 5, "0123456789") != 2 || strspn(day + 8, "0123456789") != 2 ||
        day[4] != '-' || day[7] != '-' || !written_date(day, 10, &days) || days < 0)
        return false;
    if (!denied_clock((struct span){text.bytes + 11, text.length - 11}, &seconds) || seconds == DAY) return false;
    assert(seconds >= 0 && seconds < DAY);
    *us = (days * DAY + seconds) * SECOND_US;
    return *us > 0 && (utc || zones_instant(lists->zones, zone, *us, us));
}

/* ---- checking ---- */

static enum lists_answer row_wrong(struct error *error, const char *what, struct span text, const char *expected)
{
    int length = text.length > 60 ? 60 : (int)text.length;
    return lists_refuses(error, LISTS_wrong, "'%.*s' is no %s: expected %s", length,
                         bytes_are_utf8(text) ? (const char *)text.bytes : "?", what, expected);
}

static bool long_or_odd(struct span text, size_t most)
{
    return text.length > most || !bytes_are_utf8(text);
}

static enum lists_answer row_texts_check(const struct lists_row *row, struct list_checked *to, struct error *error)
{
    to->chain = person_name(row->chain);
    to->customer = person_name(row->customer);
    to->agent = person_name(row->agent);
    if (long_or_odd(row->number_type, LISTS_WORD_MAX))
        return lists_refuses(error, LISTS_wrong, "the kind of number is too long, or no UTF-8");
    if (long_or_odd(to->chain, LISTS_KEY_MAX))
        return lists_refuses(error, LISTS_wrong, "the chain's name is too long, or no UTF-8");
    if (long_or_odd(to->customer, LISTS_KEY_MAX))
        return lists_refuses(error, LISTS_wrong, "the customer's name is too long, or no UTF-8");
    if (long_or_odd(to->agent, LISTS_WORD_MAX))
        return lists_refuses(error, LISTS_wrong, "the agent's name is too long, or no UTF-8");
    return LISTS_done;
}

static enum lists_answer zone_check(struct lists *lists, const struct lists_form *form, struct span given,
                                    struct list_checked *to, struct error *error)
{
    struct span zone = row_trimmed(given);
    if (zone.length == 0) zone = span_of(form->zone ? form->zone : "UTC");
    if (long_or_odd(zone, LISTS_WORD_MAX)) return row_wrong(error, "time zone", given, "a name such as Europe/Paris");
    assert(zone.length < sizeof to->zone);
    memcpy(to->zone, zone.bytes, zone.length);
    to->zone[zone.length] = '\0';
    if (zones_known(lists->zones, to->zone)) return LISTS_done;
    return row_wrong(error, "time zone", zone, "a name such as Europe/Paris");
}

bool row_windows_again(struct span from, struct span till, struct zone_windows *windows)
{
    windows->again_from = windows->again_till = 0;
    if (from.length == 0 && till.length == 0) return true;
    return denied_clock(from, &windows->again_from) && denied_clock(till, &windows->again_till) &&
           windows->again_from != DAY && windows->again_from != windows->again_till;
}

bool row_windows_differ(const struct zone_windows *windows, struct error *error)
{
    if (windows->again_from == windows->again_till || windows->from != 0 || windows->till != DAY) return true;
    lists_refuses(error, LISTS_wrong, "a second window of the day, and the first one is the whole day: say both");
    return false;
}

/* Checks the second window. The form's second window applies only to records that say no window of their own. */
static enum lists_answer second_window_check(const struct lists_form *form, const struct lists_row *row,
                                             struct list_checked *to, struct error *error)
{
    struct span from = row->again_from, till = row->again_till;
    bool own = from.length + till.length + row->day_from.length + row->day_till.length > 0;
    if (!own) from = span_of(form->again_from ? form->again_from : "");
    if (!own) till = span_of(form->again_till ? form->again_till : "");
    if (!row_windows_again(from, till, &to->windows))
        return row_wrong(error, "second window of the day", from.length > 0 ? from : till,
                         "again_from and again_till, as 17:00 and 20:00");
    return row_windows_differ(&to->windows, error) ? LISTS_done : LISTS_wrong;
}

static enum lists_answer window_check(const struct lists_form *form, const struct lists_row *row,
                                      struct list_checked *to, struct error *error)
{
    struct span from = row->day_from, till = row->day_till;
    if (from.length == 0) from = span_of(form->day_from ? form->day_from : "00:00");
    if (till.length == 0) till = span_of(form->day_till ? form->day_till : "24:00");
    if (!denied_clock(from, &to->windows.from) || to->windows.from == DAY)
        return row_wrong(error, "time of day", from, "as 08:30");
    if (!denied_clock(till, &to->windows.till)) return row_wrong(error, "time of day", till, "as 21:00");
    if (to->windows.from != to->windows.till) return second_window_check(form, row, to, error);
    return lists_refuses(error, LISTS_wrong, "the daily window begins when it ends");
}

static enum lists_answer place_check(const struct lists_row *row, struct list_checked *to, struct error *error)
{
    struct span n = row_trimmed(row->n);
    to->n = 0;
    if (n.length == 0) return LISTS_done;
    for (uint32_t at = 0; at < n.length && n.length <= 3; at++) to->n = to->n * 10 + (n.bytes[at] - '0');
    bool digits = n.length <= 3;
    for (uint32_t at = 0; digits && at < n.length; at++) digits = n.bytes[at] >= '0' && n.bytes[at] <= '9';
    if (!digits || to->n < 1 || to->n > LISTS_CHAIN_MAX) return row_wrong(error, "position in a chain", n, "1 to 100");
    if (to->chain.length > 0 || to->n == 1) return LISTS_done;
    return lists_refuses(error, LISTS_wrong, "it has a position, but no chain");
}

static enum lists_answer row_due_check(struct lists *lists, const struct lists_row *row, struct list_checked *to,
                                       struct error *error)
{
    to->due = 0;
    to->type = enum_name_record_type(record_type_general);
    if (row->due.length == 0) return LISTS_done;
    if (!lists_moment_read(lists, row->due, to->zone, &to->due))
        return row_wrong(error, "moment", row->due, "as 2026-03-02 12:00");
    to->type =
        enum_name_record_type(to->agent.length > 0 ? record_type_personal_callback : record_type_campaign_callback);
    return LISTS_done;
}

/* Reads and checks all of a row. The first mistake is reported. */
enum lists_answer row_check(struct lists *lists, int64_t list, const struct lists_form *form,
                            const struct lists_row *row, struct list_checked *to, struct error *error)
{
    *to = (struct list_checked){0};
    if (!person_number(row_trimmed(row->number), form->country, to->number))
        return row_wrong(error, "telephone number", row->number,
                         form->country ? "one that can be dialled there"
                                       : "as +49 30 1234567, for no country is given");
    enum lists_answer given = row_texts_check(row, to, error);
    if (given == LISTS_done) given = zone_check(lists, form, row->zone, to, error);
    if (given == LISTS_done) given = window_check(form, row, to, error);
    if (given == LISTS_done) given = place_check(row, to, error);
    if (given == LISTS_done) given = row_due_check(lists, row, to, error);
    if (given != LISTS_done || row->field_count == 0) return given;
    const struct fields *fields = fields_of(lists, list, error);
    if (!fields) return LISTS_failed;
    if (fields_change(fields, span_of(""), row->fields, row->field_count, &to->fields, error)) return LISTS_done;
    out_free(&to->fields);
    return LISTS_wrong;
}

/* ---- putting ---- */

/* Finds the chain of that name; if there is none, or the record has no chain's name, makes one with the record at
 * `n` as its current one. */
static bool chain_make(struct lists *lists, int64_t list, const struct list_checked *checked, int64_t n, int64_t *chain,
                       bool *made, struct error *error)
{
    assert(chain && made);
    static const char make[] = "INSERT INTO chains(list, name, customer, at) VALUES($1, $2, $3, $4)"
                               " ON CONFLICT DO NOTHING RETURNING id";
    bool there;
    *made = true;
    if (!sql_find(lists->sql, error, chain, &there, make,
                  SQL_WITH(sql_number(list), sql_text_or_null(checked->chain), sql_text_or_null(checked->customer),
                           sql_number(n > 0 ? n : 1))))
        return false;
    if (there) return true;
    *made = false;
    return sql_find(lists->sql, error, chain, &there, "SELECT id FROM chains WHERE list = $1 AND name = $2",
                    SQL_WITH(sql_number(list), sql_span(checked->chain)));
}

static bool next_place(struct lists *lists, int64_t chain, int64_t *n, struct error *error)
{
    bool there;
    return sql_find(lists->sql, error, n, &there, "SELECT coalesce(max(n), 0) + 1 FROM records WHERE chain = $1",
                    SQL_WITH(sql_number(chain)));
}

/* Makes the record the chain's current one if the chain is closed, or if the record is before the current one and no
 * session has the chain. */
static bool chain_point(struct lists *lists, int64_t chain, int64_t n, struct error *error)
{
    static const char point[] = "UPDATE chains SET at = $1 WHERE id = $2 AND owner IS NULL AND (at > $1 OR NOT EXISTS"
                                " (SELECT 1 FROM records r WHERE r.chain = chains.id AND r.n = chains.at"
                                " AND r.status IN ('ready', 'retrieved')))";
    return sql_do(lists->sql, error, point, SQL_WITH(sql_number(n), sql_number(chain)));
}

/* Adds a time zone whose clock is not known yet: the first fetch sets it. */
bool lists_zone_put(struct lists *lists, const char *zone, struct error *error)
{
    if (strcmp(lists->zone_put, zone) == 0) return true;
    snprintf(lists->zone_put, sizeof lists->zone_put, "%s", zone);
    return sql_do(
        lists->sql, error,
        "INSERT INTO zones(name, shift, midnight, since, until) VALUES($1, 0, 0, 0, 0) ON CONFLICT DO NOTHING",
        SQL_WITH(sql_text(zone)));
}

static const char put[] =
    "INSERT INTO records(list, chain, n, number, number_type, type, status, attempt, due, day_from, day_till, zone,"
    " agent, fields, version, writer, changed, again_from, again_till)"
    " VALUES($1, $2, $3, $4, $5, $6, 'ready', 0, $7, $8, $9, $10, $11, $12, 1, '', $13, $14, $15)"
    " ON CONFLICT DO NOTHING RETURNING id";

/* Adds a checked row: at its position in the chain, or after the others. A chain that was made for the record is
 * deleted again if the record is a duplicate. */
enum lists_answer lists_record_put(struct lists *lists, int64_t list, const struct lists_row *row,
                                   const struct list_checked *checked, int64_t now, int64_t *record,
                                   struct error *error)
{
    int64_t chain, n = checked->n;
    assert(checked->number[0] != '\0' && record);
    bool made, there, again = checked->windows.again_from != checked->windows.again_till;
    if (!lists_zone_put(lists, checked->zone, error) || !chain_make(lists, list, checked, n, &chain, &made, error))
        return LISTS_failed;
    if (n == 0 && made)
        n = 1;
    else if (n == 0 && !next_place(lists, chain, &n, error))
        return LISTS_failed;
    if (n > LISTS_CHAIN_MAX)
        return lists_refuses(error, LISTS_wrong, "its chain has %d records already", LISTS_CHAIN_MAX);
    if (!sql_find(lists->sql, error, record, &there, put,
                  SQL_WITH(sql_number(list), sql_number(chain), sql_number(n), sql_text(checked->number),
                           sql_text_or_null(row->number_type), sql_text(checked->type), sql_number(checked->due),
                           sql_number(checked->windows.from), sql_number(checked->windows.till),
                           sql_text(checked->zone), sql_text_or_null(checked->agent), sql_text(checked->fields.bytes),
                           sql_number(now), again ? sql_number(checked->windows.again_from) : sql_null(),
                           again ? sql_number(checked->windows.again_till) : sql_null())))
        return LISTS_failed;
    if (there) return made || chain_point(lists, chain, n, error) ? LISTS_done : LISTS_failed;
    if (made && !sql_do(lists->sql, error, "DELETE FROM chains WHERE id = $1", SQL_WITH(sql_number(chain))))
        return LISTS_failed;
    return lists_refuses(error, LISTS_duplicate, "the list has %s, or this position of the chain, already",
                         checked->number);
}

enum lists_answer lists_add(struct lists *lists, int64_t list, const struct lists_form *form,
                            const struct lists_row *row, int64_t now, int64_t *record, struct error *error)
{
    assert(form && row && record);
    struct list_checked checked;
    *record = 0;
    enum lists_answer given = row_check(lists, list, form, row, &checked, error);
    if (given != LISTS_done) return given;
    if (!sql_begin(lists->sql, error))
        given = LISTS_failed;
    else {
        given = lists_record_put(lists, list, row, &checked, now, record, error);
        if (!lists_transaction_end(lists, given != LISTS_failed, error)) given = LISTS_failed;
    }
    out_free(&checked.fields);
    return given;
}
