/* runtime/daemon/check/check_say.c - Prints the findings of a check, each once. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/check/check_state.h"
#include "base/memory.h"
#include "base/shown.h"

void checking_say(struct checking *checking, int level, const char *text)
{
    for (size_t i = 0; i < checking->said_count; i++)
        if (strcmp(checking->said[i], text) == 0) return;
    checking->said = memory_more(checking->said, checking->said_count, sizeof *checking->said);
    checking->said[checking->said_count++] = memory_text(text);
    bool fails = level >= GCX_LOG_ERROR;
    checking->failed = checking->failed || fails;
    checking->warnings += !fails;
    shown_print(stderr, "%s%s\n", fails ? "" : "warning: ", text);
}

void checking_say_at(struct checking *checking, int level, int line, const char *text)
{
    const char *file = checking->conf->file;
    char *said = line > 0 ? memory_format("%s:%d: %s", file, line, text) : memory_format("%s: %s", file, text);
    checking_say(checking, level, said);
    free(said);
}

void checking_tell(struct checking *checking, enum look_check check, int line, const char *const *words)
{
    char text[LOOK_TEXT];
    look_say(text, check, words);
    checking_say_at(checking, look_level(check), line, text);
}

void checking_outside(struct checking *checking, const char *format, ...)
{
    char one[LOOK_TEXT], *before = checking->outside;
    va_list words;
    va_start(words, format);
    vsnprintf(one, sizeof one, format, words);
    va_end(words);
    if (before && strstr(before, one)) return; /* a plugin may be asked twice, so a finding may come twice */
    checking->outside = before ? memory_format("%s, %s", before, one) : memory_text(one);
    free(before);
}
