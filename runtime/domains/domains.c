/* runtime/domains/domains.c - The statements on gcx_directory, gcx_passage and gcx_loan.
 *
 *     passage  OUT(0) --due--> HELD(3) --settle--> TAKEN(1) or REFUSED(2) --told--> told = 1 --sweep-->
 *              OUT(0) --take back--> REFUSED(2)
 *              HELD(3) --forward--> OUT(0), for another domain
 *
 * A passage is an interaction that goes from one domain to another. While neither domain has the interaction, it exists
 * only in its row. Each change of state names the earlier state in its WHERE. So if both domains change a row at once,
 * only one of them succeeds. Each change is one transaction, and may be repeated after an error. */
#include "runtime/domains/domains.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/vocabulary/vocabulary.h"

#define SCHEMA_DEF "runtime/domains/domains.def"
#include "runtime/sql/schema_rows.h"

enum { NAME_MAX_LENGTH = 64 };

static const char *const after[] = {
#define INDEX(unique, name, on) "CREATE " #unique " INDEX IF NOT EXISTS " #name " ON " on,
#include "runtime/domains/domains.def"
    NULL};

static const struct table_schema schema = {
    .of = SQL_gcx_domains,
    .tables = tables,
    .count = sizeof tables / sizeof *tables,
    .after = {[SQL_SQLITE] = after, [SQL_POSTGRES] = after},
};

struct domains {
    struct sql *sql;
};

struct domains *domains_open(const char *target, struct error *error)
{
    struct sql *sql = sql_schema_open(target, "the database of domains", &schema, false, error);
    if (!sql) return NULL;
    struct domains *domains = memory_zeroed(1, sizeof *domains);
    domains->sql = sql;
    return domains;
}

void domains_close(struct domains *domains)
{
    if (!domains) return;
    sql_close(domains->sql);
    free(domains);
}

/* Does a transaction of one statement; a lost connection is opened again first. */
static bool domains_do(struct domains *domains, struct error *error, const char *text, const struct sql_value *values,
                       size_t count)
{
    if (!sql_begin(domains->sql, error)) return false;
    if (sql_do(domains->sql, error, text, values, count) && sql_commit(domains->sql, error)) return true;
    sql_rollback(domains->sql);
    return false;
}

/* Ends a transaction whose rows have been read. */
static bool domains_end(struct domains *domains, struct sql_rows *rows, struct error *error)
{
    if (sql_end(rows, error) && sql_commit(domains->sql, error)) return true;
    sql_rollback(domains->sql);
    return false;
}

/* ---- the directory ---- */

/* Divides an item such as "queue:sales=2" into kind, name and domain. The last equals sign counts, since names may
 * have one. */
static bool item_split(const char *item, struct span *kind, struct span *name, uint64_t *domain)
{
    const char *colon = strchr(item, ':'), *equals = strrchr(item, '=');
    char *end, shown[SHOWN_MAX];
    unsigned length;
    if (!colon || !equals || equals < colon) return false;
    *kind = (struct span){(const uint8_t *)item, (uint32_t)(colon - item)};
    *name = (struct span){(const uint8_t *)colon + 1, (uint32_t)(equals - colon - 1)};
    *domain = strtoull(equals + 1, &end, 10);
    for (uint32_t at = 0; at < name->length; at += length)
        if (!shown_next(name->bytes + at, name->length - at, &length, shown)) return false;
    bool number = *end == '\0' && (equals[1] == '\0' || (equals[1] >= '1' && equals[1] <= '9'));
    return number && *domain <= DOMAIN_MAX && name->length > 0 && name->length <= NAME_MAX_LENGTH &&
           (span_is(*kind, "queue") || span_is(*kind, "number"));
}

bool domains_assign(struct domains *domains, const char *item, struct error *error)
{
    struct span kind, name;
    uint64_t domain;
    if (!item_split(item, &kind, &name, &domain))
        return error_set(error, ERROR_INPUT,
                         "%.100s: expected queue:NAME=DOMAIN or number:NUMBER=DOMAIN, a name of 1 to 64 bytes without "
                         "line breaks or other hidden characters, the domain's `partition` from 1 to 65535, or nothing "
                         "behind the =",
                         item);
    if (domain == 0)
        return domains_do(domains, error, "DELETE FROM gcx_directory WHERE kind = $1 AND name = $2",
                          SQL_WITH(sql_span(kind), sql_span(name)));
    return domains_do(domains, error,
                      "INSERT INTO gcx_directory (kind, name, domain) VALUES ($1, $2, $3)"
                      " ON CONFLICT (kind, name) DO UPDATE SET domain = excluded.domain",
                      SQL_WITH(sql_span(kind), sql_span(name), sql_number((int64_t)domain)));
}

bool domains_list(struct domains *domains, domains_row *each, void *self, struct error *error)
{
    struct sql_rows *rows =
        sql_ask(domains->sql, error, "SELECT kind, name, domain FROM gcx_directory ORDER BY kind DESC, name", SQL_NONE);
    while (sql_next(rows)) each(self, sql_string(rows, 0), sql_string(rows, 1), (uint64_t)sql_int(rows, 2));
    return sql_end(rows, error);
}

bool domains_find(struct domains *domains, struct span queue, struct span number, uint64_t *domain, struct error *error)
{
    int64_t found = 0;
    bool there = false;
    if (!sql_begin(domains->sql, error)) return false;
    bool good = sql_find(domains->sql, error, &found, &there,
                         "SELECT domain FROM gcx_directory WHERE (kind = 'queue' AND name = $1) OR (kind = 'number' AND"
                         " name = $2) ORDER BY kind DESC LIMIT 1",
                         SQL_WITH(sql_span(queue), sql_span(number)));
    *domain = there ? (uint64_t)found : 0;
    if (good && sql_commit(domains->sql, error)) return true;
    sql_rollback(domains->sql);
    return false;
}

/* ---- interactions between domains ---- */

/* Puts an interaction into the table. The row's number of hops is kept, so an interaction that is passed in a circle is
 * refused at last. If the row exists already, its outcome is reported once more. */
bool passage_put(struct domains *domains, const struct passage *row, int64_t now_us, struct error *error)
{
    struct sql *sql = domains->sql;
    int64_t hops = 0;
    bool there;
    if (!sql_begin(sql, error)) return false;
    bool good = sql_find(sql, error, &hops, &there, "SELECT hops FROM gcx_passage WHERE target = $1 AND taken = $2",
                         SQL_WITH(sql_number((int64_t)row->source), sql_number((int64_t)row->ixn)));
    hops = good && there ? hops + 1 : 1;
    bool refused = hops > DOMAINS_HOPS || row->target == 0 || row->target == row->source;
    good =
        good && sql_do(sql, error,
                       "INSERT INTO gcx_passage (id, source, target, hops, frame, state, code, taken, told, sent)"
                       " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $8) ON CONFLICT (id) DO UPDATE SET told = 0",
                       SQL_WITH(sql_text(row->id), sql_number((int64_t)row->source), sql_number((int64_t)row->target),
                                sql_number(hops), sql_bytes(refused ? span_of("") : row->frame),
                                sql_number(refused ? PASSAGE_REFUSED : PASSAGE_OUT),
                                sql_number(!refused              ? 0
                                           : hops > DOMAINS_HOPS ? code_refused
                                                                 : code_invalid_destination),
                                sql_number(now_us)));
    if (good && sql_commit(sql, error)) return true;
    sql_rollback(sql);
    return false;
}

static bool passages_read(struct domains *domains, struct sql_rows *rows, passage_row *each, void *self,
                          struct error *error)
{
    while (sql_next(rows)) {
        struct passage row = {.source = (uint64_t)sql_int(rows, 1),
                              .target = (uint64_t)sql_int(rows, 2),
                              .ixn = (uint64_t)sql_int(rows, 3),
                              .state = (enum passage_state)sql_int(rows, 4),
                              .code = (unsigned)sql_int(rows, 5)};
        text_set_span(row.id, sizeof row.id, sql_string(rows, 0));
        row.frame = sql_blob(rows, 6);
        each(self, &row);
    }
    return domains_end(domains, rows, error);
}

#define TAKE_BACK "UPDATE gcx_passage SET state = 2, code = $1, frame = $2 WHERE state = 0 AND "

/* Takes a row back, but only while the target has not fetched it. */
bool passage_take_back(struct domains *domains, const char *id, struct error *error)
{
    return domains_do(domains, error, TAKE_BACK "id = $3",
                      SQL_WITH(sql_number(code_gone), sql_bytes(span_of("")), sql_text(id)));
}

bool passages_take_back(struct domains *domains, uint64_t source, const char *ids, int64_t before_us,
                        struct error *error)
{
    return domains_do(domains, error, TAKE_BACK "source = $3 AND sent < $4 AND substr(id, 1, length($5)) = $5",
                      SQL_WITH(sql_number(code_unavailable), sql_bytes(span_of("")), sql_number((int64_t)source),
                               sql_number(before_us), sql_text(ids)));
}

#define COLUMNS "SELECT id, source, target, taken, state, code, frame FROM gcx_passage "

/* Fetches the rows for a target: they are marked first and then read, so a row that was read can no longer be taken
 * back. Rows that were fetched before a crash are returned again. */
bool passages_due(struct domains *domains, uint64_t target, unsigned most, passage_row *each, void *self,
                  struct error *error)
{
    if (!domains_do(
            domains, error,
            "UPDATE gcx_passage SET state = 3 WHERE state = 0 AND id IN (SELECT id FROM gcx_passage WHERE target = $1"
            " AND state IN (0, 3) ORDER BY sent, id LIMIT $2)",
            SQL_WITH(sql_number((int64_t)target), sql_number(most))) ||
        !sql_begin(domains->sql, error))
        return false;
    struct sql_rows *rows =
        sql_ask(domains->sql, error, COLUMNS "WHERE target = $1 AND state = 3 ORDER BY sent, id LIMIT $2",
                SQL_WITH(sql_number((int64_t)target), sql_number(most)));
    return passages_read(domains, rows, each, self, error);
}

/* Returns the rows that their target has decided on; those whose id begins with `ids` come first. */
bool passages_settled(struct domains *domains, uint64_t source, const char *ids, unsigned most, passage_row *each,
                      void *self, struct error *error)
{
    if (!sql_begin(domains->sql, error)) return false;
    struct sql_rows *rows = sql_ask(domains->sql, error,
                                    COLUMNS "WHERE source = $1 AND told = 0 AND state <> 0 AND state <> 3"
                                            " ORDER BY substr(id, 1, length($2)) = $2 DESC, sent, id LIMIT $3",
                                    SQL_WITH(sql_number((int64_t)source), sql_text(ids), sql_number(most)));
    return passages_read(domains, rows, each, self, error);
}

bool passage_settle(struct domains *domains, const struct passage *row, struct error *error)
{
    assert(row->state == PASSAGE_TAKEN || row->state == PASSAGE_REFUSED);
    return domains_do(domains, error,
                      "UPDATE gcx_passage SET state = $1, code = $2, taken = $3, frame = $4"
                      " WHERE id = $5 AND target = $6 AND state = 3",
                      SQL_WITH(sql_number(row->state), sql_number(row->code), sql_number((int64_t)row->ixn),
                               sql_bytes(span_of("")), sql_text(row->id), sql_number((int64_t)row->target)));
}

bool passage_forward(struct domains *domains, const char *id, uint64_t from, uint64_t to, struct error *error)
{
    return domains_do(domains, error,
                      "UPDATE gcx_passage SET target = $1, hops = hops + 1, state = 0"
                      " WHERE id = $2 AND target = $3 AND state = 3",
                      SQL_WITH(sql_number((int64_t)to), sql_text(id), sql_number((int64_t)from)));
}

bool passage_told(struct domains *domains, const char *id, struct error *error)
{
    return domains_do(domains, error, "UPDATE gcx_passage SET told = 1 WHERE id = $1 AND state <> 0 AND state <> 3",
                      SQL_WITH(sql_text(id)));
}

bool passages_sweep(struct domains *domains, uint64_t source, int64_t before_us, struct error *error)
{
    return domains_do(domains, error, "DELETE FROM gcx_passage WHERE source = $1 AND told = 1 AND sent < $2",
                      SQL_WITH(sql_number((int64_t)source), sql_number(before_us)));
}

/* ---- agents that are lent ---- */

/* Writes the row of a loan; a row with a lower number changes nothing, so late messages do no harm. */
bool loan_put(struct domains *domains, const struct loan_row *row, struct error *error)
{
    return domains_do(domains, error,
                      "INSERT INTO gcx_loan (home, agent, target, number, sent, until, ends, answered, held, told)"
                      " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0) ON CONFLICT (home, agent) DO UPDATE SET"
                      " target = excluded.target, number = excluded.number, sent = excluded.sent,"
                      " until = excluded.until, ends = excluded.ends, answered = 0, held = 0, told = 0"
                      " WHERE excluded.number > gcx_loan.number",
                      SQL_WITH(sql_number((int64_t)row->home), sql_text(row->agent), sql_number((int64_t)row->target),
                               sql_number((int64_t)row->number), sql_number(row->sent_us), sql_number(row->until_us),
                               sql_number(row->ends)));
}

/* Writes the target's answer to a loan; the answer "not held" is final for that number. */
bool loan_answer(struct domains *domains, const struct loan_row *row, struct error *error)
{
    return domains_do(domains, error,
                      "UPDATE gcx_loan SET answered = 1, held = $1, told = 0 WHERE home = $2 AND agent = $3"
                      " AND target = $4 AND number = $5 AND (answered = 0 OR held = 1)",
                      SQL_WITH(sql_number(row->held), sql_number((int64_t)row->home), sql_text(row->agent),
                               sql_number((int64_t)row->target), sql_number((int64_t)row->number)));
}

bool loan_told(struct domains *domains, const struct loan_row *row, struct error *error)
{
    return domains_do(
        domains, error,
        "UPDATE gcx_loan SET told = 1 WHERE held = $1 AND home = $2 AND agent = $3 AND target = $4 AND number = $5",
        SQL_WITH(sql_number(row->held), sql_number((int64_t)row->home), sql_text(row->agent),
                 sql_number((int64_t)row->target), sql_number((int64_t)row->number)));
}

bool loans_read(struct domains *domains, uint64_t domain, bool all, loan_each *each, void *self, struct error *error)
{
    if (!sql_begin(domains->sql, error)) return false;
    struct sql_rows *rows =
        sql_ask(domains->sql, error,
                "SELECT agent, home, target, number, sent, until, ends, answered, held FROM gcx_loan WHERE"
                " (target = $1 AND (answered = 0 OR (held = 1 AND $2 = 1)))"
                " OR (home = $1 AND ((answered = 1 AND told = 0) OR $2 = 1)) ORDER BY number",
                SQL_WITH(sql_number((int64_t)domain), sql_number(all)));
    while (sql_next(rows)) {
        struct loan_row row = {.home = (uint64_t)sql_int(rows, 1),
                               .target = (uint64_t)sql_int(rows, 2),
                               .number = (uint64_t)sql_int(rows, 3),
                               .sent_us = sql_int(rows, 4),
                               .until_us = sql_int(rows, 5),
                               .ends = sql_int(rows, 6) != 0,
                               .answered = sql_int(rows, 7) != 0,
                               .held = sql_int(rows, 8) != 0};
        text_set_span(row.agent, sizeof row.agent, sql_string(rows, 0));
        each(self, &row);
    }
    return domains_end(domains, rows, error);
}
