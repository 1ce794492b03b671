/* runtime/daemon/reads.c - Rows of the core, the links and the sources as JSON. */
#include "config.h"
#include "runtime/daemon/reads.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/read.h"
#include "runtime/host/real.h"

enum { LIMIT_DEFAULT = 1000, LIMIT_MAX = 100000 };

/* What one command needs while it looks into the core. */
struct asking {
    struct daemon *daemon;
    const json_t *request;
    json_t *into;
    struct error *error;
    uint64_t ixn; /* or a ConnID */
    bool good;
};

static void put(json_t *into, const char *key, json_t *value)
{
    if (json_object_set_new(into, key, value) != 0) abort();
}

static void put_number(json_t *into, const char *key, uint64_t value)
{
    put(into, key, json_integer((json_int_t)value));
}

/* Text from outside was checked to be UTF-8 when it came in; paths were not. Empty: null. */
static json_t *text_of(struct span span)
{
    json_t *text = span.length > 0 ? json_stringn((const char *)span.bytes, span.length) : json_null();
    return text != NULL ? text : json_string("(not UTF-8)");
}

/* The core's moments are of logical time: people and tools get wall clock. 0: never. */
static int64_t wall_less_logical(const struct core *core)
{
    struct core_status status;
    core_status(core, &status);
    return status.wall_us - (int64_t)status.time_us;
}

static void put_moment(json_t *into, const char *key, uint64_t logical_us, int64_t offset_us)
{
    put(into, key, logical_us != 0 ? json_integer((json_int_t)logical_us + offset_us) : json_null());
}

static void put_ixn(json_t *into, const char *key, uint64_t ixn)
{
    char text[IXN_TEXT];
    ixn_print(ixn, text);
    put(into, key, ixn != 0 ? json_string(text) : json_null());
}

static void put_conn(json_t *into, uint64_t conn)
{
    char text[17];
    snprintf(text, sizeof text, "%016" PRIx64, conn);
    put(into, "conn", conn != 0 ? json_string(text) : json_null());
}

static json_t *value_json(const struct kv_value *value);

/* Of keys that stand twice the first counts, as lookups by CTI clients take it. */
static json_t *kv_json(struct span pairs)
{
    json_t *object = json_object();
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) {
        char key[257];
        snprintf(key, sizeof key, "%.*s", (int)pair.key.length, (const char *)pair.key.bytes);
        if (json_object_get(object, key) == NULL) put(object, key, value_json(&pair.value));
    }
    return object;
}

static json_t *value_json(const struct kv_value *value)
{
    if (value->secret) return json_string("***");
    switch (value->tag) {
    case KV_NONE:
        return json_null();
    case KV_INT:
        return json_integer(value->word);
    case KV_BOOL:
        return json_boolean(value->word != 0);
    case KV_TIME:
        return json_pack("{s:I}", "us", (json_int_t)value->word);
    case KV_FLOAT:
        return value->number == value->number ? json_real(value->number) : json_null();
    case KV_TEXT:
        return value->span.length > 0 ? text_of(value->span) : json_string("");
    case KV_LIST:
        return kv_json(value->span);
    case KV_BINARY:
        break;
    }
    return json_string("(binary)");
}

static json_t *interaction_json(const struct interaction_row *row, int64_t offset_us)
{
    json_t *object = json_object();
    put_ixn(object, "ixn", row->ixn);
    put_conn(object, row->conn);
    put(object, "media", text_of(row->media));
    put(object, "ani", text_of(row->ani));
    put(object, "dnis", text_of(row->dnis));
    put(object, "strategy", text_of(row->strategy));
    put(object, "state", text_of(row->state));
    put(object, "step", text_of(row->step));
    put(object, "owner_kind", text_of(row->owner_kind));
    put(object, "owner", text_of(row->owner));
    put(object, "outcome", text_of(row->outcome));
    put(object, "priority", json_integer(row->priority));
    put_moment(object, "arrived_us", row->arrived_us, offset_us);
    put_moment(object, "changed_us", row->changed_us, offset_us);
    put_number(object, "block_bytes", row->block_bytes);
    return object;
}

static void status_read(void *self, struct core *core)
{
    struct asking *asking = self;
    struct core_status status;
    char digest[17];
    core_status(core, &status);
    snprintf(digest, sizeof digest, "%016" PRIx64, status.digest);
#define NUMBER(name) put_number(asking->into, #name, status.name)
    NUMBER(time_us), NUMBER(batches), NUMBER(events), NUMBER(effects), NUMBER(routed), NUMBER(abandoned);
    NUMBER(defaulted), NUMBER(ended), NUMBER(interactions), NUMBER(waiting), NUMBER(claims), NUMBER(agents);
    NUMBER(agents_logged_in), NUMBER(agents_ready), NUMBER(block_bytes);
#undef NUMBER
    put(asking->into, "wall_us", json_integer(status.wall_us));
    put(asking->into, "digest", json_string(digest));
}

struct service { /* what the core makes of a link */
    unsigned link;
    const char *state;
};

static void service_read(void *self, struct core *core)
{
    struct service *service = self;
    service->state = core_link_state(core, service->link);
}

/* Of the connection, or of the last one; what the adapter refused and defaulted is as it reports, since its start. */
static void link_counts_put(json_t *into, const struct link_row *row)
{
    const struct link_counts *counts = &row->counts;
#define NUMBER(name) put_number(into, #name, counts->name)
    NUMBER(events), NUMBER(effects), NUMBER(refused), NUMBER(defaulted), NUMBER(uncommitted), NUMBER(forgotten);
    NUMBER(outstanding), NUMBER(waiting), NUMBER(waiting_bytes), NUMBER(merged);
#undef NUMBER
    put(into, "credit_arrive", json_integer(counts->credit_arrive));
    put_number(into, "breaches", row->breaches);
}

static json_t *intake_json(const struct daemon *daemon)
{
    json_t *object = json_object();
    struct intake_row row;
    struct engine_load load;
    intake_read(links_intake(daemon->links), &row);
    engine_load(daemon->engine, &load);
    put(object, "level", json_string(intake_level_name(row.level)));
    put(object, "why", row.why[0] != '\0' ? json_string(row.why) : json_null());
    put_number(object, "since_us", row.since_us);
    put_number(object, "closings", row.closings);
    put_number(object, "lag_us", load.lag_us);
    put_number(object, "ring_events", load.ring_events);
    put_number(object, "ring_bytes", load.ring_bytes);
    put_number(object, "backlog_bytes", load.backlog_bytes);
    put_number(object, "memory_bytes", row.sample.memory);
    put(object, "space_free_percent", json_real(row.sample.space / 10.0));
    return object;
}

static json_t *links_json(const struct daemon *daemon)
{
    json_t *list = json_array();
    struct link_row row;
    struct child_row child;
    for (size_t i = 0; links_read(daemon->links, i, &row); i++) {
        json_t *object = json_object();
        struct service service = {row.link, NULL};
        engine_read(daemon->engine, service_read, &service);
        put(object, "name", json_string(row.name));
        put_number(object, "link", row.link);
        put(object, "state", json_string(row.up ? "up" : "down"));
        put(object, "service", json_string(service.state));
        put_number(object, "since_us", row.since_us);
        link_counts_put(object, &row);
        for (size_t k = 0; children_read(daemon->children, k, &child); k++) {
            if (strcmp(child.name, row.name) != 0) continue;
            put(object, "pid", child.pid != 0 ? json_integer(child.pid) : json_null());
            put_number(object, "restarts", child.restarts);
        }
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *sources_json(const struct daemon *daemon)
{
    json_t *list = json_array();
    struct source_row row;
    for (size_t i = 0; sources_read(daemon->sources, i, &row); i++) {
        json_t *object = json_object();
        put(object, "name", json_string(row.name));
        put(object, "type", json_string(row.type));
        put(object, "database", text_of(span_of(row.database)));
        put_number(object, "queries", row.queries);
        put_number(object, "errors", row.errors);
        put_number(object, "waiting", row.waiting);
        put_number(object, "waiting_bytes", row.waiting_bytes);
        if (row.connections > 0) { /* a server's */
            put_number(object, "in_flight", row.in_flight);
            put_number(object, "connections", row.connections);
            put_number(object, "connected", row.connected);
            put_number(object, "lost", row.lost);
            put_number(object, "cancelled", row.cancelled);
            put_number(object, "opened", row.opened);
            put(object, "circuit", json_string(row.open ? "open" : "closed"));
            put(object, "trouble", text_of(span_of(row.trouble)));
        }
        json_array_append_new(list, object);
    }
    return list;
}

void reads_loaded(const struct daemon *daemon, json_t *into)
{
    const struct reload *reload = &daemon->reload;
    json_t *list = json_array(), *directory = json_object();
    for (size_t i = 0; i < reload->active_count; i++) {
        const struct active *active = &reload->active[i];
        json_t *object = json_object();
        char hash[2 * IMAGE_HASH + 1];
        for (size_t k = 0; k < IMAGE_HASH; k++) snprintf(hash + 2 * k, 3, "%02x", active->image[k]);
        put(object, "at", text_of(span_of(active->dn)));
        put(object, "strategy", text_of(span_of(active->strategy)));
        put(object, "image", json_string(hash));
        put(object, "file", text_of(span_of(active->file)));
        json_array_append_new(list, object);
    }
    put(directory, "file", text_of(span_of(daemon->conf->directory)));
    put_number(directory, "version", reload->version);
    put_number(directory, "rows", reload->rows);
    put(into, "strategies", list);
    put(into, "directory", directory);
}

static void status_fill(struct asking *asking)
{
    struct daemon *daemon = asking->daemon;
    put(asking->into, "version", json_string(PACKAGE_VERSION));
    put_number(asking->into, "pid", (uint64_t)getpid());
    put_number(asking->into, "uptime_us", clock_monotonic_us() - daemon->started_us);
    put_number(asking->into, "epoch", engine_epoch(daemon->engine));
    engine_read(daemon->engine, status_read, asking);
    put(asking->into, "http", daemon->http != NULL ? json_string(http_address(daemon->http)) : json_null());
    put(asking->into, "ready", json_boolean(daemon->durable_seq >= daemon->reload.seq));
    put(asking->into, "intake", intake_json(daemon));
    put(asking->into, "links", links_json(daemon));
    put(asking->into, "sources", sources_json(daemon));
    reads_loaded(daemon, asking->into);
}

static void agents_read(void *self, struct core *core)
{
    struct asking *asking = self;
    json_t *list = json_array();
    int64_t offset_us = wall_less_logical(core);
    struct agent_row row;
    struct kv skills;
    kv_init(&skills);
    for (uint32_t i = 0; core_agent(core, i, &row); i++) {
        json_t *object = json_object();
        const char *state = enum_name_agent_state(row.state);
        if (!row.known && (row.state == agent_state_logged_out || row.state == agent_state_unknown)) {
            json_decref(object);
            continue;
        }
        kv_clear(&skills);
        core_agent_skills(core, i, &skills);
        put(object, "name", text_of(row.name));
        put(object, "dn", text_of(row.dn));
        put(object, "place", text_of(row.place));
        put(object, "state", json_string(state != NULL ? state : "unknown"));
        put_moment(object, "since_us", row.since_us, offset_us);
        put_number(object, "claims", row.claims);
        put_ixn(object, "ixn", row.ixn);
        put(object, "skills", kv_json(kv_span(&skills)));
        json_array_append_new(list, object);
    }
    kv_free(&skills);
    put(asking->into, "agents", list);
}

static void queues_read(void *self, struct core *core)
{
    struct asking *asking = self;
    json_t *list = json_array();
    struct queue_row row;
    for (uint32_t i = 0; core_queue(core, i, &row); i++) {
        json_t *object = json_object();
        put(object, "name", text_of(row.name));
#define NUMBER(name) put_number(object, #name, row.name)
        NUMBER(waiting), NUMBER(entered), NUMBER(distributed), NUMBER(abandoned), NUMBER(cleared);
        NUMBER(longest_wait_us), NUMBER(wait_us);
#undef NUMBER
        json_array_append_new(list, object);
    }
    put(asking->into, "queues", list);
}

/* The next of the interactions asked for. */
static bool interaction_next(const struct asking *asking, const struct core *core, uint64_t *cursor,
                             struct interaction_row *row)
{
    bool live_only = json_is_false(json_object_get(asking->request, "all"));
    const char *strategy = json_string_value(json_object_get(asking->request, "strategy"));
    while (core_interaction(core, cursor, row)) {
        if (live_only && span_is(row->state, "ended")) continue;
        if (strategy == NULL || span_is(row->strategy, strategy)) return true;
    }
    return false;
}

/* The newest `limit` of those asked for: rows come in order of arrival, so they are counted first. */
static void interactions_read(void *self, struct core *core)
{
    struct asking *asking = self;
    const json_t *all = json_object_get(asking->request, "all"), *given = json_object_get(asking->request, "limit");
    json_int_t limit = given != NULL ? json_integer_value(given) : LIMIT_DEFAULT, count = 0, at = 0;
    json_t *list;
    struct interaction_row row;
    int64_t offset_us = wall_less_logical(core);
    if ((all != NULL && !json_is_boolean(all)) || limit < 1 || limit > LIMIT_MAX) {
        error_set(asking->error, ERROR_INPUT, "`all` is true or false, `limit` a number from 1 to %d", LIMIT_MAX);
        asking->good = false;
        return;
    }
    list = json_array();
    for (uint64_t cursor = 0; interaction_next(asking, core, &cursor, &row);) count++;
    for (uint64_t cursor = 0; interaction_next(asking, core, &cursor, &row); at++)
        if (at >= count - limit) json_array_append_new(list, interaction_json(&row, offset_us));
    put(asking->into, "interactions", list);
    put(asking->into, "more", json_boolean(count > limit));
}

/* `ixn` or `conn` of the request. */
static bool id_read(struct asking *asking)
{
    const char *ixn = json_string_value(json_object_get(asking->request, "ixn"));
    const char *conn = json_string_value(json_object_get(asking->request, "conn"));
    char *end;
    if (ixn != NULL && ixn_parse(ixn, &asking->ixn)) return true;
    if (ixn == NULL && conn != NULL && strlen(conn) == 16) {
        asking->ixn = strtoull(conn, &end, 16);
        if (*end == '\0') return true;
    }
    error_set(asking->error, ERROR_INPUT,
              "expected `ixn`, such as \"1-00000000002a\", or `conn`, 16 hexadecimal digits");
    return false;
}

static bool find(struct asking *asking, struct core *core, struct interaction_row *row)
{
    char text[IXN_TEXT];
    asking->good = core_find(core, asking->ixn, row);
    if (asking->good) {
        put(asking->into, "interaction", interaction_json(row, wall_less_logical(core)));
        return true;
    }
    ixn_print(asking->ixn, text);
    error_set(asking->error, ERROR_UNKNOWN, "no interaction %s: it never was, or ended long ago", text);
    return false;
}

/* Pairs of `at` and `what`, by turns. */
static json_t *history_json(struct core *core, uint64_t ixn)
{
    json_t *list = json_array();
    struct kv history;
    struct kv_pair pair;
    int64_t at_us = 0;
    kv_init(&history);
    core_history(core, ixn, &history);
    for (uint32_t at = 0; kv_next(kv_span(&history), &at, &pair);) {
        if (span_is(pair.key, "at"))
            at_us = pair.value.word;
        else
            json_array_append_new(list,
                                  json_pack("{s:I,s:o}", "at_us", (json_int_t)at_us, "what", value_json(&pair.value)));
    }
    kv_free(&history);
    return list;
}

static json_t *decisions_json(struct core *core, uint64_t ixn)
{
    json_t *list = json_array();
    int64_t offset_us = wall_less_logical(core);
    struct decision_row row;
    for (uint32_t i = 0; core_decision(core, ixn, i, &row); i++) {
        json_t *object = json_object();
        put(object, "vq", text_of(row.vq));
        put(object, "chosen", text_of(row.chosen));
#define NUMBER(name) put_number(object, #name, row.name)
        put_moment(object, "at_us", row.at_us, offset_us);
        NUMBER(line), NUMBER(candidates), NUMBER(not_ready), NUMBER(not_matching), NUMBER(claimed);
#undef NUMBER
        json_array_append_new(list, object);
    }
    return list;
}

static void trace_read(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    if (!find(asking, core, &row)) return;
    put(asking->into, "history", history_json(core, row.ixn));
    put(asking->into, "decisions", decisions_json(core, row.ixn));
}

static void data_read(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    struct kv data;
    if (!find(asking, core, &row)) return;
    kv_init(&data);
    core_data(core, row.ixn, &data);
    put(asking->into, "data", kv_json(kv_span(&data)));
    kv_free(&data);
}

static void version_fill(struct asking *asking)
{
    put(asking->into, "version", json_string(PACKAGE_VERSION));
    put_number(asking->into, "protocol", PROTOCOL_VERSION);
    put_number(asking->into, "vocabulary", VOCABULARY_VERSION);
    put_number(asking->into, "semantics", SEMANTICS_NUMBER);
}

json_t *reads_answer(struct daemon *daemon, const char *command, const json_t *request, struct error *error)
{
    static const struct {
        const char *name;
        void (*fill)(struct asking *);
        void (*read)(void *, struct core *);
        bool of_one;
    } commands[] = {
        {"version", version_fill, NULL, false},
        {"status", status_fill, NULL, false},
        {"agents", NULL, agents_read, false},
        {"queues", NULL, queues_read, false},
        {"interactions", NULL, interactions_read, false},
        {"trace", NULL, trace_read, true},
        {"data", NULL, data_read, true},
    };
    struct asking asking = {.daemon = daemon, .request = request, .error = error, .good = true};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, command) != 0) continue;
        if (commands[i].of_one && !id_read(&asking)) return NULL;
        asking.into = json_object();
        if (commands[i].fill != NULL)
            commands[i].fill(&asking);
        else
            engine_read(daemon->engine, commands[i].read, &asking);
        if (asking.good) return asking.into;
        json_decref(asking.into);
        return NULL;
    }
    error_set(error, ERROR_UNKNOWN,
              "no command `%.40s`; expected version, status, agents, queues, interactions, trace, data or load",
              command);
    return NULL;
}
