/* runtime/daemon/admin/reads_one.c - One interaction: where it is, what happened to it, what it carries, why it waits.
 */
#include "config.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/why.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/watch/trace.h"

enum { HISTORY_ROWS = 1000, DECISION_ROWS = 200, WHY_AGENTS = 50, WHY_LINES = 64, WHY_ASKED = 16 };

/* Looks up the interaction that was asked for, and puts it into the answer. False with the reason. */
static bool find(struct asking *asking, struct core *core, struct interaction_row *row)
{
    char text[IXN_TEXT];
    asking->good = asking->by_conn ? core_find_call(core, asking->ixn, row)
                                   : core_find(core, asking->ixn, row) && row->ixn == asking->ixn;
    if (asking->good) {
        put(asking->into, "interaction", interaction_json(row, wall_less_logical(core)));
        return true;
    }
    if (asking->by_conn)
        snprintf(text, sizeof text, "%016llx", (unsigned long long)asking->ixn);
    else
        ixn_print(asking->ixn, text);
    error_set(asking->error, ERROR_UNKNOWN,
              "no interaction %s: it never was, or ended long ago; `interactions` lists those that are known", text);
    return false;
}

/* The place in the source where the strategy stands, or is busy; null: nowhere. */
static json_t *where_json(const struct core *core, uint64_t ixn, bool busy)
{
    struct where_row row;
    json_t *object;
    if (!core_where(core, ixn, busy, &row)) return json_null();
    object = json_object();
    put(object, "step", text_of(row.step));
    put(object, "function", text_of(row.function));
    put(object, "file", text_of(row.file));
    put(object, "line", row.line != 0 ? json_integer(row.line) : json_null());
    put(object, "column", row.line != 0 ? json_integer(row.column) : json_null());
    return object;
}

/* Its wait in a virtual queue; null: it does not wait. */
static json_t *waiting_json(const struct core *core, uint64_t ixn)
{
    struct waiting_row row;
    int64_t offset_us = wall_less_logical(core);
    json_t *object;
    if (!core_waiting(core, ixn, &row)) return json_null();
    object = json_object();
    put(object, "vq", text_of(row.vq));
    put(object, "position", row.position != 0 ? json_integer(row.position) : json_null());
    put_number(object, "among", row.among);
    put(object, "priority", json_integer(row.priority));
    put_moment(object, "since_us", row.entered_us, offset_us);
    put_number(object, "waited_us", core_time(core) - row.entered_us + since_batch_us(core));
    put_moment(object, "until_us", row.until_us, offset_us);
    put(object, "expected_us", row.expected_us != UINT64_MAX ? json_integer((json_int_t)row.expected_us) : json_null());
    return object;
}

/* Attributes and user data. Secrets are masked by kv_json(). */
static json_t *data_json(struct core *core, uint64_t ixn)
{
    struct kv data;
    json_t *object;
    kv_init(&data);
    core_data(core, ixn, &data);
    object = kv_json(kv_span(&data));
    kv_free(&data);
    return object;
}

/* Data is shown to operators and above. */
void interaction_read(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    if (!find(asking, core, &row)) return;
    put(asking->into, "at", where_json(core, row.ixn, false));
    put(asking->into, "busy", where_json(core, row.ixn, true));
    put(asking->into, "waiting", waiting_json(core, row.ixn));
    put(asking->into, "data", asking->role >= ROLE_OPERATOR ? data_json(core, row.ixn) : json_null());
}

void data_read(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    if (find(asking, core, &row)) put(asking->into, "data", data_json(core, row.ixn));
}

/* Pairs of `at` and `what`, by turns. */
static json_t *history_json(struct core *core, uint64_t ixn, uint64_t *cursor)
{
    json_t *list = json_array();
    struct kv history;
    struct kv_pair pair;
    int64_t at_us = 0;
    kv_init(&history);
    core_history_from(core, ixn, cursor, HISTORY_ROWS, &history);
    for (uint32_t at = 0; kv_next(kv_span(&history), &at, &pair);)
        if (span_is(pair.key, "at"))
            at_us = pair.value.word;
        else
            append(list, json_pack("{s:I,s:o}", "at_us", (json_int_t)at_us, "what", text_of(pair.value.span)));
    kv_free(&history);
    return list;
}

/* By what the one chosen was compared with the others: "9", "12.345s", "40%"; null: by nothing. */
static json_t *figure_json(const struct decision_row *row)
{
    assert(row);
    char text[48];
    long long figure = row->figure;
    if (row->figure_type == TYPE_VOID) return json_null();
    if (row->figure_type == TYPE_DURATION)
        snprintf(text, sizeof text, "%.3fs", (double)figure / 1e6);
    else if (row->figure_type == TYPE_PERCENT)
        snprintf(text, sizeof text, "%.4g%%", (double)figure / 1e4);
    else
        snprintf(text, sizeof text, "%lld", figure);
    return json_string(text);
}

/* One decision of a selection. */
static json_t *decision_json(const struct decision_row *row, int64_t offset_us)
{
    json_t *object = json_object();
    put(object, "vq", text_of(row->vq));
    put(object, "chosen", text_of(row->chosen));
    put_moment(object, "at_us", row->at_us, offset_us);
    put_number(object, "waited_us", row->at_us - row->entered_us);
#define NUMBER(name) put_number(object, #name, row->name)
    NUMBER(line), NUMBER(candidates), NUMBER(not_ready), NUMBER(not_matching), NUMBER(claimed), NUMBER(among);
#undef NUMBER
    put(object, "order", json_string(row->order));
    put(object, "figure", figure_json(row));
    return object;
}

/* The newest, oldest first. */
static json_t *decisions_json(const struct core *core, uint64_t ixn)
{
    json_t *list = json_array();
    int64_t offset_us = wall_less_logical(core);
    uint64_t cursor = 0;
    uint32_t count = 0, at = 0;
    struct decision_row row;
    while (core_decision_next(core, ixn, &cursor, &row)) count++;
    for (cursor = 0; core_decision_next(core, ixn, &cursor, &row); at++)
        if (at + DECISION_ROWS >= count) append(list, decision_json(&row, offset_us));
    return list;
}

/* The trace of one interaction, as traces.c writes it to its file. */
static json_t *otlp_json(const struct core *core, const struct interaction_row *row)
{
    struct trace_batch *batch = trace_batch_new();
    json_t *request;
    trace_batch_add(batch, row);
    trace_batch_collect(batch, core);
    request = trace_batch_json(batch);
    trace_batch_free(batch);
    return request;
}

/* A page of its history; `more` tells gcxctl --follow that it has not caught up. */
void trace_read(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    uint64_t cursor = asked_number(asking, "from", 0);
    const char *format = json_string_value(json_object_get(asking->request, "format"));
    json_t *history;
    if (format && strcmp(format, "otlp") != 0 && strcmp(format, "text") != 0) {
        error_set(asking->error, ERROR_INPUT, "no format `%.40s`; expected text or otlp", format);
        asking->good = false;
        return;
    }
    if (!find(asking, core, &row)) return;
    if (format && strcmp(format, "otlp") == 0) {
        put(asking->into, "otlp", otlp_json(core, &row));
        return;
    }
    history = history_json(core, row.ixn, &cursor);
    put(asking->into, "more", json_boolean(json_array_size(history) == HISTORY_ROWS));
    put(asking->into, "history", history);
    put_number(asking->into, "next", cursor);
    put(asking->into, "decisions", decisions_json(core, row.ixn));
}

/* What the line's condition compares now. */
static json_t *figures_json(struct core *core, uint64_t ixn, uint32_t line)
{
    struct why_figure rows[WHY_FIGURES_MAX];
    json_t *list = json_array();
    uint32_t count = core_why_figures(core, ixn, line, rows);
    for (uint32_t i = 0; i < count; i++) {
        json_t *object = json_object();
        put(object, "figure", text_of(rows[i].figure));
        put(object, "is", json_string(rows[i].is));
        if (*rows[i].sign != '\0') {
            put(object, "sign", json_string(rows[i].sign));
            put(object, "bound", text_of(rows[i].bound));
            put(object, "than", json_string(rows[i].than));
        }
        put(object, "holds", json_boolean(rows[i].holds));
        append(list, object);
    }
    return list;
}

/* The lines of its selection. `conditions`: those that are open and that an agent can match. */
static json_t *lines_json(struct core *core, uint64_t ixn, bool *conditions)
{
    assert(conditions);
    json_t *list = json_array();
    int64_t offset_us = wall_less_logical(core);
    struct why_line row;
    for (uint32_t i = 0; i < WHY_LINES && core_why_line(core, ixn, i, &row); i++) {
        json_t *object = json_object();
        put_number(object, "number", i);
        put(object, "file", text_of(row.file));
        put(object, "line", row.line != 0 ? json_integer(row.line) : json_null());
        put(object, "open", json_boolean(row.open));
        put_moment(object, "opens_us", row.opens_us, offset_us);
        put(object, "kind", json_string(row.kind));
        put(object, "target", text_of(row.target));
        append(list, object);
        if (row.barred) put(object, "barred", json_true());
        if (strcmp(row.kind, "where") == 0 || strcmp(row.kind, "until") == 0)
            put(object, "figures", figures_json(core, ixn, i));
        conditions[i] = row.open && row.agents;
    }
    return list;
}

/* How one agent fits one line, and what it lacks. */
static json_t *match_json(uint32_t line, const struct why_match *match)
{
    json_t *object = json_object(), *lacks = json_array();
    put_number(object, "number", line);
    put(object, "matches", json_boolean(match->matches));
    if (match->left_out) put(object, "left_out", json_true());
    if (match->unasked) put(object, "unasked", json_true());
    put(object, "either", json_boolean(match->either));
    for (uint32_t i = 0; i < match->count; i++) {
        const struct why_part *part = &match->parts[i];
        json_t *lack = json_object();
        put(lack, part->group ? "group" : "skill", text_of(part->name));
        put(lack, "has", json_integer(part->has));
        put(lack, "needs", part->needs >= 0 ? json_integer(part->needs) : json_null());
        append(lacks, lack);
    }
    put(object, "lacks", lacks);
    return object;
}

/* Only the lines that are open, as far as an agent can match them. */
static json_t *candidate_json(struct core *core, uint64_t ixn, uint32_t index, const struct agent_row *row,
                              const bool *conditions)
{
    assert(row && conditions);
    json_t *object = json_object(), *list = json_array();
    struct why_match match;
    bool matches = false;
    put(object, "name", text_of(row->name));
    put(object, "state", json_string(enum_name_agent_state(row->state)));
    put(object, "not_chosen", text_of(row->not_chosen));
    put_ixn(object, "ixn", row->ixn);
    for (uint32_t line = 0; line < WHY_LINES && json_array_size(list) < WHY_ASKED; line++) {
        if (!conditions[line]) continue;
        if (!core_why_match(core, ixn, line, index, &match)) break;
        append(list, match_json(line, &match));
        matches = matches || match.matches;
    }
    put(object, "matches", json_boolean(matches));
    put(object, "lines", list);
    return object;
}

/* Agents who are logged in, or the one that was named. */
static void candidates_read(struct asking *asking, struct core *core, uint64_t ixn, const bool *conditions)
{
    uint64_t from = asked_number(asking, "from", 0), end = from + PAGE_LOOKED, limit = asked_rows(asking, WHY_AGENTS);
    json_t *list = json_array();
    struct agent_row row;
    uint32_t named = 0;
    const char *name = asked_text(asking, "agent");
    bool more = !name;
    put(asking->into, "agents", list);
    if (name && core_agent_named(core, span_of(name), &named) && core_agent(core, named, &row))
        append(list, candidate_json(core, ixn, named, &row, conditions));
    else if (name)
        refuse_unknown(asking, "agent", name);
    while (more && from < end && json_array_size(list) < limit) {
        more = core_agent(core, (uint32_t)from, &row);
        if (more && !span_is(row.not_chosen, "not logged in"))
            append(list, candidate_json(core, ixn, (uint32_t)from, &row, conditions));
        from++;
    }
    more = more && core_agent(core, (uint32_t)from, &row);
    put(asking->into, "next", more ? json_integer((json_int_t)from) : json_null());
}

/* A count over all agents, the lines of the selection, and agents page by page. */
void why_read(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    struct core_status status;
    bool conditions[WHY_LINES] = {false};
    if (!find(asking, core, &row)) return;
    core_status(core, &status);
    put_number(asking->into, "logged_in", status.agents_logged_in);
    put_number(asking->into, "ready", status.agents_ready);
    put(asking->into, "at", where_json(core, row.ixn, false));
    put(asking->into, "waiting", waiting_json(core, row.ixn));
    put(asking->into, "lines", lines_json(core, row.ixn, conditions));
    candidates_read(asking, core, row.ixn, conditions);
    put(asking->into, "decisions", decisions_json(core, row.ixn));
}
