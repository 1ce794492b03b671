/* runtime/debugger/lines.c - Reading commands: from a terminal with libedit, from anything else line by line. */
#include <editline/readline.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/debugger/commands.h"
#include "runtime/vocabulary/shown.h"

static bool terminal;
static char *line;
static size_t room;

static char *on_name(const char *begins, int state)
{
    static unsigned index;
    if (state == 0) index = 0;
    const char *name = commands_named(begins, index++);
    return name ? strdup(name) : NULL;
}

static char **on_complete(const char *begins, int start, int end)
{
    (void)end;
    return start == 0 ? rl_completion_matches(begins, on_name) : NULL;
}

void lines_open(void)
{
    terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (!terminal) return;
    rl_initialize();
    rl_attempted_completion_function = on_complete;
    using_history();
}

void lines_close(void)
{
    free(line);
    line = NULL;
}

const char *lines_next(const char *prompt)
{
    if (terminal) {
        free(line);
        line = readline(prompt);
        if (line && *line) (void)add_history(line);
        return line;
    }
    fputs(prompt, stdout);
    fflush(stdout);
    ssize_t length = getline(&line, &room, stdin);
    if (length <= 0) {
        putchar('\n');
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    shown_print(stdout, "%s\n", line);
    return line;
}
