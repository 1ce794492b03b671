/* compiler/import/asterisk/ini.h - The form of Asterisk's configuration files: sections of keys and values.
 *
 *     [name](template)     a section, with the keys of its templates before its own
 *     key = value          or key => value
 *     ; a remark           ;-- a remark of several lines --;
 *     #include "name"      the lines of that file, in this place; behind it the section goes on
 *     #exec                a program is never run
 *
 * What is included lies in the folder of the file that was given, or in one within it; nothing else is read.
 * The reader keeps the order and the line of each key. Lines of another form are stored as faults. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "compiler/import/writer.h"

enum { INI_LINES = 200000, INI_LINE_BYTES = 8192, INI_TEMPLATES = 16, INI_KEYS = 400000, INI_INCLUDES = 10 };

struct ini_key {
    const char *name, *value;
    const char *path; /* path of the file that has the line: the given file, or one that it includes */
    const char *why;  /* why the line is not read; NULL: it is neither a section nor a key */
    uint32_t line;
    struct ini_key *next;
};

struct ini_section {
    const char *name, *path;
    uint32_t line;
    bool template; /* the section is a template, which only other sections use */
    struct ini_key *keys, **end;
    struct ini_section *next;
};

/* The kind of a file, recognised by its keys. */
enum ini_sort { INI_NONE, INI_DIALPLAN, INI_QUEUES, INI_AGENTS, INI_OTHER };

struct ini_file {
    const char *path;
    enum ini_sort sort;
    struct ini_section *sections, **end;
    struct flow_names names;              /* the names of the sections; of several with one name the first */
    struct ini_key *faults, **faults_end; /* lines of an unknown form; their names are empty */
    struct flow_names included;           /* the paths of the files that it includes */
    struct ini_file *next;
};

/* Does the text look like such a file, not like XML or JSON? */
bool ini_looks_so(const char *bytes, size_t length);
/* Reads a file; NULL with the reason in `why`. */
struct ini_file *ini_read(struct importer *, const char *path, const char *bytes, size_t length, char *why,
                          size_t why_size);
const char *ini_bare_path(const char *path); /* returns the path without ./ at its beginning, as `included` has it */
struct ini_section *ini_find(const struct ini_file *, const char *name);
/* Returns the last value of the key, since Asterisk takes the last one; `other` where there is none. */
const char *ini_value(const struct ini_section *, const char *key, const char *other);
/* Is the value true for Asterisk: yes, true, y, t, 1 or on? */
bool ini_true(const char *value);
