/* runtime/debugger/retold.c - The journal is applied once more; what is heard of one interaction becomes lines. */
#include "runtime/debugger/retold.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/core/read/why.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/retold_agents.h"
#include "runtime/debugger/spelled.h"
#include "runtime/journal/replay.h"
#include "runtime/sim/asked.h"
#include "runtime/sim/treatment.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/image.h"
#include "vm/show.h"

enum {
    STEPS_MAX = 64,
    OUTCOMES_MAX = 32,
    WANTED_MAX = 96,
    NAME_BYTES = 260,
    LINE_BYTES = 512,
    QUEUE_ROWS_MAX = 4096,
    RECORDS_MAX = 4096
};

#define DIALLED_US UINT64_C(5000000) /* a test's people answer after so long */

/* A step that was done, as a test calls it, and what it came to each time. */
struct told_step {
    char *call;
    unsigned times;
    bool query;
    bool returns;  /* it must have an answer */
    bool answered; /* an outcome is not the usual one */
    unsigned count;
    char *outcomes[OUTCOMES_MAX];
};

/* A step that is under way: the effect's number. */
struct open_step {
    uint64_t ref, at_us;
    size_t step;
    unsigned outcome; /* its place among the outcomes */
    enum { OPEN_TREATMENT, OPEN_QUERY, OPEN_WRITE, OPEN_HTTP, OPEN_CLASSIFY, OPEN_SENT, OPEN_DIAL } kind;
    bool secret, digits, application, records;
};

/* A record of a calling list, as it was handed over. */
struct list_record {
    uint64_t record, chain;
    char campaign[NAME_BYTES], number[NAME_BYTES], agent[NAME_BYTES];
    struct kv data;
};

struct queue_name {
    char dn[NAME_BYTES], name[NAME_BYTES];
};

/* The strategy of a routing point or queue. */
struct activation {
    char at[NAME_BYTES], strategy[NAME_BYTES];
    const struct image *image;
    struct kv given;
};

struct teller {
    struct past *past;
    struct core *core;
    uint64_t ixn, conn;
    struct interaction_row end; /* as it was known at the end of the journal */
    const struct image *image;
    bool began, over, at_end;
    uint64_t now_us, began_us;
    int64_t began_wall;
    char strategy[NAME_BYTES], from[NAME_BYTES], to[NAME_BYTES], main[NAME_BYTES], subject[NAME_BYTES];
    enum media media;
    struct kv data; /* what came with it */
    struct activation *points;
    size_t point_count;
    const struct activation *point; /* where it came in */
    uint64_t hangs_up_us;           /* since the beginning; UINT64_MAX: the caller did not */
    uint64_t answered_us, used_us, became_us, dialled_us;
    char became[LINE_BYTES]; /* the last that it came to: an expectation, without its time */
    char dest[NAME_BYTES];   /* where the switch takes it */
    char owner[NAME_BYTES];  /* of one without a switch */
    uint64_t route_ref;
    bool ended_by_us; /* the strategy has hung up */
    bool no_test;     /* an arrival that tests do not know */
    struct told_step steps[STEPS_MAX];
    size_t step_count;
    struct open_step *open;
    size_t open_count;
    struct list_record *records;
    size_t record_count;
    const struct list_record *record; /* it is about this one */
    struct queue_name *queues;
    size_t queue_count;
    struct retold_agents *agents;
    FILE *later; /* lines with their times: signals, queues out of reach, settings */
    FILE *first; /* settings as they were when it began */
    FILE *lacks;
    char *later_text, *first_text, *lacks_text;
    size_t later_size, first_size, lacks_size;
};

static void copy(char *to, struct span text)
{
    (void)snprintf(to, NAME_BYTES, "%.*s", (int)text.length, (const char *)text.bytes);
}

/* A text that a stream wrote; malloc'ed. */
struct written_text {
    char *text;
    size_t size;
    FILE *out;
};

static FILE *text_begin(struct written_text *text)
{
    text->out = open_memstream(&text->text, &text->size);
    if (!text->out) abort();
    return text->out;
}

static char *text_end(struct written_text *text)
{
    fclose(text->out);
    return text->text;
}

static void lack(struct teller *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void lack(struct teller *t, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fflush(t->lacks);
    if (!strstr(t->lacks_text, line)) fprintf(t->lacks, "    // Not told: %s.\n", line); /* each once */
}

static void put_after(struct teller *t)
{
    fputs("    after ", t->later);
    spell_us(t->later, (int64_t)(t->now_us - t->began_us));
    fputs(": ", t->later);
}

/* ---- steps ---- */

/* The step in this call's words, as one more time of it. */
static size_t step_of(struct teller *t, const struct step_call *call, bool returns)
{
    struct written_text text;
    spell_step(text_begin(&text), call);
    char *spelled = text_end(&text);
    size_t i = 0;
    while (i < t->step_count && strcmp(t->steps[i].call, spelled) != 0) i++;
    if (i < t->step_count) {
        free(spelled);
    } else if (i < STEPS_MAX) {
        t->steps[t->step_count++] =
            (struct told_step){.call = spelled, .returns = returns, .query = strcmp(call->step, "query") == 0};
    } else {
        free(spelled);
        lack(t, "it did more than %d different steps", STEPS_MAX);
        i = STEPS_MAX - 1;
    }
    t->steps[i].times++;
    return i;
}

static void opens(struct teller *t, const struct message *effect, struct open_step open)
{
    struct told_step *step = &t->steps[open.step];
    open.ref = message_u(effect, ENVELOPE_ref);
    open.at_us = t->now_us;
    open.outcome = step->count;
    if (step->count == OUTCOMES_MAX) {
        lack(t, "%s was done more than %d times", step->call, OUTCOMES_MAX);
        return;
    }
    step->outcomes[step->count++] = NULL;
    t->open = realloc(t->open, (t->open_count + 1) * sizeof *t->open);
    if (!t->open) abort();
    t->open[t->open_count++] = open;
}

static struct open_step *open_of(struct teller *t, uint64_t ref)
{
    for (size_t i = 0; i < t->open_count; i++)
        if (t->open[i].ref == ref) return &t->open[i];
    return NULL;
}

/* It has come to this, after that long; `usual`: without the test saying so. */
static void closes(struct teller *t, struct open_step *open, char *outcome, bool usual)
{
    struct told_step *step = &t->steps[open->step];
    struct written_text text;
    FILE *out = text_begin(&text);
    uint64_t after_us = t->now_us - open->at_us;
    bool late = after_us > 0 && !usual && strncmp(outcome, "fail no_input", 13) != 0 &&
                strncmp(outcome, "fail timeout", 12) != 0;
    fputs(outcome, out);
    if (late) fputs(" after ", out);
    if (late) spell_us(out, (int64_t)after_us);
    free(outcome);
    free(step->outcomes[open->outcome]);
    step->outcomes[open->outcome] = text_end(&text);
    if (!usual) step->answered = true;
    *open = t->open[--t->open_count];
}

static void treats(struct teller *t, const struct message *effect)
{
    struct treatment_room room;
    struct switch_treatment treatment = treatment_read(&room, effect);
    struct step_call call = treatment_call(&treatment);
    bool digits = strcmp(call.step, "ivr.digits") == 0 || strcmp(call.step, "ivr.menu") == 0 ||
                  strcmp(call.step, "ivr.choose") == 0 || strcmp(call.step, "ivr.verify") == 0;
    size_t step = step_of(t, &call, step_returns(&call));
    opens(t, effect,
          (struct open_step){.step = step,
                             .kind = OPEN_TREATMENT,
                             .secret = treatment.secret,
                             .digits = digits,
                             .application = strcmp(call.step, "ivr.application") == 0,
                             .records = strcmp(call.step, "ivr.record") == 0});
    json_decref(call.args);
    treatment_free(&treatment);
}

static void spell_digits(struct teller *t, FILE *out, const struct open_step *open, struct span digits)
{
    if (!open->secret) {
        spell_text(out, digits);
        return;
    }
    lack(t, "the secret that was keyed to %s: zeros stand for it", t->steps[open->step].call);
    fputc('"', out);
    for (uint32_t i = 0; i < digits.length; i++) fputc('0', out);
    fputc('"', out);
}

/* Those of a secret stand among the results. */
static struct span keyed(const struct message *event)
{
    struct kv_value secret;
    struct span digits = message_text(event, EventTreatment_digits);
    bool hidden = kv_get(message_text(event, EventTreatment_result), "digits", &secret) && secret.tag == KV_TEXT;
    return digits.length == 0 && hidden ? secret.span : digits;
}

static void treated(struct teller *t, const struct message *event)
{
    enum treatment_change change = (enum treatment_change)message_u(event, EventTreatment_change);
    struct open_step *open = open_of(t, message_u(event, ENVELOPE_ref));
    if (!open || open->kind != OPEN_TREATMENT ||
        (change != treatment_change_End && change != treatment_change_NotApplied))
        return;
    struct written_text text;
    FILE *out = text_begin(&text);
    enum cause cause = (enum cause)message_u(event, EventTreatment_cause);
    bool usual = false;
    if (change == treatment_change_NotApplied) {
        fputs("fail not_applied", out);
        t->steps[open->step].times--; /* so a test counts */
    } else if (!open->digits && !open->application && !open->records) {
        usual = true; /* it was played, perhaps cut off */
        fputs("none", out);
    } else if (cause == cause_interrupted) {
        fputs("fail timeout", out); /* nobody answered until it was cut off */
    } else if (cause == cause_no_input || cause == cause_invalid_input) {
        fputs(cause == cause_no_input ? "fail no_input" : "fail invalid", out);
    } else if (cause != cause_ok && cause != cause_other) {
        fputs("fail failed", out);
    } else if (open->digits) {
        spell_digits(t, out, open, keyed(event));
    } else if (open->application) {
        spell_map(out, message_text(event, EventTreatment_result));
    } else {
        spell_us(out, (int64_t)(t->now_us - open->at_us));
    }
    closes(t, open, text_end(&text), usual);
}

/* Is a secret among the values that are bound? */
static bool binds_secret(const struct message *effect)
{
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(message_text(effect, Query_params), &at, &pair);)
        if (pair.value.secret) return true;
    return false;
}

static void queries(struct teller *t, const struct message *effect)
{
    char source[NAME_BYTES];
    copy(source, message_text(effect, Query_source));
    bool secret = message_u(effect, Query_secret) != 0;
    struct step_call call = {.step = "query", .source = source, .args = query_arguments(t->image, effect)};
    if (secret || binds_secret(effect)) json_object_clear(call.args);
    opens(t, effect,
          (struct open_step){.step = step_of(t, &call, true),
                             .kind = message_u(effect, Query_write) != 0 ? OPEN_WRITE : OPEN_QUERY,
                             .secret = secret});
    json_decref(call.args);
}

static void requests(struct teller *t, const struct message *effect)
{
    char step[NAME_BYTES];
    struct span name = message_text(effect, HttpRequest_endpoint);
    (void)snprintf(step, sizeof step, "http.%.*s", (int)name.length, (const char *)name.bytes);
    bool returns = http_returns(t->image, effect), secret = message_text(effect, HttpRequest_secret).length > 0;
    struct step_call call = {.step = step, .args = http_arguments(effect), .returns = returns};
    if (secret) json_object_clear(call.args);
    opens(t, effect, (struct open_step){.step = step_of(t, &call, returns), .kind = OPEN_HTTP, .secret = secret});
    json_decref(call.args);
}

static void sends(struct teller *t, const struct message *effect, bool classifies)
{
    struct step_call call = classifies ? classify_call(effect) : sent_call(effect);
    opens(t, effect,
          (struct open_step){.step = step_of(t, &call, classifies), .kind = classifies ? OPEN_CLASSIFY : OPEN_SENT});
    json_decref(call.args);
}

/* The rows of an answer: none, one, or a list; a row with the one column "value" is that value. */
static void spell_rows(FILE *out, struct span rows)
{
    struct kv_pair row;
    struct kv_value value;
    unsigned count = 0;
    for (uint32_t at = 0; kv_next(rows, &at, &row);) count++;
    if (count == 0) fputs("none", out);
    if (count > 1) fputc('[', out);
    unsigned n = 0;
    for (uint32_t at = 0; kv_next(rows, &at, &row); n++) {
        if (n > 0) fputs(", ", out);
        uint32_t second = 0;
        struct kv_pair ignored;
        bool one = row.value.tag == KV_LIST && kv_get(row.value.span, "value", &value) &&
                   kv_next(row.value.span, &second, &ignored) && !kv_next(row.value.span, &second, &ignored);
        spell_value(out, one ? &value : &row.value);
    }
    if (count > 1) fputc(']', out);
}

static void spell_done(struct teller *t, FILE *out, const struct open_step *open, const struct message *event)
{
    struct kv_value value;
    struct span answer = message_text(event, EventDone_value);
    if (open->secret) lack(t, "secrets in the answer of %s", t->steps[open->step].call);
    if (open->kind == OPEN_QUERY)
        spell_rows(out, message_text(event, EventDone_rows));
    else if (open->kind == OPEN_WRITE)
        fprintf(out, "%" PRId64, kv_get(answer, "changed", &value) ? value.word : 1);
    else if (kv_get(answer, open->kind == OPEN_HTTP ? "answer" : "category", &value))
        spell_value(out, &value);
    else
        fputs("none", out);
}

static void done(struct teller *t, const struct message *event)
{
    struct open_step *open = open_of(t, message_u(event, ENVELOPE_ref));
    bool good = message_u(event, EventDone_outcome) == outcome_ok;
    if (!open || open->kind == OPEN_TREATMENT) return;
    struct written_text text;
    FILE *out = text_begin(&text);
    if (good)
        spell_done(t, out, open, event);
    else
        fprintf(out, "fail %s", enum_name_code((unsigned)message_u(event, EventDone_code)));
    closes(t, open, text_end(&text), good && open->kind == OPEN_SENT);
}

/* ---- where it goes ---- */

static void queue_row(struct teller *t, const struct message *event)
{
    struct kv_value dn, name;
    struct span row = message_text(event, DirectoryRow_row);
    if (!kv_get(row, "dn", &dn) || !kv_get(row, "name", &name)) return;
    for (size_t i = 0; i < t->queue_count; i++)
        if (span_is(dn.span, t->queues[i].dn)) { /* each import has it again */
            copy(t->queues[i].name, name.span);
            return;
        }
    if (t->queue_count == QUEUE_ROWS_MAX) return;
    t->queues = realloc(t->queues, (t->queue_count + 1) * sizeof *t->queues);
    if (!t->queues) abort();
    copy(t->queues[t->queue_count].dn, dn.span);
    copy(t->queues[t->queue_count++].name, name.span);
}

static const char *queue_at(const struct teller *t, const char *dn)
{
    for (size_t i = t->queue_count; i > 0; i--)
        if (strcmp(t->queues[i - 1].dn, dn) == 0) return t->queues[i - 1].name;
    return NULL;
}

static void became(struct teller *t, const char *what, const char *kind, struct span name)
{
    struct written_text text;
    FILE *out = text_begin(&text);
    fprintf(out, "%s%s%s", what, *kind ? " to " : "", kind);
    if (*kind) fputc(' ', out);
    if (strcmp(kind, "dn") == 0)
        spell_text(out, name);
    else if (*kind)
        spell_name(out, name);
    char *line = text_end(&text);
    (void)snprintf(t->became, sizeof t->became, "%s", line);
    free(line);
    t->became_us = t->now_us;
}

static void party(struct teller *t, const struct message *event)
{
    char dn[NAME_BYTES];
    enum party_change change = (enum party_change)message_u(event, EventParty_change);
    struct span agent = message_text(event, EventParty_agent);
    copy(dn, message_text(event, EventParty_dn));
    const char *queue = queue_at(t, dn);
    bool there = strcmp(dn, t->dest) == 0;
    if (agent.length > 0) retold_agents_party(t->agents, t->core, agent, change, t->now_us - t->began_us);
    if (change == party_change_Established && t->answered_us == 0) t->answered_us = t->now_us;
    if (change == party_change_Abandoned) became(t, "abandoned", "", agent);
    if (change == party_change_Abandoned) t->hangs_up_us = t->now_us - t->began_us;
    if (!there || (change != party_change_Established && change != party_change_Queued)) return;
    if (agent.length > 0)
        became(t, "routed", "agent", agent);
    else if (queue)
        became(t, "routed", "queue", span_of(queue));
    else if (change == party_change_Established)
        became(t, "routed", "dn", span_of(dn));
    t->became_us = t->used_us; /* a test counts until the switch was told */
    t->dest[0] = '\0';
}

static void route_failed(struct teller *t, const struct message *event)
{
    const char *queue = queue_at(t, t->dest);
    if (message_u(event, ENVELOPE_ref) != t->route_ref || message_u(event, EventDone_outcome) == outcome_ok) return;
    if (queue && message_u(event, EventDone_code) == code_invalid_destination) {
        put_after(t);
        fprintf(t->later, "queue ");
        spell_name(t->later, span_of(queue));
        fprintf(t->later, " unreachable;\n");
    }
    t->dest[0] = '\0';
}

static void deleted(struct teller *t, const struct message *event)
{
    bool agents = retold_agents_served(t->agents);
    enum cause cause = (enum cause)message_u(event, EventCallDeleted_cause);
    if (cause == cause_abandoned && !strstr(t->became, "abandoned")) became(t, "abandoned", "", (struct span){0});
    bool dialled = t->media != media_voice; /* then only who has answered hangs up */
    if (dialled && t->dialled_us == 0) return;
    if (cause == cause_abandoned || (!dialled && !agents && t->answered_us == 0 && !t->ended_by_us))
        t->hangs_up_us = t->now_us - (dialled ? t->dialled_us : t->began_us);
}

/* ---- arrival ---- */

static void keep(struct kv *kv, struct span list)
{
    struct kv_pair pair;
    kv_clear(kv);
    for (uint32_t at = 0; kv_next(list, &at, &pair);) kv_put(kv, pair.key, &pair.value);
}

static struct activation *point_at(struct teller *t, struct span at)
{
    for (size_t i = 0; i < t->point_count; i++)
        if (span_is(at, t->points[i].at)) return &t->points[i];
    return NULL;
}

static void activated(struct teller *t, const struct message *event)
{
    struct span hash = message_text(event, Activate_image), at = message_text(event, Activate_at);
    const struct core_options *options = past_options(t->past);
    struct activation *point = point_at(t, at);
    if (!point) {
        t->points = realloc(t->points, (t->point_count + 1) * sizeof *t->points);
        if (!t->points) abort();
        point = &t->points[t->point_count++];
        *point = (struct activation){.image = NULL};
        copy(point->at, at);
        kv_init(&point->given);
    }
    copy(point->strategy, message_text(event, Activate_strategy));
    point->image = hash.length == IMAGE_HASH ? options->image(options->self, hash.bytes) : NULL;
    keep(&point->given, message_text(event, Activate_args));
}

static void begins(struct teller *t, struct span to)
{
    t->began = true;
    t->began_us = t->now_us;
    if (to.length > 0) copy(t->to, to);
    t->point = point_at(t, span_of(t->to));
    if (t->point) t->image = t->point->image;
    if (t->point) copy(t->strategy, span_of(t->point->strategy));
}

static void created(struct teller *t, const struct message *event)
{
    struct interaction_row main;
    uint64_t previous = message_u(event, EventCallCreated_prev_conn);
    begins(t, (struct span){0});
    t->media = media_voice;
    copy(t->from, message_text(event, EventCallCreated_ani));
    if (previous != 0 && core_find_call(t->core, previous, &main)) copy(t->main, main.ani);
    keep(&t->data, message_text(event, EventCallCreated_data));
}

static void submitted(struct teller *t, const struct message *event)
{
    begins(t, message_text(event, Submit_queue));
    t->media = (enum media)message_u(event, Submit_media);
    copy(t->from, message_text(event, Submit_from));
    copy(t->subject, message_text(event, Submit_subject));
    t->no_test = message_u(event, Submit_type) != submit_type_inbound;
    keep(&t->data, message_text(event, Submit_data));
}

static void handed_over(struct teller *t, const struct message *event)
{
    if (t->record_count == RECORDS_MAX) { /* the older half goes: a journal may have millions */
        t->record_count -= RECORDS_MAX / 2;
        for (size_t i = 0; i < RECORDS_MAX / 2; i++) kv_free(&t->records[i].data);
        memmove(t->records, t->records + RECORDS_MAX / 2, t->record_count * sizeof *t->records);
    }
    t->records = realloc(t->records, (t->record_count + 1) * sizeof *t->records);
    if (!t->records) abort();
    struct list_record *record = &t->records[t->record_count++];
    *record = (struct list_record){.record = message_u(event, EventRecord_record),
                                   .chain = message_u(event, EventRecord_chain)};
    copy(record->campaign, message_text(event, EventRecord_campaign));
    copy(record->number, message_text(event, EventRecord_number));
    copy(record->agent, message_text(event, EventRecord_agent));
    kv_init(&record->data);
    keep(&record->data, message_text(event, EventRecord_data));
}

/* The first that it does with a record. */
static void checks(struct teller *t, const struct message *effect)
{
    uint64_t number = message_u(effect, CheckRecord_record);
    for (size_t i = t->record_count; i > 0 && !t->record; i--)
        if (t->records[i - 1].record == number &&
            span_is(message_text(effect, CheckRecord_campaign), t->records[i - 1].campaign))
            t->record = &t->records[i - 1];
    if (!t->record) return;
    begins(t, message_text(effect, CheckRecord_campaign));
    t->media = media_outbound;
    copy(t->from, span_of(t->record->number));
    keep(&t->data, kv_span(&t->record->data));
}

/* A call-back that was booked begins by being dialled. */
static void calls_back(struct teller *t, const struct message *effect)
{
    begins(t, message_text(effect, RequestMakeCall_origin));
    t->media = media_callback;
    copy(t->from, message_text(effect, RequestMakeCall_number));
}

static void dials(struct teller *t, const struct message *effect)
{
    struct span number = message_text(effect, RequestMakeCall_number);
    struct step_call call = {.step = "callback.dial", .args = json_object()};
    if (t->media == media_voice) {
        lack(t, "the caller kept the place, and was called back");
        return;
    }
    if (t->media == media_outbound) {
        call.step = "outbound.dial";
        json_object_set_new(call.args, "number", json_stringn((const char *)number.bytes, number.length));
    }
    opens(t, effect, (struct open_step){.step = step_of(t, &call, false), .kind = OPEN_DIAL});
    json_decref(call.args);
}

static void dialled(struct teller *t, const struct message *event)
{
    enum cause cause = (enum cause)message_u(event, EventCallProgress_result);
    struct open_step *open = NULL;
    for (size_t i = 0; i < t->open_count; i++)
        if (t->open[i].kind == OPEN_DIAL) open = &t->open[i];
    if (!open || message_u(event, EventCallProgress_final) == 0) return;
    struct written_text text;
    FILE *out = text_begin(&text);
    fprintf(out, cause == cause_ok ? "\"answered\"" : "fail %s", enum_name_cause(cause));
    if (cause == cause_ok) t->dialled_us = t->now_us;
    if (cause != cause_ok) t->steps[open->step].times--; /* so a test counts */
    closes(t, open, text_end(&text), cause == cause_ok && t->now_us - open->at_us == DIALLED_US);
}

/* A mail has no ConnID: it is the one from this address that comes when the interaction begins. */
static bool is_submitted(const struct teller *t, const struct message *event)
{
    uint64_t conn = message_u(event, ENVELOPE_conn);
    struct span from = message_text(event, Submit_from);
    if (conn != 0 || t->conn != 0) return conn == t->conn;
    return t->now_us == t->end.arrived_us && (t->end.ani.length == 0 || span_equal(from, t->end.ani));
}

/* A setting that the strategies' program has, by its name; NULL: it has none. */
static const struct image_setting *setting_named(const struct teller *t, struct span name)
{
    for (uint32_t i = 0; t->image && i < image_count(t->image, SECTION_SETTINGS); i++) {
        struct text is = image_text(t->image, image_setting(t->image, i)->name);
        if (is.length == name.length && memcmp(is.bytes, name.bytes, is.length) == 0) return image_setting(t->image, i);
    }
    return NULL;
}

static void put_parameter(struct teller *t, FILE *out, const struct image_setting *of, const struct kv_value *value)
{
    char shown[LINE_BYTES];
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

static void lack_rows(struct teller *t, struct span name)
{
    lack(t, "the rows of %.*s, as the directory had them", (int)name.length, (const char *)name.bytes);
}

static void setting_changed(struct teller *t, const struct message *event)
{
    struct kv_value value;
    struct span row = message_text(event, DirectoryRow_row), name = message_text(event, DirectoryRow_key);
    const struct image_setting *found = setting_named(t, name);
    if (!found || !kv_get(row, "value", &value)) return;
    if (message_u(event, DirectoryRow_table) != table_parameter) {
        lack_rows(t, name);
        return;
    }
    put_after(t);
    put_parameter(t, t->later, found, &value);
}

/* What the directory, or somebody by hand, had set when it began. */
static void settings_put(struct teller *t)
{
    for (uint32_t i = 0; t->image && i < image_count(t->image, SECTION_SETTINGS); i++) {
        const struct image_setting *of = image_setting(t->image, i);
        struct text is = image_text(t->image, of->name);
        struct span name = {(const uint8_t *)is.bytes, is.length};
        struct setting_row parameter, table, schedule;
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

static void signalled(struct teller *t, const struct message *event)
{
    struct kv_pair pair;
    const char *between = "";
    struct span name = message_text(event, Signal_name), payload = message_text(event, Signal_payload);
    put_after(t);
    fprintf(t->later, "signal %.*s(", (int)name.length, (const char *)name.bytes);
    for (uint32_t at = 0; kv_next(payload, &at, &pair); between = ", ") {
        fprintf(t->later, "%s%.*s: ", between, (int)pair.key.length, (const char *)pair.key.bytes);
        spell_value(t->later, &pair.value);
    }
    fputs(");\n", t->later);
}

/* ---- what is heard ---- */

static void directory(struct teller *t, const struct message *event)
{
    uint64_t table = message_u(event, DirectoryRow_table);
    if (table == table_queue) queue_row(t, event);
    if (t->began && (table == table_parameter || table == table_business)) setting_changed(t, event);
}

static void hear_own(struct teller *t, const struct message *event)
{
    switch (event->kind) {
    case KIND_EventTreatment:
        treated(t, event);
        break;
    case KIND_EventDone:
        done(t, event);
        route_failed(t, event);
        break;
    case KIND_EventParty:
        party(t, event);
        break;
    case KIND_EventRouteUsed:
        if (message_u(event, EventRouteUsed_how) != route_how_instructed)
            became(t, "defaulted", "", (struct span){0});
        else
            copy(t->dest, message_text(event, EventRouteUsed_to));
        t->used_us = t->now_us;
        break;
    case KIND_EventCallProgress:
        dialled(t, event);
        break;
    case KIND_EventCallDeleted:
        deleted(t, event);
        break;
    case KIND_Signal:
        signalled(t, event);
        break;
    case KIND_EventPartyChanged:
        lack(t, "the call was transferred or became a conference");
        break;
    case KIND_RequestUserData:
        lack(t, "data came from a desktop while it was served");
        break;
    case KIND_RequestAccept:
    case KIND_RequestReject:
        break; /* by the claim: see hear() */
    case KIND_RequestStop:
        retold_agents_done(t->agents, t->core, message_text(event, ENVELOPE_actor), t->now_us - t->began_us);
        break;
    case KIND_EventMessage:
        lack(t, "what was written in the session");
        break;
    default:
        break;
    }
}

static bool is_own(const struct teller *t, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn);
    return message_u(message, ENVELOPE_ixn) == t->ixn || (conn != 0 && conn == t->conn);
}

static void hear(struct teller *t, const struct message *event)
{
    bool answers = event->kind == KIND_RequestAccept || event->kind == KIND_RequestReject;
    if (event->kind == KIND_DirectoryRow) directory(t, event);
    if (event->kind == KIND_Activate && !t->began) activated(t, event);
    if (event->kind == KIND_EventCallCreated && is_own(t, event) && !t->began) created(t, event);
    if (event->kind == KIND_Submit && !t->began && is_submitted(t, event)) submitted(t, event);
    if (event->kind == KIND_EventRecord && !t->began) handed_over(t, event);
    if (event->kind == KIND_LinkDown && t->began) lack(t, "a link was down");
    if (answers && t->began)
        retold_agents_answer(
            t->agents,
            message_u(event, answers && event->kind == KIND_RequestAccept ? RequestAccept_claim : RequestReject_claim),
            event->kind == KIND_RequestAccept, t->now_us - t->began_us);
    if (t->began && is_own(t, event)) hear_own(t, event);
}

static void on_batch(void *self, const struct batch *batch)
{
    struct teller *t = self;
    struct message message;
    t->now_us = batch->time_us;
    for (uint32_t at = 0; at < batch->events.length && !t->over;) {
        const uint8_t *frame = batch->events.bytes + at;
        uint32_t size = (uint32_t)message_frame_size(frame, batch->events.length - at);
        if (size == 0) return;
        if (message_read(&message, frame, size, NULL)) hear(t, &message);
        at += size;
    }
}

static void controls(struct teller *t, enum call_op op)
{
    if (op == call_op_reject) became(t, "rejected", "", (struct span){0});
    if (op == call_op_disconnect) became(t, "stopped", "", (struct span){0});
    t->ended_by_us = t->ended_by_us || op == call_op_reject || op == call_op_disconnect;
}

static void on_effect(void *self, struct span frame)
{
    struct teller *t = self;
    struct message effect;
    if (t->over || !message_read(&effect, frame.bytes, frame.length, NULL) ||
        message_u(&effect, ENVELOPE_ixn) != t->ixn)
        return;
    if (!t->began && effect.kind == KIND_CheckRecord) checks(t, &effect);
    if (!t->began && effect.kind == KIND_RequestMakeCall) calls_back(t, &effect);
    if (!t->began) return;
    switch (effect.kind) {
    case KIND_RequestApplyTreatment:
        treats(t, &effect);
        break;
    case KIND_Query:
        queries(t, &effect);
        break;
    case KIND_HttpRequest:
        requests(t, &effect);
        break;
    case KIND_SendMessage:
        sends(t, &effect, false);
        break;
    case KIND_Classify:
        sends(t, &effect, true);
        break;
    case KIND_RequestRouteCall:
        t->route_ref = message_u(&effect, ENVELOPE_ref);
        copy(t->dest, message_text(&effect, RequestRouteCall_dest));
        if (message_u(&effect, RequestRouteCall_claim) != 0)
            retold_agents_claimed(t->agents, t->core, t->dest, t->now_us - t->began_us);
        break;
    case KIND_RequestCallControl:
        if (message_text(&effect, RequestCallControl_keep).length == 0) /* else its place is kept */
            controls(t, (enum call_op)message_u(&effect, RequestCallControl_op));
        break;
    case KIND_Invite:
        retold_agents_invited(t->agents, t->core, message_text(&effect, Invite_agent), message_u(&effect, Invite_claim),
                              t->now_us - t->began_us);
        break;
    case KIND_Withdraw:
        retold_agents_withdrawn(t->agents, message_u(&effect, Withdraw_claim));
        break;
    case KIND_RequestMakeCall:
        dials(t, &effect);
        break;
    case KIND_RequestMakePredictiveCall:
        lack(t, "it was dialled before an agent was free");
        break;
    case KIND_CallNative:
        lack(t, "a native function was asked");
        break;
    default:
        break;
    }
}

/* ---- the whole ---- */

static bool is_call(const struct teller *t)
{
    return t->media == media_voice || t->media == media_outbound || t->media == media_callback;
}

/* Without a switch the owner tells where it has gone. */
static void owned(struct teller *t, const struct interaction_row *row)
{
    bool agent = span_is(row->owner_kind, "agent"), queue = span_is(row->owner_kind, "queue");
    char owner[NAME_BYTES];
    copy(owner, row->owner);
    if ((!agent && !queue) || strcmp(owner, t->owner) == 0 || (queue && !span_is(row->state, "queued"))) return;
    copy(t->owner, row->owner);
    became(t, "routed", agent ? "agent" : "queue", row->owner);
}

static void looks(struct teller *t)
{
    struct interaction_row row;
    if (!t->began || !core_find(t->core, t->ixn, &row)) return;
    retold_agents_look(t->agents, t->core, t->ixn, t->now_us - t->began_us);
    if (!is_call(t)) owned(t, &row);
    t->over = span_is(row.state, "ended");
}

static bool applies(struct teller *t, char *why, size_t size)
{
    struct journal_head head;
    struct error error = {0};
    const struct journal_watch watch = {t, on_batch, {on_effect, t}};
    struct store *store = past_store_again(t->past, &error);
    t->core = past_begin_first(t->past, past_options(t->past), &head);
    bool good = store != NULL;
    while (good && !t->over && head.number < past_batches(t->past)) {
        bool before = t->began;
        good = journal_next(store, past_options(t->past), t->core, &head, &watch, &error);
        if (t->began && !before) {
            t->began_wall = core_wall(t->core);
            settings_put(t);
        }
        if (good) looks(t);
    }
    store_close(store);
    if (!good) (void)snprintf(why, size, "%s", error.text);
    return good;
}

/* The routing point at which the call came in; what was submitted says its queue itself. */
static void find_point(struct teller *t)
{
    struct kv all;
    struct kv_value value;
    kv_init(&all);
    copy(t->to, t->end.dnis);
    if (core_data(past_end(t->past), t->ixn, &all) && kv_get(kv_span(&all), "this_dn", &value) && value.tag == KV_TEXT)
        copy(t->to, value.span);
    kv_free(&all);
}

static void put_arrival(struct teller *t, FILE *out)
{
    struct kv_pair pair;
    const char *between = "(";
    fprintf(out, "    %s %s", t->media == media_voice ? "call" : enum_name_media(t->media), t->strategy);
    for (uint32_t at = 0; kv_next(kv_span(&t->point->given), &at, &pair); between = ", ") {
        fprintf(out, "%s%.*s: ", between, (int)pair.key.length, (const char *)pair.key.bytes);
        spell_value(out, &pair.value);
    }
    if (*between == ',') fputc(')', out);
    fputs(t->media == media_outbound || t->media == media_callback ? " number " : " from ", out);
    spell_text(out, span_of(t->from));
    for (size_t i = 0; t->record && i < t->record_count; i++) {
        const struct list_record *one = &t->records[i];
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

static void put_answers(const struct teller *t, FILE *out)
{
    for (size_t i = 0; i < t->step_count; i++) {
        const struct told_step *step = &t->steps[i];
        if (!step->answered && !step->returns) continue;
        fprintf(out, "    %s -> ", step->call);
        for (unsigned n = 0; n < step->count; n++)
            fprintf(out, "%s%s", n > 0 ? ", " : "", step->outcomes[n] ? step->outcomes[n] : "fail timeout");
        fputs(";\n", out);
    }
}

static void want(struct retold *r, char *text)
{
    r->wanted = realloc(r->wanted, (r->wanted_count + 1) * sizeof *r->wanted);
    if (!r->wanted) abort();
    r->wanted[r->wanted_count++] = text;
}

static void want_end(const struct teller *t, struct retold *r)
{
    struct written_text text;
    FILE *out = text_begin(&text);
    bool known = *t->became != '\0';
    uint64_t within_us = known ? t->became_us - t->began_us + 1000 : 0;
    if (known)
        fputs(t->became, out);
    else
        fprintf(out, "%.*s", (int)t->end.outcome.length, (const char *)t->end.outcome.bytes);
    if (known) fputs(" within ", out);
    if (known) spell_us(out, (int64_t)(within_us / 1000 * 1000));
    want(r, text_end(&text));
}

/* Keys that it had at the end, which a test can compare. */
static void want_keys(const struct teller *t, struct retold *r)
{
    struct kv all;
    struct kv_value value;
    const struct image_strategy *strategy =
        t->image ? image_strategy_named(t->image, t->strategy, (uint32_t)strlen(t->strategy)) : NULL;
    kv_init(&all);
    if (strategy && core_data(past_end(t->past), t->ixn, &all)) {
        for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
            const struct image_slot *slot = image_slot(t->image, strategy, i);
            struct text name = image_text(t->image, slot->name);
            uint16_t base = type_base(slot->type);
            struct written_text text;
            if (slot->secret || slot->parameter || (base != TYPE_STR && base != TYPE_INT && base != TYPE_BOOL) ||
                !kv_find(kv_span(&all), (struct span){(const uint8_t *)name.bytes, name.length}, &value) ||
                value.secret || value.tag == KV_NONE)
                continue;
            FILE *out = text_begin(&text);
            fprintf(out, "%.*s == ", (int)name.length, name.bytes);
            spell_value(out, &value);
            want(r, text_end(&text));
        }
    }
    kv_free(&all);
}

static void want_steps(const struct teller *t, struct retold *r)
{
    for (size_t i = 0; i < t->step_count; i++) {
        struct written_text text;
        if (t->steps[i].times == 0) continue;
        FILE *out = text_begin(&text);
        fputs(t->steps[i].call, out);
        if (!t->steps[i].query) fprintf(out, " times %u", t->steps[i].times); /* a statement has others' values, too */
        want(r, text_end(&text));
    }
}

static char *lines_of(struct teller *t)
{
    struct written_text text;
    FILE *out = text_begin(&text);
    fflush(t->first);
    fflush(t->later);
    fputs("    at ", out); /* where the language knows no parts of a second */
    spell_us(out, t->began_wall - t->began_wall % 1000000);
    fputs(";\n", out);
    fputs(t->first_text, out);
    retold_agents_first(t->agents, out);
    put_answers(t, out);
    put_arrival(t, out);
    retold_agents_later(t->agents, out);
    fputs(t->later_text, out);
    return text_end(&text);
}

static void teller_free(struct teller *t)
{
    for (size_t i = 0; i < t->step_count; i++) {
        for (unsigned n = 0; n < t->steps[i].count; n++) free(t->steps[i].outcomes[n]);
        free(t->steps[i].call);
    }
    fclose(t->later);
    fclose(t->first);
    fclose(t->lacks);
    free(t->later_text);
    free(t->first_text);
    free(t->lacks_text);
    for (size_t i = 0; i < t->record_count; i++) kv_free(&t->records[i].data);
    free(t->records);
    free(t->open);
    free(t->queues);
    kv_free(&t->data);
    for (size_t i = 0; i < t->point_count; i++) kv_free(&t->points[i].given);
    free(t->points);
    retold_agents_free(t->agents);
    core_free(t->core);
    free(t);
}

static bool tell(struct teller *t, struct retold *r, char *why, size_t size)
{
    find_point(t);
    if (!applies(t, why, size)) return false;
    if (!t->began || t->no_test || !*t->strategy || !t->image) {
        (void)snprintf(why, size, "%s",
                       t->no_test ? "it was written, not received"
                       : t->began ? "no strategy was at its routing point"
                                  : "how it came is not in this journal");
        return false;
    }
    if (!t->over) lack(t, "its end: the journal ends before");
    r->lines = lines_of(t);
    r->image = t->image;
    (void)snprintf(r->strategy, sizeof r->strategy, "%s", t->strategy);
    want_end(t, r);
    want_steps(t, r);
    want_keys(t, r);
    fflush(t->lacks);
    r->lacks = strdup(t->lacks_text);
    if (!r->lacks) abort();
    return true;
}

bool retold_read(struct past *past, uint64_t interaction, struct retold *r, char *why, size_t size)
{
    struct teller *t = calloc(1, sizeof *t);
    if (!t) abort();
    *r = (struct retold){.wanted_count = 0};
    t->past = past;
    t->ixn = interaction;
    t->hangs_up_us = UINT64_MAX;
    t->agents = retold_agents_new();
    kv_init(&t->data);
    t->later = open_memstream(&t->later_text, &t->later_size);
    t->first = open_memstream(&t->first_text, &t->first_size);
    t->lacks = open_memstream(&t->lacks_text, &t->lacks_size);
    if (!t->later || !t->first || !t->lacks) abort();
    bool known = core_find(past_end(past), interaction, &t->end);
    t->conn = t->end.conn;
    if (!known) (void)snprintf(why, size, "it is no longer known at the journal's end");
    bool good = known && tell(t, r, why, size);
    teller_free(t);
    return good;
}

void retold_free(struct retold *r)
{
    for (size_t i = 0; i < r->wanted_count; i++) free(r->wanted[i]);
    free(r->wanted);
    free(r->lines);
    free(r->lacks);
}
