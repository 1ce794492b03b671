/* compiler/lsp/beside.c - Reads the SQL files of one folder, and finds a word in their texts in quotes. */
#include "compiler/lsp/beside.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/source.h"
#include "base/arena.h"
#include "base/inside.h"
#include "base/memory.h"

enum { BESIDE_FILES = 64, BESIDE_PLACES = 20 };

struct beside {
    const char *name;
    FILE *out;
    unsigned places;
};

static bool beside_in_word(unsigned char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
}

/* Does the name stand in the text as a whole word? */
static bool beside_says(const char *text, size_t length, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i + size <= length; i++) {
        if (memcmp(text + i, name, size) != 0) continue;
        bool opens = i == 0 || !beside_in_word((unsigned char)text[i - 1]);
        bool closes = i + size == length || !beside_in_word((unsigned char)text[i + size]);
        if (opens && closes) return true;
    }
    return false;
}

static void beside_tell_place(struct beside *beside, const char *file, unsigned line, unsigned *told)
{
    if (*told == line || beside->places == BESIDE_PLACES) return;
    if (*told > 0)
        fprintf(beside->out, ", %u", line);
    else
        fprintf(beside->out, "%s%s:%u", beside->places > 0 ? "; " : "", file, line);
    *told = line;
    if (++beside->places == BESIDE_PLACES) fputs(" ...", beside->out);
}

/* Looks at each text in single quotes; remarks of both kinds are passed over. */
static void beside_look(struct beside *beside, const char *file, const struct source *source)
{
    const char *text = source->text;
    unsigned line = 1, told = 0;
    for (size_t i = 0; i < source->length; i++) {
        size_t end = i + 1;
        if (text[i] == '\n') line++;
        if (text[i] == '-' && text[end] == '-') {
            while (end < source->length && text[end] != '\n') end++;
            i = end - 1;
        } else if (text[i] == '/' && text[end] == '*') {
            const char *behind = strstr(text + end, "*/");
            end = behind ? (size_t)(behind - text) + 2 : source->length;
            for (; i + 1 < end; i++) line += text[i + 1] == '\n';
        } else if (text[i] == '\'') {
            unsigned begins = line;
            for (; end < source->length && text[end] != '\''; end++) line += text[end] == '\n';
            if (beside_says(text + i + 1, end - i - 1, beside->name)) beside_tell_place(beside, file, begins, &told);
            i = end;
        }
    }
}

static int beside_is_sql(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 4, ".sql") == 0;
}

static char *beside_told(struct beside *beside, char **text)
{
    fclose(beside->out);
    if (beside->places > 0) return *text;
    free(*text);
    return NULL;
}

char *beside_places_in(const char *file, const struct source *source, const char *name)
{
    char *text;
    size_t length;
    struct beside beside = {name, memory_stream(&text, &length), 0};
    beside_look(&beside, file, source);
    return beside_told(&beside, &text);
}

char *beside_places(const char *folder, const char *name)
{
    struct dirent **all = NULL;
    char *text;
    size_t length;
    int count = inside_scan(folder, &all, beside_is_sql);
    struct beside beside = {name, memory_stream(&text, &length), 0};
    for (int i = 0; i < count; i++) {
        struct arena *arena = arena_new();
        const char *why;
        const struct source *source =
            i < BESIDE_FILES
                ? source_set_read(source_set_new(arena), arena_printf(arena, "%s/%s", folder, all[i]->d_name), &why)
                : NULL;
        if (source) beside_look(&beside, all[i]->d_name, source);
        arena_free(arena);
        free(all[i]);
    }
    free(all);
    return beside_told(&beside, &text);
}
