/* runtime/daemon/admin/reads.c - The table of functions for the commands that read; and the answers to status and
 * version. */
#include "config.h"
#include "runtime/daemon/admin/reads.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/read/totals.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/service/rollout_watch.h"
#include "runtime/daemon/watch/http.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/semantics.h"

/* Counts the agents in each state, under the vocabulary's names of the states. */
static json_t *reads_states_json(const struct core *core)
{
    enum { STATES = 16 };
    uint64_t counts[STATES] = {0};
    json_t *object = json_object();
    core_agent_states(core, counts, STATES);
    for (unsigned i = 0; i < STATES; i++) {
        const char *name = enum_name_agent_state(i);
        if (enum_value_agent_state(name, (uint32_t)strlen(name)) == (int)i) json_put_number(object, name, counts[i]);
    }
    return object;
}

/* The persons of whom the directory says whom they lead, for the console. */
static json_t *reads_bounded(const struct core *core)
{
    json_t *persons = json_object(), *list = json_array(), *value;
    struct led_row row;
    const char *person;
    for (uint32_t at = 0; core_led(core, at, &row); at++)
        json_object_setn_new(persons, (const char *)row.person.bytes, row.person.length, json_true());
    json_object_foreach(persons, person, value) json_append(list, json_string(person));
    json_decref(persons);
    return list;
}

/* On the core's thread. */
static void reads_status_read(void *self, struct core *core)
{
    struct asking *asking = self;
    struct core_status status;
    char digest[17];
    core_status(core, &status);
    snprintf(digest, sizeof digest, "%016llx", (unsigned long long)status.digest);
#define NUMBER(name) json_put_number(asking->into, #name, status.name)
#define SHOWN(name)  NUMBER(name);
#define UNSHOWN(name)
#define COUNTS(fact, field, shown, metric, word) shown(field)
    NUMBER(time_us), NUMBER(batches), NUMBER(events), NUMBER(effects);
#include "runtime/core/read/facts.def"
    NUMBER(interactions), NUMBER(waiting), NUMBER(claims), NUMBER(agents);
    NUMBER(agents_logged_in), NUMBER(agents_ready), NUMBER(block_bytes), NUMBER(names), NUMBER(running),
        NUMBER(bookings);
#undef SHOWN
#undef UNSHOWN
#undef NUMBER
    if (asking->daemon->conf->bounded_reading) json_put(asking->into, "bounded", reads_bounded(core));
    json_put(asking->into, "draining", json_boolean(status.draining));
    json_put(asking->into, "agent_states", reads_states_json(core));
    json_put(asking->into, "wall_us", json_integer(status.wall_us));
    json_put(asking->into, "digest", json_string(digest));
}

/* Writes a histogram: counts per bucket, not cumulative, with the bounds in microseconds. */
static json_t *histogram_json(struct histogram *histogram)
{
    json_t *object = json_object(), *bounds = json_array(), *counts = json_array();
    for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++)
        json_append(bounds, json_integer((json_int_t)histogram_bound_us(i)));
    for (unsigned i = 0; i <= HISTOGRAM_BOUNDS; i++)
        json_append(counts, json_integer((json_int_t)atomic_load_explicit(&histogram->count[i], memory_order_relaxed)));
    json_put(object, "bounds_us", bounds);
    json_put(object, "counts", counts);
    json_put_number(object, "sum_us", atomic_load_explicit(&histogram->sum_us, memory_order_relaxed));
    return object;
}

void reads_loaded(const struct daemon *daemon, json_t *into)
{
    assert(into);
    const struct reload *reload = &daemon->reload;
    json_t *list = json_array(), *directory = json_object();
    for (size_t i = 0; i < reload->active_count; i++) {
        const struct active *active = &reload->active[i];
        json_t *object = json_object();
        json_put(object, "at", json_text_of(span_of(active->dn)));
        json_put(object, "strategy", json_text_of(span_of(active->strategy)));
        json_put_hash(object, "image", active->image);
        json_put(object, "file", json_text_of(span_of(active->file)));
        json_append(list, object);
    }
    json_put(directory, "file", json_text_of(span_of(reload->source ? reload->source : daemon->conf->directory)));
    json_put(directory, "by_hand_of", reload->by_hand_of ? json_text_of(span_of(reload->by_hand_of)) : json_null());
    json_put_number(directory, "version", reload->version);
    json_put_number(directory, "rows", reload->rows);
    json_put(directory, "error", json_text_of(span_of(daemon->load_error)));
    json_t *warnings = json_array();
    for (size_t i = 0; i < reload->warnings.count; i++)
        json_append(warnings, json_text_of(span_of(reload->warnings.texts[i])));
    json_put(directory, "warnings", warnings);
    json_put(into, "strategies", list);
    json_put(into, "directory", directory);
}

/* Writes the versions of program, protocols and semantics of this process, not of gcxctl. */
static void reads_version_fill(struct asking *asking)
{
    json_put(asking->into, "version", json_string(PACKAGE_VERSION));
    json_put_number(asking->into, "protocol", PROTOCOL_VERSION);
    json_put_number(asking->into, "vocabulary", VOCABULARY_VERSION);
    json_put_number(asking->into, "semantics", SEMANTICS_NUMBER);
}

static void reads_status_fill(struct asking *asking)
{
    struct daemon *daemon = asking->daemon;
    json_put(asking->into, "version", json_string(PACKAGE_VERSION));
    json_put(asking->into, "state", reads_state_folder(daemon->conf));
    json_put_number(asking->into, "pid", (uint64_t)getpid());
    json_put_number(asking->into, "uptime_us", host_monotonic_us() - daemon->started_us);
    json_put_number(asking->into, "epoch", engine_epoch(daemon->engine));
    json_put(asking->into, "role", json_string(role_name(asking->role)));
    engine_read(daemon->engine, reads_status_read, asking);
    json_put(asking->into, "sync", histogram_json(&engine_cost(daemon->engine)->sync));
    json_put(asking->into, "decision", histogram_json(&engine_cost(daemon->engine)->decision));
    json_put(asking->into, "http", daemon->http ? json_string(http_address(daemon->http)) : json_null());
    json_put(asking->into, "ready", json_boolean(daemon->durable_seq >= daemon->reload.seq));
    reads_journal_state(daemon, asking->into);
    reads_intake_fill(asking);
    reads_degraded_fill(asking);
    reads_certificates_fill(asking);
    reads_links_fill(asking);
    reads_sources_fill(asking);
    reads_loaded(daemon, asking->into);
    if (daemon->reload.active_count == 0) engine_read(daemon->engine, reads_core_in_force, asking);
}

bool reads_ixn(const json_t *request, uint64_t *ixn, bool *by_conn, struct error *error)
{
    assert(ixn && by_conn);
    const char *id = json_string_value(json_object_get(request, "ixn"));
    const char *conn = json_string_value(json_object_get(request, "conn"));
    *by_conn = !id;
    if (id && ident_read_ixn(id, ixn)) return true;
    if (!id && ident_read_conn(conn, ixn)) return true;
    return error_set(error, ERROR_INPUT,
                     "expected `ixn`, such as \"1-00000000002a\", or `conn`, 16 hexadecimal digits");
}

/* Commands whose answer is made in one look into the core, between two batches. */
#define LOOK(id, read)                                                                                                 \
    static void reads_##id##_fill(struct asking *asking)                                                               \
    {                                                                                                                  \
        engine_read(asking->daemon->engine, read, asking);                                                             \
    }
LOOK(agents, reads_core_agents)
LOOK(queues, reads_core_queues)
LOOK(counters, reads_core_counters)
LOOK(latches, reads_core_latches)
LOOK(leads, reads_core_leads)
LOOK(reasons, reads_core_reasons)
LOOK(prompts, reads_core_prompts)
LOOK(callbacks, reads_core_callbacks)
LOOK(bins, reads_core_bins)
LOOK(quarantine, reads_core_quarantine)
LOOK(audit, reads_core_audit)
LOOK(campaigns, reads_core_campaigns)
LOOK(interactions, reads_core_interactions)
LOOK(interaction, reads_core_interaction)
LOOK(trace, reads_core_trace)
LOOK(why, reads_core_why)
LOOK(data, reads_core_data)
LOOK(routing_points, reads_core_points)
#undef LOOK

/* Of one rollout the curves of its guards are told, too. */
static void reads_rollouts_fill(struct asking *asking)
{
    engine_read(asking->daemon->engine, reads_core_rollouts, asking);
    uint64_t id = reads_asked_number(asking, "rollout", 0);
    json_t *curve =
        id > 0 && id <= UINT32_MAX ? rollout_watch_curve(asking->daemon->rollout_watch, (uint32_t)id) : NULL;
    json_t *row = json_array_get(json_object_get(asking->into, "rollouts"), 0);
    if (asking->good && row && curve) json_put(row, "curve", json_deep_copy(curve));
}

/* For every READ row the table has the function of the row's name: a row without a function does not compile. */
static void (*const fillers[COMMANDS])(struct asking *) = {
#define FILLER_READ(id) [COMMAND_##id] = reads_##id##_fill,
#define FILLER_ACT(id)
#define FILLER_LOCAL(id)
#define COMMAND(id, name, role, kind, doc) FILLER_##kind(id)
#include "runtime/daemon/protocol/commands.def"
};

/* NULL with the reason if the requested object is unknown: what was collected so far is freed. */
json_t *reads_answer(struct daemon *daemon, enum command_id id, enum role role, const char *reader,
                     const json_t *request, struct error *error)
{
    struct asking asking = {.daemon = daemon, .request = request, .error = error, .role = role, .good = true};
    if (daemon->conf->bounded_reading) asking.reader = reader;
    bool of_one = json_object_get(request, "ixn") || json_object_get(request, "conn");
    assert(id < COMMANDS && fillers[id]);
    if (of_one && !reads_ixn(request, &asking.ixn, &asking.by_conn, error)) return NULL;
    asking.into = json_object();
    fillers[id](&asking);
    if (asking.good) return asking.into;
    json_decref(asking.into);
    return NULL;
}
