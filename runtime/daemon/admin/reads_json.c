/* runtime/daemon/admin/reads_json.c - Spans, moments, ids, user data and interactions as JSON.
 *
 * An empty span becomes null: in the core an absent text and an empty one are alike. Moments are written as wall
 * clock: the core counts its own time, and `offset_us` is the difference. If memory cannot be had the process ends
 * here, because half an answer would look like a whole one. */
#include "runtime/daemon/admin/reads_json.h"

#include <assert.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/read/totals.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/moment.h"

void json_put(json_t *into, const char *key, json_t *value)
{
    assert(into && key && value);
    if (json_object_set_new(into, key, value) != 0) abort();
}

void json_put_number(json_t *into, const char *key, uint64_t value)
{
    json_put(into, key, json_integer((json_int_t)value));
}

void json_append(json_t *list, json_t *value)
{
    assert(list && value);
    if (json_array_append_new(list, value) != 0) abort();
}

/* Writes a text as JSON, which must be UTF-8: bytes that may come from a switch need not be. */
json_t *json_text_of(struct span span)
{
    json_t *text = span.length > 0 ? json_stringn((const char *)span.bytes, span.length) : json_null();
    return text ? text : json_string("(not UTF-8)");
}

int64_t reads_wall_less_logical(const struct core *core)
{
    struct core_status status;
    core_status(core, &status);
    return status.wall_us - (int64_t)status.time_us;
}

void json_put_as_of(json_t *into, const struct core *core)
{
    static const enum note_list lists[] = {NOTES_OF_WORK, NOTES_OF_AGENTS};
    struct core_status status;
    core_status(core, &status);
    int64_t as_of_us = status.wall_us;
    /* After a restart the wall clock may be behind by what it was set back since: who looks now has seen every act. */
    for (unsigned list = 0; list < 2; list++) {
        uint64_t count = core_notes(core, lists[list]), last = count - 1;
        struct note_row note;
        if (count != 0 && core_note(core, lists[list], &last, &note) && note.at_us > as_of_us) as_of_us = note.at_us;
    }
    json_put(into, "as_of_us", json_integer(as_of_us));
}

uint64_t reads_since_batch_us(const struct core *core)
{
    struct core_status status;
    int64_t now_us = (int64_t)host_wall_clock_us();
    core_status(core, &status);
    return now_us > status.wall_us ? (uint64_t)(now_us - status.wall_us) : 0;
}

/* 0: never. */
void json_put_moment(json_t *into, const char *key, uint64_t logical_us, int64_t offset_us)
{
    json_put(into, key, logical_us != 0 ? json_integer(moment_wall_us(logical_us, offset_us)) : json_null());
}

void json_put_wall(json_t *into, const char *key, int64_t wall_us)
{
    json_put(into, key, wall_us != 0 ? json_integer(wall_us) : json_null());
}

void json_put_ixn(json_t *into, const char *key, uint64_t ixn)
{
    assert(into && key);
    char text[IXN_TEXT];
    ident_print_ixn(ixn, text);
    json_put(into, key, ixn != 0 ? json_string(text) : json_null());
}

/* Writes the ConnID; 0 stands for an interaction that has no ConnID. */
static void put_conn(json_t *into, uint64_t conn)
{
    char text[CONN_TEXT];
    ident_print_conn(conn, text);
    json_put(into, "conn", conn != 0 ? json_string(text) : json_null());
}

void json_put_hash(json_t *into, const char *key, const uint8_t *hash)
{
    char text[HASH_TEXT];
    if (hash) sodium_bin2hex(text, sizeof text, hash, CORE_HASH);
    json_put(into, key, hash ? json_string(text) : json_null());
}

static json_t *json_value_json(const struct kv_value *value);

/* If a key is there twice its first value counts, as CTI clients look it up. */
json_t *json_of_kv(struct span pairs)
{
    json_t *object = json_object();
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) {
        char key[257];
        snprintf(key, sizeof key, "%.*s", (int)pair.key.length, (const char *)pair.key.bytes);
        if (!json_object_get(object, key)) json_put(object, key, json_value_json(&pair.value));
    }
    return object;
}

/* A list of the language is stored as pairs whose keys are all "item". */
static bool json_is_list(struct span pairs)
{
    struct kv_pair pair;
    uint32_t at = 0, count = 0;
    for (; kv_next(pairs, &at, &pair); count++)
        if (pair.key.length != 4 || memcmp(pair.key.bytes, "item", 4) != 0) return false;
    return count > 0;
}

/* Writes the items of a list, without their common key. */
static json_t *json_list_json(struct span pairs)
{
    json_t *array = json_array();
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(pairs, &at, &pair);) json_array_append_new(array, json_value_json(&pair.value));
    return array;
}

/* Writes a value: a secret is masked and never leaves the core's process; bytes that are no text are not shown. */
static json_t *json_value_json(const struct kv_value *value)
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
        return isfinite(value->number) ? json_real(value->number) : json_null();
    case KV_TEXT:
        return value->span.length > 0 ? json_text_of(value->span) : json_string("");
    case KV_LIST:
        return json_is_list(value->span) ? json_list_json(value->span) : json_of_kv(value->span);
    case KV_BINARY:
        break;
    }
    return json_string("(binary)");
}

json_t *reads_interaction_json(const struct interaction_row *row, int64_t offset_us)
{
    assert(row);
    json_t *object = json_object();
    json_put_ixn(object, "ixn", row->ixn);
    put_conn(object, row->conn);
    json_put(object, "media", json_text_of(row->media));
    json_put(object, "ani", json_text_of(row->ani));
    json_put(object, "dnis", json_text_of(row->dnis));
    json_put(object, "strategy", json_text_of(row->strategy));
    json_put(object, "state", json_text_of(row->state));
    json_put(object, "step", json_text_of(row->step));
    json_put(object, "vq", json_text_of(row->vq));
    json_put(object, "queue", json_text_of(row->queue));
    json_put(object, "bin", json_text_of(row->bin));
    json_put(object, "bin_of", json_text_of(row->bin_of));
    json_put(object, "owner_kind", json_text_of(row->owner_kind));
    json_put(object, "owner", json_text_of(row->owner));
    json_put(object, "outcome", json_text_of(row->outcome));
    json_put(object, "priority", json_integer(row->priority));
    if (row->back_us != 0) json_put_moment(object, "back_us", row->back_us, offset_us);
    if (row->reply_us != 0) json_put_moment(object, "reply_us", row->reply_us, offset_us);
    if (row->away_us != 0) json_put_moment(object, "away_us", row->away_us, offset_us);
    json_put_moment(object, "arrived_us", row->arrived_us, offset_us);
    json_put_moment(object, "changed_us", row->changed_us, offset_us);
    json_put_number(object, "block_bytes", row->block_bytes);
    json_put(object, "listen", json_boolean(row->listen));
    json_put(object, "take_over", json_boolean(row->take_over));
    return object;
}

const char *reads_asked_text(const struct asking *asking, const char *key)
{
    return json_string_value(json_object_get(asking->request, key));
}

uint64_t reads_asked_number(const struct asking *asking, const char *key, uint64_t otherwise)
{
    const json_t *value = json_object_get(asking->request, key);
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) : otherwise;
}

/* Returns the number of rows wanted: the client may ask for fewer rows than the bound, never for more. */
uint64_t reads_asked_rows(const struct asking *asking, uint64_t at_most)
{
    assert(at_most > 0);
    uint64_t limit = reads_asked_number(asking, "limit", at_most);
    return limit > 0 && limit < at_most ? limit : at_most;
}

/* Writes the cursor of the next page, or null after the last page. */
void json_put_next(struct asking *asking, bool more, uint64_t next)
{
    json_put(asking->into, "next", more ? json_integer((json_int_t)next) : json_null());
}

void reads_refuse_unknown(struct asking *asking, const char *what, const char *name)
{
    assert(asking && what && name);
    error_set(asking->error, ERROR_UNKNOWN, "there is no %s `%.64s`", what, name);
    asking->good = false;
}

bool reads_sees(const struct asking *asking, const struct core *core, enum core_may_what what, struct span name,
                uint64_t ixn)
{
    char why[CORE_MAY_TEXT];
    if (!asking->reader) return true;
    return core_may(core, &(struct core_may){.person = span_of(asking->reader), .what = what, .name = name, .id = ixn},
                    why);
}

/* True: the row says that its person leads the agent's group, or the queue. */
static bool led_row_is_of(const struct core *core, const struct led_row *row, const uint32_t *agent, struct span queue)
{
    struct span group;
    if (!agent) return !row->group && span_equal(row->of, queue);
    for (uint32_t at = 0; row->group && core_agent_group(core, *agent, at, &group); at++)
        if (span_equal(group, row->of)) return true;
    return false;
}

void reads_put_led(const struct asking *asking, const struct core *core, json_t *row, const uint32_t *agent,
                   struct span queue)
{
    struct led_row led;
    if (!asking->daemon->conf->bounded_reading) return;
    json_t *list = json_array();
    for (uint32_t at = 0; core_led(core, at, &led); at++)
        if (led_row_is_of(core, &led, agent, queue)) json_append(list, json_text_of(led.person));
    json_put(row, "led_by", list);
}
