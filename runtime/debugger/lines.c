/* runtime/debugger/lines.c - Reads commands: from a terminal with libedit, from any other input line by line, or
 * from files that a command names; and records them in a file.
 *
 *     -x FILE         its lines come first of all
 *     source FILE     its lines come next; FILE may name another one     sources[], the innermost last
 *     record FILE     every line that was typed goes there, too, behind the line LINES_BEGIN
 *     otherwise       readline() at a terminal, with history and completion; getline() from a pipe, echoed
 *
 * There is only one terminal, so the state is static in this file. A returned line is borrowed, and valid until the
 * next one is read. */
#include <assert.h>
#include <errno.h>
#include <editline/readline.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "runtime/debugger/commands.h"
#include "base/file.h"
#include "base/inside.h"
#include "base/memory.h"
#include "base/shown.h"

#define CONTROL_C 3

enum { SOURCES_MAX = 16, FIRSTS_MAX = 15 }; /* limit of command files that include one another */

static bool terminal;
static char *line;
static size_t room;
static struct {
    FILE *file;
    char *text;         /* commands that come from no file; owned; NULL: they come from `file` */
} sources[SOURCES_MAX]; /* open command files; the innermost is the last */
static unsigned source_count;
static FILE *firsts[FIRSTS_MAX]; /* the files of option -x, until lines_open() makes them sources */
static unsigned first_count;
static bool batch, scripted; /* --batch; -x */
static FILE *record;
static bool given_up; /* Ctrl-C was pressed in the line that is read */

static const struct completion *completion;
static struct debugger *debugged; /* whose names are completed */

static char *on_name(const char *begins, int state)
{
    static unsigned index;
    if (state == 0) index = 0;
    const char *name = completion->word(debugged, rl_line_buffer, begins, index++);
    return name ? strdup(name) : NULL;
}

/* Completes a word; NULL lets readline complete names of files. */
static char **on_complete(const char *begins, int start, int end)
{
    (void)start, (void)end;
    if (completion->wants_file(rl_line_buffer)) return NULL;
    rl_attempted_completion_over = 1;
    return rl_completion_matches(begins, on_name);
}

/* Called for Ctrl-C, which the terminal passes on as a character while a line is read: readline() then returns. */
static int on_control_c(int count, int key)
{
    (void)count, (void)key;
    given_up = true;
    rl_done = 1;
    return 0;
}

/* libedit sets the terminal anew for each line, so it is told for each line that Ctrl-C is a character. */
static int on_line_begins(void)
{
    return rl_parse_and_bind("setty -d -isig");
}

bool lines_first(const char *file)
{
    struct stat found;
    bool is_file = first_count < FIRSTS_MAX && stat(file, &found) == 0 && !S_ISDIR(found.st_mode); /* a pipe will do */
    FILE *first = is_file ? inside_open(file, "re") : NULL;
    if (first) firsts[first_count++] = first;
    scripted = scripted || first;
    return first != NULL;
}

void lines_batch(void)
{
    batch = true;
}

bool lines_is_batch(void)
{
    return batch;
}

void lines_open(const struct completion *of)
{
    completion = of;
    while (first_count > 0) sources[source_count++].file = firsts[--first_count]; /* read in the order of -x */
    terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (!terminal) return;
    rl_initialize();
    rl_attempted_completion_function = on_complete;
    using_history();
    rl_pre_input_hook = on_line_begins;
    rl_add_defun("give-up", on_control_c, CONTROL_C);
    (void)sigaction(SIGINT, &(struct sigaction){.sa_handler = debugger_interrupt, .sa_flags = SA_RESTART}, NULL);
}

static void lines_end_source(void)
{
    assert(source_count > 0);
    fclose(sources[--source_count].file);
    free(sources[source_count].text);
    sources[source_count].text = NULL;
}

/* Closes the files that have no line left, so that commands of breakpoints which end by `continue` do not pile up. The
 * file that names another one is not closed when that begins, so that a file that names itself comes to the limit of
 * open files. */
static void lines_end_read(void)
{
    for (int c; source_count > 0; lines_end_source())
        if ((c = getc(sources[source_count - 1].file)) != EOF) {
            ungetc(c, sources[source_count - 1].file);
            return;
        }
}

void lines_close(void)
{
    while (source_count > 0) lines_end_source();
    (void)lines_record("");
    free(line);
    line = NULL;
    room = 0;
}

bool lines_source(const char *file)
{
    assert(source_count <= SOURCES_MAX);
    struct stat found;
    bool is_file = stat(file, &found) == 0 && !S_ISDIR(found.st_mode); /* a pipe will do */
    FILE *source = is_file && source_count < SOURCES_MAX ? inside_open(file, "r") : NULL;
    if (source) sources[source_count++].file = source;
    return source != NULL;
}

bool lines_given(const char *commands)
{
    lines_end_read();
    if (source_count == SOURCES_MAX) return false;
    char *text = memory_text(commands);
    sources[source_count].file = fmemopen(text, strlen(text), "r");
    if (!sources[source_count].file) abort();
    sources[source_count++].text = text;
    return true;
}

/* May the file be written? False, with the reason printed, where it holds something else. */
static bool lines_may_write(const char *file, const char *begins)
{
    if (file_may_become(file, begins)) return true;
    shown_print(stdout, "'%s' is there, and does not begin with '%s': it is left as it is.\n", file, begins);
    return false;
}

static bool lines_failed(const char *file)
{
    shown_print(stdout, "'%s' cannot be written: %s.\n", file, strerror(errno));
    return false;
}

bool lines_record(const char *file)
{
    if (record) fclose(record);
    record = NULL;
    if (!*file) return true;
    if (!lines_may_write(file, LINES_BEGIN)) return false;
    record = inside_open(file, "we");
    if (!record) return lines_failed(file);
    setvbuf(record, NULL, _IOLBF, 0); /* where gcxdb is killed, each line that was typed is there */
    fprintf(record, "%s\n", LINES_BEGIN);
    return true;
}

bool lines_write(const char *file, const char *begins, const char *text, size_t length)
{
    return lines_may_write(file, begins) && (file_renew(file, text, length) || lines_failed(file));
}

/* Returns the next line of a file or pipe; NULL: the input has ended, or has a line so long that it is no file of
 * commands, such as a device without end. */
static const char *typed_read_line(FILE *from)
{
    enum { LINE_MOST = 65536 };
    size_t length = 0;
    int c = EOF;
    while (length < LINE_MOST && (c = getc(from)) != EOF && c != '\n') {
        if (length + 1 >= room) line = memory_grown(line, room = room < 256 ? 256 : 2 * room, 1);
        line[length++] = (char)c;
    }
    if (length == LINE_MOST) puts("A line is longer than 64 KiB: nothing more is read from there.");
    if (length == LINE_MOST || (length == 0 && c == EOF)) return NULL;
    if (room == 0) line = memory_grown(line, room = 256, 1);
    line[length] = '\0';
    line[strcspn(line, "\r")] = '\0';
    return line;
}

/* Is Ctrl-C a signal, which interrupts a play, or a character of the line that is read? */
static void lines_signal(bool signal)
{
    struct termios mode;
    if (tcgetattr(STDIN_FILENO, &mode) != 0) return;
    mode.c_lflag = signal ? mode.c_lflag | ISIG : mode.c_lflag & ~(tcflag_t)ISIG;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
}

/* Reads a line at the terminal. Ctrl-C gives up the line that was begun, and a new prompt comes. */
static const char *typed_line(const char *prompt)
{
    room = 0;
    lines_signal(false);
    do {
        free(line);
        given_up = false;
        line = readline(prompt);
        if (given_up) puts("^C");
    } while (given_up);
    lines_signal(true);
    if (line && *line) (void)add_history(line);
    return line;
}

/* Returns the next line of the files that commands named, echoed as if it had been typed; NULL: no more lines. */
static const char *lines_sourced(const char *prompt)
{
    const char *next = NULL;
    while (!next && source_count > 0) {
        next = typed_read_line(sources[source_count - 1].file);
        if (!next) lines_end_source();
    }
    if (next) shown_print(stdout, "%s%s\n", prompt, next);
    return next;
}

static const char *lines_piped(const char *prompt)
{
    fputs(prompt, stdout);
    fflush(stdout);
    const char *next = typed_read_line(stdin);
    shown_print(stdout, "%s\n", next ? next : "");
    return next;
}

const char *lines_next(struct debugger *d, const char *prompt)
{
    debugged = d;
    const char *next = lines_sourced(prompt);
    if (next) return next;
    if (batch && scripted) return NULL;
    next = terminal ? typed_line(prompt) : lines_piped(prompt);
    if (next && record && strncmp(next, "record", 6) != 0) fprintf(record, "%s\n", next);
    return next;
}
