/* compiler/base/source.h - The texts of a compilation and the map from places in them to lines.
 *
 * All texts are one after the other in one range of offsets, so that a place is one number and a span two. Offset 0
 * is nowhere. The text of a source ends with a NUL that is not counted. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/arena.h"

struct source_span {
    uint32_t begin, end; /* [begin, end) */
};

struct source {
    const char *path; /* the path as messages show it */
    const char *text;
    uint32_t length;
    uint32_t base;   /* the offset of the source's first byte */
    uint32_t *lines; /* offsets within the text at which lines begin */
    uint32_t line_count;
    uint32_t *marks; /* how many continuation bytes come before each SOURCE_MARK bytes of the text */
    bool built_in;   /* the source is a module of the standard library (library.h), not a file */
};

/* A changed source: the text that was read, and its new one. A writer writes the file as a whole; false, with the
 * reason printed, where the file stays as it is, as it has no longer the old text. */
struct source_change {
    const char *path;
    const char *old;
    size_t old_length;
    const char *text;
    size_t length;
};
typedef bool source_write(const struct source_change *);

struct position {
    const struct source *source; /* NULL: nowhere */
    uint32_t line, column;       /* both from 1; the column counts characters, not bytes */
};

/* SOURCE_LIMIT: the most bytes of one file; SOURCE_MARK: the bytes between two marks. */
enum { SOURCE_LIMIT = 4 * 1024 * 1024, SOURCE_MARK = 256 };

struct source_set;

struct source_set *source_set_new(struct arena *);

/* Texts that replace those of files, as an editor has them: `read` returns the text for the file at `path`, at most
 * SOURCE_LIMIT bytes; NULL: the file's own text counts. */
struct source_overlay {
    void *self;
    const char *(*read)(void *self, const char *path, size_t *length);
};
void source_set_overlay(struct source_set *, const struct source_overlay *);

/* Opens a regular file without waiting (as opening a pipe would); otherwise returns NULL and sets *why. Each path that
 * a source names becomes a file here, and here alone, so that inside.h holds for all of them. */
FILE *source_open(const char *path, struct stat *, const char **why);

/* Reads a file as a source; NULL where it cannot be read or is too large, with the reason in *why (in the arena). */
const struct source *source_set_read(struct source_set *, const char *path, const char **why);
struct source *source_set_add(struct source_set *, const char *path, const char *text, size_t length);

/* Returns the source that was read from this very file, by whatever path; NULL if none was. */
const struct source *source_set_find(const struct source_set *, const char *path);

const struct source *source_set_at(const struct source_set *, uint32_t offset);
struct position source_set_position(const struct source_set *, uint32_t offset);

/* Returns the bytes of line `line` without the line end. */
const char *source_line(const struct source *, uint32_t line, size_t *length);
/* Returns the index in `lines` of the line that contains the byte. */
uint32_t source_line_at(const struct source *, uint32_t at);

struct source_span span_join(struct source_span, struct source_span);

/* The offset of the first byte that is not UTF-8 (overlong forms and surrogates are not), or `length`. */
size_t source_utf8_check(const char *bytes, size_t length);
