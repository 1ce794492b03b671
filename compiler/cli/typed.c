/* compiler/cli/typed.c - Reads a file's text from standard input. */
#include "compiler/cli/typed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/shown.h"

static const char *typed_read(void *self, const char *path, size_t *length)
{
    const struct typed *typed = self;
    if (strcmp(path, typed->path) != 0) return NULL;
    *length = typed->length;
    return typed->text;
}

bool typed_open(struct typed *typed, const struct options *options)
{
    bool any = false;
    *typed = (struct typed){.options = *options};
    for (size_t i = 0; i < options->path_count; i++) any = any || strcmp(options->paths[i], "-") == 0;
    if (!any && options->stdin_filename)
        return shown_refuse("gcxc: --stdin-filename goes with -, which stands for standard input\n");
    if (!any) return true;
    if (options->path_count > 1) return shown_refuse("gcxc: - is one file, and stands alone\n");
    typed->path = options->stdin_filename ? options->stdin_filename : "stdin.gcx";
    struct stat status;
    if (stat(typed->path, &status) == 0 && !S_ISREG(status.st_mode))
        return shown_refuse("gcxc: --stdin-filename names a file, and %s is none\n", typed->path);
    typed->text = memory_grown(NULL, SOURCE_LIMIT + 1, 1);
    typed->length = fread(typed->text, 1, SOURCE_LIMIT + 1, stdin);
    if (ferror(stdin)) return shown_refuse("gcxc: cannot read standard input: %s\n", strerror(errno));
    if (typed->length > SOURCE_LIMIT)
        return shown_refuse("gcxc: standard input has more than %d bytes\n", SOURCE_LIMIT);
    typed->options.paths = &typed->path;
    typed->overlay = (struct source_overlay){typed, typed_read};
    return true;
}

const struct source_overlay *typed_overlay(const struct typed *typed)
{
    return typed->path ? &typed->overlay : NULL;
}

void typed_close(struct typed *typed)
{
    free(typed->text);
}
