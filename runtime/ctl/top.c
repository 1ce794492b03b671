/* runtime/ctl/top.c - gcxctl top: shows what happens now on one screen, each second.
 *
 * gcxctl top uses plain ECMA-48: the terminal's alternate screen, and each frame is written as a whole. A figure that
 * does not fit into its line goes to a line of its own, and the table leaves out whole columns: no number is cut.
 * Without a terminal, or with --batch, frames are printed one after another as text. If gcxvm does not answer any more,
 * it is asked again until it is back. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "runtime/ctl/ctl.h"
#include "runtime/ctl/show.h"
#include "base/memory.h"
#include "base/shown.h"

enum sort { SORT_OLDEST, SORT_WAITING, SORT_ABANDONED, SORT_NAME, SORTS };
enum { LINES_DEFAULT = 24, COLUMNS_DEFAULT = 80, QUEUES_MOST = 5000, SCREEN_TIMEOUT_S = 2, PAUSE_LONG_S = 5 };

/* The answers to one round of requests. */
struct sample {
    json_t *status, *queues;
    double at_s;
};

struct top {
    struct ctl *ctl;
    struct sample now, before;
    enum sort sort;
    bool screen;
    struct termios terminal; /* as it was found */
};

/* Set by a signal; it is global because a signal handler gets no other data. */
static volatile sig_atomic_t ended;

/* Handles a signal: only sets a flag, since nothing else is allowed in a handler. */
static void top_on_signal(int number)
{
    if (number != SIGWINCH) ended = 1; /* after a change of the screen's size, the interrupted wait is enough */
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void sample_free(struct sample *sample)
{
    json_decref(sample->status);
    json_decref(sample->queues);
    *sample = (struct sample){0};
}

/* Asks gcxvm for a new sample. False: gcxvm does not answer, and the last sample stays. */
static bool sample_take(struct top *top, enum ctl_exit *result)
{
    struct sample sample = {.at_s = seconds_now()};
    json_t *status = ctl_ask(top->ctl, json_pack("{s:s}", "command", "status"), result), *queues;
    if (!status) return false;
    queues = ctl_ask_all(top->ctl, json_pack("{s:s}", "command", "queues"), "queues", QUEUES_MOST, result);
    if (queues) {
        sample.status = show_tame(status);
        sample.queues = show_tame(queues);
        sample_free(&top->before);
        top->before = top->now;
        top->now = sample;
    }
    json_decref(status);
    json_decref(queues);
    return queues != NULL;
}

/* The growth of a counter per second; 0 for the first sample. */
static double top_rate(const struct top *top, const char *key)
{
    double seconds = top->now.at_s - top->before.at_s;
    long long more;
    if (!top->before.status || seconds <= 0) return 0;
    more = ctl_number_at(top->now.status, key) - ctl_number_at(top->before.status, key);
    return more > 0 ? (double)more / seconds : 0;
}

/* The first line. */
static void top_head_print(FILE *out, const struct top *top, bool lost)
{
    const json_t *status = top->now.status;
    char up[DURATION_TEXT], clock[MOMENT_TEXT];
    show_duration(ctl_number_at(status, "uptime_us"), up);
    show_moment((long long)time(NULL) * 1000000, clock);
    clock[19] = '\0'; /* without the milliseconds */
    fprintf(out, "gcxvm %s  up %s  epoch %lld  %s%s%s\n", ctl_text_at(status, "version"), up,
            ctl_number_at(status, "epoch"), clock,
            json_is_true(json_object_get(status, "draining")) ? "  DRAINED: no calls are let in" : "",
            lost ? "  GONE: looking for it" : "");
}

/* The smallest bound, in us, below which that share of the interval's durations is; -1: there were none. */
static long long share_within(const struct top *top, const char *key, double share)
{
    const json_t *now = json_object_get(top->now.status, key), *before = json_object_get(top->before.status, key);
    const json_t *bounds = json_object_get(now, "bounds_us"), *counts = json_object_get(now, "counts");
    const json_t *were = json_object_get(before, "counts");
    long long total = 0, so_far = 0;
    for (size_t i = 0; i < json_array_size(counts); i++)
        total +=
            (long long)(json_integer_value(json_array_get(counts, i)) - json_integer_value(json_array_get(were, i)));
    for (size_t i = 0; total > 0 && i < json_array_size(bounds); i++) {
        so_far +=
            (long long)(json_integer_value(json_array_get(counts, i)) - json_integer_value(json_array_get(were, i)));
        if ((double)so_far >= share * (double)total) return (long long)json_integer_value(json_array_get(bounds, i));
    }
    return total > 0 ? (long long)json_integer_value(json_array_get(bounds, json_array_size(bounds) - 1)) : -1;
}

/* Prints within which time 50 % and 99 % of the durations between two samples were. */
static void costs_print(FILE *out, const struct top *top, const char *what, const char *key)
{
    char half[DURATION_TEXT], nearly_all[DURATION_TEXT];
    show_duration(share_within(top, key, 0.5), half);
    show_duration(share_within(top, key, 0.99), nearly_all);
    fprintf(out, "%s p50 within %s, p99 within %s    ", what, half, nearly_all);
}

/* Prints figures of calls, journal, times and intake. */
static void top_calls_print(FILE *out, const struct top *top)
{
    const json_t *status = top->now.status, *intake = json_object_get(status, "intake");
    double batches = top_rate(top, "batches"), events = top_rate(top, "events");
    fprintf(out,
            "calls     %lld live, %lld waiting for somebody    routed %.1f/s  abandoned %.1f/s  defaulted %.1f/s\n",
            ctl_number_at(status, "interactions"), ctl_number_at(status, "waiting"), top_rate(top, "routed"),
            top_rate(top, "abandoned"), top_rate(top, "defaulted"));
    fprintf(out, "journal   %.1f batches/s  %.1f events/s  %.1f events a batch\ntimes     ", batches, events,
            batches > 0 ? events / batches : 0.0);
    costs_print(out, top, "sync", "sync");
    costs_print(out, top, "decision", "decision");
    fprintf(out, "\nintake    %s%s%s  durable after %lld ms  %lld events in the ring  memory %lld MiB\n",
            ctl_text_at(intake, "level"), json_is_string(json_object_get(intake, "why")) ? ": " : "",
            json_is_string(json_object_get(intake, "why")) ? ctl_text_at(intake, "why") : "",
            ctl_number_at(intake, "lag_us") / 1000, ctl_number_at(intake, "ring_events"),
            ctl_number_at(intake, "memory_bytes") >> 20);
}

/* Prints the agents by state; states without agents are left out. */
static void agents_print(FILE *out, const struct top *top)
{
    const json_t *status = top->now.status;
    const char *state;
    json_t *count;
    fprintf(out, "agents    %lld, %lld logged in, %lld could be chosen, %lld claims  ", ctl_number_at(status, "agents"),
            ctl_number_at(status, "agents_logged_in"), ctl_number_at(status, "agents_ready"),
            ctl_number_at(status, "claims"));
    json_object_foreach(json_object_get(status, "agent_states"), state, count)
    {
        if (json_integer_value(count) > 0) fprintf(out, "  %s %lld", state, (long long)json_integer_value(count));
    }
    putc('\n', out);
}

/* The growth per second of a counter in a row; the row of the last sample is found by its name. */
static double row_rate(const struct top *top, const char *list, const json_t *row, const char *key)
{
    double seconds = top->now.at_s - top->before.at_s;
    size_t i;
    json_t *was;
    json_array_foreach(json_object_get(top->before.status, list), i, was)
    {
        long long more = ctl_number_at(row, key) - ctl_number_at(was, key);
        if (strcmp(ctl_text_at(was, "name"), ctl_text_at(row, "name")) == 0 && more > 0 && seconds > 0)
            return (double)more / seconds;
    }
    return 0;
}

/* Prints links and sources with their rates. */
static void links_print(FILE *out, const struct top *top)
{
    size_t i;
    json_t *row;
    json_array_foreach(json_object_get(top->now.status, "links"), i, row) fprintf(
        out, "link      %s: adapter %s, service %s    %.1f events/s  %lld refused  %lld defaulted  %lld restarts\n",
        ctl_text_at(row, "name"), ctl_text_at(row, "state"), ctl_text_at(row, "service"),
        row_rate(top, "links", row, "events"), ctl_number_at(row, "refused"), ctl_number_at(row, "defaulted"),
        ctl_number_at(row, "restarts"));
    json_array_foreach(json_object_get(top->now.status, "sources"), i, row)
        fprintf(out, "source    %s: %.1f queries/s  %lld errors  %lld waiting\n", ctl_text_at(row, "name"),
                row_rate(top, "sources", row, "queries"), ctl_number_at(row, "errors"), ctl_number_at(row, "waiting"));
}

/* The ways to sort queues: the largest value of `key` first; by name if the key is NULL or the values are equal. */
static const struct {
    const char *title, *key;
} sorts[SORTS] = {
    [SORT_OLDEST] = {"oldest wait", "longest_wait_us"},
    [SORT_WAITING] = {"waiting", "waiting"},
    [SORT_ABANDONED] = {"abandoned", "abandoned"},
    [SORT_NAME] = {"name", NULL},
};

/* Compares two rows: the larger value of `key` first; equal ones by name, so that rows keep their places. */
static int top_order(const void *a, const void *b, void *key)
{
    const json_t *const *left = a, *const *right = b;
    long long of_left = key ? ctl_number_at(*left, key) : 0, of_right = key ? ctl_number_at(*right, key) : 0;
    if (of_left != of_right) return of_left > of_right ? -1 : 1;
    return strcmp(ctl_text_at(*left, "name"), ctl_text_at(*right, "name"));
}

/* Prints all queues in the chosen order; the screen shows as many as fit. */
static void queues_print(FILE *out, const struct top *top, size_t columns_of_screen)
{
    static const struct column columns[] = {
        {"QUEUE", "name", COLUMN_TEXT},
        {"WAITING", "waiting", COLUMN_NUMBER},
        {"OLDEST", "longest_wait_us", COLUMN_DURATION},
        {"ENTERED", "entered", COLUMN_NUMBER},
        {"DISTRIBUTED", "distributed", COLUMN_NUMBER},
        {"ABANDONED", "abandoned", COLUMN_NUMBER},
        {"CLEARED", "cleared", COLUMN_NUMBER},
        {NULL, NULL, COLUMN_TEXT},
    };
    json_t *rows = json_object_get(top->now.queues, "queues"), *sorted = json_array();
    size_t count = json_array_size(rows);
    assert(top->sort < SORTS);
    json_t **queues = memory_zeroed(count + 1, sizeof *queues);
    for (size_t i = 0; i < count; i++) queues[i] = json_array_get(rows, i);
    qsort_r(queues, count, sizeof *queues, top_order, (void *)(uintptr_t)sorts[top->sort].key);
    for (size_t i = 0; i < count; i++) json_array_append(sorted, queues[i]);
    fprintf(out, "\nqueues by %s\n", sorts[top->sort].title);
    show_table_within(out, sorted, columns, columns_of_screen);
    json_decref(sorted);
    free(queues);
}

/* The size of the screen; 0: the output is no screen, and has no limit. */
static void screen_size(const struct top *top, size_t *rows, size_t *columns)
{
    struct winsize size = {0};
    *rows = top->screen ? LINES_DEFAULT : 0;
    *columns = top->screen ? COLUMNS_DEFAULT : 0;
    if (top->screen && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 && size.ws_col > 0) {
        *rows = size.ws_row;
        *columns = size.ws_col;
    }
}

/* How many bytes of the line the first `columns` characters take. */
static size_t top_cut(const char *line, size_t length, size_t columns)
{
    size_t at = 0, width = 0;
    for (; at < length; at++)
        if (((unsigned char)line[at] & 0xc0) != 0x80 && width++ == columns) break;
    return at;
}

enum { INDENT = 10 }; /* indent of a continued line, below the text after the line's title */

/* The place at which a line that is too long is broken: at two blanks, which separate items, else after a comma; 0:
 * nowhere. */
static size_t break_of(const char *line, size_t fits)
{
    assert(line);
    for (size_t at = fits; at > INDENT; at--)
        if (strncmp(line + at, "  ", 2) == 0) return at;
    for (size_t at = fits; at > INDENT; at--)
        if (strncmp(line + at - 1, ", ", 2) == 0) return at;
    return 0;
}

/* Prints a text; lines that are too long continue in the next line. */
static void top_fold(FILE *out, const char *text, size_t columns)
{
    for (size_t length; *text != '\0'; text += length + (text[length] == '\n')) {
        const char *line = text;
        size_t left = length = strcspn(text, "\n");
        while (left > 0 && line[left - 1] == ' ') left--;
        for (size_t indent = 0; columns > INDENT; indent = INDENT) {
            size_t fits = top_cut(line, left, columns - indent), at = fits < left ? break_of(line, fits) : 0;
            if (at == 0) break;
            fprintf(out, "%.*s\n%*s", (int)at, line, INDENT, "");
            while (line[at] == ' ') at++;
            line += at;
            left -= at;
        }
        fprintf(out, "%.*s\n", (int)left, line);
    }
}

/* Prints the lines above the table, broken to the width of the screen. */
static void head_fold(FILE *out, const struct top *top, bool lost, size_t columns)
{
    char *text = NULL;
    size_t size;
    FILE *head = memory_stream(&text, &size);
    top_head_print(head, top, lost);
    top_calls_print(head, top);
    agents_print(head, top);
    links_print(head, top);
    fclose(head);
    top_fold(out, text, columns);
    free(text);
}

/* Malloc'ed text. */
static char *frame_make(const struct top *top, bool lost)
{
    assert(top);
    char *text = NULL;
    size_t size, rows, columns;
    FILE *out = memory_stream(&text, &size);
    screen_size(top, &rows, &columns);
    if (!top->now.status) {
        shown_print(out, "no gcxvm answers at %s: looking for it\n", top->ctl->path);
    } else {
        head_fold(out, top, lost, columns);
        queues_print(out, top, columns);
    }
    fclose(out);
    return text;
}

/* Prints a frame over the last one, without clearing the screen, so that it does not flicker. */
static void frame_show(const struct top *top, const char *frame)
{
    static const char keys[] = "q quit  o oldest wait  w waiting  a abandoned  n name  space now";
    size_t rows, columns;
    if (!top->screen) {
        puts(frame);
        return;
    }
    screen_size(top, &rows, &columns);
    fputs("\033[H", stdout);
    for (size_t row = 1; row < rows; row++) {
        size_t length = strcspn(frame, "\n");
        fwrite(frame, 1, top_cut(frame, length, columns), stdout);
        fputs("\033[K\n", stdout);
        frame += length + (frame[length] == '\n');
    }
    printf("\033[7m%.*s\033[m\033[K", (int)top_cut(keys, sizeof keys - 1, columns), keys);
}

/* Prepares the terminal: alternate screen, no cursor, keys without Enter. */
static void screen_open(struct top *top)
{
    struct termios raw;
    struct sigaction action = {.sa_handler = top_on_signal};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
    if (!top->screen) return;
    tcgetattr(STDIN_FILENO, &top->terminal);
    raw = top->terminal;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    fputs("\033[?1049h\033[?25l\033[2J", stdout);
}

/* Restores the terminal as it was. */
static void screen_close(const struct top *top)
{
    if (!top->screen) return;
    fputs("\033[?25h\033[?1049l", stdout);
    fflush(stdout);
    tcsetattr(STDIN_FILENO, TCSANOW, &top->terminal);
}

/* Does what a key asks for. False: quit. `*again`: the same sample must be shown in another order. */
static bool key_take(struct top *top, char key, bool *again)
{
    *again = true;
    switch (key) {
    case 'q':
    case 'Q':
        return false;
    case 'o':
        top->sort = SORT_OLDEST;
        break;
    case 'w':
        top->sort = SORT_WAITING;
        break;
    case 'a':
        top->sort = SORT_ABANDONED;
        break;
    case 'n':
        top->sort = SORT_NAME;
        break;
    default:
        *again = false;
    }
    return true;
}

/* Waits until the next sample is due; meanwhile shows the last one again if a key or a new size of the screen needs
 * it. */
static void wait_for(struct top *top, double until_s, bool lost)
{
    struct pollfd input = {.fd = top->screen ? STDIN_FILENO : -1, .events = POLLIN};
    while (!ended) {
        double left_s = until_s - seconds_now();
        bool again = true;
        char key, *frame;
        int count = left_s <= 0 ? 0 : poll(&input, 1, (int)(left_s * 1000) + 1);
        if (count == 0) return;
        if (count < 0 && errno != EINTR) return;
        if (count > 0 && (read(STDIN_FILENO, &key, 1) != 1 || !key_take(top, key, &again))) ended = 1;
        if (ended || !again) return;
        frame = frame_make(top, lost);
        frame_show(top, frame);
        fflush(stdout);
        free(frame);
    }
}

/* Runs top: takes a sample, shows a frame, waits; if gcxvm goes away, asks again as long as there is a screen. */
enum ctl_exit ctl_top(struct ctl *ctl, const struct ctl_line *line)
{
    struct top top = {.ctl = ctl, .screen = !line->batch && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)};
    enum ctl_exit result;
    bool there;
    if (!sample_take(&top, &result)) return result; /* gcxvm does not answer at the start: the reason was written */
    if (top.screen && ctl->timeout_s > SCREEN_TIMEOUT_S) ctl->timeout_s = SCREEN_TIMEOUT_S; /* keys wait as long */
    ctl->quiet = top.screen; /* the screen itself shows what is wrong */
    screen_open(&top);
    there = true;
    for (unsigned long round = 1; !ended; round++) {
        char *frame = frame_make(&top, !there);
        double next_s = seconds_now() + (line->delay_s > 0 ? (double)line->delay_s : 0.1);
        frame_show(&top, frame);
        free(frame);
        if (fflush(stdout) != 0 || (line->rounds > 0 && round == line->rounds)) break;
        if (line->delay_s >= PAUSE_LONG_S) ctl_close(ctl); /* gcxvm closes connections that are idle */
        wait_for(&top, next_s, !there);
        if (ended) break;
        there = sample_take(&top, &result);
        if (!there && !top.screen) break; /* without a screen the exit code says it */
    }
    screen_close(&top);
    sample_free(&top.now);
    sample_free(&top.before);
    return top.screen ? CTL_good : result;
}
