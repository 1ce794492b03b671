/* runtime/daemon/site/conf_parse.h - Between the two halves of the configuration: conf.c reads the file, as conf.def
 * says; conf_take.c makes of what was read what the daemon needs. Nobody else includes this. */
#ifndef DAEMON_CONF_PARSE_H
#define DAEMON_CONF_PARSE_H

#include <confuse.h>
#include <stddef.h>

#include "runtime/daemon/site/conf.h"

enum conf_section {
    SECTION_top,
    SECTION_log,
    SECTION_source,
    SECTION_endpoint,
    SECTION_native,
    SECTION_adapter,
    SECTIONS
};
enum conf_type { TYPE_STR, TYPE_PATH, TYPE_INT, TYPE_BOOL, TYPE_LIST, TYPE_PEERS };
enum { CONF_LINES_MAX = 256 };
#define CONF_TOP "." /* for the lines of settings that stand in no section: no section is called so */

struct conf_row {
    enum conf_section section;
    const char *key;
    enum conf_type type;
    const char *fallback;
    long lowest, highest;
};

struct conf_parse {
    const char *file;
    const char *plugins; /* given on the command line */
    conf_complaint *complain;
    void *self;
    unsigned complaints;
    /* Where settings stand that are looked at later: the parser tells it only while it reads. */
    struct {
        char section[64], key[64];
        int line;
    } lines[CONF_LINES_MAX];
    size_t line_count;
    unsigned listed; /* values of the list that is being read */
};

/* `line` 0: of the file as a whole. */
void conf_complain(struct conf_parse *, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
const struct conf_row *conf_row(enum conf_section, const char *key);
void conf_expected(const struct conf_row *, char *text, size_t size);
/* Mandatory settings of one section. */
void conf_section_check(struct conf_parse *, cfg_t *, enum conf_section, const char *what);
/* Where a setting that was kept for later stands. */
int conf_line_of(const struct conf_parse *, const char *section, const char *key, int otherwise);

/* All of it, with complaints where it is not as it should be. */
void conf_take(struct conf_parse *, cfg_t *, struct conf *);

#endif
