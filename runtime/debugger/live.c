/* runtime/debugger/live.c - Sends requests to gcxvm, and waits for what its journal reports.
 *
 *     live_open     connects, and takes a place among the readers of the journal
 *     live_begin    attaches to an interaction, or arms for the next one that fits; live_found waits for it
 *     live_go       tells gcxvm at which places the interaction is to stop: breakpoints, and where a step could end
 *     live_wait     follows the journal until the interaction stands, has ended, or the user wants something
 *     live_passes   at a place where gcxvm has stopped: is it the one that was wanted, or does it go on?
 *     live_close    gives the place up; the connection's end lets the interaction go on
 *
 * gcxvm knows only places, not conditions, counts or steps: so it stops more often than the user wants, and this
 * program then tells it to go on. */
#include "runtime/debugger/live.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "runtime/daemon/protocol/socket.h"
#include "runtime/debugger/expression.h"
#include "runtime/debugger/past.h"
#include "runtime/debugger/show.h"
#include "runtime/debugger/stops.h"
#include "runtime/journal/readers.h"
#include "base/memory.h"
#include "base/shown.h"

enum { ANSWER_S = 30, LOOK_MS = 20, PLACES_MAX = 7900, PLACES_BYTES = 30000, LIVE_WHY_BYTES = 512, SAY_EACH_S = 60 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* Catches Ctrl-C while the program waits; afterwards the handler in `before` is restored. */
static void catch_interrupt(bool begin, struct sigaction *before)
{
    struct sigaction act = {.sa_handler = on_interrupt};
    if (begin) interrupted = 0;
    (void)sigaction(SIGINT, begin ? &act : before, begin ? before : NULL);
}

/* ---- the admin socket ---- */

static void live_gone(struct live *live)
{
    if (live->stream) fclose(live->stream);
    live->stream = NULL;
}

/* Sends a request and returns the answer; NULL: there is none or gcxvm refuses, and a message says why. Takes the
 * request. */
static json_t *live_ask(struct live *live, json_t *request, bool *is_gone)
{
    char *text = json_dumps(request, JSON_COMPACT), *line = NULL;
    size_t size = 0;
    json_t *answer = NULL;
    if (is_gone) *is_gone = false;
    json_decref(request);
    if (!text) abort();
    if (live->stream && socket_send_line(fileno(live->stream), text) && getline(&line, &size, live->stream) > 0)
        answer = json_loads(line, 0, NULL);
    free(text);
    free(line);
    if (!answer) {
        shown_print(stdout, "gcxvm at %s has gone away: what it had stopped goes on there.\n", live->path);
        live_gone(live);
        if (is_gone) *is_gone = true;
        return NULL;
    }
    if (json_is_true(json_object_get(answer, "ok"))) return answer;
    const char *why = json_string_value(json_object_get(answer, "error"));
    const char *code = json_string_value(json_object_get(answer, "code"));
    shown_print(stdout, "gcxvm: %s.\n", why ? why : "refused");
    if (is_gone) *is_gone = code && strcmp(code, "gone") == 0;
    json_decref(answer);
    return NULL;
}

/* Writes our reader's place: batches up to this one are no longer needed. */
static void say_place(struct live *live, uint64_t batch)
{
    struct error error = {0};
    bool first = live->read_at_s == 0;
    live->read_at_s = (uint64_t)time(NULL);
    if (!*live->reader || (first ? readers_begin : readers_say)(live->state, live->reader, batch, &error)) return;
    shown_print(stderr, "gcxdb: batches may be removed while they are looked at: %s\n",
                error.code == ERROR_STATE ? "gcxvm has ended our place among the readers, for want of space"
                                          : error.text);
    live->reader[0] = '\0';
}

/* Renews our reader's place, as a reader that has not written it for days loses it. The snapshot at which plays
 * begin is in memory, and the batches after it are read in each play. */
static void still_reads(struct live *live)
{
    if ((uint64_t)time(NULL) >= live->read_at_s + SAY_EACH_S) say_place(live, past_removed(live->past));
}

/* Connects to gcxvm, asks where its journal is, and becomes one of its readers. False: told why not. */
bool live_open(struct live *live, const struct live_terms *terms)
{
    struct error error = {0};
    *live = (struct live){.going = GOING_ON, .listen = terms->listen};
    (void)snprintf(live->path, sizeof live->path, "%s", terms->path);
    (void)setpriority(PRIO_PROCESS, 0, 10); /* applying the journal must not slow down the processes that serve calls */
    int fd = socket_connect_within(terms->path, ANSWER_S, &error);
    if (fd < 0) return shown_refuse("gcxdb: no gcxvm answers at %s\n", error.text);
    live->stream = fdopen(fd, "r");
    if (!live->stream) abort();
    json_t *answer = live_ask(live, json_pack("{s:s,s:s}", "command", "debug", "op", "where"), NULL);
    const char *state = json_string_value(json_object_get(answer, "state"));
    (void)snprintf(live->state, sizeof live->state, "%s", state ? state : "");
    json_decref(answer);
    if (!answer) {
        live_close(live);
        return false;
    }
    (void)snprintf(live->reader, sizeof live->reader, "gcxdb-%ld", (long)getpid());
    say_place(live, 0);
    if (*live->reader) readers_end_with_process(live->state, live->reader);
    return true;
}

/* Adds the condition to the request; false: a message says what is wrong with it. */
static bool put_condition(json_t *request, const struct live_terms *terms, const struct past *past)
{
    char *image = NULL, why[LIVE_WHY_BYTES] = "";
    enum armed armed = armed_compile(past, &terms->sources, terms->at, terms->when, &image, why, sizeof why);
    if (armed == ARMED_WRONG) shown_print(stdout, "%s: %s.\n", terms->when, why);
    if (armed == ARMED_WORDS) json_object_set_new(request, "when", json_string(terms->when));
    if (armed == ARMED_IMAGE) json_object_set_new(request, "condition", json_string(image));
    free(image);
    return armed != ARMED_WRONG;
}

bool live_begin(struct live *live, const struct live_terms *terms, struct past *past)
{
    assert(live->stream); /* live_open() has connected */
    json_t *request = json_pack("{s:s,s:s,s:s}", "command", "debug", "op", terms->name ? "attach" : "arm", "name",
                                terms->name ? terms->name : terms->at);
    say_place(live, past_removed(past));
    if (terms->one_in > 0) json_object_set_new(request, "one_in", json_integer((json_int_t)terms->one_in));
    if (terms->bound_s > 0) json_object_set_new(request, "bound", json_integer((json_int_t)terms->bound_s));
    if (!terms->name && terms->when && !put_condition(request, terms, past)) {
        json_decref(request);
        return false;
    }
    json_t *answer = live_ask(live, request, NULL);
    live->client = (uint64_t)json_integer_value(json_object_get(answer, "debugger"));
    json_decref(answer);
    return answer != NULL;
}

void live_close(struct live *live)
{
    live_gone(live);
    if (*live->reader) readers_end(live->state, live->reader);
    live->reader[0] = '\0';
    free(live->steps);
    live->steps = NULL;
    live->step_count = 0;
}

/* ---- waiting ---- */

/* A moment passes. False: gcxvm has closed the connection meanwhile. */
static bool look_later(const struct live *live)
{
    char byte;
    if (!live->stream) return false;
    struct pollfd there = {.fd = fileno(live->stream), .events = POLLIN};
    if (poll(&there, 1, LOOK_MS) <= 0) return true;
    return recv(fileno(live->stream), &byte, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

/* Waits until gcxvm holds an interaction for us and returns its id; 0: gcxvm has given up, or the user has. */
uint64_t live_found(struct live *live, struct past *past)
{
    struct debugging_row row = {0};
    struct sigaction before;
    bool here = true, left = false;
    live->past = past;
    catch_interrupt(true, &before);
    for (bool said = false; here && !interrupted; said = true) {
        (void)past_catch_up(past);
        still_reads(live);
        here = core_debugging(past_end(past), live->client, &row);
        if (!here || row.ixn != 0) break;
        if (!said)
            puts(live->listen ? "Waiting for the interaction." : "Waiting for the interaction; Ctrl-C ends that.");
        fflush(stdout);
        left = live->listen && live->listen(NULL) == LIVE_WISH_LEAVE;
        if (left) break;
        here = look_later(live);
    }
    catch_interrupt(false, &before);
    if (!here) shown_print(stdout, "gcxvm at %s has let go of it: there is nothing to debug.\n", live->path);
    return here && !left ? row.ixn : 0;
}

static void pause_it(struct live *live)
{
    json_decref(live_ask(live, json_pack("{s:s,s:s}", "command", "debug", "op", "pause"), NULL));
    live->shown = false;
}

static enum live_news live_over(struct live *live, const struct debugger *d)
{
    struct interaction_row row;
    bool lives = core_find(past_end(live->past), d->about, &row) && !span_is(row.state, "ended");
    if (!live->told_over)
        puts(past_broken(live->past) ? past_broken(live->past)
             : !live->stream         ? "gcxvm has gone away; what there is of it can still be looked at."
             : lives                 ? "Its bound is over: it goes on by itself, and is debugged no longer."
                                     : "The interaction has ended.");
    live->told_over = true;
    return LIVE_OVER;
}

/* Waits for news of the interaction: more of the journal, its waiting in a step, its end, or a wish of the user. */
enum live_news live_wait(struct live *live, struct debugger *d)
{
    struct debugging_row row;
    struct sigaction before;
    enum live_news news = LIVE_OVER;
    catch_interrupt(true, &before);
    for (bool here = true;;) {
        still_reads(live);
        if (past_catch_up(live->past)) {
            news = LIVE_MORE;
            break;
        }
        if (!here || past_broken(live->past) || !core_debugging(past_end(live->past), live->client, &row)) {
            if (!here) live_gone(live);
            news = live_over(live, d);
            break;
        }
        if (row.stands && !live->shown) {
            live->edge = live->last;
            live->shown = true;
            if (live->gone >= live->edge) live->gone = live->edge > 0 ? live->edge - 1 : 0;
            news = LIVE_WAITS;
            puts("It stands in the step where it waits:");
            break;
        }
        enum live_wish wish = live->listen ? live->listen(d) : LIVE_WISH_NOTHING;
        if (wish == LIVE_WISH_LEAVE) {
            news = LIVE_LEFT;
            break;
        }
        if (interrupted || wish == LIVE_WISH_PAUSE) pause_it(live);
        interrupted = 0;
        fflush(stdout);
        here = look_later(live);
    }
    catch_interrupt(false, &before);
    return news;
}

void live_moment(struct live *live, const struct debugger *d)
{
    if (d->place.interaction != 0 && d->moment > live->last) live->last = d->moment;
}

/* ---- going on ---- */

bool live_at_edge(const struct debugger *d)
{
    const struct live *live = d->live;
    return live && d->moment == live->edge && live->edge > live->gone;
}

static int live_by_number(const void *a, const void *b)
{
    uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return one < other ? -1 : one > other;
}

/* Sorts places in code and removes duplicates; returns how many are left. */
static size_t live_sorted(uint32_t *places, size_t count)
{
    size_t kept = 0;
    if (count > 0) qsort(places, count, sizeof *places, live_by_number);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || places[kept - 1] != places[i]) places[kept++] = places[i];
    return kept;
}

/* Returns the given places in code (function << 16 | pc) as numbers with blanks between them; malloc'ed. */
static char *live_written(const uint32_t *places, size_t count)
{
    char *text = NULL;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    for (size_t i = 0; i < count; i++) fprintf(out, "%s%" PRIu32, i > 0 ? " " : "", places[i]);
    fclose(out);
    return text;
}

static bool same_file(struct text a, struct text b)
{
    return a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0;
}

/* Finds the beginnings of lines at which a step command may end. `near`: only in functions that have a frame now. */
static void find_steps(struct debugger *d, enum going going, bool near)
{
    struct live *live = d->live;
    struct image_place at;
    uint32_t function, pc, frame_function, frame_pc;
    size_t room = 64;
    free(live->steps);
    live->step_count = 0;
    live->steps = memory_grown(NULL, room, sizeof *live->steps);
    for (uint32_t i = 0; going != GOING_ON && image_place_at(d->program, i, &function, &pc, &at); i++) {
        bool here =
            function == d->place.function && at.line == d->place.at.line && same_file(at.file, d->place.at.file);
        bool wanted = going == GOING_UNTIL && d->line > 0 ? at.line == d->line : !here;
        bool among = !near || function == d->place.function;
        for (uint32_t frame = 1; !among && frame < d->look.frames; frame++)
            among = vm_look_frame(core_vm(d->core), frame, &frame_function, &frame_pc) && frame_function == function;
        if (!wanted || !among || image_function(d->program, function)->kind == FUNCTION_LEAF) continue;
        assert(live->step_count <= room);
        if (live->step_count == room) live->steps = memory_grown(live->steps, room *= 2, sizeof *live->steps);
        live->steps[live->step_count++] = function << 16 | pc;
    }
    live->step_count = live_sorted(live->steps, live->step_count);
    assert(live->step_count <= room);
}

/* Lets the interaction continue up to breakpoints and, for a step command, up to each line where that may end. If
 * these lines are too many, only those of functions that are running are used. */
bool live_go(struct debugger *d, enum going going)
{
    struct live *live = d->live;
    assert(live && d->past); /* a gcxvm is attached and its journal open */
    uint32_t *breaks = calloc(PLACES_MAX, sizeof *breaks);
    size_t elsewhere;
    bool is_gone;
    size_t count = stops_places(d, breaks, PLACES_MAX, &elsewhere);
    count = live_sorted(breaks, count < PLACES_MAX ? count : PLACES_MAX);
    find_steps(d, going, false);
    char *steps_text = live_written(live->steps, live->step_count), *breaks_text = live_written(breaks, count);
    /* too many places to send: then the step ends only in functions that have a frame now */
    if (live->step_count > PLACES_MAX || strlen(steps_text) > PLACES_BYTES) {
        free(steps_text);
        find_steps(d, going, true);
        steps_text = live_written(live->steps, live->step_count);
    }
    if (elsewhere > 0 && !live->told_elsewhere)
        puts("At events and agents' states it is stopped as soon as they are seen here, a moment behind them.");
    live->told_elsewhere = live->told_elsewhere || elsewhere > 0;
    json_t *request =
        json_pack("{s:s,s:s,s:s,s:s}", "command", "debug", "op", "go", "breaks", breaks_text, "steps", steps_text);
    bool follows = going == GOING_NEXT || going == GOING_FINISH || (going == GOING_UNTIL && d->line == 0);
    if (follows && d->place.interaction != 0) {
        json_object_set_new(request, "depth", json_integer(d->place.depth - (going == GOING_FINISH)));
        json_object_set_new(request, "fiber", json_integer(d->place.fiber));
    }
    free(breaks);
    free(steps_text);
    free(breaks_text);
    json_t *answer = live_ask(live, request, &is_gone);
    if (!answer && !is_gone) return false;
    json_decref(answer);
    live->gone = d->moment;
    live->edge = 0;
    live->shown = false;
    live->going = going;
    live->from = d->place;
    live->set_count = 0;
    return true;
}

static bool live_is_step(const struct live *live, const struct fiber_place *place)
{
    uint32_t key = place->function << 16 | place->pc;
    const struct fiber_place *from = &live->from;
    if (live->step_count == 0 || !bsearch(&key, live->steps, live->step_count, sizeof key, live_by_number))
        return false;
    if (live->going == GOING_STEP || (live->going == GOING_UNTIL && from->fiber != place->fiber)) return true;
    if (from->fiber != place->fiber) return place->fiber == 0;
    return live->going == GOING_FINISH ? place->depth < from->depth : place->depth <= from->depth;
}

bool live_passes(struct live *live, struct debugger *d, char *why, size_t size)
{
    const struct image_wait *wait = NULL;
    uint32_t *breaks = calloc(PLACES_MAX, sizeof *breaks), key = d->place.function << 16 | d->place.pc;
    size_t elsewhere, count, at = 0;
    if (!breaks) abort();
    count = stops_places(d, breaks, PLACES_MAX, &elsewhere);
    assert(d->moment > 0); /* the stop has become a moment of the play */
    while (at < count && at < PLACES_MAX && breaks[at] != key) at++;
    bool broken = at < count && at < PLACES_MAX;
    free(breaks);
    live->edge = d->moment;
    live->shown = true;
    for (uint32_t n = 0; broken && !wait && n < image_count(d->program, SECTION_WAITS); n++) {
        const struct image_wait *one = image_wait(d->program, n);
        if (one->function == d->place.function && one->pc == d->place.pc && one->step != 0) wait = one;
    }
    const struct happens failed = {HAPPENS_EXIT, live->exit};
    if (broken && ((live->exit && stops_hit(d, &failed, why, size)) || stops_hit(d, NULL, why, size) ||
                   (wait && stops_hit(d, &(struct happens){HAPPENS_STEP, step_numbered(wait->step)->name}, why, size))))
        return false;
    bool step = live_is_step(live, &d->place);
    if (step && --d->count == 0) return false;
    /* neither a step nor a breakpoint stopped the interaction: the user wanted it to stop at once */
    if (!step && !broken) return false;
    return live_go(d, live->going);
}

void live_sees(struct live *live, struct debugger *d, const struct happens *what)
{
    char why[LIVE_WHY_BYTES] = "";
    if (live->shown || !stops_seen(d, what, why, sizeof why)) return;
    shown_print(stdout, "%s\n", why);
    pause_it(live);
}

void live_fails(struct live *live, const char *exit)
{
    live->exit = exit;
    live->exit_age = 0;
}

void live_instruction(struct live *live)
{
    if (live->exit_age++ > 0) live->exit = NULL;
}

/* ---- setting ---- */

const char *live_value(const struct live *live, const char *name)
{
    assert(live->set_count <= LIVE_SETS);
    for (size_t i = live->set_count; i-- > 0;)
        if (strcmp(live->sets[i].name, name) == 0) return live->sets[i].value;
    return NULL;
}

/* Returns the register of a variable of the innermost frame, counted from 1; 0: no variable has that name. */
static uint32_t live_variable(struct debugger *d, const char *name)
{
    uint32_t count = image_function(d->look.image, d->place.function)->register_count;
    for (uint32_t reg = 0; reg < count; reg++) {
        struct text text = image_variable(d->look.image, d->place.function, d->place.pc, (uint8_t)reg);
        if (text.length == strlen(name) && text.length > 0 && memcmp(text.bytes, name, text.length) == 0)
            return reg + 1;
    }
    return 0;
}

/* Changes a literal into the form of user data: a text without quotes and escapes, a name without the word for its
 * kind. */
static void live_plain(char *text)
{
    static const char *const kinds[] = {"skill ", "group ", "vq ", "queue ", "prompt "};
    size_t length = strlen(text), to = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strncmp(text, kinds[i], strlen(kinds[i])) == 0) {
            memmove(text, text + strlen(kinds[i]), length - strlen(kinds[i]) + 1);
            return;
        }
    if (length < 2 || text[0] != '"' || text[length - 1] != '"') return;
    for (size_t at = 1; at + 1 < length; at++) {
        if (text[at] == '\\' && at + 2 < length) at++;
        text[to++] = text[at];
    }
    assert(to < length);
    text[to] = '\0';
}

/* Sets a key or a variable of the stopped interaction. The value is computed here and sent as a text. */
void live_set(struct debugger *d, const char *arguments)
{
    struct live *live = d->live;
    char name[LIVE_TEXT], value[4096], shown[LIVE_TEXT];
    int used = 0;
    if (sscanf(arguments, " %200[A-Za-z0-9_] = %n", name, &used) != 1 || used == 0 || arguments[used] == '\0') {
        puts("What? NAME = EXPRESSION stands behind set: a key, or a variable of the line where it stands.");
        return;
    }
    if (!live || !live_at_edge(d) || d->place.interaction == 0) {
        puts(live ? "Only where it stands now can something be set; this is past."
                  : "Only an interaction of a running gcxvm can be changed: gcxdb attach.");
        return;
    }
    if (image_key_secret(d->program, name, (uint32_t)strlen(name))) {
        shown_print(stdout, "%s is secret: it is not set here; reveal shows it to an admin.\n", name);
        return;
    }
    if (!expression_show(d, arguments + used, value, sizeof value)) {
        shown_print(stdout, "%s: %s.\n", arguments + used, value);
        return;
    }
    (void)snprintf(shown, sizeof shown, "%.*s", (int)sizeof shown - 1, value);
    live_plain(value);
    json_t *request = json_pack("{s:s,s:[o]}", "command", "debug-set", "brings", json_sprintf("%s=%s", name, value));
    uint32_t reg = d->frame == 0 ? live_variable(d, name) : 0;
    if (reg > 0) {
        json_object_set_new(request, "variable", json_integer(reg));
        json_object_set_new(request, "function", json_integer(d->place.function));
        json_object_set_new(request, "fiber", json_integer(d->place.fiber));
    }
    json_t *answer = live_ask(live, request, NULL);
    if (!answer) return;
    json_decref(answer);
    if (live->set_count == LIVE_SETS) live->set_count = 0;
    struct set_value *set = &live->sets[live->set_count++];
    (void)snprintf(set->name, sizeof set->name, "%s", name);
    (void)snprintf(set->value, sizeof set->value, "%s", shown);
    shown_print(stdout, "%s = %s\n", name, shown);
}

/* Shows a secret, after gcxvm has noted in its audit that somebody looks. */
void live_reveal(struct debugger *d, const char *name)
{
    char value[4096];
    if (!d->live || d->place.interaction == 0) {
        puts(d->live ? "No strategy runs at this moment."
                     : "Only of a running interaction, with gcxdb attach, can a secret be looked at.");
        return;
    }
    if (!show_named(d, name, value, sizeof value)) {
        shown_print(stdout, "Nothing here is called '%s'.\n", name);
        return;
    }
    json_t *answer = live_ask(d->live, json_pack("{s:s,s:s}", "command", "debug-reveal", "name", name), NULL);
    if (!answer) return;
    json_decref(answer);
    d->reveals = true;
    if (show_named(d, name, value, sizeof value)) shown_print(stdout, "%s = %s\n", name, value);
    d->reveals = false;
}
