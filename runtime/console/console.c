/* runtime/console/console.c - Reads gcxvm once a second for all pages, and tells them what has changed.
 *
 * A reading is a row of questions, one at a time: the commands of `readings`, each until it has no further page. The
 * next reading begins at a tick, so gcxvm that is slow is asked less often, and never twice at once. */
#include "runtime/console/console.h"

#include <assert.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/console/course.h"
#include "runtime/console/rows.h"

enum { READING_status, READING_queues, READING_bins, READING_agents, READINGS };
static const char *const readings[READINGS] = {"status", "queues", "bins", "agents"};
/* The member by which a row is known; NULL: the answer has no rows. */
static const char *const reading_keys[READINGS] = {NULL, "name", "place", "name"};

struct looker { /* a page that looks */
    uint64_t ticket;
    const void *session;
    char *person;         /* owned: whose page it is */
    uint32_t said, heard; /* number of the last text that was sent; of the last that has arrived */
    bool behind;          /* the page was not told everything: it gets all rows once its line is free */
    uint32_t begun;       /* the reading with which it was last given all rows */
    GQueue *pieces;       /* texts, owned: the rest of all rows; the next goes when the last has arrived */
};

struct console {
    struct console_calls calls;
    GHashTable *lookers; /* struct looker, by &ticket */
    json_t *status;      /* figures of gcxvm as they were read last; NULL: not yet */
    json_t *bounded;     /* names of those who see only whom they lead */
    struct live_rows *rows[READINGS];
    struct courses *courses;
    json_t *agents;     /* rows of agents of this reading, so far */
    unsigned unwatched; /* ticks since a reading, while no page looks */
    uint32_t count;     /* readings that were made */
    unsigned step;      /* the question that was asked last */
    bool asked;         /* an answer is awaited */
    bool anew;          /* the rows of the reading under way are gone: it begins again */
    bool moved;         /* others see only whom they lead than at the last reading: all pages get all rows */
    bool read;          /* a whole reading has been made since gcxvm answers */
    bool up;            /* gcxvm answers */
};

static void looker_free(gpointer data)
{
    struct looker *looker = data;
    g_queue_free_full(looker->pieces, free);
    g_free(looker->person);
    free(looker);
}

struct console *console_new(const struct console_calls *calls)
{
    struct console *console = memory_zeroed(1, sizeof *console);
    console->calls = *calls;
    console->up = true;
    console->lookers = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, looker_free);
    for (unsigned i = 0; i < READINGS; i++)
        if (reading_keys[i]) console->rows[i] = console_rows_new(reading_keys[i]);
    console->courses = courses_new((struct course_keeper){calls->self, calls->keep});
    console->agents = json_array();
    return console;
}

void console_free(struct console *console)
{
    if (!console) return;
    g_hash_table_destroy(console->lookers);
    json_decref(console->status);
    json_decref(console->bounded);
    json_decref(console->agents);
    courses_free(console->courses);
    for (unsigned i = 0; i < READINGS; i++) console_rows_free(console->rows[i]);
    free(console);
}

void console_restore(struct console *console, const char *agent, const json_t *row)
{
    courses_restore(console->courses, agent, row);
}

/* ---- telling ---- */

/* UNHEARD_MAX: so many texts may be on their way to one page. PIECE_BYTES: so many bytes of rows are put into one text;
 * a connection with over 1 MiB of unsent bytes is ended. REST_READINGS: a page that cannot follow is given all rows
 * again after so many readings, so a slow line is not full for ever. */
enum { UNHEARD_MAX = 4, PIECE_BYTES = 128 * 1024, REST_READINGS = 5 };

static void console_say(struct console *console, struct looker *looker, const char *text)
{
    console->calls.say(console->calls.self, looker->ticket, text);
    console->calls.mark(console->calls.self, looker->ticket, ++looker->said);
}

/* Takes the reference. */
static void console_tell(struct console *console, struct looker *looker, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    if (text) console_say(console, looker, text);
    free(text);
    json_decref(message);
}

/* ---- whom a page may see ---- */

static bool console_lists(const json_t *names, const char *name)
{
    for (size_t at = 0; at < json_array_size(names); at++)
        if (strcmp(json_string_value(json_array_get(names, at)), name) == 0) return true;
    return false;
}

static bool console_is_bounded(const struct console *console, const struct looker *looker)
{
    return console_lists(console->bounded, looker->person);
}

/* Moves the rows that the person may not see from `rows` to the names of those that are gone: the page may have had
 * them before. Takes the changes, and returns them. */
static json_t *console_bound(const struct looker *looker, unsigned table, json_t *changes)
{
    json_t *rows = json_object_get(changes, "rows"), *gone = json_object_get(changes, "gone");
    for (size_t at = json_array_size(rows); at-- > 0;) {
        json_t *row = json_array_get(rows, at), *name = json_object_get(row, reading_keys[table]);
        bool own = table == READING_agents && strcmp(json_string_value(name), looker->person) == 0;
        if (own || console_lists(json_object_get(row, "led_by"), looker->person)) continue;
        if (gone) json_array_append(gone, name);
        json_array_remove(rows, at);
    }
    return changes;
}

/* Takes the text. A page on a slow line, and one that does not have all rows yet, are left out. `bounded`: so are those
 * who do not see all. */
static void console_tell_all(struct console *console, char *text, bool bounded)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, console->lookers);
    while (text && g_hash_table_iter_next(&at, NULL, &value)) {
        struct looker *looker = value;
        if (bounded && console_is_bounded(console, looker)) continue;
        looker->behind |= looker->said - looker->heard >= UNHEARD_MAX || !g_queue_is_empty(looker->pieces);
        if (!looker->behind) console_say(console, looker, text);
    }
    free(text);
}

static json_t *console_message(const struct console *console)
{
    return json_pack("{s:s, s:b, s:O?}", "type", "now", "up", console->up, "status", console->status);
}

/* Says the next piece of all rows; the one before it has arrived. */
static void console_next(struct console *console, struct looker *looker)
{
    char *text = g_queue_pop_head(looker->pieces);
    if (text) console_say(console, looker, text);
    free(text);
}

/* Puts all rows of a table into pieces. The first one begins the table anew, the last one makes it whole. */
static void console_put_pieces(const struct console *console, const struct looker *looker, unsigned table)
{
    GQueue *pieces = looker->pieces;
    json_t *whole = console_rows_whole(console->rows[table]);
    if (console_is_bounded(console, looker)) whole = console_bound(looker, table, whole);
    json_t *rows = json_object_get(whole, "rows");
    size_t at = 0;
    bool first = true;
    do {
        json_t *piece = json_array(), *message = console_message(console);
        for (size_t bytes = 0; at < json_array_size(rows) && bytes < PIECE_BYTES; at++) {
            json_t *row = json_array_get(rows, at);
            bytes += json_dumpb(row, NULL, 0, JSON_COMPACT);
            json_array_append(piece, row);
        }
        json_object_set_new(
            message, readings[table],
            json_pack("{s:o, s:b, s:b}", "rows", piece, "whole", first, "last", at == json_array_size(rows)));
        g_queue_push_tail(pieces, json_dumps(message, JSON_COMPACT));
        json_decref(message);
        first = false;
    } while (at < json_array_size(rows));
    json_decref(whole);
}

static void console_tell_whole(struct console *console, struct looker *looker)
{
    g_queue_clear_full(looker->pieces, free);
    for (unsigned i = 0; i < READINGS; i++)
        if (console->rows[i]) console_put_pieces(console, looker, i);
    looker->behind = false;
    looker->begun = console->count;
}

/* Sends the first piece if the page has received everything so far. If not, the piece is sent when the page confirms
 * the last text. */
static void console_free_line(struct console *console, struct looker *looker)
{
    if (looker->heard == looker->said) console_next(console, looker);
}

/* A page that has not had all rows yet goes on with them, unless all pages begin `anew`. */
static void console_tell_whole_all(struct console *console, bool anew)
{
    GHashTableIter at;
    gpointer value;
    for (unsigned i = 0; i < READINGS; i++)
        if (console->rows[i]) json_decref(console_rows_changes(console->rows[i]));
    g_hash_table_iter_init(&at, console->lookers);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct looker *looker = value;
        looker->behind |= !g_queue_is_empty(looker->pieces);
        if (looker->behind && !anew) continue;
        console_tell_whole(console, looker);
        console_free_line(console, looker);
    }
}

/* A page that was left out is given all rows once its line is free, and has been for some readings. */
static void console_catch_up(struct console *console, struct looker *looker)
{
    if (!looker->behind || looker->heard != looker->said || !g_queue_is_empty(looker->pieces)) return;
    if (console->count - looker->begun < REST_READINGS) return;
    console_tell_whole(console, looker);
    console_next(console, looker);
}

/* Tells the pages of persons who do not see all their part of the message. */
static void console_tell_bounded(struct console *console, const json_t *message)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, console->lookers);
    while (json_array_size(console->bounded) > 0 && g_hash_table_iter_next(&at, NULL, &value)) {
        struct looker *looker = value;
        if (!console_is_bounded(console, looker)) continue;
        looker->behind |= looker->said - looker->heard >= UNHEARD_MAX || !g_queue_is_empty(looker->pieces);
        if (looker->behind) continue;
        json_t *own = json_deep_copy(message);
        for (unsigned i = 0; i < READINGS; i++)
            if (console->rows[i] && json_object_get(own, readings[i]))
                console_bound(looker, i, json_object_get(own, readings[i]));
        console_tell(console, looker, own);
    }
}

static void console_tell_changes(struct console *console)
{
    json_t *message = console_message(console);
    for (unsigned i = 0; i < READINGS; i++)
        if (console->rows[i] && console_rows_changed(console->rows[i]))
            json_object_set_new(message, readings[i], console_rows_changes(console->rows[i]));
    char *text = json_dumps(message, JSON_COMPACT);
    if (text && strlen(text) <= PIECE_BYTES) console_tell_bounded(console, message);
    json_decref(message);
    if (text && strlen(text) > PIECE_BYTES) {
        free(text);
        console_tell_whole_all(console, false);
    } else
        console_tell_all(console, text, true);
}

/* ---- reading ---- */

/* gcxvm does not answer: what is shown is old, and each page says so. */
static void console_lost(struct console *console)
{
    console->asked = false;
    if (!console->up) return;
    console->up = false;
    console_tell_all(console, strdup("{\"type\":\"now\",\"up\":false}"), false);
}

static void console_ask(struct console *console, const json_t *from)
{
    json_t *request = json_pack("{s:s}", "command", readings[console->step]);
    if (from) json_object_set(request, "from", (json_t *)from);
    console->asked = true;
    if (!console->calls.ask(console->calls.self, request)) console_lost(console);
}

static void console_reading_begin(struct console *console)
{
    console->anew = false;
    console->unwatched = 0;
    console->step = 0;
    json_array_clear(console->agents);
    console_ask(console, NULL);
}

/* The figures that pages show, of the answer to `status`. */
static json_t *status_of(const json_t *answer)
{
    static const char *const shown[] = {"interactions",     "waiting",      "agents",
                                        "agents_logged_in", "agents_ready", "draining"};
    /* The clock of now: gcxvm's own is that of the last event, and pages count times by it. */
    GTimeZone *zone = g_time_zone_new_local();
    json_t *status = json_pack("{s:I, s:s}", "wall_us", (json_int_t)g_get_real_time(), "zone",
                               g_time_zone_get_identifier(zone)); /* days and shifts are by it */
    g_time_zone_unref(zone);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        json_t *value = json_object_get(answer, shown[i]);
        if (value) json_object_set(status, shown[i], value);
    }
    return status;
}

static void console_read(struct console *console)
{
    bool first = !console->read || !console->up || console->moved;
    GHashTableIter at;
    gpointer looker;
    console->read = console->up = true;
    console->moved = false;
    console->count++;
    if (first)
        console_tell_whole_all(console, true);
    else
        console_tell_changes(console);
    g_hash_table_iter_init(&at, console->lookers);
    while (g_hash_table_iter_next(&at, NULL, &looker)) console_catch_up(console, looker);
}

/* A page of queues gets what this process has counted. Agents are taken when all of them are there. */
static void console_take(struct console *console, json_t *page)
{
    if (console->step == READING_agents) {
        json_array_extend(console->agents, page);
        return;
    }
    for (size_t i = 0; console->step == READING_queues && i < json_array_size(page); i++)
        course_queue(console->courses, json_array_get(page, i), (uint64_t)g_get_real_time());
    console_rows_page(console->rows[console->step], page);
}

static void console_take_agents(struct console *console)
{
    course_agents(console->courses, console->agents, (uint64_t)g_get_real_time());
    console_rows_page(console->rows[READING_agents], console->agents);
    json_array_clear(console->agents);
}

void console_told(struct console *console, const json_t *answer)
{
    if (!console->asked) return;
    console->asked = false;
    struct live_rows *rows = console->rows[console->step];
    if (!json_is_true(json_object_get(answer, "ok"))) {
        console_lost(console);
        return;
    }
    if (console->anew) {
        console_reading_begin(console);
        return;
    }
    if (rows)
        console_take(console, json_object_get(answer, readings[console->step]));
    else {
        json_decref(console->status);
        console->status = status_of(answer);
        json_t *bounded = json_object_get(answer, "bounded");
        if (!json_equal(bounded, console->bounded) && (bounded || console->bounded)) console->moved = true;
        json_decref(console->bounded);
        console->bounded = json_incref(bounded);
    }
    const json_t *next = json_object_get(answer, "next");
    if (rows && next && !json_is_null(next)) {
        console_ask(console, next);
        return;
    }
    if (console->step == READING_agents) console_take_agents(console);
    if (rows) console_rows_read(rows);
    if (++console->step < READINGS)
        console_ask(console, NULL);
    else
        console_read(console);
}

enum { UNWATCHED_S = 5 }; /* while no page looks, the day's course is followed less often */

void console_tick(struct console *console)
{
    if (console->asked) return;
    if (g_hash_table_size(console->lookers) == 0 && ++console->unwatched < UNWATCHED_S) return;
    console_reading_begin(console);
}

/* ---- pages ---- */

/* No page was open before this one. So the rows that were read earlier are old, and it is not known whether gcxvm
 * answers. A reading that is under way for the day's course has put its queues into those rows. */
static void console_begin(struct console *console)
{
    console->anew = console->asked;
    console->read = false;
    console->up = true;
    for (unsigned i = 0; i < READINGS; i++) {
        if (!console->rows[i]) continue;
        console_rows_free(console->rows[i]);
        console->rows[i] = console_rows_new(reading_keys[i]);
    }
}

void console_joins(struct console *console, uint64_t ticket, const void *session, const char *person)
{
    assert(ticket != 0);
    struct looker *looker = memory_zeroed(1, sizeof *looker);
    bool first = g_hash_table_size(console->lookers) == 0;
    looker->ticket = ticket;
    looker->session = session;
    looker->person = g_strdup(person);
    g_hash_table_insert(console->lookers, &looker->ticket, looker);
    looker->pieces = g_queue_new();
    if (first) console_begin(console);
    console_tell(console, looker, json_pack("{s:s}", "type", "welcome"));
    /* While gcxvm is away a page is told that, and what was read last. */
    if (console->read || !console->up) console_tell_whole(console, looker);
    console_tick(console);
}

void console_has_text(struct console *console, uint64_t ticket, uint32_t number)
{
    struct looker *looker = g_hash_table_lookup(console->lookers, &ticket);
    if (!looker || number > looker->said || number < looker->heard) return;
    looker->heard = number;
    if (number != looker->said) return;
    if (g_queue_is_empty(looker->pieces))
        console_catch_up(console, looker);
    else
        console_next(console, looker);
}

bool console_has(const struct console *console, uint64_t ticket)
{
    return g_hash_table_contains(console->lookers, &ticket);
}

/* A page says nothing but `ping`, where it has heard nothing for a while; the rest is ignored. */
void console_heard(struct console *console, uint64_t ticket, const char *text, size_t length)
{
    json_error_t wrong;
    json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, &wrong), *id = json_object_get(message, "id");
    struct looker *looker = g_hash_table_lookup(console->lookers, &ticket);
    if (looker && json_is_integer(id))
        console_tell(console, looker, json_pack("{s:s, s:O, s:b}", "type", "reply", "id", id, "ok", true));
    json_decref(message);
}

void console_leaves(struct console *console, uint64_t ticket)
{
    g_hash_table_remove(console->lookers, &ticket);
}

void console_session_over(struct console *console, const void *session)
{
    GList *all = g_hash_table_get_values(console->lookers);
    for (GList *one = all; one; one = one->next) {
        uint64_t ticket = ((struct looker *)one->data)->ticket;
        if (((struct looker *)one->data)->session != session) continue;
        console_leaves(console, ticket);
        console->calls.end(console->calls.self, ticket);
    }
    g_list_free(all);
}
