/* runtime/daemon/admin/reads_one.c - Answers about one interaction: where it is, what happened to it, which data it
 * has.
 *
 * Texts and data of an interaction are personal: roles below operator see only that there is data; secrets are
 * masked for everybody (json_of_kv). A history is sent in pages, so that a follower never asks twice for the same
 * line. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/watch/trace.h"
#include "runtime/vocabulary/ident.h"
#include "vm/image.h"

enum { HISTORY_ROWS = 1000, DECISION_ROWS = 200 };

bool reads_find(struct asking *asking, struct core *core, struct interaction_row *row)
{
    char text[IXN_TEXT];
    asking->good = asking->by_conn ? core_find_call(core, asking->ixn, row)
                                   : core_find(core, asking->ixn, row) && row->ixn == asking->ixn;
    if (asking->good && !reads_sees(asking, core, CORE_MAY_work, (struct span){0}, row->ixn)) {
        asking->good = false;
        return error_set(asking->error, ERROR_DENIED, "%s leads neither a queue nor an agent of this interaction",
                         asking->reader);
    }
    if (asking->good) {
        json_put(asking->into, "interaction", reads_interaction_json(row, reads_wall_less_logical(core)));
        json_put_as_of(asking->into, core);
        return true;
    }
    if (asking->by_conn)
        snprintf(text, sizeof text, "%016llx", (unsigned long long)asking->ixn);
    else
        ident_print_ixn(asking->ixn, text);
    return error_set(asking->error, ERROR_UNKNOWN,
                     "no interaction %s: it never was, or ended long ago; `interactions` lists those that are known",
                     text);
}

json_t *reads_where_json(const struct core *core, uint64_t ixn, bool busy)
{
    struct where_row row;
    json_t *object;
    if (!core_where(core, ixn, busy, &row)) return json_null();
    object = json_object();
    json_put(object, "step", json_text_of(row.step));
    json_put(object, "function", json_text_of(row.function));
    json_put(object, "file", json_text_of(row.file));
    json_put(object, "line", row.line != 0 ? json_integer(row.line) : json_null());
    json_put(object, "column", row.line != 0 ? json_integer(row.column) : json_null());
    return object;
}

json_t *reads_waiting_json(const struct asking *asking, const struct core *core, uint64_t ixn)
{
    struct waiting_row row;
    int64_t offset_us = reads_wall_less_logical(core);
    json_t *object;
    if (!core_waiting(core, ixn, &row)) return json_null();
    object = json_object();
    json_put(object, "vq", json_text_of(row.vq));
    json_put(object, "position", row.position != 0 ? json_integer(row.position) : json_null());
    json_put_number(object, "among", row.among);
    json_put(object, "priority", json_integer(row.priority));
    json_put_moment(object, "since_us", row.entered_us, offset_us);
    json_put_moment(object, "age_since_us", row.age_us, offset_us);
    json_put_number(object, "age_us", core_time(core) - row.age_us + (asking->past ? 0 : reads_since_batch_us(core)));
    json_put_number(object, "waited_us",
                    core_time(core) - row.entered_us + (asking->past ? 0 : reads_since_batch_us(core)));
    json_put_moment(object, "until_us", row.until_us, offset_us);
    json_put(object, "expected_us",
             row.expected_us != UINT64_MAX ? json_integer((json_int_t)row.expected_us) : json_null());
    return object;
}

/* Writes who debugs the interaction, since when, and until when it stays stopped at most. */
json_t *reads_debugged_json(const struct core *core, uint64_t ixn)
{
    struct debugged_row row;
    int64_t offset_us = reads_wall_less_logical(core);
    if (!core_debugged(core, ixn, &row)) return json_null();
    json_t *object = json_object();
    json_put(object, "by", json_text_of(row.by));
    json_put_moment(object, "since_us", row.since_us, offset_us);
    json_put_moment(object, "until_us", row.until_us, offset_us);
    return object;
}

/* True: the key is the name of an attribute that was listed before. */
static bool attribute_hides(struct span before, struct span key)
{
    const struct attribute *attribute = attribute_named((const char *)key.bytes, key.length);
    struct kv_value value;
    return attribute && (span_is(key, "user_data") || kv_get(before, attribute->name, &value));
}

/* Writes attributes, then user data: user data with the name of an attribute is put into `user_data`. Secrets are
 * masked by json_of_kv(). */
static json_t *data_json(struct core *core, uint64_t ixn)
{
    struct kv data, hidden;
    struct kv_pair pair;
    kv_init(&data);
    kv_init(&hidden);
    core_data(core, ixn, &data);
    for (uint32_t at = 0, before = 0; kv_next(kv_span(&data), &at, &pair); before = at)
        if (attribute_hides((struct span){data.bytes, before}, pair.key)) kv_put(&hidden, pair.key, &pair.value);
    json_t *object = json_of_kv(kv_span(&data));
    if (hidden.length > 0) json_put(object, "user_data", json_of_kv(kv_span(&hidden)));
    kv_free(&hidden);
    kv_free(&data);
    return object;
}

/* Shows data only to operators and above. */
void reads_core_interaction(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    if (!reads_find(asking, core, &row)) return;
    json_put(asking->into, "at", reads_where_json(core, row.ixn, false));
    json_put(asking->into, "busy", reads_where_json(core, row.ixn, true));
    json_put(asking->into, "waiting", reads_waiting_json(asking, core, row.ixn));
    json_put(asking->into, "debugged", reads_debugged_json(core, row.ixn));
    json_put(asking->into, "data", asking->role >= ROLE_OPERATOR ? data_json(core, row.ixn) : json_null());
}

void reads_core_data(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    if (reads_find(asking, core, &row)) json_put(asking->into, "data", data_json(core, row.ixn));
}

/* A note of a strategy may contain personal data of the caller: roles below operator see only that there is one. */
static struct span history_shown(struct span what, enum role role)
{
    bool hidden = role < ROLE_OPERATOR && what.length > 5 && memcmp(what.bytes, "Note ", 5) == 0;
    return hidden ? span_of("Note") : what;
}

/* Writes the history, whose pairs are `at` and `what` in turn. */
static json_t *history_json(struct core *core, uint64_t ixn, uint64_t *cursor, enum role role)
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
            json_append(list, json_pack("{s:I,s:o}", "at_us", (json_int_t)at_us, "what",
                                        json_text_of(history_shown(pair.value.span, role))));
    kv_free(&history);
    return list;
}

/* The value by which the chosen agent was compared with the others: "9", "12.345s", "40%", "0.873"; null: by none. */
static json_t *figure_json(uint8_t type, long long figure)
{
    char text[48];
    if (type == TYPE_VOID) return json_null();
    if (type == TYPE_DURATION)
        snprintf(text, sizeof text, "%.3fs", (double)figure / 1e6);
    else if (type == TYPE_PERCENT)
        snprintf(text, sizeof text, "%.4g%%", (double)figure / 1e4);
    else if (type == TYPE_FLOAT)
        snprintf(text, sizeof text, "%.6g", value_float((uint64_t)figure));
    else
        snprintf(text, sizeof text, "%lld", figure);
    return json_string(text);
}

/* Writes one decision of a selection. */
static json_t *decision_json(const struct decision_row *row, int64_t offset_us)
{
    json_t *object = json_object();
    json_put(object, "vq", json_text_of(row->vq));
    json_put(object, "chosen", json_text_of(row->chosen));
    json_put_moment(object, "at_us", row->at_us, offset_us);
    json_put_number(object, "waited_us", row->at_us - row->entered_us);
#define NUMBER(name) json_put_number(object, #name, row->name)
    NUMBER(line), NUMBER(candidates), NUMBER(not_ready), NUMBER(not_matching), NUMBER(claimed), NUMBER(among),
        NUMBER(others);
#undef NUMBER
    json_put(object, "order", row->chosen.length != 0 ? json_string(row->order) : json_null());
    json_put(object, "figure", figure_json(row->figure_type, row->figure));
    if (row->tie) {
        json_put(object, "tie", json_string(row->tie));
        json_put_number(object, "equal", row->equal);
        json_put(object, "tie_figure", figure_json(row->tie_type, row->tie_figure));
    }
    return object;
}

json_t *reads_decisions_json(const struct core *core, uint64_t ixn)
{
    json_t *list = json_array();
    int64_t offset_us = reads_wall_less_logical(core);
    uint64_t cursor = 0;
    uint32_t count = 0, at = 0;
    struct decision_row row;
    while (core_decision_next(core, ixn, &cursor, &row)) count++;
    for (cursor = 0; core_decision_next(core, ixn, &cursor, &row); at++)
        if (at + DECISION_ROWS >= count) json_append(list, decision_json(&row, offset_us));
    return list;
}

/* Writes the trace of one interaction, as traces.c writes it to its file. */
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

/* Writes a page of the interaction's history; `more` tells gcxctl --follow that there are more lines. */
void reads_core_trace(void *self, struct core *core)
{
    struct asking *asking = self;
    struct interaction_row row;
    uint64_t cursor = reads_asked_number(asking, "from", 0);
    const char *format = json_string_value(json_object_get(asking->request, "format"));
    json_t *history;
    if (format && strcmp(format, "otlp") != 0 && strcmp(format, "text") != 0) {
        error_set(asking->error, ERROR_INPUT, "no format `%.40s`; expected text or otlp", format);
        asking->good = false;
        return;
    }
    if (!reads_find(asking, core, &row)) return;
    if (format && strcmp(format, "otlp") == 0) {
        json_put(asking->into, "otlp", otlp_json(core, &row));
        return;
    }
    history = history_json(core, row.ixn, &cursor, asking->role);
    json_put(asking->into, "more", json_boolean(json_array_size(history) == HISTORY_ROWS));
    json_put(asking->into, "history", history);
    json_put_number(asking->into, "next", cursor);
    json_put(asking->into, "decisions", reads_decisions_json(core, row.ixn));
}
