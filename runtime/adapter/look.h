/* runtime/adapter/look.h - The findings of `gcxvm --check`: the table of checks (checks.def), the names of a site,
 * and the checks that plugins share.
 *
 * A finding is a row of the table, filled with words. Plugins report findings by look_tell(); gcxvm runs each
 * plugin's look in a process of its own, which writes a line per finding (look_run()). */
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

/* Returns the severity of the row: GCX_LOG_ERROR or GCX_LOG_WARNING. */
int look_level(enum look_check);
/* Writes the row's sentence with the words in the places %1, %2 ...; a NULL follows the last word. */
void look_say(char text[LOOK_TEXT], enum look_check, const char *const *words);
#define LOOK_WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})
void look_tell(const struct gcx_look *, enum look_check, const char *key, const char *const *words);

/* ---- checks that plugins share; `key` is the setting's name, and a value that is NULL or "" is not set ---- */

/* Checks an address on which the plugin listens. `protocol`: tcp or udp. */
void look_listens(const struct gcx_look *, const char *key, const char *protocol, const char *address);
/* Reports a certificate of the plugin that is not valid yet, has ended or ends soon. */
void look_certificate(const struct gcx_look *, const char *key, const char *path);
/* Reports a key that does not belong to the certificate. Certificate and key may be in one file. */
void look_pair(const struct gcx_look *, const char *key, const char *certificate, const char *private_key);
/* Reports a file of the plugin's own that the plugin cannot write. */
void look_writes(const struct gcx_look *, const char *key, const char *path);
/* Checks a store, "sqlite:FILE" or a connection string: the file must be readable and writable, or it must be
 * possible to make it. */
void look_store(const struct gcx_look *, const char *key, const char *target);
/* Notes that the plugin needs a server outside: `gcxvm --check` contacts none, and lists them at the end of its
 * report. */
#define LOOK_OUTSIDE "outside"
void look_outside(const struct gcx_look *, const char *key, const char *what);
/* The word for an SQLite file that exists: `gcxvm --check` compares the versions of its tables. */
#define LOOK_DATABASE "database"
/* Checks a URL to which the plugin sends requests. `gcxvm --check` parses it as the plugin will. */
void look_url(const struct gcx_look *, const char *key, const char *url);
#define LOOK_URL "url"
/* True: `to`, a URL or host:port, leads back to our listener at `own`. */
bool look_is_own(const char *to, const char *own);
/* Checks the queue or routing point to which interactions of this medium ("any": of any medium) come: it must exist,
 * and a strategy must work on them. */
void look_queue(const struct gcx_look *, const char *key, const char *queue, const char *medium);
void look_point(const struct gcx_look *, const char *key, const char *point, const char *medium);
/* Reports a name that has two places in a list NAME=PLACE,NAME=PLACE. A + before the name makes no difference. */
void look_twice(const struct gcx_look *, const char *key, const char *list);
/* Does look_twice() for telephone numbers, and reports each number that is not written as networks write it. */
void look_numbers(const struct gcx_look *, const char *key, const char *list);
/* Checks an address to which the plugin connects. */
void look_connects(const struct gcx_look *, const char *key, const char *address);
/* Returns CHECKS if files can be made in the folder, else the finding to report, with the reason in `why`. */
enum look_check look_folder(const char *folder, char why[LOOK_TEXT]);
/* Writes the folder of a path. */
void look_folder_of(const char *path, char *folder, size_t size);

/* Checks each setting by its kind. */
void look_settings(const struct gcx_look *, const struct setting_row *, size_t count);
/* Checks each of the plugin's settings by its kind. The plugin's settings.def makes this function (settings_rows.h). */
void setting_looks(const struct gcx_look *);

/* True: the names of the site are known. Without the site's directory nothing can be checked against its names. */
bool look_site_known(const struct gcx_look *);
bool look_site_has(const struct gcx_look *, const char *kind, const char *name, struct gcx_site_name *found);

/* Counts the adapters that have calls; a plugin that is not of this tree counts, since it may have calls. */
size_t look_switches(const struct gcx_look *);

/* ---- the names of a site ---- */

struct look_name {
    char *kind, *name, *of, *where;
};

struct look_names {
    struct look_name *all;
    size_t count;
};

/* Adds copies of the texts. A name with a control character is skipped: no plugin could be asked about it. */
void look_names_add(struct look_names *, const char *kind, const char *name, const char *of, const char *where);
bool look_names_have(const struct look_names *, const char *kind, const char *name, const char *of);
void look_names_clear(struct look_names *);

/* ---- the process that runs a plugin's checks ---- */

/* Lines that look_run() writes: a letter, a space, the key, a tab, the text. `S`: a setting that the plugin
 * understands; `E` and `W`: a finding; `T`: a thing that the plugin uses alone; `A`: a name, with its kind as key
 * and its `of` after another tab. */
enum { LOOK_SETTING = 'S', LOOK_FAILS = 'E', LOOK_WARNS = 'W', LOOK_TAKES = 'T', LOOK_ADDS = 'A' };

/* Writes the site's names in the form that look_run() reads. */
void look_names_write(const struct look_names *, FILE *);
/* Runs the plugin's checks of its settings, and, if `site` is not NULL, of the site whose names that file has.
 * `whole`: the plugin's struct gcx_adapter has the member `look`. */
void look_run(const struct gcx_adapter *, bool whole, setting_get *, void *self, FILE *site, FILE *to);
