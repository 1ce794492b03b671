/* runtime/twin/day.c - Records a day of a journal into a database, and keeps of it what a simulation needs. */
#include "runtime/twin/day.h"

#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/journal/images.h"
#include "runtime/records/recorder.h"
#include "runtime/records/sink.h"
#include "runtime/sql/lite.h"
#include "runtime/vocabulary/vocabulary.h"
#include "base/memory.h"
#include "base/out.h"
#include "vm/image.h"

enum { DAY_SAY_BATCHES = 500, DAY_VERSION_DIGITS = 16, DAY_PATH = 4096 };
static const char *const day_files[] = {"records.db", "records.db-wal", "records.db-shm", "records.db-journal",
                                        "agents.sql", "old.gcxb",       "new.gcxb",       "said",
                                        "complaints", "settings",       "change",         "calls.csv",
                                        "shifts.csv"};

struct day {
    const struct day_terms *terms;
    struct day_found *found;
    struct sink *sink;
    sqlite3 *file;
    const struct image *present;
    struct out states; /* statements: the states of agents when the day begins, and when it ends */
    uint64_t batch;
    uint32_t n;
    int64_t from_us, to_us; /* wall clock */
    struct error failure;
};

static const char *day_path(const struct day *d, const char *name, char path[DAY_PATH])
{
    (void)snprintf(path, DAY_PATH, "%s/%s", d->terms->folder, name);
    return path;
}

/* ---- the records ---- */

static void day_on_row(void *self, enum table_name table, const struct record_value *values)
{
    struct day *d = self;
    struct record_row row = {.table = table, .batch = d->batch, .n = d->n++, .values = values};
    bool wanted = table == TABLE_interactions || table == TABLE_owners || table == TABLE_offers ||
                  table == TABLE_vq_visits || table == TABLE_agent_states;
    if (wanted && d->failure.code == ERROR_NONE) (void)sink_put(d->sink, &row, &d->failure);
}

/* Appends a statement, whose format is sqlite3_mprintf()'s. */
#define DAY_STATEMENT(out, ...)                                                                                        \
    do {                                                                                                               \
        char *text_ = sqlite3_mprintf(__VA_ARGS__);                                                                    \
        if (!text_) abort();                                                                                           \
        out_text(out, text_);                                                                                          \
        sqlite3_free(text_);                                                                                           \
    } while (0)

/* Notes the states of voice that agents have now: the recorder writes a state when it is over, and does not know when
 * one began that it has not seen. */
static void day_states(struct day *d, const struct core *core, const char *table)
{
    struct agent_row agent;
    struct out since = {0};
    const int64_t offset = core_wall(core) - (int64_t)core_time(core);
    DAY_STATEMENT(&d->states, "CREATE TABLE %s(agent, state, since);", table);
    for (uint32_t i = 0; core_agent(core, i, &agent); i++) {
        if (agent.name.length == 0 || agent.state <= agent_state_logged_out) continue;
        since.length = 0;
        out_moment(&since, offset + (int64_t)agent.since_us, ' ');
        DAY_STATEMENT(&d->states, "INSERT INTO %s VALUES('%.*q', '%q', '%q');", table, (int)agent.name.length,
                      (const char *)agent.name.bytes, enum_name_agent_state(agent.state), since.bytes);
    }
    out_free(&since);
}

static bool day_play(struct day *d, struct core *core, struct journal_head *head, struct error *error)
{
    const struct day_terms *terms = d->terms;
    const uint64_t began = head->number;
    struct recorder *recorder = recorder_new(core, day_on_row, d);
    bool good = true;
    while (good && head->number < terms->last) {
        if (*terms->stop) good = error_set(error, ERROR_STATE, "it was stopped");
        d->batch = head->number + 1;
        d->n = 0;
        good = good && journal_next(terms->store, terms->options, core, head, NULL, error);
        if (good) recorder_settle(recorder);
        if (good && terms->progress && head->number % DAY_SAY_BATCHES == 0)
            terms->progress(terms->self, (unsigned)((head->number - began) * 1000 / (terms->last - began)));
        if (d->failure.code != ERROR_NONE) good = false, *error = d->failure;
    }
    recorder_free(recorder);
    return good;
}

static bool day_record(struct day *d, struct core *core, struct journal_head *head, struct error *error)
{
    struct sink_position position = {.partition = d->terms->options->partition};
    char path[DAY_PATH], target[DAY_PATH + 8];
    (void)snprintf(target, sizeof target, "sqlite:%s", day_path(d, "records.db", path));
    (void)sodium_bin2hex(position.first, sizeof position.first, head->first, CORE_HASH);
    (void)sodium_bin2hex(position.hash, sizeof position.hash, head->previous, CORE_HASH);
    d->sink = sink_open(target, error);
    bool good = d->sink && sink_begin(d->sink, &position, error);
    d->from_us = core_wall(core);
    day_states(d, core, "day_begin");
    good = good && day_play(d, core, head, error);
    day_states(d, core, "day_end");
    d->to_us = core_wall(core);
    position.batch = head->number;
    good = good && sink_commit(d->sink, &position, error);
    sink_close(d->sink);
    return good;
}

/* ---- what is kept of them ---- */

#define DAY_CALLS "media = 'voice' AND call_type = 'inbound'"
/* `+ 0` keeps SQLite from reading the whole journal for each call. */
#define DAY_FIRST                                                                                                      \
    "coalesce((SELECT o.name FROM owners o WHERE o.journal + 0 = interactions.journal AND o.ixn = interactions.ixn"    \
    " AND o.kind = 'strategy' ORDER BY o.batch, o.n LIMIT 1), '')"

/* Deletes the calls whose first strategy the image does not have. */
static bool day_keep(struct day *d, const struct image *image)
{
    struct out names = {0};
    out_text(&names, "''");
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        struct text name = image_text(image, image_strategy(image, i)->name);
        DAY_STATEMENT(&names, ", '%.*q'", (int)name.length, name.bytes);
    }
    bool good = lite_do(d->file, "DELETE FROM interactions WHERE " DAY_FIRST " NOT IN (%s)", names.bytes);
    d->found->others += (uint64_t)sqlite3_changes(d->file);
    out_free(&names);
    return good;
}

/* Finds the version that had most of the calls. */
static const struct image *day_present(struct day *d)
{
    const struct image *image = NULL, *found = NULL;
    char digits[2 * IMAGE_HASH + 1];
    sqlite3_stmt *rows = lite_ask(d->file, "SELECT version FROM interactions WHERE version <> '' GROUP BY version"
                                           " ORDER BY count(*) DESC, version LIMIT 1");
    const char *version = lite_next(rows) ? lite_text(rows, 0) : NULL;
    for (size_t i = 0; version && !found && (image = images_at(d->terms->images, i)); i++) {
        (void)sodium_bin2hex(digits, sizeof digits, image_hash(image), IMAGE_HASH);
        if (strncmp(digits, version, DAY_VERSION_DIGITS) == 0) found = image;
    }
    (void)lite_end(rows);
    return found;
}

/* Completes the states: those before the first change of the day, and those that are not over at its end. */
static bool day_complete(struct day *d, const char *from, const char *to)
{
    static const char columns[] = "INSERT INTO agent_states(journal, batch, n, agent, media, state, began, ended) ";
    return lite_do(d->file, "%s", d->states.bytes) &&
           lite_do(d->file,
                   "%s SELECT 1, 0, rowid, agent, 'voice', state, since, %Q FROM day_end WHERE since > %Q"
                   " OR agent NOT IN (SELECT agent FROM day_begin)",
                   columns, to, from) &&
           lite_do(
               d->file,
               "%s SELECT 1, -1, rowid, agent, 'voice', state, %Q, coalesce((SELECT min(s.began) FROM agent_states s"
               " WHERE s.agent = day_begin.agent AND s.media = 'voice'), %Q) FROM day_begin",
               columns, from, to);
}

/* Returns the wait that so many percent of the answered calls did not exceed, in seconds. */
static double day_wait(const struct day *d, int percent)
{
    sqlite3_int64 ms;
    bool any =
        lite_has(d->file, &ms,
                 "SELECT answered_ms FROM interactions WHERE answered_ms IS NOT NULL ORDER BY answered_ms LIMIT 1"
                 " OFFSET (SELECT (count(answered_ms) - 1) * %d / 100 FROM interactions)",
                 percent);
    return any ? (double)ms / 1000 : NAN;
}

/* Returns the share of the calls for which the condition holds. */
static double day_share(const struct day *d, const char *condition)
{
    sqlite3_int64 hits = 0;
    bool good = lite_has(d->file, &hits, "SELECT count(*) FROM interactions WHERE %s", condition);
    return good && d->found->calls > 0 ? (double)hits / (double)d->found->calls : NAN;
}

/* Takes from the records what the calls really met, by the measures of the same names of a simulation. */
static void day_figures(const struct day *d)
{
    double *figures = d->found->figures;
    figures[DAY_p50] = day_wait(d, 50);
    figures[DAY_p90] = day_wait(d, 90);
    figures[DAY_abandonment] = day_share(d, "outcome = 'abandoned'");
    figures[DAY_sl] = day_share(d, "answered_ms <= 20000");
}

/* Without these the first strategy of each call is looked for among the rows of all calls, here and by gcxc. */
static bool day_index(const struct day *d)
{
    return lite_do(d->file, "CREATE INDEX day_owners ON owners(journal, ixn, kind, batch, n);"
                            "CREATE INDEX day_offers ON offers(journal, ixn, outcome, batch, n);"
                            "CREATE INDEX day_visits ON vq_visits(journal, ixn, entered, ended); ANALYZE");
}

static bool day_reduce(struct day *d)
{
    struct out from = {0}, to = {0};
    sqlite3_int64 calls = 0, at_work = 0;
    out_moment(&from, d->from_us, ' ');
    out_moment(&to, d->to_us, ' ');
    (void)snprintf(d->found->begins, sizeof d->found->begins, "%.16s", from.bytes);
    bool good = day_index(d) &&
                lite_do(d->file, "DELETE FROM interactions WHERE NOT (" DAY_CALLS " AND received >= %Q)", from.bytes) &&
                (!d->terms->point ||
                 lite_do(d->file, "DELETE FROM interactions WHERE coalesce(dnis, '') <> %Q", d->terms->point)) &&
                day_keep(d, d->terms->image);
    d->present = good ? day_present(d) : NULL;
    good = good && (!d->present || day_keep(d, d->present)) && day_complete(d, from.bytes, to.bytes) &&
           lite_has(d->file, &calls, "SELECT count(*) FROM interactions") &&
           lite_has(d->file, &at_work,
                    "SELECT count(DISTINCT agent) FROM agent_states WHERE media = 'voice' AND state NOT IN"
                    " ('logged_out', 'unknown') AND ended > %Q",
                    from.bytes);
    d->found->calls = (uint64_t)calls;
    d->found->at_work = (uint64_t)at_work;
    day_figures(d);
    out_free(&from);
    out_free(&to);
    return good;
}

/* ---- the other files ---- */

bool day_put(const char *folder, const char *name, struct span bytes, struct error *error)
{
    char path[DAY_PATH];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(bytes.bytes, 1, bytes.length, file) == bytes.length;
    good = (!file || fclose(file) == 0) && good;
    return good || error_set(error, ERROR_SYSTEM, "%.200s cannot be written", path);
}

static bool day_image(const struct day *d, const char *name, const struct image *image, struct error *error)
{
    struct span bytes;
    return batches_get_image(d->terms->store, image_hash(image), &bytes, error) &&
           day_put(d->terms->folder, name, bytes, error);
}

static void day_agent(const struct core *core, uint32_t index, const struct agent_row *agent, struct out *sql)
{
    struct kv skills;
    struct kv_pair pair;
    struct span group;
    uint32_t at = 0;
    const int length = (int)agent->name.length;
    const char *name = (const char *)agent->name.bytes;
    kv_init(&skills);
    core_agent_skills(core, index, &skills);
    DAY_STATEMENT(sql, "insert into agent values('%.*q', '%.*q', '%.*q');\n", length, name, (int)agent->capacity.length,
                  (const char *)agent->capacity.bytes, (int)agent->profile.length, (const char *)agent->profile.bytes);
    while (kv_next(kv_span(&skills), &at, &pair))
        DAY_STATEMENT(sql, "insert into agent_skill values('%.*q', '%.*q', %lld);\n", length, name,
                      (int)pair.key.length, (const char *)pair.key.bytes, (long long)pair.value.word);
    for (uint32_t i = 0; core_agent_group(core, index, i, &group); i++)
        DAY_STATEMENT(sql, "insert into group_member values('%.*q', '%.*q');\n", length, name, (int)group.length,
                      (const char *)group.bytes);
    kv_free(&skills);
}

/* Is the agent logged in for any medium? */
static bool day_at_work(const struct core *core, uint32_t index, const struct agent_row *agent)
{
    struct kv states, reasons;
    struct kv_pair pair;
    uint32_t at = 0;
    bool found = agent->state > agent_state_logged_out;
    kv_init(&states);
    kv_init(&reasons);
    core_agent_media(core, index, &states, &reasons);
    while (!found && kv_next(kv_span(&states), &at, &pair))
        found = enum_value_agent_state((const char *)pair.value.span.bytes, pair.value.span.length) >
                (int)agent_state_logged_out;
    kv_free(&states);
    kv_free(&reasons);
    return found;
}

bool day_agents(const char *folder, const struct core *core, bool at_work, uint64_t *count, struct error *error)
{
    struct agent_row agent;
    struct out sql = {0};
    out_text(&sql, "create table agent(name text primary key, capacity text, profile text);\n"
                   "create table agent_skill(agent text, skill text, level integer);\n"
                   "create table group_member(agent text, \"group\" text);\n");
    for (uint32_t i = 0; core_agent(core, i, &agent); i++) {
        if (agent.name.length == 0 || !agent.known || (at_work && !day_at_work(core, i, &agent))) continue;
        (*count)++;
        day_agent(core, i, &agent, &sql);
    }
    bool good = day_put(folder, "agents.sql", (struct span){(const uint8_t *)sql.bytes, (uint32_t)sql.length}, error);
    out_free(&sql);
    return good;
}

bool day_write(const struct day_terms *terms, struct core *core, struct journal_head *head, struct day_found *found,
               struct error *error)
{
    struct day d = {.terms = terms, .found = found};
    char path[DAY_PATH];
    *found = (struct day_found){0};
    bool good = day_record(&d, core, head, error) && day_agents(terms->folder, core, false, &found->agents, error);
    if (good && (sqlite3_open(day_path(&d, "records.db", path), &d.file) != SQLITE_OK || !day_reduce(&d)))
        good = error_set(error, ERROR_SYSTEM, "the records cannot be used: %.200s", sqlite3_errmsg(d.file));
    sqlite3_close(d.file);
    if (d.present) {
        (void)sodium_bin2hex(found->present, sizeof found->present, image_hash(d.present), IMAGE_HASH);
        found->same = memcmp(image_hash(d.present), image_hash(terms->image), IMAGE_HASH) == 0;
    }
    good = good && (!d.present || day_image(&d, "old.gcxb", d.present, error)) &&
           (terms->given || day_image(&d, "new.gcxb", terms->image, error));
    out_free(&d.states);
    return good;
}

void day_remove(const char *folder)
{
    const struct day_terms terms = {.folder = folder};
    const struct day d = {.terms = &terms};
    char path[DAY_PATH];
    for (size_t i = 0; i < sizeof day_files / sizeof *day_files; i++) (void)unlink(day_path(&d, day_files[i], path));
    (void)rmdir(folder);
}
