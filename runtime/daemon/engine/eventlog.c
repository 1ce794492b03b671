/* runtime/daemon/engine/eventlog.c - Keeps events until they are logged, and the names under which sources log. */
#include "runtime/daemon/engine/eventlog.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/read/read.h"
#include "runtime/daemon/engine/frames.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/kv.h"
#include "runtime/vocabulary/rows.h"
#include "base/memory.h"

struct eventlog_told { /* a count that is logged once a minute at most */
    uint64_t count;    /* told so far */
    uint64_t quiet_us; /* the earliest time of the next line; 0: the core has just begun */
};

enum { SAYINGS = 3 };

/* The two texts of a log line about the last fault that the core has counted: the name is put between them. */
static const struct {
    bool (*last)(const struct core *, struct last_row *);
    const char *before, *behind;
} sayings[SAYINGS] = {
    {core_out_of_reach, "a call waits in virtual queue ",
     ", and whoever matches is logged in at a telephone of another link alone; such calls"},
    {core_unfit, "an interaction waits in queue ", ", whose strategy is for other media; such interactions"},
    {core_strategy_fault, "a strategy had a fault: ", "; `gcxctl why` of the interaction says what; faults"},
};

struct eventlog {
    const struct log *log;
    struct engine_frames
        waiting;     /* events posted and not yet taken by the core; their numbers are their places in the ring */
    uint64_t posted; /* number of events put into the ring so far */
    struct eventlog_told conditions, refused, sayings[SAYINGS];
    uint64_t corrections; /* corrections by audits that are already logged */
    uint32_t reasons;     /* reasons of agents that are already checked */
    bool corrected;       /* `corrections` is known */
    bool *halted;         /* per campaign of the core: the log has that it is halted */
    uint32_t halted_count;
    struct category {
        char name[NAME_MAX_BYTES + 1];
    } * categories; /* categories that classifiers gave and no strategy declared, at most CATEGORIES_MAX */
    size_t category_count;
    uint64_t categories_unknown; /* answers of such */
    struct link_name {
        unsigned link;
        char text[65];
    } * names;
    size_t name_count;
};

struct eventlog *eventlog_new(const struct log *log)
{
    assert(log);
    struct eventlog *eventlog = memory_zeroed(1, sizeof *eventlog);
    eventlog->log = log;
    writer_init(&eventlog->waiting.writer);
    return eventlog;
}

void eventlog_free(struct eventlog *eventlog)
{
    if (!eventlog) return;
    writer_free(&eventlog->waiting.writer);
    free(eventlog->categories);
    free(eventlog->names);
    free(eventlog->halted);
    free(eventlog);
}

void eventlog_name(struct eventlog *eventlog, unsigned link, const char *name)
{
    assert(eventlog && name);
    struct link_name *added;
    for (size_t i = 0; i < eventlog->name_count; i++) { /* the number was another's */
        if (eventlog->names[i].link != link) continue;
        snprintf(eventlog->names[i].text, sizeof eventlog->names[i].text, "%s", name);
        return;
    }
    eventlog->names = memory_grown(eventlog->names, eventlog->name_count + 1, sizeof *eventlog->names);
    added = &eventlog->names[eventlog->name_count++];
    added->link = link;
    snprintf(added->text, sizeof added->text, "%s", name);
}

/* ---- categories of classifiers ---- */

/* True: the message is an answer to Classify, from a link. */
static bool eventlog_classified(const struct message *message)
{
    struct kv_pair pair;
    uint32_t at = 0;
    uint64_t source = message_u(message, ENVELOPE_source);
    return message->kind == KIND_EventDone && source != SOURCE_HOST && source != SOURCE_ADMIN &&
           kv_next(message_text(message, EventDone_value), &at, &pair) && span_is(pair.key, "category") &&
           pair.value.tag == KV_TEXT;
}

/* Notes a category; true: it is new, and there was still room for its name. */
static bool category_is_new(struct eventlog *eventlog, struct span name)
{
    enum { CATEGORIES_MAX = 100 };
    size_t count = eventlog->category_count;
    for (size_t i = 0; i < count; i++)
        if (span_is(name, eventlog->categories[i].name)) return false;
    if (count == CATEGORIES_MAX || name.length > NAME_MAX_BYTES) return false;
    eventlog->categories = memory_more(eventlog->categories, count, sizeof *eventlog->categories);
    (void)text_set_span(eventlog->categories[count].name, sizeof eventlog->categories[count].name, name);
    eventlog->category_count++;
    return true;
}

/* Logs a classifier's categories that the strategy's site does not declare: the step then counts as unsure, as if
 * there were no answer. A later load may declare the category. */
static void eventlog_categories(struct eventlog *eventlog, const struct core *core, const struct message *message)
{
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(message_text(message, EventDone_value), &at, &pair)) {
        struct span name = pair.value.span;
        if (!span_is(pair.key, "category") || pair.value.tag != KV_TEXT) return;
        if (core_has_category(core, name)) continue;
        eventlog->categories_unknown++;
        if (category_is_new(eventlog, name))
            log_line(eventlog->log, LOG_LEVEL_WARNING, "core", 0, 0,
                     "a classifier says the category `%.*s`, which no strategy declares: the step is unsure",
                     (int)name.length, (const char *)name.bytes);
    }
}

uint64_t eventlog_unknown_categories(const struct eventlog *eventlog)
{
    return eventlog->categories_unknown;
}

/* Chooses the level of an event's line: a failed step is a warning; rows of a directory are too many for more than
 * debug. */
static enum log_level event_level(const struct message *message)
{
    if (message->kind == KIND_EventDone && message_u(message, EventDone_outcome) != outcome_ok)
        return LOG_LEVEL_WARNING;
    return message->kind == KIND_DirectoryRow ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO;
}

void eventlog_posted(struct eventlog *eventlog, struct span frame)
{
    assert(frame.length > 0);
    struct message message;
    eventlog->posted++;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    if (!eventlog_classified(&message) && !log_wants(eventlog->log, event_level(&message), NULL)) return;
    writer_stamp(&eventlog->waiting.writer, frame, message_u(&message, ENVELOPE_source), eventlog->posted);
}

/* Returns the name under which a source's events are logged. */
static const char *room_of(const struct eventlog *eventlog, unsigned source)
{
    for (size_t i = 0; i < eventlog->name_count; i++)
        if (eventlog->names[i].link == source) return eventlog->names[i].text;
    return source == SOURCE_ADMIN ? "admin" : "host";
}

/* Masks the data of interactions that is secret, and callers' data if the log may not show it. */
static struct message_mask mask_of(const struct eventlog *eventlog, const struct core *core)
{
    struct message_mask mask = core_mask(core);
    mask.personal = !log_personal(eventlog->log);
    return mask;
}

/* Writes the line of one event, now that the core knows its interaction. */
static void event_log(const struct eventlog *eventlog, const struct core *core, const struct message *message)
{
    uint64_t conn = message_u(message, ENVELOPE_conn), ixn = message_u(message, ENVELOPE_ixn);
    const char *room = room_of(eventlog, (unsigned)message_u(message, ENVELOPE_source));
    enum log_level level = event_level(message);
    char text[LOG_LINE_MAX];
    if (!log_wants(eventlog->log, level, room)) return;
    if (conn != 0 && ixn == 0) ixn = core_ixn_of(core, conn);
    message_print_bare(message, mask_of(eventlog, core), text, sizeof text);
    log_line(eventlog->log, level, room, ixn, conn, "%s", text);
}

void eventlog_applied(struct eventlog *eventlog, const struct core *core, size_t in_ring)
{
    assert(core);
    /* The ring keeps the order of events, except when the core stood still; the events still in the ring count as
     * those posted last. */
    uint64_t taken = eventlog->posted > in_ring ? eventlog->posted - in_ring : 0;
    struct span frame;
    while (frames_first(&eventlog->waiting, &frame)) {
        struct message message;
        /* An event of the largest allowed size is too large to be read once its place in the ring is added: it is
         * not logged. */
        bool good = message_read(&message, frame.bytes, frame.length, NULL);
        if (good && message_u(&message, ENVELOPE_seq) > taken) break;
        if (good) event_log(eventlog, core, &message);
        if (good && eventlog_classified(&message)) eventlog_categories(eventlog, core, &message);
        frames_pop(&eventlog->waiting, frame.length);
    }
}

/* Returns how many faults are to be logged now: those since the last line, once a minute. At the first call it
 * returns none, since the process before has logged those. */
static uint64_t eventlog_since(struct eventlog_told *told, const struct core *core, uint64_t count)
{
    enum { QUIET_US = 60000000 };
    bool begins = told->quiet_us == 0;
    uint64_t since = count - told->count;
    if (core_time(core) < told->quiet_us) return 0;
    if (!begins && since == 0) return 0;
    *told = (struct eventlog_told){count, begins ? 1 : core_time(core) + QUIET_US};
    return begins ? 0 : since;
}

static void tell_condition_fault(struct eventlog *eventlog, const struct core *core)
{
    struct condition_fault_row row = {0};
    char place[256] = "";
    core_condition_fault(core, &row);
    uint64_t since = eventlog_since(&eventlog->conditions, core, row.count);
    if (since == 0) return;
    if (row.file.length != 0)
        snprintf(place, sizeof place, " at %.*s:%u", (int)row.file.length, (const char *)row.file.bytes, row.line);
    log_line(eventlog->log, LOG_LEVEL_WARNING, "core", row.ixn, 0,
             "a condition%s had a fault: %s; faults since the last such line: %" PRIu64, place, row.what, since);
}

static void tell_refused_text(struct eventlog *eventlog, const struct core *core)
{
    struct refused_text_row row = {0};
    char place[256] = "";
    core_refused_text(core, &row);
    uint64_t since = eventlog_since(&eventlog->refused, core, row.count);
    if (since == 0) return;
    if (row.file.length != 0)
        snprintf(place, sizeof place, " at %.*s:%u", (int)row.file.length, (const char *)row.file.bytes, row.line);
    char text[300]; /* a masked log has only the length of the text */
    if (log_personal(eventlog->log))
        snprintf(text, sizeof text, "\"%.*s\"", (int)row.text.length, (const char *)row.text.bytes);
    else
        snprintf(text, sizeof text, "%u bytes", row.text.length);
    log_line(eventlog->log, LOG_LEVEL_WARNING, "core", row.ixn, 0,
             "a text that came as data does not hold%s: %s; such texts since the last such line: %" PRIu64, place, text,
             since);
}

void eventlog_faults(struct eventlog *eventlog, const struct core *core)
{
    tell_condition_fault(eventlog, core);
    for (size_t at = 0; at < SAYINGS; at++) {
        struct last_row row = {0};
        sayings[at].last(core, &row);
        uint64_t since = eventlog_since(&eventlog->sayings[at], core, row.count);
        if (since == 0) continue;
        log_line(eventlog->log, LOG_LEVEL_WARNING, "core", row.ixn, 0, "%s%.*s%s since the last such line: %" PRIu64,
                 sayings[at].before, (int)row.name.length, (const char *)row.name.bytes, sayings[at].behind, since);
    }
    tell_refused_text(eventlog, core);
}

void eventlog_corrections(struct eventlog *eventlog, const struct core *core)
{
    struct correction_row row;
    uint64_t count;
    (void)core_correction(core, 0, &row, &count);
    /* the effects of a replay were logged when they first happened */
    if (!eventlog->corrected) eventlog->corrections = count;
    eventlog->corrected = true;
    for (uint64_t at = eventlog->corrections; at < count; at++)
        if (core_correction(core, at, &row, &count))
            log_line(eventlog->log, LOG_LEVEL_WARNING, "core", 0, 0,
                     "the audit has corrected the state of agent %.*s: %s, not %s", (int)row.agent.length,
                     (const char *)row.agent.bytes, enum_name_agent_state(row.is), enum_name_agent_state(row.was));
    eventlog->corrections = count;
}

void eventlog_campaigns(struct eventlog *eventlog, const struct core *core)
{
    struct campaign_row row;
    bool halted;
    for (uint32_t at = 0; core_campaign_halted(core, at, &halted); at++) {
        if (at == eventlog->halted_count) {
            eventlog->halted = memory_grown(eventlog->halted, at + 1, sizeof *eventlog->halted);
            eventlog->halted[eventlog->halted_count++] = false;
        }
        if (halted && !eventlog->halted[at] && core_campaign(core, at, &row))
            log_line(eventlog->log, LOG_LEVEL_WARNING, "core", 0, 0, "campaign %.*s %s: %s%s%.*s", (int)row.name.length,
                     (const char *)row.name.bytes, row.halt, row.meaning, row.reason.length != 0 ? "; " : "",
                     (int)row.reason.length, (const char *)row.reason.bytes);
        eventlog->halted[at] = halted;
    }
}

void eventlog_reasons(struct eventlog *eventlog, const struct core *core)
{
    struct reason_row row;
    for (; core_reason(core, eventlog->reasons, &row); eventlog->reasons++)
        if (row.display.length == 0)
            log_line(eventlog->log, LOG_LEVEL_WARNING, "core", 0, 0,
                     "agents give the reason %.*s, which the directory does not have in table reason",
                     (int)row.name.length, (const char *)row.name.bytes);
}

void eventlog_effect(const struct eventlog *eventlog, const struct core *core, struct span frame)
{
    assert(core && frame.length > 0);
    struct message message;
    char text[LOG_LINE_MAX];
    if (!log_wants(eventlog->log, LOG_LEVEL_INFO, "core")) return;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    message_print_bare(&message, mask_of(eventlog, core), text, sizeof text);
    log_line(eventlog->log, LOG_LEVEL_INFO, "core", message_u(&message, ENVELOPE_ixn),
             message_u(&message, ENVELOPE_conn), "%s", text);
}
