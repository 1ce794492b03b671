/* runtime/debugger/retold_arrival.c - Finds how the interaction came, and the settings valid at that time.
 *
 * Until the interaction begins, activations and records of lists are collected, since one of them may be the one it
 * runs on. A call begins with EventCallCreated, a submitted interaction with Submit, a record with the first check
 * of its number, and a booked call-back when it is dialled. */
#include "runtime/debugger/retold_state.h"

#include <assert.h>
#include <string.h>

#include "runtime/sim/site_media.h"
#include "base/memory.h"
#include "vm/image.h"
#include "vm/show.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"

enum { RECORDS_MAX = 4096 };

bool retold_is_own(const struct retold_teller *t, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    return message_u(message, ENVELOPE_ixn) == t->ixn || (conn != 0 && conn == t->conn);
}

static void arrival_keep_data(struct kv *kv, struct span list)
{
    struct kv_pair pair;
    kv_clear(kv);
    for (uint32_t at = 0; kv_next(list, &at, &pair);) kv_put(kv, pair.key, &pair.value);
}

static struct retold_activation *point_at(struct retold_teller *t, struct span at)
{
    for (size_t i = 0; i < t->point_count; i++)
        if (span_is(at, t->points[i].at)) return &t->points[i];
    return NULL;
}

/* Notes the strategy of a routing point; the last one before the interaction begins counts. */
static void retold_arrival_activated(struct retold_teller *t, const struct message *event)
{
    struct span hash = message_text(event, Activate_image), at = message_text(event, Activate_at);
    const struct core_options *options = past_options(t->past);
    struct retold_activation *point = point_at(t, at);
    if (!point) {
        t->points = memory_grown(t->points, t->point_count + 1, sizeof *t->points);
        point = &t->points[t->point_count++];
        *point = (struct retold_activation){.image = NULL};
        teller_copy(point->at, at);
        kv_init(&point->given);
    }
    teller_copy(point->strategy, message_text(event, Activate_strategy));
    point->image = hash.length == IMAGE_HASH ? options->image(options->self, hash.bytes) : NULL;
    arrival_keep_data(&point->given, message_text(event, Activate_args));
}

/* Notes that the interaction begins: the teller counts times from this moment. Its strategy is the one at the
 * routing point where it came in. */
static void arrival_begins(struct retold_teller *t, struct span to)
{
    t->began = true;
    t->began_us = t->now_us;
    if (to.length > 0) teller_copy(t->to, to);
    t->point = point_at(t, span_of(t->to));
    if (t->point) t->image = t->point->image;
    if (t->point) teller_copy(t->strategy, span_of(t->point->strategy));
}

/* Notes that a telephone of the site makes the call, and who is logged in there. */
static void arrival_from_telephone(struct retold_teller *t, struct span dn)
{
    struct agent_row row;
    teller_copy(t->origin, dn);
    for (uint32_t i = 0; dn.length > 0 && core_agent(t->core, i, &row); i++)
        if (row.state != agent_state_logged_out && span_equal(row.dn, dn)) teller_copy(t->caller, row.name);
    if (*t->caller) retold_agents_calls(t->agents, t->core, t->caller);
}

const char *retold_arrival_nobody(const struct retold_teller *t, char name[static RETOLD_NAME_BYTES])
{
    (void)snprintf(name, RETOLD_NAME_BYTES, "at_%.*s", RETOLD_NAME_BYTES - 4, t->origin);
    return name;
}

static void arrival_created(struct retold_teller *t, const struct message *event)
{
    struct interaction_row main;
    uint64_t previous = message_u(event, EventCallCreated_prev_conn);
    arrival_begins(t, (struct span){0});
    t->media = media_voice;
    teller_copy(t->from, message_text(event, EventCallCreated_ani));
    if (message_u(event, EventCallCreated_call_type) == call_type_internal)
        arrival_from_telephone(t, message_text(event, EventCallCreated_origin_dn));
    if (previous != 0 && core_find_call(t->core, previous, &main)) teller_copy(t->main, main.ani);
    arrival_keep_data(&t->data, message_text(event, EventCallCreated_data));
}

static void arrival_submitted(struct retold_teller *t, const struct message *event)
{
    arrival_begins(t, message_text(event, Submit_queue));
    t->media = (enum media)message_u(event, Submit_media);
    teller_copy(t->from, message_text(event, Submit_from));
    teller_copy(t->subject, message_text(event, Submit_subject));
    t->no_test = message_u(event, Submit_type) != submit_type_inbound;
    arrival_keep_data(&t->data, message_text(event, Submit_data));
}

/* A list has delivered a record: notes it, since the interaction may be about to run on it. */
static void handed_over(struct retold_teller *t, const struct message *event)
{
    /* once a record is chosen, the array of records must not move */
    assert(t->record_count <= RECORDS_MAX && !t->record);
    /* drop the older half: a journal may have millions of records */
    if (t->record_count == RECORDS_MAX) {
        t->record_count -= RECORDS_MAX / 2;
        for (size_t i = 0; i < RECORDS_MAX / 2; i++) kv_free(&t->records[i].data);
        memmove(t->records, t->records + RECORDS_MAX / 2, t->record_count * sizeof *t->records);
    }
    t->records = memory_grown(t->records, t->record_count + 1, sizeof *t->records);
    struct retold_record *record = &t->records[t->record_count++];
    *record = (struct retold_record){.record = message_u(event, EventRecord_record),
                                     .chain = message_u(event, EventRecord_chain)};
    teller_copy(record->campaign, message_text(event, EventRecord_campaign));
    teller_copy(record->number, message_text(event, EventRecord_number));
    teller_copy(record->agent, message_text(event, EventRecord_agent));
    kv_init(&record->data);
    arrival_keep_data(&record->data, message_text(event, EventRecord_data));
}

/* Notes the record on which the interaction runs, at the first check of its number. */
static void retold_arrival_checks(struct retold_teller *t, const struct message *effect)
{
    assert(!t->record || (t->record >= t->records && t->record < t->records + t->record_count));
    uint64_t number = message_u(effect, CheckRecord_record);
    for (size_t i = t->record_count; i > 0 && !t->record; i--)
        if (t->records[i - 1].record == number &&
            span_is(message_text(effect, CheckRecord_campaign), t->records[i - 1].campaign))
            t->record = &t->records[i - 1];
    if (!t->record) return;
    arrival_begins(t, message_text(effect, CheckRecord_campaign));
    t->media = media_outbound;
    teller_copy(t->from, span_of(t->record->number));
    arrival_keep_data(&t->data, kv_span(&t->record->data));
}

/* Notes that the interaction is a booked call-back, which begins by being dialled. */
static void calls_back(struct retold_teller *t, const struct message *effect)
{
    arrival_begins(t, message_text(effect, RequestMakeCall_origin));
    t->media = media_callback;
    teller_copy(t->from, message_text(effect, RequestMakeCall_number));
}

/* Is this the submitted mail? A mail has no ConnID: the wanted mail is the one from this address that comes when the
 * interaction begins. */
static bool is_submitted(const struct retold_teller *t, const struct message *event)
{
    uint64_t conn = message_u(event, ENVELOPE_conn);
    struct span from = message_text(event, Submit_from);
    if (conn != 0 || t->conn != 0) return conn == t->conn;
    return t->now_us == t->end.arrived_us && (t->end.ani.length == 0 || span_equal(from, t->end.ani));
}

/* Finds the routing point at which the call came in; a submitted interaction names its queue itself. */
void retold_arrival_point(struct retold_teller *t)
{
    struct kv all;
    struct kv_value value;
    kv_init(&all);
    teller_copy(t->to, t->end.dnis);
    if (core_data(past_end(t->past), t->ixn, &all) && kv_get(kv_span(&all), "this_dn", &value) && value.tag == KV_TEXT)
        teller_copy(t->to, value.span);
    kv_free(&all);
}

void retold_arrival_hear(struct retold_teller *t, const struct message *event)
{
    if (event->kind == KIND_Activate) retold_arrival_activated(t, event);
    if (event->kind == KIND_EventCallCreated && retold_is_own(t, event)) arrival_created(t, event);
    if (event->kind == KIND_Submit && is_submitted(t, event)) arrival_submitted(t, event);
    if (event->kind == KIND_EventRecord) handed_over(t, event);
}

void retold_arrival_logs_in(struct retold_teller *t, const struct message *effect)
{
    if (!span_is(message_text(effect, SetAgentState_dn), t->origin) || *t->caller || !*t->origin) return;
    teller_copy(t->caller, message_text(effect, SetAgentState_agent));
    retold_agents_calls(t->agents, t->core, t->caller);
}

void retold_arrival_effect(struct retold_teller *t, const struct message *effect)
{
    if (effect->kind == KIND_CheckRecord) retold_arrival_checks(t, effect);
    if (effect->kind == KIND_RequestMakeCall) calls_back(t, effect);
}

/* Writes the line by which the interaction arrives in the test. */
void retold_arrival_put(const struct retold_teller *t, FILE *out)
{
    assert(t->point); /* an interaction without a routing point cannot be retold */
    struct kv_pair pair;
    const char *between = "(";
    struct span verb = t->media == media_voice ? span_of("call") : media_said(t->image, t->media);
    fprintf(out, "    %.*s %s", (int)verb.length, (const char *)verb.bytes, t->strategy);
    for (uint32_t at = 0; kv_next(kv_span(&t->point->given), &at, &pair); between = ", ") {
        fprintf(out, "%s%.*s: ", between, (int)pair.key.length, (const char *)pair.key.bytes);
        spell_value(out, &pair.value);
    }
    if (*between == ',') fputc(')', out);
    fputs(t->media == media_outbound || t->media == media_callback ? " number " : " from ", out);
    char nobody[RETOLD_NAME_BYTES];
    if (*t->origin) fputs("agent ", out);
    if (*t->origin)
        spell_name(out, span_of(*t->caller ? t->caller : retold_arrival_nobody(t, nobody)));
    else
        spell_text(out, span_of(t->from));
    for (size_t i = 0; t->record && i < t->record_count; i++) {
        const struct retold_record *one = &t->records[i];
        if (one == t->record || one->chain != t->record->chain || strcmp(one->campaign, t->record->campaign) != 0)
            continue;
        fputs(" then ", out);
        spell_text(out, span_of(one->number));
    }
    fputs(" to ", out);
    spell_text(out, span_of(t->to));
    if (*t->main) fputs(" main ", out);
    if (*t->main) spell_text(out, span_of(t->main));
    if (*t->subject) fputs(" subject ", out);
    if (*t->subject) spell_text(out, span_of(t->subject));
    if (t->record && *t->record->agent) fputs(" agent ", out);
    if (t->record && *t->record->agent) spell_name(out, span_of(t->record->agent));
    between = " with (";
    for (uint32_t at = 0; kv_next(kv_span(&t->data), &at, &pair); between = ", ") {
        fputs(between, out);
        spell_name(out, pair.key);
        fputs(": ", out);
        spell_value(out, &pair.value);
    }
    if (*between == ',') fputc(')', out);
    if (t->hangs_up_us != UINT64_MAX) fputs(" hangs_up ", out);
    if (t->hangs_up_us != UINT64_MAX) spell_us(out, (int64_t)t->hangs_up_us);
    fputs(";\n", out);
}

/* ---- settings ---- */

/* Returns the program's setting of that name; NULL: there is none. */
static const struct image_setting *arrival_setting(const struct retold_teller *t, struct span name)
{
    for (uint32_t i = 0; t->image && i < image_count(t->image, SECTION_SETTINGS); i++) {
        struct text is = image_text(t->image, image_setting(t->image, i)->name);
        if (is.length == name.length && memcmp(is.bytes, name.bytes, is.length) == 0) return image_setting(t->image, i);
    }
    return NULL;
}

static void put_parameter(struct retold_teller *t, FILE *out, const struct image_setting *of,
                          const struct kv_value *value)
{
    char shown[RETOLD_LINE_BYTES];
    struct text name = image_text(t->image, of->name);
    fprintf(out, "parameter %.*s = ", (int)name.length, name.bytes);
    if (value->tag == KV_INT || value->tag == KV_BOOL || value->tag == KV_TIME) {
        struct shown number = {shown, sizeof shown - 1, 0};
        show_value(&(struct show){.image = t->image}, &number, type_base(of->type), (uint64_t)value->word);
        shown[number.length < number.size ? number.length : number.size] = '\0';
        fputs(shown, out);
    } else {
        spell_value(out, value);
    }
    fputs(";\n", out);
}

static void lack_rows(struct retold_teller *t, struct span name)
{
    teller_lacks(t, "the rows of %.*s, as the directory had them", (int)name.length, (const char *)name.bytes);
}

/* Notes a setting; if it changes while the interaction runs, writes a line with its time. */
void retold_settings_hear(struct retold_teller *t, const struct message *event)
{
    struct kv_value value;
    struct span row = message_text(event, DirectoryRow_row), name = message_text(event, DirectoryRow_key);
    const struct image_setting *found = arrival_setting(t, name);
    if (!found || !kv_get(row, "value", &value)) return;
    if (message_u(event, DirectoryRow_table) != table_parameter) {
        lack_rows(t, name);
        return;
    }
    teller_after(t);
    put_parameter(t, t->later, found, &value);
}

/* Writes the values of settings that the directory, or a person, had set when the interaction began. */
void retold_settings_begin(struct retold_teller *t)
{
    for (uint32_t i = 0; t->image && i < image_count(t->image, SECTION_SETTINGS); i++) {
        const struct image_setting *of = image_setting(t->image, i);
        struct text is = image_text(t->image, of->name);
        struct span name = {(const uint8_t *)is.bytes, is.length};
        struct read_setting parameter, table, schedule;
        core_setting(t->core, table_parameter, name, &parameter);
        core_setting(t->core, table_business, name, &table);
        core_setting(t->core, table_schedule, name, &schedule);
        if (parameter.known && parameter.value.tag != KV_NONE) {
            fputs("    ", t->first);
            put_parameter(t, t->first, of, &parameter.value);
        }
        if (table.known || schedule.known) lack_rows(t, name);
    }
}
