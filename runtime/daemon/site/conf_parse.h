/* runtime/daemon/site/conf_parse.h - Shared by the two halves of the configuration: conf.c reads the file by
 * conf.def; conf_take.c turns what was read into a `struct conf`. No other file includes it.
 *
 * Owns nothing longer than one conf_read(): the parse and everything it refers to end with that call. */
#pragma once

#include <confuse.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/daemon/site/conf.h"

enum conf_section {
#define SECTION(section, many, open, doc) SECTION_##section,
#include "runtime/daemon/site/conf.def"
    SECTIONS
};
enum conf_type { CONF_TYPE_STR, CONF_TYPE_PATH, CONF_TYPE_INT, CONF_TYPE_BOOL, CONF_TYPE_LIST, CONF_TYPE_PEERS };
enum { CONF_LINES_MAX = 256 };
#define CONF_TOP "." /* name for the lines of settings outside all sections; no section has this name */

/* One setting of conf.def. */
struct conf_row {
    enum conf_section section;
    const char *key;
    enum conf_type type;
    size_t field; /* offset of the value in the section's struct; CONF_NO_FIELD: conf_take.c has code for it */
    const char *fallback;
    long lowest, highest;
};
#define CONF_NO_FIELD SIZE_MAX

struct conf_parse {
    const char *file;
    const char *plugins; /* folder of plugins, given on the command line; or NULL */
    conf_complaint *complain;
    void *self;
    unsigned complaints;
    /* Lines of settings that are checked later: the parser knows lines only while it reads. */
    struct {
        char section[64], key[64];
        int line;
    } lines[CONF_LINES_MAX];
    size_t line_count;
    unsigned listed; /* values of the list that is being read */
};

/* Reports a complaint about a line; `line` 0: about the whole file. */
void conf_complain(struct conf_parse *, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
const struct conf_row *conf_row(enum conf_section, const char *key); /* NULL: there is none */
/* returns the rows of all sections; NULL after the last */
const struct conf_row *conf_row_at(size_t place);
const char *conf_section_name(enum conf_section);
void conf_keys_print(enum conf_section, char *text, size_t size); /* "`directory`, `strategies`, ..." */
/* Reports mandatory settings that a section lacks. */
void conf_section_check(struct conf_parse *, cfg_t *, enum conf_section, const char *what);
/* Returns the line of a setting that was kept for later; `otherwise` if it was not kept. */
int conf_line_of(const struct conf_parse *, const char *section, const char *key, int otherwise);

/* Reads the file. NULL: the file cannot be read, and each reason has been reported to `complain`. */
cfg_t *conf_parsed(struct conf_parse *);
