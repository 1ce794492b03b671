/* runtime/debugger/lanes.c - Draws the timeline as a picture: a lane per interaction with its steps, and a lane per
 * agent. The time axis is not to scale: a long silence takes little more width than a short one, so that a second of
 * questions can be read next to minutes of talk.
 *
 *     1-00a7  |== ivr.digits ==|   |====== select ======|=== route ===|
 *     beside                           |= ivr.play =|                        a fiber beside the wait
 *     anna    |        ready          |ringing|      talks            |
 *
 * Bars of steps come from the places passed, messages and agents' states from the lines of the timeline. The texts
 * are those of the timeline, where secrets are masked. The first bar of a lane is open until the next one begins.
 *
 * First all bars are made, and each moment at which one begins or ends is noted (times); then the moments get their
 * x coordinates (place_times), for all lanes alike; last the page is drawn. */

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/show.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/vocabulary.h"

enum {
    LEFT = 150, /* x coordinate at which time begins; names are drawn left of it */
    TOP = 46,
    WIDEST = 6000, /* of all time */
    LANE = 26,
    BAR = 18,
    LETTER = 6, /* about the width of one letter */
    LANES_MAX = 200,
    LANE_NAME_BYTES = 64,
    LANE_LINE_BYTES = 4400,
};

struct bar {
    uint64_t from_us, to_us;
    const char *colour, *edge;
    char text[LANE_NAME_BYTES]; /* in the bar */
    char title[2 * LANE_NAME_BYTES + PLACE_TEXT];
};

struct lane {
    char name[LANE_NAME_BYTES];
    uint64_t interaction; /* 0: an agent's */
    unsigned row;         /* 0: the strategy's own row; others: what runs at the same time */
    unsigned fiber;       /* the fiber that has the lane's last bar */
    struct bar *bars;
    size_t count;
    char state[LANE_NAME_BYTES]; /* an agent's state while the agent has no call */
};

struct lanes {
    struct debugger *debugger;
    struct lane *all;
    size_t count;
    uint64_t *times; /* times at which something happens, ascending, each once */
    unsigned *at;    /* where they are drawn */
    size_t time_count;
    FILE *out;
};

/* ---- time ---- */

static void add_time(struct lanes *l, uint64_t us)
{
    l->times = memory_more(l->times, l->time_count, sizeof *l->times);
    l->times[l->time_count++] = us;
}

static int lanes_ascending(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Returns the width for a silence; twice as long takes only a little more width. */
static unsigned lanes_room_of(uint64_t us)
{
    unsigned room = 8;
    for (uint64_t ms = us / 1000; ms > 0; ms /= 2) room += 6;
    return room;
}

/* Sorts the times and gives each its x coordinate. A picture that would be too wide is made narrower as a whole. */
static void place_times(struct lanes *l)
{
    assert(l->time_count > 0); /* the beginning and the present are always among the times */
    size_t kept = 0;
    uint64_t whole = 0;
    qsort(l->times, l->time_count, sizeof *l->times, lanes_ascending);
    for (size_t i = 0; i < l->time_count; i++)
        if (kept == 0 || l->times[i] != l->times[kept - 1]) l->times[kept++] = l->times[i];
    l->time_count = kept;
    assert(!l->at);
    l->at = memory_zeroed(kept, sizeof *l->at);
    for (size_t i = 1; i < kept; i++) whole += lanes_room_of(l->times[i] - l->times[i - 1]);
    for (uint64_t i = 1, sum = 0; i < kept; i++) {
        sum += lanes_room_of(l->times[i] - l->times[i - 1]);
        l->at[i] = (unsigned)(whole > WIDEST ? sum * WIDEST / whole : sum);
    }
}

/* Returns the x coordinate of a time, or that of the last noted time before it. */
static unsigned x_of(const struct lanes *l, uint64_t us)
{
    size_t low = 0, high = l->time_count;
    while (low + 1 < high) {
        size_t middle = (low + high) / 2;
        if (l->times[middle] <= us)
            low = middle;
        else
            high = middle;
    }
    return LEFT + l->at[low];
}

/* ---- lanes and bars ---- */

/* Returns the lane of an interaction's row, or of an agent (interaction 0); NULL: there are too many lanes. */
static struct lane *lane_of(struct lanes *l, uint64_t interaction, unsigned row, const char *agent)
{
    assert(interaction != 0 || (row == 0 && *agent)); /* an agent has one row, and a name */
    for (size_t i = 0; i < l->count; i++) {
        struct lane *lane = &l->all[i];
        if (lane->interaction != interaction || lane->row != row) continue;
        if (interaction != 0 || strcmp(lane->name, agent) == 0) return lane;
    }
    assert(l->count <= LANES_MAX);
    if (l->count == LANES_MAX) return NULL;
    l->all = memory_more(l->all, l->count, sizeof *l->all);
    struct lane *lane = &l->all[l->count++];
    *lane = (struct lane){.interaction = interaction, .row = row};
    (void)snprintf(lane->name, sizeof lane->name, "%s", agent);
    return lane;
}

static struct bar *add_bar(struct lane *lane, uint64_t from_us, const char *text)
{
    /* a lane has only one open bar at a time */
    assert(lane->count == 0 || lane->bars[lane->count - 1].to_us != UINT64_MAX);
    lane->bars = memory_more(lane->bars, lane->count, sizeof *lane->bars);
    struct bar *bar = &lane->bars[lane->count++];
    *bar = (struct bar){.from_us = from_us, .to_us = UINT64_MAX, .colour = "#eaf2fb", .edge = "#4a78a8"};
    (void)snprintf(bar->text, sizeof bar->text, "%s", text);
    return bar;
}

static struct bar *open_bar(const struct lane *lane)
{
    struct bar *last = lane->count > 0 ? &lane->bars[lane->count - 1] : NULL;
    return last && last->to_us == UINT64_MAX ? last : NULL;
}

static void end_bar(const struct lane *lane, uint64_t us)
{
    struct bar *open = open_bar(lane);
    if (open) open->to_us = us;
}

static void paint_step(struct bar *bar, const char *step)
{
    static const struct {
        const char *begins, *colour, *edge;
    } looks[] = {{"select", "#fff3d6", "#b08d2e"},
                 {"connect", "#fff3d6", "#b08d2e"},
                 {"query", "#ede7f6", "#6a5aa0"},
                 {"route", "#e3f4e3", "#3c8d40"}};
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (strncmp(step, looks[i].begins, strlen(looks[i].begins)) == 0)
            bar->colour = looks[i].colour, bar->edge = looks[i].edge;
}

static void take_step(struct lane *lane, const struct taken_place *place)
{
    struct image_place at = {{"", 0}, 0, 0};
    end_bar(lane, place->at_us);
    struct bar *bar = add_bar(lane, place->at_us, place->what);
    paint_step(bar, place->what);
    (void)image_place(place->image, place->function, place->pc, &at);
    (void)snprintf(bar->title, sizeof bar->title, "%s at %.*s:%" PRIu32, place->what, (int)at.file.length,
                   at.file.bytes, at.line);
}

static void take_exit(struct lane *lane, const struct taken_place *place)
{
    struct bar *bar = open_bar(lane);
    if (!bar) return;
    size_t text = strlen(bar->text), title = strlen(bar->title);
    (void)snprintf(bar->text + text, sizeof bar->text - text, " \xe2\x86\x92 %s", place->what);
    (void)snprintf(bar->title + title, sizeof bar->title - title, " fails: %s", place->what);
    bar->edge = "#c62828";
    bar->to_us = place->at_us;
}

/* Returns the row of a fiber's step: the row where that step is already running, else the first free row. */
static struct lane *lanes_row(struct lanes *l, const struct taken_place *place)
{
    if (place->fiber == 0) return lane_of(l, place->interaction, 0, "");
    for (size_t i = 0; i < l->count; i++) {
        struct lane *lane = &l->all[i];
        if (lane->interaction == place->interaction && lane->fiber == place->fiber && open_bar(lane)) return lane;
    }
    for (unsigned row = 1;; row++) {
        struct lane *lane = lane_of(l, place->interaction, row, "");
        if (!lane || !open_bar(lane)) return lane;
    }
}

/* Ends the bars next to the strategy's own row, as the strategy goes on. */
static void end_beside(const struct lanes *l, const struct taken_place *place)
{
    assert(place->fiber == 0);
    for (size_t i = 0; i < l->count; i++)
        if (l->all[i].interaction == place->interaction && l->all[i].row > 0) end_bar(&l->all[i], place->at_us);
}

/* Makes the bars of steps: a step begins a bar, and its end, its failure or the strategy's going on ends the bar. */
static void take_places(struct lanes *l)
{
    const struct taken_places *taken = &l->debugger->taken;
    for (size_t i = 0; i < taken->count; i++) {
        const struct taken_place *place = &taken->places[i];
        struct lane *lane = place->kind == TAKEN_PLACE && place->fiber > 0 ? NULL : lanes_row(l, place);
        if (!lane) continue;
        add_time(l, place->at_us);
        if (place->fiber == 0 && place->kind != TAKEN_STEP) end_beside(l, place);
        lane->fiber = place->fiber;
        if (place->kind == TAKEN_STEP)
            take_step(lane, place);
        else if (place->kind == TAKEN_EXIT)
            take_exit(lane, place);
        else
            end_bar(lane, place->at_us);
    }
}

/* Ends the open bars of interactions that have ended, at the time of their end. */
static void end_interactions(struct lanes *l)
{
    for (size_t i = 0; i < l->count; i++) {
        struct lane *lane = &l->all[i];
        struct interaction_row row;
        bool known =
            lane->interaction != 0 && l->debugger->core && core_find(l->debugger->core, lane->interaction, &row);
        if (known && row.outcome.length > 0 && open_bar(lane)) end_bar(lane, row.changed_us);
        if (known) add_time(l, row.changed_us);
        if (lane->interaction != 0 && lane->row > 0)
            (void)snprintf(lane->name, sizeof lane->name, "beside");
        else if (known)
            (void)snprintf(lane->name, sizeof lane->name, "%" PRIu64 " %.*s", show_number(lane->interaction),
                           (int)row.strategy.length, (const char *)row.strategy.bytes);
    }
}

/* ---- lines of the timeline ---- */

/* Copies the value of `key=` in a line, "" if there is none. */
static void lanes_line_value(const char *line, const char *key, char *value, size_t size)
{
    char wanted[LANE_NAME_BYTES];
    (void)snprintf(wanted, sizeof wanted, " %s=", key);
    const char *at = strstr(line, wanted);
    at = at ? at + strlen(wanted) : "";
    (void)snprintf(value, size, "%.*s", (int)strcspn(at, " \n"), at);
}

static void paint_state(struct bar *bar, const char *state)
{
    assert(*state);
    static const struct {
        const char *state, *colour, *edge;
    } looks[] = {{"ready", "#e3f4e3", "#3c8d40"},     {"ringing", "#fff3d6", "#b08d2e"},
                 {"talks", "#ffcf7a", "#b08d2e"},     {"after_call_work", "#ede7f6", "#6a5aa0"},
                 {"not_ready", "#eeeeee", "#888888"}, {"logged_in", "#eeeeee", "#888888"}};
    for (size_t i = 0; i < sizeof looks / sizeof *looks; i++)
        if (strcmp(looks[i].state, state) == 0) bar->colour = looks[i].colour, bar->edge = looks[i].edge;
    (void)snprintf(bar->title, sizeof bar->title, "%s", state);
}

static void lanes_agent_is(struct lanes *l, const char *agent, const char *state, uint64_t at_us)
{
    struct lane *lane = lane_of(l, 0, 0, agent);
    struct bar *open = lane ? open_bar(lane) : NULL;
    if (!lane || (open && strcmp(open->text, state) == 0)) return;
    end_bar(lane, at_us);
    if (strcmp(state, "logged_out") != 0) paint_state(add_bar(lane, at_us, state), state);
}

/* Begins a bar for an agent's state that a message reports. */
static void hear_agent(struct lanes *l, uint64_t at_us, const char *line)
{
    char agent[LANE_NAME_BYTES], state[LANE_NAME_BYTES], change[LANE_NAME_BYTES];
    if (strstr(line, " SetState ")) return; /* only the desktop's wish: the switch reports the actual state */
    lanes_line_value(line, "agent", agent, sizeof agent);
    lanes_line_value(line, "state", state, sizeof state);
    lanes_line_value(line, "change", change, sizeof change);
    if (!*agent) return;
    struct lane *lane = lane_of(l, 0, 0, agent);
    if (lane && *state) (void)snprintf(lane->state, sizeof lane->state, "%s", state);
    if (*state)
        lanes_agent_is(l, agent, state, at_us);
    else if (strcmp(change, "Ringing") == 0)
        lanes_agent_is(l, agent, "ringing", at_us);
    else if (strcmp(change, "Established") == 0)
        lanes_agent_is(l, agent, "talks", at_us);
    else if (strcmp(change, "Released") == 0 && lane && *lane->state)
        lanes_agent_is(l, agent, lane->state, at_us);
}

/* Reads the next line, and its time; 0: the line has no time. False: there are no more lines. */
static bool lanes_next_line(const char **at, uint64_t *at_us, char *line, size_t size)
{
    uint64_t seconds, ms;
    if (!**at) return false;
    size_t length = strcspn(*at, "\n");
    (void)snprintf(line, size, "%.*s", (int)length, *at);
    *at += length + ((*at)[length] != '\0');
    *at_us = sscanf(line, "%" SCNu64 ".%" SCNu64 "s", &seconds, &ms) == 2 ? seconds * 1000000 + ms * 1000 : 0;
    return true;
}

static void hear_lines(struct lanes *l)
{
    char line[LANE_LINE_BYTES];
    uint64_t at_us;
    fflush(l->debugger->timeline_file);
    for (const char *at = l->debugger->timeline; lanes_next_line(&at, &at_us, line, sizeof line);) {
        add_time(l, at_us);
        hear_agent(l, at_us, line);
    }
}

/* ---- drawing ---- */

static void put_xml(FILE *out, const char *text, size_t most)
{
    for (size_t i = 0; text[i] && i < most; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '<' || c == '>' || c == '&' || c == '"')
            fprintf(out, "&#%d;", c);
        else
            fputc(c < ' ' || c == 0x7f ? ' ' : c, out);
    }
}

static void put_seconds(FILE *out, uint64_t us)
{
    fprintf(out, "%" PRIu64 ".%03" PRIu64 "s", us / 1000000, us / 1000 % 1000);
}

static void draw_axis(const struct lanes *l, unsigned height)
{
    assert(l->at); /* place_times() comes first */
    unsigned free_from = 0;
    for (size_t i = 0; i < l->time_count; i++) {
        unsigned x = LEFT + l->at[i];
        fprintf(l->out, "<line x1=\"%u\" y1=\"%d\" x2=\"%u\" y2=\"%u\" stroke=\"#dddddd\"/>\n", x, TOP - 4, x, height);
        if (x < free_from) continue;
        fprintf(l->out, "<text x=\"%u\" y=\"%d\" font-size=\"9\" fill=\"#666666\">", x, TOP - 8);
        put_seconds(l->out, l->times[i]);
        fputs("</text>\n", l->out);
        free_from = x + 48;
    }
}

/* Draws a bar, with its full text as a tooltip, and as much of the text as fits. */
static void draw_bar(const struct lanes *l, const struct bar *bar, unsigned y)
{
    uint64_t last_us = l->times[l->time_count - 1], to_us = bar->to_us == UINT64_MAX ? last_us : bar->to_us;
    unsigned x = x_of(l, bar->from_us), end = x_of(l, to_us), width = end > x + 3 ? end - x : 3;
    fprintf(l->out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%d\" rx=\"3\" fill=\"%s\" stroke=\"%s\"><title>", x,
            y, width, BAR, bar->colour, bar->edge);
    put_seconds(l->out, bar->from_us);
    fputs(" to ", l->out);
    put_seconds(l->out, to_us);
    fputs(": ", l->out);
    put_xml(l->out, bar->title, SIZE_MAX);
    fputs("</title></rect>\n", l->out);
    if (width < 3 * LETTER) return;
    fprintf(l->out, "<text x=\"%u\" y=\"%u\" pointer-events=\"none\">", x + 3, y + 13);
    size_t fits = (width - 3) / LETTER;
    put_xml(l->out, bar->text,
            strlen(bar->text) > fits ? strcspn(bar->text, " ") < fits ? strcspn(bar->text, " ") : fits : fits);
    fputs("</text>\n", l->out);
}

/* Draws a mark for each message about the interaction; pointing at it shows its text. */
static void draw_messages(const struct lanes *l, uint64_t interaction, unsigned y)
{
    char line[LANE_LINE_BYTES], of[LANE_NAME_BYTES], own[IXN_TEXT];
    uint64_t at_us;
    ident_print_ixn(interaction, own);
    for (const char *at = l->debugger->timeline; lanes_next_line(&at, &at_us, line, sizeof line);) {
        lanes_line_value(line, "ixn", of, sizeof of);
        if (strcmp(of, own) != 0) continue;
        fprintf(l->out, "<path d=\"M%u %u l3 5 h-6 z\" fill=\"#4a78a8\"><title>", x_of(l, at_us), y - 5);
        put_xml(l->out, line + strspn(line, " "), SIZE_MAX);
        fputs("</title></path>\n", l->out);
    }
}

static void draw_lane(const struct lanes *l, const struct lane *lane, unsigned y)
{
    fprintf(l->out, "<text x=\"%d\" y=\"%u\"%s>", lane->row > 0 ? 24 : 8, y + 13,
            lane->row > 0 ? " fill=\"#888888\"" : "");
    put_xml(l->out, lane->name, (LEFT - 30) / LETTER);
    fputs("</text>\n", l->out);
    for (size_t i = 0; i < lane->count; i++) draw_bar(l, &lane->bars[i], y);
    if (lane->interaction != 0 && lane->row == 0) draw_messages(l, lane->interaction, y);
}

/* Compares two lanes: interactions with their rows come first, then agents. */
static int lanes_in_order(const void *left, const void *right)
{
    const struct lane *a = left, *b = right;
    if ((a->interaction == 0) != (b->interaction == 0)) return a->interaction == 0 ? 1 : -1;
    if (a->interaction != b->interaction) return a->interaction < b->interaction ? -1 : 1;
    if (a->row != b->row) return a->row < b->row ? -1 : 1;
    return strcmp(a->name, b->name);
}

static void lanes_draw_page(struct lanes *l)
{
    assert(l->time_count > 0 && l->count <= LANES_MAX);
    unsigned height = TOP + (unsigned)l->count * LANE + 8, width = LEFT + l->at[l->time_count - 1] + 90, y = TOP;
    fprintf(l->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" font-family=\"Helvetica\" "
            "font-size=\"11\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n"
            "<text x=\"8\" y=\"16\" fill=\"#666666\">Time is not to scale: silence is drawn short. "
            "Marks are messages.</text>\n",
            width, height);
    draw_axis(l, height);
    for (size_t i = 0; i < l->count; i++, y += LANE) draw_lane(l, &l->all[i], y);
    fputs("</svg>\n", l->out);
}

char *lanes_draw(struct debugger *d, size_t *length)
{
    struct lanes l = {.debugger = d};
    char *text = NULL;
    add_time(&l, 0);
    add_time(&l, d->now_us);
    hear_lines(&l);
    take_places(&l);
    end_interactions(&l);
    if (l.count > 0) qsort(l.all, l.count, sizeof *l.all, lanes_in_order);
    place_times(&l);
    l.out = memory_stream(&text, length);
    lanes_draw_page(&l);
    fclose(l.out);
    for (size_t i = 0; i < l.count; i++) free(l.all[i].bars);
    free(l.all);
    free(l.times);
    free(l.at);
    return text;
}
