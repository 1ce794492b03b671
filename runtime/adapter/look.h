/* runtime/adapter/look.h - The findings of `gcxvm --check`: the table of checks (checks.def), the names of a site, and
 * the looks that plugins share.
 *
 * A finding is a row of the table, filled with words. Plugins tell theirs by look_tell(); gcxvm runs each look in a
 * process of its own, which writes a line per finding (look_run()). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/settings.h"

enum look_check {
#define CHECK(id, way, severity, looked, sentence) CHECK_##id,
#include "runtime/adapter/checks.def"
#undef CHECK
    CHECKS
};

enum { LOOK_TEXT = 1024 };

/* The severity of the row: GCX_LOG_ERROR or GCX_LOG_WARNING. */
int look_level(enum look_check);
/* Writes the row's sentence with the words in the places %1, %2 ...; a NULL follows the last word. */
void look_say(char text[LOOK_TEXT], enum look_check, const char *const *words);
#define LOOK_WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
void look_tell(const struct gcx_look *, enum look_check, const char *key, const char *const *words);

/* ---- what plugins share; `key` is the setting's name, and a value that is NULL or "" is not set ---- */

/* Looks at an address where the plugin listens. `protocol`: tcp or udp. */
void look_listens(const struct gcx_look *, const char *key, const char *protocol, const char *address);
/* Looks at a certificate that the plugin shows: when does it end? */
void look_certificate(const struct gcx_look *, const char *key, const char *path);
/* Does the key belong to the certificate? Both may be in one file. */
void look_pair(const struct gcx_look *, const char *key, const char *certificate, const char *private_key);
/* Can the plugin write that file, which is its own? */
void look_writes(const struct gcx_look *, const char *key, const char *path);
/* Looks at a store, "sqlite:FILE" or a connection string: can the file be read and written, or be made? */
void look_store(const struct gcx_look *, const char *key, const char *target);
/* Says that somebody outside is needed, such as a server: `gcxvm --check` asks nobody outside, and names them at its
 * end. */
#define LOOK_OUTSIDE "outside"
void look_outside(const struct gcx_look *, const char *key, const char *what);
/* The word for a file of SQLite that is there: `gcxvm --check` looks at the versions of its tables. */
#define LOOK_DATABASE "database"
/* Looks at a URL to which the plugin sends requests. `gcxvm --check` reads it as the plugin will. */
void look_url(const struct gcx_look *, const char *key, const char *url);
#define LOOK_URL "url"
/* Does `to`, a URL or host:port, lead back to what listens at `own`? */
bool look_is_own(const char *to, const char *own);
/* Interactions of this medium ("any": of whichever) come to the queue, or to the routing point: is it there, and does a
 * strategy work on them? */
void look_queue(const struct gcx_look *, const char *key, const char *queue, const char *medium);
void look_point(const struct gcx_look *, const char *key, const char *point, const char *medium);
/* NAME=PLACE, with commas between: has a name two places? A + before it is not counted. */
void look_twice(const struct gcx_look *, const char *key, const char *list);
/* Like look_twice(), of telephone numbers; besides, is each written as networks write it? */
void look_numbers(const struct gcx_look *, const char *key, const char *list);
/* Looks at an address to which the plugin connects. */
void look_connects(const struct gcx_look *, const char *key, const char *address);
/* Can files be made in the folder? Returns CHECKS if so, else the finding that is to be told, with the reason in
 * `why`. */
enum look_check look_folder(const char *folder, char why[LOOK_TEXT]);
/* Writes the folder of a path. */
void look_folder_of(const char *path, char *folder, size_t size);

/* Looks at each setting by its kind. */
void look_settings(const struct gcx_look *, const struct setting_row *, size_t count);
/* Looks at each of the plugin's settings by its kind. The plugin's settings.def makes this function
 * (settings_rows.h). */
void setting_looks(const struct gcx_look *);

/* Are the names of the site known? Without the site's directory nothing can be said of them. */
bool look_site_known(const struct gcx_look *);
bool look_site_has(const struct gcx_look *, const char *kind, const char *name, struct gcx_site_name *found);

/* Counts the adapters that have calls; a plugin that is not of this tree may be one. */
size_t look_switches(const struct gcx_look *);

/* ---- the names of a site ---- */

struct look_name {
    char *kind, *name, *of, *where;
};

struct look_names {
    struct look_name *all;
    size_t count;
};

/* Adds copies of the texts. A name with a control character is passed over: no plugin could be asked about it. */
void look_names_add(struct look_names *, const char *kind, const char *name, const char *of, const char *where);
bool look_names_have(const struct look_names *, const char *kind, const char *name, const char *of);
void look_names_clear(struct look_names *);

/* ---- the process of a look ---- */

/* Lines of what it writes: a letter, a space, the key, a tab, the text. `S`: a setting that the plugin understands; `E`
 * and `W`: a finding; `T`: something that it takes; `A`: a name, its kind as key, its `of` behind another tab. */
enum { LOOK_SETTING = 'S', LOOK_FAILS = 'E', LOOK_WARNS = 'W', LOOK_TAKES = 'T', LOOK_ADDS = 'A' };

/* Writes the site's names as look_run() reads them. */
void look_names_write(const struct look_names *, FILE *);
/* Asks the plugin about its settings, and, where `site` is not NULL, about the site whose names stand there. `whole`:
 * the descriptor has the member `look`. */
void look_run(const struct gcx_adapter *, bool whole, setting_get *, void *self, FILE *site, FILE *to);
