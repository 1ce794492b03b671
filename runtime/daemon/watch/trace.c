/* runtime/daemon/watch/trace.c - Makes spans from the core's records of happenings and decisions.
 *
 *     trace_batch_add() ...  ->  trace_batch_collect()  ->  trace_batch_json()
 *     one interaction each       their records, by a walk   the spans; no core is needed any more
 *
 *     interaction  |=====================================================|   root
 *     treatment      |-------|
 *     query                  |--|
 *     select                    |------------|              each decision: an event in it
 *     route                                  |-----|
 *
 * One batch has several interactions that have ended or still run. The records of all interactions of a batch are
 * collected in one pass, since each pass makes the core wait. The steps of one interaction are chained by indices,
 * because the array moves when it grows. At most one treatment, one query, one route and one default are open at a
 * time; spans still open at the end are closed with the interaction. */
#include "config.h"
#include "runtime/daemon/watch/trace.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/facts.h"
#include "runtime/core/read/totals.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"

enum { WORD = 80, NONE = UINT32_MAX };
enum { SPAN_INTERNAL = 1, SPAN_SERVER = 2, SPAN_CLIENT = 3 }; /* OTLP's SpanKind */
enum { STATUS_ERROR = 2 };

struct trace_step {
    uint64_t at_us;
    uint32_t next;
    uint16_t fact, value;
    char name[WORD];
};

struct pick { /* a decision */
    struct decision_row row;
    uint32_t next;
    char vq[WORD], chosen[WORD];
};

struct subject {
    uint64_t ixn, conn, arrived_us, changed_us;
    char strategy[WORD], media[WORD], dnis[WORD], owner[WORD], outcome[WORD], state[WORD];
    int64_t priority;
    uint32_t first_step, last_step, first_pick, last_pick;
};

struct trace_batch {
    struct subject subjects[TRACE_BATCH]; /* the batch's interactions; sorted by id once all are added */
    unsigned count;
    struct trace_step *steps;
    struct pick *picks;
    uint32_t step_count, step_capacity, pick_count, pick_capacity;
    int64_t offset_us; /* wall clock minus the core's time */
    uint64_t now_us;
};

struct trace_batch *trace_batch_new(void)
{
    return memory_zeroed(1, sizeof(struct trace_batch));
}

void trace_batch_free(struct trace_batch *batch)
{
    if (!batch) return;
    free(batch->steps);
    free(batch->picks);
    free(batch);
}

unsigned trace_batch_count(const struct trace_batch *batch)
{
    return batch->count;
}

/* ---- functions that run on the core's thread ---- */

void trace_batch_add(struct trace_batch *batch, const struct interaction_row *row)
{
    assert(batch && row);
    struct subject *subject = &batch->subjects[batch->count];
    if (batch->count == TRACE_BATCH) return;
    batch->count++;
    *subject = (struct subject){.ixn = row->ixn,
                                .conn = row->conn,
                                .arrived_us = row->arrived_us,
                                .changed_us = row->changed_us,
                                .priority = row->priority,
                                .first_step = NONE,
                                .last_step = NONE,
                                .first_pick = NONE,
                                .last_pick = NONE};
#define WORD_SET(field) text_set_span(subject->field, WORD, row->field)
    WORD_SET(strategy), WORD_SET(media), WORD_SET(dnis), WORD_SET(owner), WORD_SET(outcome), WORD_SET(state);
#undef WORD_SET
}

/* Compares two subjects by the number of their interaction. */
static int by_ixn(const void *a, const void *b)
{
    const struct subject *one = a, *other = b;
    return one->ixn < other->ixn ? -1 : one->ixn > other->ixn;
}

/* Returns the subject of this interaction; NULL: the batch has nothing about the interaction. */
static struct subject *trace_subject_of(struct trace_batch *batch, uint64_t ixn)
{
    const struct subject key = {.ixn = ixn};
    return bsearch(&key, batch->subjects, batch->count, sizeof key, by_ixn);
}

/* Returns the next capacity of an array, so that growing costs little per row. */
static uint32_t trace_room(uint32_t count, uint32_t *capacity)
{
    if (count == *capacity) *capacity = *capacity == 0 ? 256 : *capacity * 2;
    return *capacity;
}

/* Appends a happening to the list of the subject: rows come in the order of time. */
static void step_add(struct trace_batch *batch, struct subject *subject, const struct happening_row *row)
{
    assert(subject);
    struct trace_step *step;
    batch->steps =
        memory_grown(batch->steps, trace_room(batch->step_count, &batch->step_capacity), sizeof *batch->steps);
    step = &batch->steps[batch->step_count];
    *step = (struct trace_step){
        .at_us = row->at_us, .next = NONE, .fact = (uint16_t)row->fact, .value = (uint16_t)row->value};
    text_set_span(step->name, sizeof step->name, row->name);
    *(subject->first_step == NONE ? &subject->first_step : &batch->steps[subject->last_step].next) = batch->step_count;
    subject->last_step = batch->step_count++;
}

/* Appends a decision to the list of the subject. */
static void pick_add(struct trace_batch *batch, struct subject *subject, const struct decision_row *row)
{
    assert(subject);
    struct pick *pick;
    batch->picks =
        memory_grown(batch->picks, trace_room(batch->pick_count, &batch->pick_capacity), sizeof *batch->picks);
    pick = &batch->picks[batch->pick_count];
    *pick = (struct pick){.row = *row, .next = NONE};
    text_set_span(pick->vq, sizeof pick->vq, row->vq);
    text_set_span(pick->chosen, sizeof pick->chosen, row->chosen);
    *(subject->first_pick == NONE ? &subject->first_pick : &batch->picks[subject->last_pick].next) = batch->pick_count;
    subject->last_pick = batch->pick_count++;
}

/* Reads, in one pass, the records kept since the first of these interactions arrived. */
void trace_batch_collect(struct trace_batch *batch, const struct core *core)
{
    assert(batch && core);
    uint64_t since_us = UINT64_MAX;
    struct happening_row happening;
    struct decision_row decision;
    struct core_status status;
    struct subject *subject;
    core_status(core, &status);
    batch->now_us = status.time_us;
    batch->offset_us = status.wall_us - (int64_t)status.time_us;
    qsort(batch->subjects, batch->count, sizeof batch->subjects[0], by_ixn);
    for (unsigned i = 0; i < batch->count; i++)
        if (batch->subjects[i].arrived_us < since_us) since_us = batch->subjects[i].arrived_us;
    for (uint64_t at = core_happening_since(core, since_us); core_happening_at(core, at, &happening); at++)
        if ((subject = trace_subject_of(batch, happening.ixn))) step_add(batch, subject, &happening);
    for (uint64_t at = core_decision_since(core, since_us); core_decision_at(core, at, &decision); at++)
        if ((subject = trace_subject_of(batch, decision.ixn))) pick_add(batch, subject, &decision);
}

/* ---- spans ---- */

struct spans { /* the spans of one interaction */
    const struct trace_batch *batch;
    const struct subject *subject;
    json_t *list, *root;
    json_t *treatment, *query, *route, *fallback; /* spans that have not ended yet: borrowed, or NULL */
    uint64_t end_us;
};

static void trace_put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) abort();
}

/* Writes nanoseconds since the epoch as a text, since a JSON number cannot hold them exactly. A reader of JSON keeps
 * 53 bits of a number; nanoseconds since 1970 need 61. */
static json_t *trace_moment(const struct trace_batch *batch, uint64_t logical_us)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, ((uint64_t)((int64_t)logical_us + batch->offset_us)) * 1000);
    return json_string(text);
}

/* Writes an attribute: OTLP has them as a list of keys with typed values. */
static void trace_attribute(json_t *of, const char *key, json_t *value)
{
    if (json_array_append_new(json_object_get(of, "attributes"), json_pack("{s:s,s:o}", "key", key, "value", value)) !=
        0)
        abort();
}

static void attribute_text(json_t *of, const char *key, const char *text)
{
    json_t *value = text && text[0] != '\0' ? json_string(text) : NULL;
    if (value) trace_attribute(of, key, json_pack("{s:o}", "stringValue", value));
}

static void attribute_number(json_t *of, const char *key, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    trace_attribute(of, key, json_pack("{s:s}", "intValue", text));
}

/* The id of a trace is made from the interaction's id and arrival time; the id of a span from the interaction's id
 * and a number. So a trace that is sent twice has the same ids. The first span is the parent of all others. */
static json_t *span_begin(struct spans *spans, const char *name, int kind, uint64_t begin_us)
{
    assert(spans->list && name);
    const struct subject *subject = spans->subject;
    size_t number = json_array_size(spans->list);
    char trace[33], id[17], parent[17];
    json_t *span;
    uint64_t low = subject->ixn << 16;
    snprintf(trace, sizeof trace, "%016" PRIx64 "%016" PRIx64, subject->ixn, subject->arrived_us);
    snprintf(id, sizeof id, "%016" PRIx64, low | (uint16_t)(number + 1));
    snprintf(parent, sizeof parent, "%016" PRIx64, low | 1);
    span = json_pack("{s:s,s:s,s:s,s:i,s:o,s:[],s:[],s:{}}", "traceId", trace, "spanId", id, "name", name, "kind", kind,
                     "startTimeUnixNano", trace_moment(spans->batch, begin_us), "attributes", "events", "status");
    if (!span) abort();
    if (number > 0) trace_put(span, "parentSpanId", json_string(parent));
    json_array_append_new(spans->list, span);
    return span;
}

/* Ends the span to which `span` points, if any, and sets the pointer to NULL. */
static void span_end(struct spans *spans, json_t **span, uint64_t at_us)
{
    if (*span) trace_put(*span, "endTimeUnixNano", trace_moment(spans->batch, at_us));
    *span = NULL;
}

/* Marks the span as failed, with the reason. */
static void span_failed(json_t *span, const char *why)
{
    trace_put(span, "status", json_pack("{s:i,s:s}", "code", STATUS_ERROR, "message", why));
}

/* Adds an event, a moment within a span. The returned object is borrowed. */
static json_t *watch_event(struct spans *spans, json_t *span, const char *name, uint64_t at_us)
{
    json_t *made =
        json_pack("{s:o,s:s,s:[]}", "timeUnixNano", trace_moment(spans->batch, at_us), "name", name, "attributes");
    if (!made || json_array_append_new(json_object_get(span, "events"), made) != 0) abort();
    return made;
}

#define enum_name_nothing NULL

static const struct fact_line {
    const char *text, *between, *key;
    const char *(*value)(uint64_t);
} lines[FACTS] = {
#define LINE(fact, text, between, value, key, span, names)                                                             \
    [FACT_##fact] = {text, between, "gcx." key, enum_name_##value},
#include "runtime/core/read/facts.def"
};

/* Adds an event to the span for a happening that has no span of its own, such as EventRinging, EventTreatmentEnd,
 * EventRouteUsed. */
static void step_event(struct spans *spans, json_t *span, const struct trace_step *step)
{
    const struct fact_line *line = &lines[step->fact];
    const char *value = line->value ? line->value(step->value) : NULL;
    bool joined = value && line->between[0] == '\0';
    char name[WORD];
    snprintf(name, WORD, "%s%s", line->text, joined ? value : "");
    json_t *made = watch_event(spans, span, name, step->at_us);
    attribute_text(made, "gcx.name", step->name);
    if (line->key[sizeof "gcx." - 1] != '\0') attribute_text(made, line->key, value);
}

/* ---- the effect of a fact on the spans: the column `span` of facts.def ---- */

static void span_event(struct spans *spans, const struct trace_step *step)
{
    step_event(spans, spans->root, step);
}

/* Begins the span of a treatment: a new treatment ends the one before. */
static void span_treatment_begins(struct spans *spans, const struct trace_step *step)
{
    span_end(spans, &spans->treatment, step->at_us);
    spans->treatment = span_begin(spans, "treatment", SPAN_CLIENT, step->at_us);
    attribute_text(spans->treatment, "gcx.treatment", enum_name_treatment(step->value));
}

static void span_treatment_told(struct spans *spans, const struct trace_step *step)
{
    step_event(spans, spans->treatment ? spans->treatment : spans->root, step);
    if (!spans->treatment || step->value == treatment_change_Applied) return;
    if (step->value == treatment_change_NotApplied) span_failed(spans->treatment, "not_applied");
    span_end(spans, &spans->treatment, step->at_us);
}

/* Begins the span of a query; there is one at a time, as a strategy waits for its answer. */
static void request_begins(struct spans *spans, const struct trace_step *step, const char *name, const char *key)
{
    span_end(spans, &spans->query, step->at_us);
    spans->query = span_begin(spans, name, SPAN_CLIENT, step->at_us);
    attribute_text(spans->query, key, step->name);
}

/* Begins the same kind of span for a query and for an HTTP request. */
static void span_query_begins(struct spans *spans, const struct trace_step *step)
{
    request_begins(spans, step, "query", "gcx.source");
}

static void span_http_begins(struct spans *spans, const struct trace_step *step)
{
    request_begins(spans, step, "http", "gcx.endpoint");
}

static void span_query_over(struct spans *spans, const struct trace_step *step)
{
    const char *code = enum_name_code(step->value);
    if (!spans->query) {
        step_event(spans, spans->root, step);
        return;
    }
    attribute_text(spans->query, "gcx.code", code);
    if (step->value != code_ok) span_failed(spans->query, code);
    span_end(spans, &spans->query, step->at_us);
}

/* Begins the span of a route, which ends when the destination answers, or when the call comes back. */
static void span_route_begins(struct spans *spans, const struct trace_step *step)
{
    span_end(spans, &spans->route, step->at_us);
    spans->route = span_begin(spans, "route", SPAN_CLIENT, step->at_us);
    attribute_text(spans->route, "gcx.dest", step->name);
}

static void span_route_told(struct spans *spans, const struct trace_step *step)
{
    step_event(spans, spans->route ? spans->route : spans->root, step);
}

/* Ends the route's span when the other party answers. */
static void span_route_party(struct spans *spans, const struct trace_step *step)
{
    span_route_told(spans, step);
    if (step->value == party_change_Established) span_end(spans, &spans->route, step->at_us);
}

/* Ends the route's span as failed: a call that comes back was not answered there. */
static void span_route_returned(struct spans *spans, const struct trace_step *step)
{
    span_route_told(spans, step);
    if (spans->route) span_failed(spans->route, "returned");
    span_end(spans, &spans->route, step->at_us);
}

/* Ends the span of a default destination that was asked for, when a route was used. */
static void span_route_used(struct spans *spans, const struct trace_step *step)
{
    if (spans->fallback)
        step_event(spans, spans->fallback, step);
    else
        span_route_told(spans, step);
    span_end(spans, &spans->fallback, step->at_us);
}

static void span_default_begins(struct spans *spans, const struct trace_step *step)
{
    span_end(spans, &spans->fallback, step->at_us);
    spans->fallback = span_begin(spans, "default", SPAN_CLIENT, step->at_us);
    attribute_text(spans->fallback, "gcx.code", enum_name_code(step->value));
}

static void (*const span_of_fact[FACTS])(struct spans *, const struct trace_step *) = {
#define LINE(fact, text, between, value, key, span, names) [FACT_##fact] = span_##span,
#include "runtime/core/read/facts.def"
};

static void steps_put(struct spans *spans)
{
    for (uint32_t at = spans->subject->first_step; at != NONE; at = spans->batch->steps[at].next)
        span_of_fact[spans->batch->steps[at].fact](spans, &spans->batch->steps[at]);
}

/* Ends a selection that chose nobody, with the next happening: the call was routed otherwise, or has gone. */
static uint64_t trace_left_us(const struct spans *spans, uint64_t after_us)
{
    for (uint32_t at = spans->subject->first_step; at != NONE; at = spans->batch->steps[at].next) {
        const struct trace_step *step = &spans->batch->steps[at];
        bool leaves = step->fact == FACT_default_asked || step->fact == FACT_route_asked ||
                      step->fact == FACT_call_ended || step->fact == FACT_ended_by_administrator ||
                      (step->fact == FACT_party_changed && step->value == party_change_Abandoned);
        if (leaves && step->at_us >= after_us) return step->at_us;
    }
    return spans->end_us;
}

static void pick_event(struct spans *spans, json_t *span, const struct pick *pick)
{
    json_t *made = watch_event(spans, span, "decision", pick->row.at_us);
    attribute_text(made, "gcx.chosen", pick->chosen);
#define NUMBER(name) attribute_number(made, "gcx." #name, pick->row.name)
    NUMBER(line), NUMBER(candidates), NUMBER(not_ready), NUMBER(not_matching), NUMBER(claimed), NUMBER(among);
#undef NUMBER
    attribute_text(made, "gcx.order", pick->row.order);
}

/* Makes a span for each visit of a virtual queue, from its beginning until an agent is chosen, with each decision as
 * an event in it. The beginning is known to the millisecond. Two decisions belong to one visit if the first chose
 * nobody, and both have the same queue and the same beginning. */
static void picks_put(struct spans *spans)
{
    const struct pick *last = NULL;
    json_t *span = NULL;
    for (uint32_t at = spans->subject->first_pick; at != NONE; at = spans->batch->picks[at].next) {
        const struct pick *pick = &spans->batch->picks[at];
        uint64_t entered_us = pick->row.entered_us;
        bool same = last && strcmp(last->vq, pick->vq) == 0 && last->chosen[0] == '\0' &&
                    entered_us < last->row.entered_us + 2000;
        if (!same) {
            if (last && span) span_end(spans, &span, trace_left_us(spans, last->row.at_us));
            if (entered_us < spans->subject->arrived_us) entered_us = spans->subject->arrived_us;
            span = span_begin(spans, "select", SPAN_INTERNAL, entered_us);
            attribute_text(span, "gcx.vq", pick->vq);
        }
        pick_event(spans, span, pick);
        last = pick;
        if (pick->chosen[0] == '\0') continue;
        attribute_text(span, "gcx.chosen", pick->chosen);
        span_end(spans, &span, pick->row.at_us);
    }
    if (last && span) span_end(spans, &span, trace_left_us(spans, last->row.at_us));
}

/* The span of an interaction that still runs ends at the present moment. */
static void subject_put(const struct trace_batch *batch, const struct subject *subject, json_t *list)
{
    bool living = strcmp(subject->state, "ended") != 0;
    struct spans spans = {.batch = batch, .subject = subject, .list = json_array()};
    char text[IXN_TEXT];
    json_t *root;
    spans.end_us = living ? batch->now_us : subject->changed_us;
    spans.root = root = span_begin(&spans, subject->strategy[0] != '\0' ? subject->strategy : "interaction",
                                   SPAN_SERVER, subject->arrived_us);
    ident_print_ixn(subject->ixn, text);
    attribute_text(root, "gcx.ixn", text);
    ident_print_conn(subject->conn, text);
    if (subject->conn != 0) attribute_text(root, "gcx.conn", text);
    attribute_text(root, "gcx.media", subject->media);
    attribute_text(root, "gcx.strategy", subject->strategy);
    attribute_text(root, "gcx.dnis", subject->dnis);
    attribute_text(root, "gcx.owner", subject->owner);
    attribute_text(root, "gcx.outcome", subject->outcome);
    attribute_text(root, "gcx.state", subject->state);
    attribute_number(root, "gcx.priority", subject->priority);
    steps_put(&spans);
    picks_put(&spans);
    span_end(&spans, &spans.treatment, spans.end_us);
    span_end(&spans, &spans.query, spans.end_us);
    span_end(&spans, &spans.route, spans.end_us);
    span_end(&spans, &spans.fallback, spans.end_us);
    span_end(&spans, &spans.root, spans.end_us);
    json_array_extend(list, spans.list);
    json_decref(spans.list);
}

json_t *trace_batch_json(const struct trace_batch *batch)
{
    json_t *list = json_array(), *resource = json_pack("{s:[]}", "attributes");
    attribute_text(resource, "service.name", "gcxvm");
    attribute_text(resource, "service.version", PACKAGE_VERSION);
    for (unsigned i = 0; i < batch->count; i++) subject_put(batch, &batch->subjects[i], list);
    return json_pack("{s:[{s:o,s:[{s:{s:s,s:s},s:o}]}]}", "resourceSpans", "resource", resource, "scopeSpans", "scope",
                     "name", "gcx", "version", PACKAGE_VERSION, "spans", list);
}
