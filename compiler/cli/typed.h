/* compiler/cli/typed.h - The text of a file as it comes on standard input, in place of what is stored: `-` is the file.
 *
 * An editor or a hook has a text that is not stored yet. --stdin-filename gives the text a file's name: messages show
 * that name, and site and imports are searched as for that file. */
#pragma once

#include "compiler/base/source.h"
#include "compiler/cli/command.h"

struct typed {
    struct options options; /* the command's options, with the file's name in place of `-` */
    const char *path;       /* the file's name; NULL: nothing comes on standard input */
    char *text;
    size_t length;
    struct source_overlay overlay;
};

/* Reads standard input where the only path is `-`. False, with the reason printed, where it cannot be read or is too
 * long, or where `-` stands beside other files. The struct must stay where it is until typed_close(). */
bool typed_open(struct typed *, const struct options *);
/* Returns what compiler_compile() takes; NULL where nothing comes on standard input. */
const struct source_overlay *typed_overlay(const struct typed *);
void typed_close(struct typed *);
