/* runtime/daemon/reconcile.c - Replays the journal in a core, and compares each open row of the contact stores with
 * that core.
 *
 *     in the store, open, with an interaction of this journal --> is it alive in the core? else it is an orphan: told
 *     alive in the core, without a call                       --> is it open in a store?   else it is told, too
 *
 * Both sides go on working while they are compared, so a difference is checked again, ROUNDS times, while the replay
 * goes on: only differences that stay are printed. Rows of other cores at the same store, running or of another
 * selection domain, are skipped. Nothing is changed: the list is printed for a person. */
#include "runtime/daemon/reconcile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "runtime/core/read/totals.h"
#include "runtime/core/read/read.h"
#include "runtime/daemon/keeping_work.h"
#include "runtime/daemon/links/links.h"
#include "runtime/daemon/site/conf.h"
#include "runtime/host/real.h"
#include "runtime/sql/sql.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "base/shown.h"

enum { PAGE = 100, LINES_MAX = 100, LINE_MAX_BYTES = 150, ROUNDS = 20, ROUND_NS = 300000000, EXTERNAL = 300 };

struct living { /* an interaction of the core without a call */
    char external[EXTERNAL], ixn[IXN_TEXT];
    bool in_store, ended;
};

struct reconciling {
    const struct conf *conf;
    struct keeping keeping;
    struct living *living;
    size_t count;
    uint64_t journal;
    bool stores; /* true: a contact store was compared */
    size_t orphans;
    bool prints;
    int64_t last; /* of the page */
    unsigned rows;
};

static void orphan_say(struct reconciling *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void orphan_say(struct reconciling *r, const char *format, ...)
{
    va_list arguments;
    if (r->orphans++ >= LINES_MAX || !r->prints) return;
    va_start(arguments, format);
    shown_vprint(stdout, format, arguments);
    va_end(arguments);
    putchar('\n');
}

/* ---- the core ---- */

static void living_add(struct reconciling *r, const struct interaction_row *row)
{
    struct living *one;
    struct kv view;
    struct kv_value external;
    char ixn[IXN_TEXT];
    ident_print_ixn(row->ixn, ixn);
    kv_init(&view);
    core_view(r->keeping.core, &(struct view_asked){.object = object_interaction, .name = span_of(ixn)}, &view);
    if (kv_get(kv_span(&view), "external_id", &external) && external.tag == KV_TEXT) {
        r->living = memory_grown(r->living, r->count + 1, sizeof *r->living);
        one = &r->living[r->count++];
        *one = (struct living){0};
        text_set_span(one->external, sizeof one->external, external.span);
        text_set(one->ixn, sizeof one->ixn, ixn);
    }
    kv_free(&view);
}

static void living_list(struct reconciling *r)
{
    struct interaction_row row;
    r->count = 0;
    for (uint64_t cursor = 0; core_interaction(r->keeping.core, &cursor, &row);)
        if (!span_is(row.state, "ended")) living_add(r, &row);
}

static struct living *living_find(struct reconciling *r, struct span external)
{
    for (size_t at = 0; at < r->count; at++)
        if (span_is(external, r->living[at].external)) return &r->living[at];
    return NULL;
}

/* True: an interaction of this journal has ended lately. The row of such an interaction is no orphan: its end is on its
 * way to the store. */
static bool reconcile_has_ended(const struct reconciling *r, uint64_t journal, struct span ixn)
{
    struct interaction_row row;
    uint64_t number;
    return journal == r->journal && ident_read_ixn_span(ixn, &number) && core_find(r->keeping.core, number, &row);
}

/* ---- contact stores, with the tables of gcx-store(5) ---- */

enum { ROW_id, ROW_external, ROW_media, ROW_out, ROW_ixn, ROW_journal, ROW_agent, ROW_received };
#define OPEN_ROWS                                                                                                      \
    "SELECT id, external_id, media, direction = 'out', ixn, coalesce(journal, 0), agent, received FROM interactions i" \
    " WHERE tenant = '' AND ended IS NULL AND media IN ('email', 'chat') AND erased IS NULL AND id > $1"
/* From version 4 on the store lists the cores that work with it (store_serve() in store.h): rows of another
 * selection domain, or of a core that is running, are not ours. For a core that is not in that list, the numbers of
 * its interactions contain its domain. */
#define OF_OTHERS                                                                                                      \
    "(EXISTS (SELECT 1 FROM served s WHERE s.journal = i.journal AND s.journal <> $2 AND (s.domain <> $3 OR"           \
    " s.until > $4)) OR coalesce(i.journal, 0) <> $2 AND coalesce(i.ixn, '') LIKE '%-%' AND"                           \
    " i.ixn NOT LIKE CAST(CAST($3 AS BIGINT) AS TEXT) || '-%' AND"                                                     \
    " NOT EXISTS (SELECT 1 FROM served n WHERE n.journal = i.journal))"
enum { VERSION_SERVED = 4 };
/* A core whose journal was never restored ($4 is 0) has had one journal all along: under another journal, the number
 * means another interaction. */
#define ROW_OF                                                                                                         \
    "SELECT coalesce(ended, 0) FROM interactions"                                                                      \
    " WHERE tenant = '' AND media IN ('email', 'chat') AND (external_id = $1 OR erased IS NOT NULL AND ixn = $2 AND"   \
    " (coalesce(journal, $3) = $3 OR CAST($4 AS BIGINT) <> 0))"

static bool row_is_out(const struct sql_rows *rows)
{
    struct span text = sql_string(rows, ROW_out); /* SQLite writes a boolean as 1, PostgreSQL as t */
    return span_is(text, "1") || span_is(text, "t") || span_is(text, "true");
}

static void open_row(struct reconciling *r, const struct sql_rows *rows)
{
    struct living *living = living_find(r, sql_string(rows, ROW_external));
    struct span media = sql_string(rows, ROW_media), agent = sql_string(rows, ROW_agent);
    bool out = row_is_out(rows);
    r->last = sql_int(rows, ROW_id);
    r->rows++;
    if (living) living->in_store = true;
    if (living || reconcile_has_ended(r, (uint64_t)sql_int(rows, ROW_journal), sql_string(rows, ROW_ixn))) return;
    /* In version 1 of the store rows have no journal: such a row may have ended long ago, and is not submitted
     * again. */
    static const char untold[] = " (of version 1 of the store: not submitted again)";
    bool was_told_before = sql_int(rows, ROW_journal) == 0 && sql_string(rows, ROW_ixn).length > 0;
    /* an outgoing one without an agent is from a machine: it belongs to the mail that it answers */
    if (out && agent.length == 0) return;
    time_t seconds = (time_t)(sql_int(rows, ROW_received) / 1000000);
    struct tm parts;
    char when[32] = "";
    if (gmtime_r(&seconds, &parts)) strftime(when, sizeof when, "%Y-%m-%d %H:%M", &parts);
    if (out)
        orphan_say(r, "orphan in the contact store: interaction %" PRId64 ", %.*s of %s UTC, written by %.*s, not sent",
                   r->last, (int)media.length, (const char *)media.bytes, when, (int)agent.length,
                   (const char *)agent.bytes);
    else
        orphan_say(r, "orphan in the contact store: interaction %" PRId64 ", %.*s of %s UTC, not known to the core%s",
                   r->last, (int)media.length, (const char *)media.bytes, when, was_told_before ? untold : "");
}

/* Compares a page of open rows; `others`: the store tells which rows belong to other cores. */
static bool store_page_compare(struct reconciling *r, struct sql *sql, bool others, struct error *error)
{
    struct sql_rows *rows = others ? sql_ask(sql, error, OPEN_ROWS " AND NOT " OF_OTHERS " ORDER BY id LIMIT $5",
                                             SQL_WITH(sql_number(r->last), sql_number((int64_t)r->journal),
                                                      sql_number((int64_t)r->conf->partition),
                                                      sql_number((int64_t)host_wall_clock_us()), sql_number(PAGE)))
                                   : sql_ask(sql, error, OPEN_ROWS " ORDER BY id LIMIT $2",
                                             SQL_WITH(sql_number(r->last), sql_number(PAGE)));
    r->rows = 0;
    while (sql_next(rows)) open_row(r, rows);
    return sql_end(rows, error);
}

static bool store_others_tell(const struct reconciling *r, struct sql *sql, bool *others, struct error *error)
{
    int64_t version = 0, count = 0;
    bool there = false;
    if (!sql_find(sql, error, &version, &there, "SELECT version FROM gcx_store", SQL_NONE)) return false;
    *others = there && version >= VERSION_SERVED;
    if (!*others) return true;
    if (!sql_find(sql, error, &count, &there,
                  "SELECT count(*) FROM interactions i WHERE tenant = '' AND ended IS NULL AND media IN"
                  " ('email', 'chat') AND erased IS NULL AND id > $1 AND " OF_OTHERS,
                  SQL_WITH(sql_number(0), sql_number((int64_t)r->journal), sql_number((int64_t)r->conf->partition),
                           sql_number((int64_t)host_wall_clock_us()))))
        return false;
    if (count > 0 && r->prints)
        printf("%" PRId64 " open interactions of the contact store are of other cores that have it, and left alone\n",
               count);
    return true;
}

/* Finds out for an interaction without an open row in the store: whether its row has ended, or there is none. An
 * erased row has its external id only as a digest: it is found by its number. */
static bool reconcile_living_look(const struct reconciling *r, struct sql *sql, struct living *one, struct error *error)
{
    int64_t ended = 0;
    bool there = false;
    struct core_status status;
    core_status(r->keeping.core, &status);
    if (!sql_find(sql, error, &ended, &there, ROW_OF,
                  SQL_WITH(sql_text(one->external), sql_text(one->ixn), sql_number((int64_t)r->journal),
                           sql_number(status.restored_s != 0))))
        return false;
    one->in_store = there;
    one->ended = there && ended != 0;
    return true;
}

static bool store_compare(struct reconciling *r, const char *target, struct error *error)
{
    struct sql *sql = sql_open(target, "the contact store", error);
    bool others = false;
    bool good = sql && store_others_tell(r, sql, &others, error);
    r->last = 0;
    do good = good && store_page_compare(r, sql, others, error);
    while (good && r->rows == PAGE);
    for (size_t at = 0; good && at < r->count; at++)
        if (!r->living[at].in_store) good = reconcile_living_look(r, sql, &r->living[at], error);
    sql_close(sql);
    return good;
}

static void living_compare(struct reconciling *r)
{
    for (size_t at = 0; r->stores && at < r->count; at++) {
        const struct living *one = &r->living[at];
        if (!one->in_store)
            orphan_say(r, "orphan in the core: %s, of which the contact store has nothing (gcxctl end ends it)",
                       one->ixn);
        else if (one->ended)
            orphan_say(r, "orphan in the core: %s, which has ended in the contact store", one->ixn);
    }
}

/* ---- calling lists ---- */

/* A dialer's session of another journal: `NAME#JOURNAL`. */
static bool lists_compare(struct reconciling *r, const char *target, struct error *error)
{
    char own[16];
    snprintf(own, sizeof own, "#%08x", (unsigned)(uint32_t)r->journal);
    struct sql *sql = sql_open(target, "the calling lists", error);
    struct sql_rows *rows =
        sql ? sql_ask(sql, error, "SELECT owner, count(*) FROM chains WHERE owner IS NOT NULL GROUP BY owner", SQL_NONE)
            : NULL;
    while (sql_next(rows)) {
        struct span session = sql_string(rows, 0);
        const char *hash = memchr(session.bytes, '#', session.length);
        if (!hash || strcmp(hash, own) == 0) continue;
        orphan_say(r, "orphan in the calling lists: %" PRId64 " chains of session %.*s, whose journal is gone",
                   sql_int(rows, 1), (int)session.length, (const char *)session.bytes);
    }
    bool good = sql_end(rows, error);
    sql_close(sql);
    return good;
}

/* ---- the whole comparison ---- */

static bool known_before(const struct conf *conf, size_t adapter, const char *target)
{
    for (size_t i = 0; i < adapter; i++)
        for (size_t k = 0; k < conf->adapters[i].setting_count; k++)
            if (strcmp(conf->adapters[i].settings[k].value, target) == 0) return true;
    return false;
}

static bool databases_compare(struct reconciling *r, struct error *error)
{
    bool good = true;
    for (size_t i = 0; good && i < r->conf->adapter_count; i++) {
        const struct conf_adapter *adapter = &r->conf->adapters[i];
        for (size_t k = 0; good && k < adapter->setting_count; k++) {
            const struct conf_setting *setting = &adapter->settings[k];
            if (!setting->value[0] || known_before(r->conf, i, setting->value)) continue;
            if (strcmp(setting->key, "store") == 0) good = r->stores = store_compare(r, setting->value, error);
            if (strcmp(setting->key, "lists") == 0) good = lists_compare(r, setting->value, error);
        }
    }
    return good;
}

static bool reconcile_compare(struct reconciling *r, bool prints, struct error *error)
{
    r->orphans = 0;
    r->stores = false;
    r->prints = prints;
    r->journal = links_journal(r->keeping.core);
    living_list(r);
    if (!databases_compare(r, error)) return false;
    living_compare(r);
    return true;
}

static bool core_advance(struct reconciling *r, struct error *error)
{
    struct keeping *k = &r->keeping;
    bool good = batches_look(k->store, error);
    while (good && k->head.number < batches_last(k->store))
        good = journal_next(k->store, &k->options, k->core, &k->head, NULL, error);
    return good;
}

bool reconcile_list(const struct conf *conf, bool waits)
{
    struct reconciling r = {.conf = conf};
    struct error error = {0};
    const struct timespec pause = {0, ROUND_NS};
    setpriority(PRIO_PROCESS, 0, KEEPING_NICE);
    bool good = keeping_open(&r.keeping, conf, &error) &&
                keeping_replay(&r.keeping, UINT64_MAX, batches_last(r.keeping.store), &error);
    for (unsigned round = 0; good && waits && round < ROUNDS; round++) {
        good = reconcile_compare(&r, false, &error);
        if (!good || r.orphans == 0) break;
        nanosleep(&pause, NULL);
        good = core_advance(&r, &error);
    }
    good = good && reconcile_compare(&r, true, &error);
    if (good && r.orphans > LINES_MAX) printf("and %zu more\n", r.orphans - LINES_MAX);
    if (good && r.orphans == 0)
        printf("no orphans: what is open in the contact store is in the core, and what is in the core is open there\n");
    if (!good) shown_print(stdout, "it cannot be told: %s\n", error.text);
    free(r.living);
    keeping_close(&r.keeping);
    return good;
}
